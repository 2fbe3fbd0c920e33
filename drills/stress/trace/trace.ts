import {
  POOL_DIMENSION,
  POOL_METRICS,
  POOL_NAMESPACE,
  SERVICE_DIMENSION,
  SERVICE_METRICS,
  SERVICE_NAMESPACE,
  STATE_DIMENSION,
} from "../../../service/metrics/names";
import type { Trace, TraceSeries } from "../../replay/trace";
import type { RequestRecord } from "../load/plan";
import type { Timed } from "../measure/batchMeans";
import { outcomeOf } from "../measure/measured";
import type { Counted } from "../measure/poolSeries";
import type { PhaseRecord } from "../phase";
import { countedIn, type Slice, type Statistic, slicesOf, statisticOf, within } from "./slices";

/** One run of the trace: the later ones follow the earlier as if a deployment lay between them. */
export interface TracePart {
  readonly record: PhaseRecord;
  /** What it was, for the note. */
  readonly what: string;
}

export interface TraceInput {
  readonly parts: readonly TracePart[];
  /** Tasks of the stack, of which the lab ran a share. */
  readonly declaredTasks: number;
  /** vCPU of the instance class. */
  readonly databaseVcpu: number;
  readonly startsAt: Date;
}

/** A slice holds at least this: a few samples of what is sampled each second. */
const LEAST_SLICE_MS = 3_000;
const MOST_SLICES = 12;
const PERIOD_SECONDS = 60;

const EVERY: readonly Statistic[] = ["Average", "Maximum", "Minimum", "Sum", "SampleCount"];
const TIMES: readonly Statistic[] = ["Average", "Maximum", "p90", "p99", "SampleCount"];

/**
 * What CloudWatch would have been told of these runs, for `npm run replay -- --trace FILE`. Each slice of a run stands for
 * one minute; the note says so.
 */
export function traceOf(input: TraceInput): Trace {
  const cuts = input.parts.map(({ record }) => ({
    record,
    slices: slicesOf(record.fromMs, record.toMs, LEAST_SLICE_MS, MOST_SLICES),
  }));
  const { declaredTasks } = input;
  const values = (
    read: (record: PhaseRecord, slice: Slice, scale: Scale) => number | null,
  ): (number | null)[] =>
    cuts.flatMap(({ record, slices }) =>
      slices.map((slice) => read(record, slice, scaleOf(record, slice, declaredTasks))),
    );
  const series: TraceSeries[] = [];
  const add = (name: Name, statistic: Statistic, read: Parameters<typeof values>[0]): void => {
    series.push({ ...name, statistic, values: values(read) });
  };

  for (const { name, of, statistics } of EVENTS) {
    for (const statistic of statistics) {
      add(name, statistic, (record, slice, { toMinute, toTasks }) =>
        statisticOf(within(slice, of(record)), statistic, toMinute * toTasks),
      );
    }
  }
  for (const { name, of } of COUNTS) {
    add(name, "Sum", (record, slice, { toMinute, toTasks }) =>
      Math.round(countedIn(slice, of(record)) * toMinute * toTasks),
    );
  }
  for (const { metric, counts } of BALANCER_COUNTS) {
    add(
      { namespace: "AWS/ApplicationELB", metric, dimensions: BALANCER },
      "Sum",
      (record, slice, { toMinute, toTasks }) => {
        const count = requestsIn(slice, record).filter(counts).length;
        return count === 0 ? null : Math.round(count * toMinute * toTasks);
      },
    );
  }
  for (const statistic of ["Average", "p99", "SampleCount"] as const) {
    add(
      { namespace: "AWS/ApplicationELB", metric: "TargetResponseTime", dimensions: BALANCER },
      statistic,
      (record, slice, { toMinute, toTasks }) =>
        statisticOf(
          requestsIn(slice, record)
            .filter(isAnswered)
            .map(({ latencyMs }) => latencyMs / 1000),
          statistic,
          toMinute * toTasks,
        ),
    );
  }
  for (const { metric, of } of hostCounts(declaredTasks)) {
    for (const statistic of ["Average", "Maximum", "Minimum"] as const) {
      add({ namespace: "AWS/ApplicationELB", metric, dimensions: TARGETS }, statistic, () => of);
    }
  }
  for (const { metric, of } of databaseGauges(input.databaseVcpu)) {
    for (const statistic of ["Average", "Maximum", "Minimum"] as const) {
      add(
        { namespace: "AWS/RDS", metric, dimensions: { DBInstanceIdentifier: "database" } },
        statistic,
        (record, slice, { toTasks }) => statisticOf(within(slice, [of(record, toTasks)]), statistic, 1),
      );
    }
  }
  return {
    startsAt: input.startsAt.toISOString(),
    periodSeconds: PERIOD_SECONDS,
    note: noteOf(input, cuts),
    series,
  };
}

