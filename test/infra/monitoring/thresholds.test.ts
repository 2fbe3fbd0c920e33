import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricAlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { parseMath } from "../../../policies/model/cloudwatch/mathParser";
import { evaluateMath } from "../../../policies/model/cloudwatch/metricMath";
import { alarmInput, type Change, metricAlarm, threshold } from "../plannedProgram";

/** Erlang C by its textbook sum, apart from the model: P(wait > t) in a pool of c with offered load a. */
function waitsLongerThan(seconds: number, c: number, a: number, holdSeconds: number): number {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const last = (a ** c / factorial(c)) * (c / (c - a));
  let sum = last;
  for (let k = 0; k < c; k++) sum += a ** k / factorial(k);
  return (last / sum) * Math.exp((-(c - a) * seconds) / holdSeconds);
}

/** An expression for one minute, as the replay reads it: undefined for what was not reported, NaN for no data point. */
function minuteOf(
  spec: MetricAlarmSpec,
  reported: { readonly [metric: string]: number | undefined },
): number {
  if (spec.signal.kind !== "math") throw new Error(`${spec.id} is no expression`);
  const { expression, metrics } = spec.signal;
  const metricIds = Object.keys(metrics);
  const values = evaluateMath(parseMath(expression), {
    ids: new Map(metricIds.map((id) => [id, Float64Array.of(reported[id] ?? Number.NaN)])),
    metricIds,
    length: 1,
    periodSeconds: spec.periodSeconds,
  });
  return values[0] ?? Number.NaN;
}

/** Stacks that the policies might accept: any demand, any pool. */
const anyStack = fc
  .record({
    "auth:peakRequestsPerSecond": fc.integer({ min: 1, max: 5000 }),
    "auth:dbHoldMs": fc.integer({ min: 1, max: 500 }),
    "auth:poolMax": fc.integer({ min: 1, max: 100 }),
    "auth:queueMax": fc.integer({ min: 1, max: 1000 }),
    "auth:acquireTimeoutMs": fc.integer({ min: 100, max: 10_000 }),
    "auth:maxConnections": fc.integer({ min: 50, max: 5000 }),
    "auth:idleTimeoutMs": fc.integer({ min: 1000, max: 600_000 }),
  })
  .map(
    (settings): Change =>
      Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)])),
  );

const inWindow = ({ poolMax, capacity: { window } }: ReturnType<typeof alarmInput>) =>
  window !== undefined && window.floor <= poolMax && poolMax <= window.ceiling;

describe("thresholds, whatever the stack", () => {
  it("stand between what a pool inside its window does at 1.25 × its peak and what it cannot exceed", () => {
    fc.assert(
      fc.property(anyStack, (change) => {
        const input = alarmInput("prod", change);
        fc.pre(inWindow(input));
        const { load, usable = 0, demandAtPeak = 0 } = input.capacity;
        const busyPercent = (100 * 1.25 * (load?.offeredLoad ?? 0)) / input.poolMax;
        // Rounded to a whole percent, and at most 95: a pool may be planned beyond that only if it is very large.
        expect(threshold("pool-saturated", "prod", change)).toBeGreaterThanOrEqual(
          Math.min(95, Math.round(busyPercent) - 1),
        );
        expect(threshold("pool-saturated", "prod", change)).toBeLessThan(100);
        const nearLimit = threshold("connections-near-limit", "prod", change);
        expect(nearLimit).toBeGreaterThan(demandAtPeak);
        expect(nearLimit).toBeLessThan(usable);
        const wait = threshold("pool-wait", "prod", change);
        expect(wait).toBeGreaterThanOrEqual(0.05);
        expect(wait).toBeLessThanOrEqual(Math.max(0.05, input.acquireTimeoutMs / 2000) + 0.001);
        expect(threshold("connection-rate", "prod", change)).toBeGreaterThanOrEqual(demandAtPeak - 5);
      }),
      { numRuns: 200 },
    );
  });

  it("of a single process's queue are exceeded in fewer than one moment of 100 by a pool inside its window", () => {
    fc.assert(
      fc.property(anyStack, (change) => {
        const input = alarmInput("prod", { ...change, "auth:queueMax": "1000" });
        fc.pre(inWindow(input));
        const { offeredLoad = 0, meanHoldSeconds = 1 } = input.capacity.load ?? {};
        const a = 1.25 * offeredLoad;
        const { poolMax: c } = input;
        const depth = threshold("process-saturated", "prod", { ...change, "auth:queueMax": "1000" });
        // As deep as 50 ms of holds, and as deep as the queue's bound allows: then nothing is promised.
        fc.pre(depth < 500 && c < 100);
        expect(waitsLongerThan(0, c, a, meanHoldSeconds) * (a / c) ** (depth + 1)).toBeLessThanOrEqual(0.01);
      }),
      { numRuns: 200 },
    );
  });

  it("of refusals and timeouts are what Erlang C expects, and none for a pool that cannot carry its load", () => {
    fc.assert(
      fc.property(anyStack, (change) => {
        const input = alarmInput("prod", change);
        const { offeredLoad = 0, acquisitionsPerSecond = 0, meanHoldSeconds = 1 } = input.capacity.load ?? {};
        const a = 1.25 * offeredLoad;
        const perMinute = acquisitionsPerSecond * 60 * 12;
        const timeouts = threshold("pool-timeouts", "prod", change);
        if (a >= input.poolMax) {
          expect(timeouts).toBe(0);
          return;
        }
        const share = waitsLongerThan(input.acquireTimeoutMs / 1000, input.poolMax, a, meanHoldSeconds);
        expect(Math.abs(timeouts - (share > 0.01 ? 0 : share * perMinute))).toBeLessThanOrEqual(0.51);
      }),
      { numRuns: 200 },
    );
  });
});

