import type { Expected, ExpectedAlarm } from "../../../../drills/review/expected/expected";
import { judge, type Told } from "../../../../drills/review/judge/judge";
import {
  ABSENT,
  type LiveAlarm,
  type LiveState,
  type Look,
  METRICS,
  type MetricName,
  type Series,
  seen,
} from "../../../../drills/review/live/liveState";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../../policies/model/defaults";

/** A stack in small: 400 requests/s over 8 tasks, a pool of 8 in a window of 3 to 14. */
export const EXPECTED: Expected = {
  stack: "prod",
  project: "auth",
  region: "eu-west-1",
  name: "auth-prod",
  database: {
    identifier: "auth-prod",
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    storageGib: 20,
    multiAz: true,
    parameterGroup: "database-parameters",
    parameters: [
      { name: "max_connections", value: "400" },
      { name: "lock_timeout", value: "1500" },
    ],
  },
  service: {
    name: "auth",
    container: "auth",
    minTasks: 8,
    maxTasks: 10,
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    environment: { DB_POOL_NAME: "auth-prod", DB_POOL_MAX: "8", WEB_CONCURRENCY: "1" },
    tags: { "poolproof:peak-requests-per-second": "400" },
    pool: { name: "auth-prod", max: 8, processesPerTask: 1, acquireTimeoutMs: 1000 },
  },
  demand: { peakRequestsPerSecond: 400, holdMs: 20, acquisitionsPerRequest: 1.1, tasksAtPeak: 8 },
  proxy: undefined,
  alarms: [
    alarm("pool-timeouts", "metric"),
    alarm("pool-starved", "composite", {
      AlarmRule: 'ALARM("auth-prod-pool-timeouts")',
      ActionsSuppressor: "auth-prod-cause-named",
      ActionsSuppressorWaitPeriod: 60,
    }),
  ],
};

function alarm(
  id: string,
  kind: ExpectedAlarm["kind"],
  settings: ExpectedAlarm["settings"] = { Threshold: 0, EvaluationPeriods: 3 },
): ExpectedAlarm {
  return {
    name: `auth-prod-${id}`,
    kind,
    tellsSomebody: true,
    actionsEnabled: true,
    runbook: `docs/runbooks/${id}.md`,
    settings,
  };
}

export const UNTIL = new Date("2026-03-16T12:00:00Z");
const AT = Date.parse("2026-03-10T18:05:00Z");

export const series = (periodSeconds: number, ...values: readonly number[]): Series => ({
  periodSeconds,
  points: values.map((value, index) => ({ time: AT + 1000 * periodSeconds * index, value })),
});

const METRIC_VALUES: { readonly [metric in MetricName]: Series } = {
  requests: series(60, 21_000, 22_800, 22_200),
  tasks: series(60, 8, 8, 8),
  connections: series(60, 64, 70, 66),
  holds: series(60, 23_100, 25_080, 24_420),
  holdSeconds: series(60, 462, 501.6, 488.4),
  used: series(300, 1.2),
  limit: series(300, 8),
  waitP99: series(300, 0.002),
  timeouts: series(300, 0),
  proxyLimit: series(60),
};

/** What AWS says of it where nothing is wrong. */
export function liveState(change: Partial<LiveState> = {}): LiveState {
  return {
    until: UNTIL,
    since: new Date(UNTIL.getTime() - 14 * 86_400_000),
    account: "123456789012",
    database: seen({
      identifier: "auth-prod",
      status: "available",
      instanceClass: "db.m7g.large",
      engine: "postgres",
      engineVersion: "17.4",
      storageGib: 20,
      multiAz: true,
      parameterGroup: "database-parameters-0123abc",
      applyStatus: "in-sync",
      pending: {},
    }),
    parameters: seen(
      new Map([
        ["max_connections", { value: "400", source: "user" }],
        ["lock_timeout", { value: "1500", source: "user" }],
        ["work_mem", { value: undefined, source: "engine-default" }],
      ]),
    ),
    service: seen({
      name: "auth-89abcde",
      desired: 8,
      running: 8,
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      taskDefinition: "auth-prod:7",
      targetGroup: "targetgroup/auth/1",
      tags: { "poolproof:peak-requests-per-second": "400" },
    }),
    task: seen({ revision: "auth-prod:7", environment: EXPECTED.service.environment }),
    scaling: seen({
      minTasks: 8,
      maxTasks: 10,
      suspended: [],
      policies: ["cpu", "requests"],
      loadBalancer: "app/auth/1",
    }),
    alarms: seen(EXPECTED.alarms.map(liveAlarm)),
    metrics: metrics({}),
    notReviewed: [],
    ...change,
  };
}

export const liveAlarm = ({ name, kind, settings }: ExpectedAlarm): LiveAlarm => ({
  name,
  kind,
  state: "OK",
  stateSince: new Date("2026-01-01T00:00:00Z"),
  actionsEnabled: true,
  actions: 1,
  settings,
});

/** The metrics of a quiet fortnight, with some of them otherwise. */
export function metrics(change: { readonly [metric in MetricName]?: Series }): LiveState["metrics"] {
  const all = METRICS.map((metric) => {
    const own = change[metric] ?? METRIC_VALUES[metric];
    return [metric, metric === "proxyLimit" && change.proxyLimit === undefined ? ABSENT : seen(own)];
  });
  return Object.fromEntries(all) as LiveState["metrics"];
}

/** A look with parts of its value otherwise. */
export function changed<T>(look: Look<T>, change: Partial<T>): Look<T> {
  if (look.state !== "seen") throw new Error("there is nothing to change");
  return seen({ ...look.value, ...change });
}

export const TOLD: Told = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  exceptions: [],
  confirmed: { now: undefined, before: undefined },
};

export const judged = (
  live: LiveState = liveState(),
  { expected = EXPECTED, ...told }: Partial<Told> & { readonly expected?: Expected } = {},
) => judge(expected, live, { ...TOLD, ...told });

/** Ids of what was found. */
export const idsOf = ({ findings }: ReturnType<typeof judge>): readonly string[] =>
  findings.map(({ id }) => id);
