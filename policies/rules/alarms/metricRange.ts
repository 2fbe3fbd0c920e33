import type { DatabaseBudget, PoolBudget, ProxyBudget } from "../../budget/budget";
import type { Comparison } from "../../model/cloudwatch/alarm";
import type { AwsMetric } from "../../model/cloudwatch/metrics";
import { clientDemand } from "../../model/connectionBudget";
import type { AlarmReading, MetricReading } from "../../plan/alarms/alarmReading";
import {
  andThen,
  combine,
  computed,
  known,
  knownValue,
  type Reading,
  readNumber,
  whenUnset,
} from "../../plan/reading";
import { count, plain } from "../format";
import type { RuleContext } from "../rule";
import type { PoolMetric, RelevantMetric } from "./relevantAlarms";

/** What a metric can be: between the least and the most, and what it is on any day. */
export interface MetricRange {
  readonly least: number;
  /** What it is, or may be for hours, while all is well; at least the least. */
  readonly calm: Bound;
  /** Infinite where nothing bounds it. */
  readonly most: Bound;
  readonly unit: string;
}

export interface Bound {
  readonly value: Reading<number>;
  /** URN of the resource that hides the value, where it is not known; without one, the alarm itself. */
  readonly owner?: string | undefined;
  /** Whose bound it is, as a clause with the number: "the pools hold 96 connections". */
  readonly describe: (value: number) => string;
}

const nothing = (least: number): Bound => ({
  value: known(least),
  describe: () => `it is ${plain(least)} at rest`,
});
const unbounded: Bound = { value: known(Number.POSITIVE_INFINITY), describe: () => "nothing bounds it" };

/** The ranges of a metric: one for each pool it is about; none where its samples are added up or counted. */
export function rangesOf(metric: RelevantMetric): readonly MetricRange[] {
  const { reading, subject, pool, aws } = metric;
  const isAdded = ["Sum", "SampleCount"].includes(knownValue(reading.statistic) ?? "");
  if (pool !== undefined) {
    if (isAdded || pool.signal === "timeouts") return [positive("", 0)];
    return subject.kind === "pools" ? subject.pools.map((of) => poolRange(pool, of)) : [];
  }
  if (aws === undefined) return [];
  // How far down a sum of values below 0 goes depends on how many there are.
  if (isAdded) return aws.least < 0 ? [] : [positive("", 0)];
  const own = { ...positive(aws.isPercent ? "%" : "", aws.least), ...percentOf(aws.most) };
  if (aws.name === "DatabaseConnections" && subject.kind === "database") return [connections(subject.on)];
  if (subject.kind === "proxy") return [proxyRange(subject.proxy, aws, own)];
  if (aws.name === "TargetResponseTime") return [responseTime(reading, own)];
  return [own];
}

const positive = (unit: string, least: number): MetricRange => ({
  least,
  calm: nothing(least),
  most: unbounded,
  unit,
});

const percentOf = (most: number): Partial<MetricRange> =>
  Number.isFinite(most)
    ? { most: { value: known(most), describe: () => `it is a share of ${plain(most)} % at most` } }
    : {};

function connections(on: DatabaseBudget): MetricRange {
  const { name } = on.database.resource;
  const { connections: held, hiddenBy } = steadyState(on);
  return {
    least: 0,
    calm: {
      value: held,
      owner: hiddenBy,
      describe: (value) => `the pools of ${name} hold ${count(value, "connection")} without any deployment`,
    },
    most: {
      value: on.usable,
      owner: on.database.resource.urn,
      describe: (value) => `${name} gives clients ${count(value, "connection")}`,
    },
    unit: "connections",
  };
}

function proxyRange(
  { proxy, allowed }: ProxyBudget,
  { name: metric }: AwsMetric,
  own: MetricRange,
): MetricRange {
  const { name, urn } = proxy.resource;
  if (metric === "DatabaseConnectionsBorrowLatency") {
    return {
      ...own,
      unit: "µs",
      most: {
        owner: urn,
        value: andThen(proxy.borrowTimeoutSeconds, (seconds) => known(seconds * 1e6)),
        describe: (value) => `${name} gives up after ${plain(value)} µs, its borrow timeout`,
      },
    };
  }
  if (metric !== "DatabaseConnections" && !metric.startsWith("DatabaseConnectionsCurrently")) return own;
  return {
    ...own,
    unit: "connections",
    most: {
      value: allowed,
      owner: urn,
      describe: (value) => `${name} may open ${count(value, "connection")} to its database`,
    },
  };
}

