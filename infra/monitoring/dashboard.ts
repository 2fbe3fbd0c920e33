import type { AlarmInput, AlarmSpec, Metric, MonitoredResource } from "./alarmSpec";
import { databaseLog, login, pool, rds, tasks } from "./metrics";
import { namespaceOf } from "./render";

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
      title: "Is it the pool? Connections in use, one process",
      lines: [
        { label: "in use", metric: pool.used },
        { label: "maximum", metric: pool.max },
        { label: "deployments in progress", metric: tasks.deployments, axis: "right" },
      ],
      limits: limit("pool-saturated", "saturated", poolMax / 100),
      rightLabel: "deployments",
    },
    {
      title: "Requests: waiting, timed out, refused",
      lines: [
        { label: "waiting (one process)", metric: pool.waiting },
        { label: "timed out in a minute", metric: pool.timeouts, axis: "right" },
        { label: "refused in a minute", metric: pool.refusals, axis: "right" },
      ],
      rightLabel: "in a minute",
    },
    {
      title: "Wait for a connection, p99 (s)",
      lines: [{ label: "p99", metric: pool.waitP99 }],
      limits: limit("pool-wait", "too long"),
    },
    {
      title: "Is it the database? Open connections",
      lines: [{ label: "open", metric: rds.connections }],
      limits: [...connectionLimits, ...limit("connections-near-limit", "alarm")],
    },
    {
      title: "Logins per minute, and failed",
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
      title: "Database: active sessions, CPU (%)",
      lines: [
        { label: "need a CPU", metric: rds.loadCpu },
        { label: "wait for anything else", metric: rds.loadNonCpu },
        { label: "CPU (%)", metric: rds.cpu, axis: "right" },
      ],
      limits: limit("database-load", "vCPU"),
      rightLabel: "%",
    },
    {
      title: "Database log, per minute",
      lines: [
        { label: "connections refused", metric: databaseLog.refused },
        { label: "terminated idle in transaction", metric: databaseLog.endedIdleInTransaction },
        { label: "lock waits", metric: databaseLog.lockWaits },
      ],
    },
    {
      title: "Running tasks, CPU (%)",
      lines: [
        { label: "running", metric: tasks.running },
        { label: "CPU (%)", metric: tasks.cpu, axis: "right" },
      ],
      limits: limit("running-tasks", "minimum"),
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

/** Where and of what a dashboard is: what its widgets need to name metrics. */
export interface DashboardNames {
  /** What the stack's resources are called; its metrics from the log have it in their namespace. */
  readonly prefix: string;
  readonly region: string;
  readonly resources: { readonly [resource in MonitoredResource]?: string };
  /** ARN of an alarm by the id of its specification. */
  readonly alarmArn: (id: string) => string;
}

/** One line in a graph: a metric, or an expression over the ids of others. */
export type Line = {
  readonly label: string;
  /** For expressions to name it. */
  readonly id?: string;
  readonly axis?: "left" | "right";
  /** Drawn only if it is more than a part of an expression. @default true */
  readonly visible?: boolean;
} & ({ readonly metric: Metric } | { readonly expression: string });

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Thresholds, with what they are of. */
  readonly limits?: readonly { readonly label: string; readonly value: number }[];
  /** What the right axis counts, where a line stands on it. */
  readonly rightLabel?: string;
}

/** A place on the dashboard, which is 24 columns wide. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Source for the forms below: CloudWatch API reference, CloudWatch-Dashboard-Body-Structure. */
export function graphWidget(graph: Graph, place: Place, names: DashboardNames) {
  return {
    type: "metric",
    ...place,
    properties: {
      title: graph.title,
      region: names.region,
      view: "timeSeries",
      stacked: false,
      period: 60,
      metrics: graph.lines.map((line) => lineOf(line, names)),
      yAxis: {
        left: { min: 0, showUnits: false },
        right: { min: 0, showUnits: false, label: graph.rightLabel ?? "" },
      },
      annotations: { horizontal: graph.limits ?? [] },
    },
  };
}

/** The graph of an alarm, its threshold drawn in: of metrics whose dimensions only a deployment knows. */
export function alarmGraphWidget(title: string, alarm: string, place: Place, names: DashboardNames) {
  return {
    type: "metric",
    ...place,
    properties: {
      title,
      region: names.region,
      view: "timeSeries",
      annotations: { alarms: [names.alarmArn(alarm)] },
    },
  };
}

/** The states of alarms, as lights. */
export function alarmsWidget(title: string, ids: readonly string[], place: Place, names: DashboardNames) {
  return { type: "alarm", ...place, properties: { title, alarms: ids.map(names.alarmArn) } };
}

function lineOf(line: Line, names: DashboardNames): readonly unknown[] {
  const drawn = {
    label: line.label,
    ...(line.id && { id: line.id }),
    ...(line.visible === false && { visible: false }),
    ...(line.axis === "right" && { yAxis: "right" }),
  };
  if ("expression" in line) return [{ expression: line.expression, ...drawn }];
  const { metric } = line;
  const dimensions = Object.entries(metric.dimensions).flatMap(([dimension, value]) => [
    dimension,
    typeof value === "string" ? value : resourceName(value.of, names),
  ]);
  return [
    namespaceOf(metric, names.prefix),
    metric.name,
    ...dimensions,
    { stat: metric.statistic, ...drawn },
  ];
}

function resourceName(resource: MonitoredResource, { resources }: DashboardNames): string {
  const name = resources[resource];
  if (name !== undefined) return name;
  throw new RangeError(`the dashboard shows a ${resource}, but this stack has none`);
}
