import {
  POOL_DIMENSION,
  POOL_METRICS,
  POOL_NAMESPACE,
  SERVICE_DIMENSION,
  SERVICE_METRICS,
  SERVICE_NAMESPACE,
  STATE_DIMENSION,
} from "../../service/metrics/names";
import type { Trace, TraceSeries } from "../replay/trace";
import { outcomeOf, type RequestRecord } from "./load/requests";
import { isIn, type PhaseRecord } from "./measure/measured";
import type { Counted, PoolSeries, Span } from "./measure/poolSeries";
import type { DatabaseSample } from "./measure/sampler";
import type { Timed } from "./measure/statistics";

/** One run of the trace: the later ones follow the earlier as if a deployment lay between them. */
export interface TracePart {
  readonly record: PhaseRecord;
  /** What it was, for the note. */
  readonly what: string;
}

interface TraceInput {
  readonly parts: readonly TracePart[];
  /** Tasks of the stack, of which the lab ran a share. */
  readonly declaredTasks: number;
  /** vCPU of the instance class. */
  readonly databaseVcpu: number;
  readonly startsAt: Date;
}

const PERIOD_SECONDS = 60;

/**
 * What CloudWatch would have been told of these runs, for `npm run replay -- --trace FILE`. Each slice of a run stands for
 * one minute; the note says so.
 */
export function traceOf(input: TraceInput): Trace {
  const { parts, declaredTasks } = input;
  const minutes = parts.flatMap(({ record }) =>
    slicesOf(record).map(
      (slice): Minute => ({
        record,
        slice,
        toMinute: (PERIOD_SECONDS * 1000) / (slice.toMs - slice.fromMs),
        toTasks: declaredTasks / record.tasks,
      }),
    ),
  );
  return {
    startsAt: input.startsAt.toISOString(),
    periodSeconds: PERIOD_SECONDS,
    note: noteOf(input),
    series: metricsOf(input).flatMap(({ name, statistics, read }) =>
      statistics.map((statistic) => ({
        ...name,
        statistic,
        values: minutes.map((minute) => read(minute, statistic)),
      })),
    ),
  };
}

/** A stretch of a run that stands for one minute. */
interface Minute {
  readonly record: PhaseRecord;
  readonly slice: Span;
  /** From a slice to a minute. */
  readonly toMinute: number;
  /** From the lab's tasks to the stack's. */
  readonly toTasks: number;
}

/** A slice holds at least this: a few samples of what is sampled each second. */
const MIN_SLICE_MS = 3_000;
const MAX_SLICES = 12;

/** Equal slices of a run's steady part, none too short and not too many. */
export function slicesOf({ fromMs, toMs }: Span): readonly Span[] {
  const count = Math.max(1, Math.min(MAX_SLICES, Math.floor((toMs - fromMs) / MIN_SLICE_MS)));
  const length = (toMs - fromMs) / count;
  return Array.from({ length: count }, (_, index) => ({
    fromMs: fromMs + index * length,
    toMs: fromMs + (index + 1) * length,
  }));
}

type Name = Pick<TraceSeries, "namespace" | "metric" | "dimensions">;
type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | "SampleCount" | "p90" | "p99";

/** One metric as CloudWatch has it, and how it is read from a slice. */
interface Metric {
  readonly name: Name;
  readonly statistics: readonly Statistic[];
  readonly read: (minute: Minute, statistic: Statistic) => number | null;
}

const GAUGE: readonly Statistic[] = ["Average", "Maximum", "Minimum"];
const EVERY: readonly Statistic[] = [...GAUGE, "Sum", "SampleCount"];
const TIMES: readonly Statistic[] = ["Average", "Maximum", "p90", "p99", "SampleCount"];

