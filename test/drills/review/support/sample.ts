import { spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import type { Expected, ExpectedAlarm } from "../../../../drills/review/expected";
import { type Context, judge } from "../../../../drills/review/judge/judge";
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

export const ROOT = resolve(__dirname, "../../../..");

/** What the review expects of a stack of this repository: the program is run for it. */
export function expectedOfStack(stack: string): Expected {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(__dirname, "printExpected.ts"), stack],
    { cwd: ROOT, encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the program of ${stack} cannot be read: ${stderr}`);
  return JSON.parse(stdout) as Expected;
}

/** Runs the command without the credentials, the colours and the AWS of whoever runs the tests. */
export async function runReview(
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const surroundings = { PATH: process.env.PATH, HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" };
  const child = spawn(process.execPath, ["--import", "tsx", "drills/review/cli.ts", ...args], {
    cwd: ROOT,
    env: { ...surroundings, NO_COLOR: "1", ...env },
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...said };
}

const alarm = (
  id: string,
  kind: ExpectedAlarm["kind"],
  settings: ExpectedAlarm["settings"],
): ExpectedAlarm => ({
  name: `auth-prod-${id}`,
  kind,
  hasActions: true,
  actionsEnabled: true,
  runbook: `docs/runbooks/${id}.md`,
  settings,
});

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
    alarm("pool-timeouts", "metric", { Threshold: 0, EvaluationPeriods: 3 }),
    alarm("pool-starved", "composite", {
      AlarmRule: 'ALARM("auth-prod-pool-timeouts")',
      ActionsSuppressor: "auth-prod-cause-named",
      ActionsSuppressorWaitPeriod: 60,
    }),
  ],
};

/** The same with a formula for `max_connections`, of which the model makes 793. */
const FORMULA = "LEAST({DBInstanceClassMemory/9531392},5000)";
export const ESTIMATED: Expected = {
  ...EXPECTED,
  database: {
    ...EXPECTED.database,
    parameters: EXPECTED.database.parameters.map(({ name, value }) => ({
      name,
      value: name === "max_connections" ? FORMULA : value,
    })),
  },
};

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

type Change = { readonly [metric in MetricName]?: Series };

/** The metrics of a quiet fortnight, with some of them otherwise. */
export const metrics = (change: Change): LiveState["metrics"] =>
  Object.fromEntries(
    METRICS.map((metric) => {
      const own = change[metric] ?? METRIC_VALUES[metric];
      return [metric, metric === "proxyLimit" && change.proxyLimit === undefined ? ABSENT : seen(own)];
    }),
  ) as LiveState["metrics"];

/** A busy minute of so many requests a second, each acquisition of which held so long. */
export const busyMinute = (
  perSecond: number,
  holdMs = 20,
  more: Change = {},
): Pick<LiveState, "metrics"> => ({
  metrics: metrics({
    requests: series(60, perSecond * 60),
    holds: series(60, perSecond * 60 * 1.1),
    holdSeconds: series(60, (perSecond * 60 * 1.1 * holdMs) / 1000),
    ...more,
  }),
});

/** The sample's parameter group, with another limit. */
export const parameters = (max: string): LiveState["parameters"] =>
  seen(
    new Map([
      ["max_connections", { value: max, source: "user" }],
      ["lock_timeout", { value: "1500", source: "user" }],
      ["work_mem", { value: undefined, source: "engine-default" }],
    ]),
  );

const liveAlarm = ({ name, settings }: ExpectedAlarm): LiveAlarm => ({
  name,
  state: "OK",
  stateSince: new Date("2026-01-01T00:00:00Z"),
  actionsEnabled: true,
  actions: 1,
  settings,
});

/** What AWS says of the sample where nothing is wrong. */
export function liveState(change: Partial<LiveState> = {}): LiveState {
  return {
    until: UNTIL,
    since: new Date(UNTIL.getTime() - 14 * 86_400_000),
    account: "123456789012",
    database: seen({
      identifier: "auth-prod",
      instanceClass: "db.m7g.large",
      engine: "postgres",
      engineVersion: "17.4",
      multiAz: true,
      parameterGroup: "database-parameters-0123abc",
      applyStatus: "in-sync",
      pending: {},
    }),
    parameters: parameters("400"),
    service: seen({
      name: "auth-89abcde",
      desired: 8,
      running: 8,
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      taskDefinition: "auth-prod:7",
      tags: EXPECTED.service.tags,
    }),
    task: seen({ revision: "auth-prod:7", environment: EXPECTED.service.environment }),
    scaling: seen({ minTasks: 8, maxTasks: 10, suspended: [], loadBalancer: "app/auth/1" }),
    alarms: seen(EXPECTED.alarms.map(liveAlarm)),
    metrics: metrics({}),
    notReviewed: [],
    ...change,
  };
}

/** A look with parts of its value otherwise. */
export function changed<T>(look: Look<T>, change: Partial<T>): Look<T> {
  if (look.state !== "seen") throw new Error("there is nothing to change");
  return seen({ ...look.value, ...change });
}

/** The sample's alarms, each with a part otherwise. */
export const alarmsWith = (change: Partial<LiveAlarm>): Pick<LiveState, "alarms"> => ({
  alarms: seen(EXPECTED.alarms.map((each) => ({ ...liveAlarm(each), ...change }))),
});

export const CONTEXT: Context = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  exceptions: [],
  confirmed: { now: undefined, before: undefined },
};

export const confirmedNow = (now: number | undefined) => ({ confirmed: { now, before: undefined } });

export const judged = (
  live: LiveState = liveState(),
  { expected = EXPECTED, ...context }: Partial<Context> & { readonly expected?: Expected } = {},
) => judge(expected, live, { ...CONTEXT, ...context });

type Findings = Pick<ReturnType<typeof judge>, "findings">;

/** Ids of what was found. */
export const idsOf = ({ findings }: Findings): readonly string[] => findings.map(({ id }) => id);

/** Numbers, and names in backticks, that a finding says it has observed and held that against, in their order. */
export function factsOf({ findings }: Findings, id: string): readonly string[] {
  const found = findings.find((finding) => finding.id === id);
  return `${found?.observed} ${found?.limit}`.match(/`[^`]+`|\d[\d.,:-]*\d|\d/g) ?? [];
}