/** A load balancer answers 504 when a target has been silent for its idle timeout, 60 s by default; the metric is in seconds. */
function responseTime({ dimensions }: MetricReading, own: MetricRange): MetricRange {
  const balancer = knownValue(dimensions)?.find(({ name }) => name === "LoadBalancer")?.of;
  if (balancer?.state !== "found") return own;
  const { resource } = balancer;
  return {
    ...own,
    unit: "s",
    most: {
      value: whenUnset(readNumber(resource, "idleTimeout"), 60, "ELB's default"),
      owner: resource.urn,
      describe: (value) => `${resource.name} gives up on a request after ${plain(value)} s, its idle timeout`,
    },
  };
}

function poolRange(pool: PoolMetric, of: PoolBudget): MetricRange {
  const own = positive("", 0);
  const { settings, name, resource } = of.client;
  switch (pool.signal) {
    case "saturation":
      return { ...own, ...percentOf(100), unit: "%" };
    case "used":
      return { ...own, unit: "connections", most: sizeOf(of) };
    case "max":
      return { ...own, unit: "connections", calm: sizeOf(of), most: sizeOf(of) };
    case "pending":
      return {
        ...own,
        unit: "requests",
        most: orUnbounded(
          settings.queueMax.reading,
          resource.urn,
          (value) => `${name} lets ${count(value, "request")} wait and refuses more`,
        ),
      };
    case "wait": {
      const perUnit = pool.msPerUnit;
      if (perUnit === undefined) return own;
      const inUnits = andThen(settings.acquireTimeoutMs.reading, (ms) => known(ms / perUnit));
      const unit = perUnit === 1 ? "ms" : "s";
      return {
        ...own,
        unit,
        most: orUnbounded(
          inUnits,
          resource.urn,
          (value) => `${name} gives up waiting after ${plain(value)} ${unit}, its acquire timeout`,
        ),
      };
    }
    default:
      return own;
  }
}

const sizeOf = (of: PoolBudget): Bound => ({
  value: of.poolMax,
  owner: of.client.resource.urn,
  describe: (value) => `the pool of ${of.client.name} has ${count(value, "connection")}`,
});

/** A bound of 0, or one that nobody set, is none. */
function orUnbounded(value: Reading<number>, owner: string, describe: Bound["describe"]): Bound {
  return value.state === "unset" || knownValue(value) === 0 ? unbounded : { value, owner, describe };
}

/** When an alarm fires. */
export interface Condition {
  readonly comparison: Comparison;
  readonly threshold: number;
}

/** "above 350", "from 350 up", "below 1": when the alarm fires. */
export function conditionInWords({ comparison, threshold }: Condition): string {
  switch (comparison) {
    case "GreaterThanThreshold":
      return `above ${plain(threshold)}`;
    case "GreaterThanOrEqualToThreshold":
      return `from ${plain(threshold)} up`;
    case "LessThanThreshold":
      return `below ${plain(threshold)}`;
    default:
      return `at ${plain(threshold)} or below`;
  }
}

/** What hides a bound is noted where it is hidden; a pool that is none at all is left to the rule that sizes it. */
export function cannotDecide(
  { resource }: AlarmReading,
  { value, owner }: Bound,
  context: RuleContext,
): void {
  const isMistyped = value.state === "unset" || value.state === "malformed";
  context.cannotDecide(owner ?? resource.urn, value, isMistyped ? "pool-floor" : undefined);
}

/** Connections that a database has on any day, without a deployment. */
interface SteadyState {
  readonly connections: Reading<number>;
  /** URN of the client whose pool hides them, where one does. */
  readonly hiddenBy: string | undefined;
}

/**
 * `pool.max` × processes × the tasks that autoscaling keeps, over all pools that reach the database directly, and what
 * clients elsewhere hold. Of pools behind a proxy only those count whose sessions certainly pin: the others share.
 */
export function steadyState(on: DatabaseBudget): SteadyState {
  let total = on.database.otherDemand;
  for (const pool of on.pools) {
    const { proxied } = pool;
    if (knownValue(proxied) === true && knownValue(pool.sessions) !== "pinned") continue;
    const connections = held(pool);
    const hiddenBy = pool.client.resource.urn;
    if (connections.state !== "known") return { connections, hiddenBy };
    if (proxied.state !== "known") return { connections: proxied, hiddenBy };
    total += connections.value;
  }
  return { connections: known(total), hiddenBy: undefined };
}

const held = (pool: PoolBudget): Reading<number> =>
  computed("containerDefinitions", () =>
    combine<{ poolMax: number; processesPerTask: number; tasksHoldingPools: number }, number>(
      {
        poolMax: pool.connectionsPerProcess,
        processesPerTask: pool.processesPerTask,
        tasksHoldingPools: whenUnset(pool.client.tasks.sustainedCapacity, 1, "one instance"),
      },
      clientDemand,
    ),
  );