function metricsOf({ declaredTasks, databaseVcpu }: TraceInput): readonly Metric[] {
  return [
    values(poolMetric("count", "used"), EVERY, ({ used }) => used),
    values(poolMetric("count", "idle"), EVERY, ({ idle }) => idle),
    values(poolMetric("max"), EVERY, ({ used }, { poolMax }) =>
      used.map(({ atMs }) => ({ atMs, value: poolMax })),
    ),
    values(poolMetric("pending"), EVERY, ({ pending }) => pending),
    values(poolMetric("waitTime"), TIMES, ({ waitMs }) => inSeconds(waitMs)),
    values(poolMetric("useTime"), TIMES, ({ useMs }) => inSeconds(useMs)),
    values(poolMetric("createTime"), TIMES, ({ createMs }) => inSeconds(createMs)),
    values(serviceMetric("duration"), TIMES, ({ loginMs }) => loginMs),
    counter(poolMetric("timeouts"), ({ timeouts }) => timeouts),
    counter(poolMetric("refusals"), ({ refusals }) => refusals),
    counter(serviceMetric("attempts"), ({ loginAttempts }) => loginAttempts),
    counter(serviceMetric("failures"), ({ loginFailures }) => loginFailures),
    requestCount("RequestCount", () => true),
    requestCount("HTTPCode_Target_5XX_Count", isServerError),
    requestCount("HTTPCode_ELB_5XX_Count", (request) => !isAnswered(request)),
    {
      name: balancerMetric("TargetResponseTime", BALANCER),
      statistics: ["Average", "p99", "SampleCount"],
      read: ({ slice, record, toMinute, toTasks }, statistic) => {
        const answered = requestsIn(slice, record).filter(isAnswered);
        const seconds = answered.map(({ latencyMs }) => latencyMs / 1000);
        return statisticOf(seconds, statistic, toMinute * toTasks);
      },
    },
    { name: balancerMetric("HealthyHostCount", TARGETS), statistics: GAUGE, read: () => declaredTasks },
    { name: balancerMetric("UnHealthyHostCount", TARGETS), statistics: GAUGE, read: () => 0 },
    // What the server was seen doing, with its sessions and its CPUs those of all tasks on the instance's vCPUs.
    databaseGauge("DatabaseConnections", ({ connections }, toTasks) => connections * toTasks),
    databaseGauge("DBLoad", ({ active }, toTasks) => active * toTasks),
    // Of what sessions wait for, the lab samples locks; all else counts as need for a CPU.
    databaseGauge("DBLoadCPU", ({ active, lockWaits }, toTasks) => Math.max(0, active - lockWaits) * toTasks),
    databaseGauge("DBLoadNonCPU", ({ lockWaits }, toTasks) => lockWaits * toTasks),
    databaseGauge("CPUUtilization", ({ cpus }, toTasks) =>
      cpus === null ? null : Math.min(100, (100 * cpus * toTasks) / databaseVcpu),
    ),
  ];
}

const poolMetric = (metric: keyof typeof POOL_METRICS, state?: "used" | "idle"): Name => ({
  namespace: POOL_NAMESPACE,
  metric: POOL_METRICS[metric].name,
  dimensions: { [POOL_DIMENSION]: "pool", ...(state === undefined ? {} : { [STATE_DIMENSION]: state }) },
});
const serviceMetric = (metric: keyof typeof SERVICE_METRICS): Name => ({
  namespace: SERVICE_NAMESPACE,
  metric: SERVICE_METRICS[metric].name,
  dimensions: { [SERVICE_DIMENSION]: "pool" },
});
const BALANCER = { LoadBalancer: "loadBalancer" };
const TARGETS = { ...BALANCER, TargetGroup: "targetGroup" };
const balancerMetric = (metric: string, dimensions: Name["dimensions"]): Name => ({
  namespace: "AWS/ApplicationELB",
  metric,
  dimensions,
});

/** Samples and single events, as the tasks reported them. */
const values = (
  name: Name,
  statistics: readonly Statistic[],
  of: (pool: PoolSeries, record: PhaseRecord) => readonly Timed[],
): Metric => ({
  name,
  statistics,
  read: ({ record, slice, toMinute, toTasks }, statistic) =>
    statisticOf(
      within(
        slice,
        record.pools.flatMap((pool) => of(pool, record)),
      ),
      statistic,
      toMinute * toTasks,
    ),
});

