import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricStatistic } from "../../../drills/replay/alarm";
import { alarmOf } from "../../../drills/replay/alarm";
import { simulate } from "../../../drills/replay/simulate";
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
import { alarmsOf } from "../plannedProgram";

/** What is reported in one minute; undefined for nothing. */
type Minute = { readonly [name in keyof typeof METRICS]?: number | undefined };

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
const WELL: Minute = {
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
const SITUATIONS: readonly {
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
function traceOf(minutes: readonly Minute[]): Trace {
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

const alarms = alarmsOf("prod").map((spec) => alarmOf(spec, "prod"));
const roles = new Map(alarms.map(({ id, role }) => [id, role]));
const pages = new Set(alarms.filter(({ severity }) => severity === "page").map(({ id }) => id));

const SILENT: Minute = {};
const BEFORE = 20;
const AFTER = 20;

/** Who is paged for what over a trace, in order; seconds from the first bad minute. */
function pagesIn(minutes: readonly Minute[], phases: readonly number[] = [], extraPeriods = 2) {
  const phaseOf = new Map(
    alarms.map(({ id }, index) => [id, phases[index % Math.max(1, phases.length)] ?? 0]),
  );
  const { actions } = simulate(alarms, traceOf(minutes), {
    ingestionDelaySeconds: 60,
    extraPeriods,
    phaseSeconds: (id) => phaseOf.get(id) ?? 0,
  });
  return actions
    .filter(({ alarm, state }) => state === "ALARM" && pages.has(alarm))
    .map(({ alarm, atSeconds }) => ({ alarm, role: roles.get(alarm), after: atSeconds - 60 * BEFORE }));
}

const during = (minute: Minute, length: number): readonly Minute[] => [
  ...Array<Minute>(BEFORE).fill(WELL),
  ...Array<Minute>(length).fill({ ...WELL, ...minute }),
  ...Array<Minute>(AFTER).fill(WELL),
];

/** Seconds of the minute at which each alarm is evaluated: nobody knows them. */
const anyPhases = fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 7, maxLength: 37 });
const anyRange = fc.integer({ min: 0, max: 5 });

describe("from the first bad minute to the last", () => {
  it.each(SITUATIONS)("$name is paged as $cause, once, within five minutes, and nothing else is", ({
    cause,
    minute,
  }) => {
    fc.assert(
      fc.property(anyPhases, anyRange, fc.integer({ min: 5, max: 20 }), (phases, range, length) => {
        const paged = pagesIn(during(minute, length), phases, range);
        expect(paged.map(({ alarm }) => alarm)).toEqual([cause]);
        expect(paged[0]?.after).toBeLessThanOrEqual(300);
      }),
      { numRuns: 25 },
    );
  });

  it.each(SITUATIONS)("$name names no other cause where RDS reports a minute later than the tasks", ({
    cause,
    minute,
  }) => {
    const late = during(minute, 15).map((now, index, all): Minute => {
      const earlier = all[index - 1] ?? now;
      return {
        ...now,
        connections: earlier.connections,
        loadCpu: earlier.loadCpu,
        loadNonCpu: earlier.loadNonCpu,
        lockWaits: earlier.lockWaits,
        cpu: earlier.cpu,
        refused: earlier.refused,
        endedIdle: earlier.endedIdle,
      };
    });
    const causes = pagesIn(late).filter(({ role }) => role === "cause");
    expect(causes.map(({ alarm }) => alarm)).toEqual([cause]);
  });

  it.each(
    SITUATIONS,
  )("$name is not paged as anything else when all metrics are missing for ten minutes in it", ({
    cause,
    minute,
  }) => {
    fc.assert(
      fc.property(anyPhases, anyRange, fc.integer({ min: 0, max: 10 }), (phases, range, from) => {
        const minutes = during(minute, 25).map((now, index) =>
          index >= BEFORE + from && index < BEFORE + from + 10 ? SILENT : now,
        );
        const causes = pagesIn(minutes, phases, range).filter(({ role }) => role === "cause");
        expect(new Set(causes.map(({ alarm }) => alarm))).toEqual(new Set([cause]));
      }),
      { numRuns: 25 },
    );
  });

  it.each(SITUATIONS)("$name is heard again as a symptom after half an hour, and until then not", ({
    minute,
  }) => {
    const symptoms = pagesIn(during(minute, 60)).filter(({ role }) => role === "symptom");
    expect(symptoms.map(({ alarm }) => alarm)).toEqual(["login-failures"]);
    expect(symptoms[0]?.after).toBeGreaterThan(25 * 60);
    expect(symptoms[0]?.after).toBeLessThan(32 * 60);
  });

  it("pages a symptom that no cause explains, two minutes after it is known", () => {
    const paged = pagesIn(during({ targetErrors: 9000 }, 15));
    expect(paged.map(({ alarm }) => alarm)).toEqual(["login-failures"]);
    // Three bad minutes, one for CloudWatch, two of patience.
    expect(paged[0]?.after).toBe(6 * 60);
  });

  it("pages nobody for two bad minutes of anything, nor for a gap on a good day", () => {
    for (const { name, cause, minute } of SITUATIONS) {
      const paged = pagesIn(during(minute, 2)).map(({ alarm }) => alarm);
      // Connections that run out are told before it hurts.
      expect([name, paged]).toEqual([name, cause === "connections-exhausted" ? [cause] : []]);
    }
    expect(pagesIn(during(WELL, 10).map((now, index) => (index > 20 && index < 31 ? SILENT : now)))).toEqual(
      [],
    );
  });
});