type Name = Pick<TraceSeries, "namespace" | "metric" | "dimensions">;

interface Scale {
  /** From a slice to a minute. */
  readonly toMinute: number;
  /** From the lab's tasks to the stack's. */
  readonly toTasks: number;
}

const scaleOf = ({ tasks }: PhaseRecord, { fromMs, toMs }: Slice, declaredTasks: number): Scale => ({
  toMinute: (PERIOD_SECONDS * 1000) / (toMs - fromMs),
  toTasks: declaredTasks / tasks,
});

const poolMetric = (metric: string, state?: "used" | "idle"): Name => ({
  namespace: POOL_NAMESPACE,
  metric,
  dimensions: { [POOL_DIMENSION]: "pool", ...(state === undefined ? {} : { [STATE_DIMENSION]: state }) },
});
const serviceMetric = (metric: string): Name => ({
  namespace: SERVICE_NAMESPACE,
  metric,
  dimensions: { [SERVICE_DIMENSION]: "pool" },
});

interface Events {
  readonly name: Name;
  readonly of: (record: PhaseRecord) => readonly (readonly Timed[])[];
  readonly statistics: readonly Statistic[];
}

const inSeconds = (series: readonly Timed[]): Timed[] =>
  series.map(({ atMs, value }) => ({ atMs, value: value / 1000 }));

/** Samples and single events, as the tasks reported them. */
const EVENTS: readonly Events[] = [
  {
    name: poolMetric(POOL_METRICS.count.name, "used"),
    of: ({ pools }) => pools.map(({ used }) => used),
    statistics: EVERY,
  },
  {
    name: poolMetric(POOL_METRICS.count.name, "idle"),
    of: ({ pools }) => pools.map(({ idle }) => idle),
    statistics: EVERY,
  },
  {
    name: poolMetric(POOL_METRICS.max.name),
    of: ({ pools, poolMax }) => pools.map(({ used }) => used.map(({ atMs }) => ({ atMs, value: poolMax }))),
    statistics: EVERY,
  },
  {
    name: poolMetric(POOL_METRICS.pending.name),
    of: ({ pools }) => pools.map(({ pending }) => pending),
    statistics: EVERY,
  },
  {
    name: poolMetric(POOL_METRICS.waitTime.name),
    of: ({ pools }) => pools.map(({ waitMs }) => inSeconds(waitMs)),
    statistics: TIMES,
  },
  {
    name: poolMetric(POOL_METRICS.useTime.name),
    of: ({ pools }) => pools.map(({ useMs }) => inSeconds(useMs)),
    statistics: TIMES,
  },
  {
    name: poolMetric(POOL_METRICS.createTime.name),
    of: ({ pools }) => pools.map(({ createMs }) => inSeconds(createMs)),
    statistics: TIMES,
  },
  {
    name: serviceMetric(SERVICE_METRICS.duration.name),
    of: ({ pools }) => pools.map(({ loginMs }) => loginMs),
    statistics: TIMES,
  },
];