describe("thresholds, derived by hand", () => {
  it("connections-near-limit: nine tenths of the usable, above any plan and below the limit", () => {
    // prod: 500 − 3 − 2 − 6 = 489 usable; 0.9 × 489 = 440.1. The plan is 27 × 8 + 5 = 221, the budget 391.
    expect(threshold("connections-near-limit", "prod")).toBe(440);
    // incident: 400 − 11 = 389; 0.9 × 389 = 350.1
    expect(threshold("connections-near-limit", "incident-2024-09-02")).toBe(350);
    // A formula: 0.88 × 32 GiB ÷ 9531392 = 3172 connections, of which 3161 are usable.
    const formula = { "auth:maxConnections": "LEAST({DBInstanceClassMemory/9531392},5000)" };
    expect(threshold("connections-near-limit", "prod", formula)).toBe(Math.floor(0.9 * 3161));
  });

  it.each([
    ["dev", 6, 0.012],
    ["prod", 8, 0.012],
    ["incident-2024-09-02", 3, 0.09],
  ])("pool-saturated in %s: the use at which one wait in a hundred is too long", (stack, poolMax, hold) => {
    const percent = threshold("pool-saturated", stack);
    const tooLong = (use: number) => waitsLongerThan(0.05, poolMax, (use / 100) * poolMax, hold);
    if (percent < 95) expect(tooLong(percent + 0.6)).toBeGreaterThan(0.01);
    expect(tooLong(percent - 0.6)).toBeLessThan(0.01);
  });

  it("pool-saturated: 3 connections are saturated in the outage, 11 are not", () => {
    // incident with 11: 1.25 × 4.95 ÷ 11 = 56.3 %; with 3: 165 %, it fires.
    expect(threshold("pool-saturated", "incident-2024-09-02", { "auth:poolMax": "11" })).toBeGreaterThan(
      56.3,
    );
    expect(threshold("pool-saturated", "incident-2024-09-02")).toBeLessThan(100);
  });

  it("pool-wait: half the acquire timeout, or most of a full queue where that is shorter", () => {
    // incident: a full queue is 64 × 90 ÷ 3 = 1.92 s; the timeout of 1 s comes first, half of it is 0.5 s.
    expect(threshold("pool-wait", "incident-2024-09-02")).toBe(0.5);
    // prod: 64 × 12 ÷ 8 = 96 ms; three quarters are 72 ms.
    expect(threshold("pool-wait", "prod")).toBe(0.072);
    // A queue of one: 12 × 1 ÷ 8 ms is far below the target, which a safe pool may reach.
    expect(threshold("pool-wait", "prod", { "auth:queueMax": "1" })).toBe(0.05);
  });

  it("pool-timeouts: none is expected of a safe pool, and an overloaded one is no reason to expect some", () => {
    expect(threshold("pool-timeouts", "prod")).toBe(0);
    expect(threshold("pool-timeouts", "incident-2024-09-02")).toBe(0);
  });

  it("pool-timeouts: as many as the model expects where a few are normal", () => {
    // A pool of 2 with 1.25 × 0.5 busy: P(wait > 100 ms) by the textbook sum, × 60 s × 10/s.
    const change = {
      "auth:poolMax": "2",
      "auth:peakRequestsPerSecond": "10",
      "auth:dbAcquisitionsPerRequest": "1",
      "auth:dbHoldMs": "50",
      "auth:acquireTimeoutMs": "100",
    };
    const expected = waitsLongerThan(0.1, 2, 1.25 * 10 * 0.05, 0.05) * 60 * 10;
    expect(expected).toBeGreaterThan(1);
    expect(threshold("pool-timeouts", "dev", change)).toBe(Math.round(expected));
  });

  it("pool-refusals: as many as find the queue full", () => {
    expect(threshold("pool-refusals", "prod")).toBe(0);
    // The same pool of 2 and a queue of 3: all busy (0 s of wait or more), and three waiting.
    const change = {
      "auth:poolMax": "2",
      "auth:peakRequestsPerSecond": "10",
      "auth:dbAcquisitionsPerRequest": "1",
      "auth:dbHoldMs": "50",
      "auth:queueMax": "3",
    };
    const a = 1.25 * 0.5;
    const expected = waitsLongerThan(0, 2, a, 0.05) * (a / 2) ** 3 * 600;
    expect(expected).toBeGreaterThan(1);
    expect(threshold("pool-refusals", "dev", change)).toBe(Math.round(expected));
  });

  it("hold-time: one and a half times what was declared", () => {
    expect(threshold("hold-time", "prod")).toBe(18);
    expect(threshold("hold-time", "incident-2024-09-02")).toBe(135);
  });

  it("connection-rate: a restart of everything and the renewal of idle connections, below what IAM takes", () => {
    // prod: 36 tasks × 8 = 288 (18 new ones, 9 old ones and 9 that drain), each once and, with an idle timeout of 30 s, twice more in a minute.
    expect(threshold("connection-rate", "prod")).toBe(864);
    expect(threshold("connection-rate", "prod", { "auth:idleTimeoutMs": "600000" })).toBe(
      Math.ceil(288 * 1.1),
    );
    expect(threshold("connection-rate", "prod", { "auth:maxLifetimeMs": "20000" })).toBe(288 * 4);
    // Never deleted, used or not: once for a restart.
    const forEver = { "auth:maxLifetimeMs": "0", "auth:idleTimeoutMs": "0" };
    expect(threshold("connection-rate", "prod", forEver)).toBe(288);
    // 36 × 400 × 3 would be 43,200: IAM takes 200 a second.
    expect(threshold("connection-rate", "prod", { "auth:poolMax": "400" })).toBe(12_000);
  });

  it("database-load: as many sessions as processors, from which on one waits", () => {
    expect(threshold("database-load", "prod")).toBe(8);
    expect(threshold("database-busy", "dev")).toBe(2);
    for (const id of ["database-load", "database-busy", "database-waiting"]) {
      expect(metricAlarm(id).comparison).toBe("GreaterThanOrEqualToThreshold");
    }
  });

  it("database-waiting: as many as there are processors, or half of all connections where that is less", () => {
    expect(threshold("database-waiting", "prod")).toBe(8);
    // 12 tasks of one connection each: six of twelve.
    expect(threshold("database-waiting", "prod", { "auth:poolMax": "1" })).toBe(6);
    expect(threshold("database-waiting", "prod", { "auth:poolMax": "1", "auth:processesPerTask": "2" })).toBe(
      8,
    );
    // One task with one connection: half of it would be none.
    expect(threshold("database-waiting", "dev", { "auth:poolMax": "1" })).toBe(1);
  });

  it("process-saturated: the queue behind which one waits for the target, or half of what the queue takes", () => {
    // incident: 3 × 50 ÷ 90 = 1.7; with 12: 6.7.
    expect(threshold("process-saturated", "incident-2024-09-02")).toBe(2);
    expect(threshold("process-saturated", "incident-2024-09-02", { "auth:poolMax": "12" })).toBe(7);
    // prod: 8 × 50 ÷ 12 = 33.3, and half of 64 is 32.
    expect(threshold("process-saturated", "prod")).toBe(32);
    expect(threshold("process-saturated", "prod", { "auth:queueMax": "1" })).toBe(1);
    expect(threshold("process-saturated", "prod", { "auth:queueMax": "200" })).toBe(33);
  });

  it("database-memory and database-storage: a quarter of the class, a twentieth of storage that should have grown", () => {
    expect(threshold("database-memory", "prod")).toBe(8 * 1024 ** 3);
    expect(threshold("database-storage", "prod")).toBe(10 * 1024 ** 3);
    expect(threshold("database-storage", "prod", { "auth:maxStorageGib": "200" })).toBe(20 * 1024 ** 3);
  });

  it("login-latency-p99: the objective, but never later than a starved pool answers", () => {
    expect(threshold("login-latency-p99", "prod")).toBe(1);
    expect(threshold("login-latency-p99", "prod", { "auth:toleratedLatencyMs": "400" })).toBe(0.4);
    expect(threshold("login-latency-p99", "prod", { "auth:acquireTimeoutMs": "300" })).toBe(0.3);
  });

  it("running-tasks: as many as a deployment keeps up, and one at least", () => {
    expect(threshold("running-tasks", "prod")).toBe(12);
    expect(threshold("running-tasks", "prod", { "auth:minimumHealthyPercent": "50" })).toBe(6);
    expect(threshold("running-tasks", "prod", { "auth:minTasks": "0", "auth:tasksAtPeak": "0" })).toBe(1);
  });

  it("load-above-declared: a quarter more than the declared peak, for a minute", () => {
    expect(threshold("load-above-declared", "prod")).toBe(1.25 * 1200 * 60);
  });

  it("proxy-pinned: what the proxy may open less what the whole demand needs when it shares", () => {
    // 30 % of 500 are 150; 1.25 × 1,200 × 1.1 × 12 ms = 19.8 busy connections need 21 or more.
    const pinned = metricAlarm("proxy-pinned", "prod", { "auth:connection": "proxy" }).threshold;
    expect(pinned.inputs.needed).toBeGreaterThan(19.8);
    expect(pinned.value).toBe(150 - Number(pinned.inputs.needed));
    expect(threshold("proxy-borrow-latency", "prod", { "auth:connection": "proxy" })).toBe(50_000);
  });
});

