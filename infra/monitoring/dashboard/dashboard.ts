import type { AlarmSpec } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { databaseLog, login, pool, rds, tasks } from "../signals";
import {
  alarmGraphWidget,
  alarmsWidget,
  type DashboardNames,
  type Graph,
  graphWidget,
  type Place,
} from "./widgets";

/** What CloudWatch takes in one dashboard (CloudWatch User Guide, cloudwatch_limits). */
export const DASHBOARD_LIMITS = { widgets: 500, metricsPerWidget: 500, metrics: 2500 } as const;

/**
 * The dashboard, as the JSON that CloudWatch takes. Its first row answers "is it the pool?" from left to right: is it
 * full, does anyone wait, for how long; has the database connections left; do logins fail, are they slow. Thresholds
 * are those of the alarms. Below: what the causes are read from, then what users feel.
 *
 * A deployment is a line of its own: `DeploymentCount` is 2 or more while both revisions run. A vertical mark would need
 * its time written into the dashboard, which no plan knows and every deployment would change.
 */
export function dashboardBody(input: AlarmInput, specs: readonly AlarmSpec[], names: DashboardNames): string {
  const limit = limitsOf(specs);
  const widgets = [
    ...row(0, 7, firstRow(input, limit), names),
    alarmsWidget(
      "Causes and symptoms",
      specs.filter(({ role }) => role === "cause" || role === "symptom").map(({ id }) => id),
      { x: 0, y: 7, width: 24, height: 3 },
      names,
    ),
    ...row(10, 6, evidence(input, limit), names),
    ...["login-failure-rate", "login-latency-p99", "unhealthy-target-count", "load-above-declared"].map(
      (id, index) => alarmGraphWidget(titleOf(id, specs), id, column(index, 4, 16, 6), names),
    ),
  ];
  return JSON.stringify({ widgets });
}

type LimitOf = (id: string, label: string, scale?: number) => readonly { label: string; value: number }[];

function firstRow({ poolMax, capacity }: AlarmInput, limit: LimitOf): readonly Graph[] {
  const { usable, budget, maxConnections } = capacity;
  const connectionLimits = [
    ...mark("max_connections", maxConnections),
    ...mark("usable", usable),
    ...mark("budget", budget),
  ];
  return [
    {
      title: "Is it the pool? In use of one process's pool",
      lines: [
        { label: "in use", metric: pool.used },
        { label: "maximum", metric: pool.max },
        { label: "deployments under way", metric: tasks.deployments, axis: "right" },
      ],
      limits: limit("pool-saturated", "saturated", poolMax / 100),
      rightLabel: "deployments",
    },
    {
      title: "Who waits: requests waiting, gave up, refused",
      lines: [
        { label: "waiting (one process)", metric: pool.waiting },
        { label: "gave up in a minute", metric: pool.timeouts, axis: "right" },
        { label: "refused in a minute", metric: pool.refusals, axis: "right" },
      ],
      rightLabel: "in a minute",
    },
    {
      title: "For how long: wait for a connection, p99 (s)",
      lines: [{ label: "p99", metric: pool.waitP99 }],
      limits: limit("pool-wait", "too long"),
    },
    {
      title: "Is it the database? Connections of it",
      lines: [{ label: "open", metric: rds.connections }],
      limits: [...connectionLimits, ...limit("connections-near-limit", "alarm")],
    },
    {
      title: "Who is hurt: logins a minute, and failed",
      lines: [
        { label: "attempts", metric: login.attempts },
        { label: "failed", metric: login.failures },
      ],
    },
    {
      title: "Logins, p99 (ms)",
      lines: [{ label: "p99", metric: login.durationP99 }],
      limits: limit("login-latency-p99", "objective", 1000),
    },
  ];
}

function evidence({ dbHoldMs }: AlarmInput, limit: LimitOf): readonly Graph[] {
  return [
    {
      title: "Hold time: mean (ms)",
      lines: [
        { label: "seconds", id: "hold", metric: pool.hold, visible: false },
        { label: "mean", expression: "1000 * hold" },
      ],
      limits: [...mark("declared", dbHoldMs), ...limit("hold-time", "too long")],
    },
    {
      title: "Connections opened in a minute",
      lines: [{ label: "opened", metric: pool.opened }],
      limits: limit("connection-rate", "storm"),
    },
    {
      title: "Database: sessions at work, processors (%)",
      lines: [
        { label: "DBLoad", metric: rds.load },
        { label: "CPU (%)", metric: rds.cpu, axis: "right" },
      ],
      limits: limit("database-load", "vCPU"),
      rightLabel: "%",
    },
    {
      title: "Database's log, in a minute",
      lines: [
        { label: "connections refused", metric: databaseLog.refused },
        { label: "ended idle in transaction", metric: databaseLog.endedIdleInTransaction },
      ],
    },
    {
      title: "Tasks running, processors (%)",
      lines: [
        { label: "running", metric: tasks.running },
        { label: "CPU (%)", metric: tasks.cpu, axis: "right" },
      ],
      limits: limit("running-tasks", "fewest"),
      rightLabel: "%",
    },
  ];
}

/** The threshold of an alarm as a line, in the unit of the graph. */
function limitsOf(specs: readonly AlarmSpec[]): LimitOf {
  return (id, label, scale = 1) =>
    specs.flatMap((spec) =>
      spec.id === id && spec.kind === "metric"
        ? [{ label, value: Math.round(spec.threshold.value * scale * 1000) / 1000 }]
        : [],
    );
}

function mark(label: string, value: number | undefined) {
  return value !== undefined && Number.isFinite(value) ? [{ label, value }] : [];
}

function row(y: number, height: number, graphs: readonly Graph[], names: DashboardNames) {
  return graphs.map((graph, index) => graphWidget(graph, column(index, graphs.length, y, height), names));
}

/** One of several places of equal width beside each other. */
function column(index: number, of: number, y: number, height: number): Place {
  const edge = (n: number) => Math.floor((24 * n) / of);
  return { x: edge(index), y, width: edge(index + 1) - edge(index), height };
}

function titleOf(id: string, specs: readonly AlarmSpec[]): string {
  const spec = specs.find((each) => each.id === id);
  if (spec?.kind === "metric" && spec.signal.kind === "math") return spec.signal.label;
  return id.replaceAll("-", " ");
}