const COUNTS: readonly {
  readonly name: Name;
  readonly of: (record: PhaseRecord) => readonly (readonly Counted[])[];
}[] = [
  { name: poolMetric(POOL_METRICS.timeouts.name), of: ({ pools }) => pools.map(({ timeouts }) => timeouts) },
  { name: poolMetric(POOL_METRICS.refusals.name), of: ({ pools }) => pools.map(({ refusals }) => refusals) },
  {
    name: serviceMetric(SERVICE_METRICS.attempts.name),
    of: ({ pools }) => pools.map(({ loginAttempts }) => loginAttempts),
  },
  {
    name: serviceMetric(SERVICE_METRICS.failures.name),
    of: ({ pools }) => pools.map(({ loginFailures }) => loginFailures),
  },
];

const BALANCER = { LoadBalancer: "loadBalancer" };
const TARGETS = { ...BALANCER, TargetGroup: "targetGroup" };

/** The load balancer reports no zeros: a count without requests is missing. */
const BALANCER_COUNTS: readonly {
  readonly metric: string;
  readonly counts: (request: RequestRecord) => boolean;
}[] = [
  { metric: "RequestCount", counts: () => true },
  {
    metric: "HTTPCode_Target_5XX_Count",
    counts: (request) =>
      isAnswered(request) && outcomeOf(request) !== "ok" && outcomeOf(request) !== "wrong_answer",
  },
  { metric: "HTTPCode_ELB_5XX_Count", counts: (request) => !isAnswered(request) },
];

const isAnswered = (request: RequestRecord): boolean =>
  !["abandoned", "unreachable"].includes(outcomeOf(request));

const requestsIn = ({ fromMs, toMs }: Slice, { load }: PhaseRecord): RequestRecord[] =>
  load.records.filter(({ intendedMs }) => fromMs <= intendedMs && intendedMs < toMs);

const hostCounts = (tasks: number): readonly { readonly metric: string; readonly of: number }[] => [
  { metric: "HealthyHostCount", of: tasks },
  { metric: "UnHealthyHostCount", of: 0 },
];

/** What the server was seen doing, with its sessions and its CPUs those of all tasks on the instance's vCPUs. */
const databaseGauges = (
  vcpu: number,
): readonly { readonly metric: string; readonly of: (record: PhaseRecord, toTasks: number) => Timed[] }[] => [
  {
    metric: "DatabaseConnections",
    of: ({ database }, toTasks) =>
      database.map(({ atMs, connections }) => ({ atMs, value: connections * toTasks })),
  },
  {
    metric: "DBLoad",
    of: ({ database }, toTasks) => database.map(({ atMs, active }) => ({ atMs, value: active * toTasks })),
  },
  {
    metric: "CPUUtilization",
    of: ({ database }, toTasks) =>
      database.flatMap(({ atMs, cpus }) =>
        cpus === null ? [] : [{ atMs, value: Math.min(100, (100 * cpus * toTasks) / vcpu) }],
      ),
  },
];

function noteOf(
  { parts, declaredTasks }: TraceInput,
  cuts: readonly { readonly slices: readonly Slice[] }[],
): string {
  const told = parts.map(({ what, record }, index) => {
    const slices = cuts[index]?.slices ?? [];
    const seconds = (record.toMs - record.fromMs) / 1000;
    return `${slices.length} minutes are ${seconds} s of ${what}, on ${record.tasks} of ${declaredTasks} tasks`;
  });
  return `Measured in the stress lab: ${told.join("; then ")}. Each slice of the steady load stands for one minute: sums and sample counts are scaled to a minute and to all tasks, and so are the database's connections, sessions and CPU (on the vCPU of the instance class); other gauges and percentiles are as they were. Counters are spread evenly over the ten seconds in which they were counted. The database's sessions at work leave out the lab's own sleep.`;
}