describe("expressions, for one minute", () => {
  it.each([
    ["every request is refused before a target is chosen", { balancer: 1000 }, 100],
    ["most are refused", { requests: 100, balancer: 900 }, 90],
    ["the targets fail", { requests: 1000, target: 30 }, 3],
    ["all is well", { requests: 1000 }, 0],
    ["a few refusals in a quiet minute say nothing", { requests: 1, balancer: 48 }, 0],
    ["as few as count", { balancer: 50 }, 100],
    ["nobody comes", {}, 0],
  ])("login-failure-rate when %s", (_when, reported, percent) => {
    expect(minuteOf(metricAlarm("login-failure-rate"), reported)).toBe(percent);
  });

  it("login-failure-rate counts from as many requests as make one failure tolerable", () => {
    const spec = metricAlarm("login-failure-rate", "prod", { "auth:toleratedFailurePercent": "0.5" });
    expect(spec.threshold.value).toBe(0.5);
    expect(minuteOf(spec, { requests: 199, target: 1 })).toBe(0);
    expect(minuteOf(spec, { requests: 200, target: 2 })).toBe(1);
  });

  it.each([
    ["as declared", { used: 1.3, releases: 79_000, hold: 0.012 }, 12],
    ["ten times as long", { used: 8, releases: 40_000, hold: 0.12 }, 120],
    ["so long that none is given back", { used: 8, releases: undefined, hold: undefined }, 60_000],
    ["not at all, since nobody comes", { used: 0 }, 0],
    ["by tasks that say nothing", {}, Number.NaN],
  ])("hold-time when connections are held %s", (_when, reported, milliseconds) => {
    expect(minuteOf(metricAlarm("hold-time"), reported)).toEqual(milliseconds);
  });

  it.each([
    ["is full and has a queue", { used: 8, limit: 8, waiting: 40 }, 40],
    ["is not full, since connections are still being opened", { used: 7, limit: 8, waiting: 40 }, 0],
    ["is full, and nobody waits", { used: 8, limit: 8, waiting: 0 }, 0],
  ])("process-saturated when a pool %s", (_when, reported, waiting) => {
    expect(minuteOf(metricAlarm("process-saturated"), reported)).toBe(waiting);
  });

  it.each([
    "connection-rate",
    "connections-refused",
    "sessions-idle-in-transaction",
    "database-busy",
    "database-load",
    "database-waiting",
    "lock-waits",
  ])("%s is 0 at rest, and missing only where the source itself is silent", (id) => {
    const spec = metricAlarm(id);
    expect(minuteOf(spec, { reported: 7, presence: 3 })).toBe(7);
    expect(minuteOf(spec, { presence: 3 })).toBe(0);
    expect(minuteOf(spec, {})).toBeNaN();
    expect(spec.missingData.treatAs).toBe("ignore");
  });

  it.each([
    ["nothing is wrong", { requests: 1000, latency: 0.2, unhealthy: 0 }, 0],
    ["logins fail", { requests: 1000, target: 100, latency: 0.2, unhealthy: 0 }, 1],
    ["logins fail and are slow", { requests: 1000, target: 100, latency: 3, unhealthy: 0 }, 2],
    ["a task is down", { requests: 1000, latency: 0.2, unhealthy: 1 }, 1],
    ["nothing is reported", {}, 0],
  ])("symptom-persists when %s", (_when, reported, symptoms) => {
    expect(minuteOf(metricAlarm("symptom-persists"), reported)).toBe(symptoms);
  });
});
