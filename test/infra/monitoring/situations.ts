import type { MetricStatistic } from "../../../drills/replay/alarm";
import type { Trace, TraceSeries } from "../../../drills/replay/trace";
import type { Metric } from "../../../infra/monitoring/alarmSpec";
import {
  databaseLog,
  databaseProxy,
  loadBalancer,
  pool,
  rds,
  tasks,
} from "../../../infra/monitoring/metrics";

/** What is reported in one minute; undefined for nothing. */
export type Minute = { readonly [name in keyof typeof METRICS]?: number | undefined };

const METRICS = {
  used: pool.used,
  max: pool.max,
  waitP99: pool.waitP99,
  timeouts: pool.timeouts,
  refusals: pool.refusals,
  hold: pool.hold,
  releases: pool.releases,
  opened: pool.opened,
  connections: rds.connections,
  cpu: rds.cpu,
  usedP99: pool.usedP99,
  waitingP99: pool.waitingP99,
  loadCpu: rds.loadCpu,
  loadNonCpu: rds.loadNonCpu,
  lockWaits: databaseLog.lockWaits,
  refused: databaseLog.refused,
  endedIdle: databaseLog.endedIdleInTransaction,
  borrowLatency: databaseProxy.borrowLatency,
  requests: loadBalancer.requests,
  targetErrors: loadBalancer.targetErrors,
  ownErrors: loadBalancer.ownErrors,
  latencyP99: loadBalancer.responseP99,
  unhealthy: loadBalancer.unhealthy,
  running: tasks.running,
} as const;

/** prod on an ordinary afternoon: 600 requests a second. */
export const WELL: Minute = {
  used: 0.7,
  usedP99: 3,
  max: 8,
  waitingP99: 0,
  waitP99: 0.002,
  timeouts: 0,
  refusals: 0,
  hold: 0.012,
  releases: 39_600,
  opened: 4,
  connections: 60,
  cpu: 15,
  loadCpu: 0.7,
  loadNonCpu: 0.8,
  refused: 0,
  requests: 36_000,
  latencyP99: 0.2,
  unhealthy: 0,
  running: 12,
};

const STARVED: Minute = {
  used: 8,
  usedP99: 8,
  waitingP99: 64,
  waitP99: 0.095,
  refusals: 9000,
  releases: 48_000,
  targetErrors: 9000,
  latencyP99: 0.4,
};

/** What is different in each situation, and the cause that is then named. */
export const SITUATIONS: readonly {
  readonly name: string;
  readonly cause: string;
  readonly minute: Minute;
}[] = [
  { name: "a pool that is too small", cause: "pool-starved", minute: STARVED },
  {
    name: "a slow query",
    cause: "downstream-slow",
    minute: { ...STARVED, hold: 0.3, releases: 19_000, latencyP99: 2 },
  },
  {
    name: "a call inside the transaction on which everything hangs",
    cause: "downstream-slow",
    minute: { ...STARVED, hold: undefined, releases: undefined, timeouts: 30_000, latencyP99: 8 },
  },
  {
    name: "a lock on which everything hangs",
    cause: "lock-contention",
    minute: {
      ...STARVED,
      hold: undefined,
      releases: undefined,
      timeouts: 30_000,
      latencyP99: 8,
      loadNonCpu: 90,
      lockWaits: 200,
    },
  },
  {
    name: "a volume that answers slowly",
    cause: "storage-slow",
    minute: { ...STARVED, hold: 0.11, releases: 40_000, latencyP99: 1.5, loadNonCpu: 80 },
  },
  {
    name: "one task without connections among twelve",
    cause: "task-starved",
    minute: { ...STARVED, used: 1.5, refusals: 900, releases: 75_000, targetErrors: 900 },
  },
  {
    name: "a slow query on every processor",
    cause: "database-saturated",
    minute: { ...STARVED, hold: 0.3, loadCpu: 40, cpu: 99 },
  },
  {
    name: "too many connections",
    cause: "connections-exhausted",
    minute: { ...STARVED, connections: 489, refused: 400, timeouts: 3000, hold: 0.05, loadCpu: 20 },
  },
  {
    name: "a reconnect storm",
    cause: "connection-storm",
    minute: { ...STARVED, opened: 9000, connections: 470, refused: 200, loadCpu: 15, hold: 0.04 },
  },
  {
    name: "transactions left open",
    cause: "idle-in-transaction",
    minute: { ...STARVED, endedIdle: 60, hold: 4, releases: 500, timeouts: 20_000 },
  },
];

/** A trace of one minute after the other. */
export function traceOf(minutes: readonly Minute[]): Trace {
  const series = Object.entries(METRICS).map(([name, metric]): TraceSeries => {
    const values = minutes.map((minute) => minute[name as keyof Minute] ?? null);
    return { ...identityOf(metric), values };
  });
  return { startsAt: "2024-09-02T02:00:00Z", periodSeconds: 60, series };
}

function identityOf({ namespace, name, statistic, dimensions }: Metric): MetricStatistic {
  return {
    namespace,
    metric: name,
    statistic,
    dimensions: Object.fromEntries(
      Object.entries(dimensions).map(([key, value]) => [key, typeof value === "string" ? value : value.of]),
    ),
  };
}