const inSeconds = (series: readonly Timed[]): Timed[] =>
  series.map(({ atMs, value }) => ({ atMs, value: value / 1000 }));

const within = (slice: Span, series: readonly Timed[]): number[] =>
  series.filter(({ atMs }) => isIn(slice, atMs)).map(({ value }) => value);

/** What the tasks counted; the part of it that falls into a slice. */
const counter = (name: Name, of: (pool: PoolSeries) => readonly Counted[]): Metric => ({
  name,
  statistics: ["Sum"],
  read: ({ record, slice, toMinute, toTasks }) =>
    Math.round(countedIn(slice, record.pools.flatMap(of)) * toMinute * toTasks),
});

/** Counts are spread evenly over the time in which they were counted. */
export const countedIn = (slice: Span, series: readonly Counted[]): number =>
  series.reduce((sum, { fromMs, toMs, value }) => {
    const overlap = Math.min(slice.toMs, toMs) - Math.max(slice.fromMs, fromMs);
    return overlap <= 0 || toMs === fromMs ? sum : sum + (value * overlap) / (toMs - fromMs);
  }, 0);

/** The load balancer reports no zeros: a count without requests is missing. */
const requestCount = (metric: string, counts: (request: RequestRecord) => boolean): Metric => ({
  name: balancerMetric(metric, BALANCER),
  statistics: ["Sum"],
  read: ({ record, slice, toMinute, toTasks }) => {
    const count = requestsIn(slice, record).filter(counts).length;
    return count === 0 ? null : Math.round(count * toMinute * toTasks);
  },
});

const requestsIn = (slice: Span, { load }: PhaseRecord): RequestRecord[] =>
  load.records.filter(({ intendedMs }) => isIn(slice, intendedMs));

const isAnswered = (request: RequestRecord): boolean =>
  !["abandoned", "unreachable"].includes(outcomeOf(request));

const isServerError = (request: RequestRecord): boolean =>
  isAnswered(request) && !["ok", "wrong_answer"].includes(outcomeOf(request));

const databaseGauge = (
  metric: string,
  of: (sample: DatabaseSample, toTasks: number) => number | null,
): Metric => ({
  name: { namespace: "AWS/RDS", metric, dimensions: { DBInstanceIdentifier: "database" } },
  statistics: GAUGE,
  read: ({ record, slice, toTasks }, statistic) => {
    const samples = record.database.filter(({ atMs }) => isIn(slice, atMs));
    return statisticOf(
      samples.flatMap((sample) => of(sample, toTasks) ?? []),
      statistic,
      1,
    );
  },
});

/**
 * A statistic of values as CloudWatch computes it; null where there are none.
 * @param factor - By which sums and sample counts are extrapolated.
 */
export function statisticOf(values: readonly number[], statistic: Statistic, factor: number): number | null {
  if (values.length === 0) return statistic === "SampleCount" ? 0 : null;
  const sum = (): number => values.reduce((all, value) => all + value, 0);
  switch (statistic) {
    case "Average":
      return sum() / values.length;
    case "Maximum":
      return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    case "Minimum":
      return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    case "Sum":
      return factor * sum();
    case "SampleCount":
      return Math.round(factor * values.length);
    case "p90":
      return percentile(values, 0.9);
    case "p99":
      return percentile(values, 0.99);
  }
}

/** Between the two nearest ranks, as CloudWatch interpolates. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
}

function noteOf({ parts, declaredTasks }: TraceInput): string {
  const told = parts.map(({ what, record }) => {
    const seconds = (record.toMs - record.fromMs) / 1000;
    return `${slicesOf(record).length} minutes are ${seconds} s of ${what}, on ${record.tasks} of ${declaredTasks} tasks`;
  });
  return `Measured in the stress lab: ${told.join("; then ")}. Each slice of the steady load stands for one minute: sums and sample counts are scaled to a minute and to all tasks, and so are the database's connections, sessions and CPU (on the vCPU of the instance class); other gauges and percentiles are as they were. Counters are spread evenly over the ten seconds in which they were counted. The database's sessions at work leave out the lab's own sleep.`;
}
