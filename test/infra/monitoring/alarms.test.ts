import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../../../infra/capacity";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import type { Metric, MetricAlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../../infra/monitoring/alarms";
import { describe as describeAlarm } from "../../../infra/monitoring/describe";
import { ROOT, stackConfig } from "../plannedProgram";

function specs(stack: string, change: { readonly [key: string]: string } = {}): readonly MetricAlarmSpec[] {
  const result = parseStackConfig({ ...stackConfig(stack), ...change }, stack);
  if (!result.ok) throw new Error(`${stack} cannot be read`);
  return alarmSpecs({ ...result.config, capacity: capacityOf(result.config) }).filter(
    (spec) => spec.kind === "metric",
  );
}

function threshold(
  id: string,
  stack: string,
  change?: { readonly [key: string]: string },
): number | undefined {
  return specs(stack, change).find((spec) => spec.id === id)?.threshold.value;
}

/** Erlang C by its textbook sum, apart from the model: P(wait > t) in a pool of c with offered load a. */
function waitsLongerThan(seconds: number, c: number, a: number, holdSeconds: number): number {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const last = (a ** c / factorial(c)) * (c / (c - a));
  let sum = last;
  for (let k = 0; k < c; k++) sum += a ** k / factorial(k);
  return (last / sum) * Math.exp((-(c - a) * seconds) / holdSeconds);
}

/** The expression of login-failures for one minute, in JavaScript: FILL for what was not reported, IF as a choice. */
function failedPercent(
  spec: MetricAlarmSpec | undefined,
  reported: { readonly requests?: number; readonly target?: number; readonly balancer?: number },
): number {
  if (spec?.signal.kind !== "math") throw new Error("login-failures is no expression");
  const { expression, metrics } = spec.signal;
  // A metric that is not filled and not reported makes the whole expression report nothing.
  const body = expression.replace(/FILL\((\w+), (\d+)\)/g, "($1 ?? $2)");
  const names = Object.keys(metrics);
  const evaluate: (...values: unknown[]) => unknown = Function("IF", ...names, `return ${body}`) as never;
  const result = evaluate(
    (condition: boolean, then: number, otherwise: number) => (condition ? then : otherwise),
    ...names.map((name) => ({ ...reported })[name as keyof typeof reported]),
  );
  return Number(result);
}

describe("the alarms", () => {
  it("are these, and each has a runbook of its name", () => {
    expect(specs("prod").map(({ id, runbook }) => [id, runbook])).toEqual(
      [
        "pool-saturated",
        "pool-waiting",
        "pool-timeouts",
        "connections-near-limit",
        "login-failures",
        "login-latency",
        "unhealthy-targets",
      ].map((id) => [id, `docs/runbooks/${id}.md`]),
    );
    const missing = specs("prod").filter(({ runbook }) => !existsSync(join(ROOT, runbook)));
    expect(missing.map(({ id }) => `Missing runbook for alarm: ${id}`)).toEqual([]);
  });

  it.each(
    specs("prod").map((spec) => [spec.id, spec] as const),
  )("%s keeps to CloudWatch's limits", (_id, spec) => {
    expect(describeAlarm(spec, "prod").length).toBeLessThanOrEqual(1024);
    expect(spec.periodSeconds % 60).toBe(0);
    expect(spec.periodSeconds * spec.evaluationPeriods).toBeLessThanOrEqual(86_400);
    expect(spec.datapointsToAlarm).toBeLessThanOrEqual(spec.evaluationPeriods);
    // One data point alone wakes nobody.
    expect(spec.datapointsToAlarm).toBeGreaterThan(1);
    expect(Number.isFinite(spec.threshold.value)).toBe(true);
    // PutMetricAlarm, MetricDataQuery: an expression has 2048 characters at most, an alarm ten metrics.
    if (spec.signal.kind === "metric") return;
    expect(spec.signal.expression.length).toBeLessThanOrEqual(2048);
    expect(Object.keys(spec.signal.metrics).length).toBeLessThanOrEqual(10);
  });

  it.each(
    specs("prod").map((spec) => [spec.id, spec] as const),
  )("%s tells what it means, its limit with the derivation, what missing data means, and where to read on", (_id, spec) => {
    const text = describeAlarm(spec, "prod");
    expect(text).toContain(spec.intent);
    expect(text).toContain(`${spec.threshold.value} ${spec.threshold.unit}`);
    expect(text).toContain(spec.threshold.formula);
    expect(text).toContain(spec.runbook);
    expect(spec.missingData.reason.length).toBeGreaterThan(20);
    expect(Object.keys(spec.threshold.inputs).length).toBeGreaterThan(0);
  });

  it("refuse a description that CloudWatch would refuse", () => {
    const [spec] = specs("prod");
    expect(() => describeAlarm({ ...(spec as MetricAlarmSpec), intent: "x".repeat(1024) }, "prod")).toThrow(
      /CloudWatch takes 1024/,
    );
  });

  it("use the metrics in OpenTelemetry's names, told apart by the pool's name", () => {
    const metrics = specs("prod").flatMap(({ signal }): readonly Metric[] =>
      signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics),
    );
    const pool = metrics.filter(({ namespace }) => namespace === "Auth/ConnectionPool");
    expect(pool.map(({ name, statistic }) => [name, statistic])).toEqual([
      ["db.client.connection.count", "Average"],
      ["db.client.connection.max", "Average"],
      ["db.client.connection.pending_requests", "Average"],
      ["db.client.connection.timeouts", "Sum"],
    ]);
    // Of the connections only those in use: idle ones are what the pool is there for.
    expect(pool.map(({ dimensions }) => dimensions["db.client.connection.state"])).toEqual([
      "used",
      undefined,
      undefined,
      undefined,
    ]);
    for (const { dimensions } of pool) {
      expect(dimensions["db.client.connection.pool.name"]).toEqual({ of: "pool" });
    }
    for (const { dimensions } of metrics) expect(Object.keys(dimensions).length).toBeGreaterThan(0);
  });

  it("name in a math expression every metric they fetch, and no other", () => {
    for (const { signal } of specs("prod")) {
      if (signal.kind === "metric") continue;
      const words = new Set(signal.expression.match(/\b[a-z]\w*\b/g));
      expect([...words].sort()).toEqual(Object.keys(signal.metrics).sort());
    }
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
    const percent = threshold("pool-saturated", stack) ?? 0;
    const tooLong = (use: number) => waitsLongerThan(0.05, poolMax, (use / 100) * poolMax, hold);
    if (percent < 95) expect(tooLong(percent + 0.6)).toBeGreaterThan(0.01);
    expect(tooLong(percent - 0.6)).toBeLessThan(0.01);
  });

  it("pool-saturated: a pool inside its safe window stays below it at 1.25 × its peak", () => {
    // prod: 1.25 × 1.32 ÷ 8 = 20.6 %; incident with 11: 1.25 × 4.95 ÷ 11 = 56.3 %; with 3: 165 %, it fires.
    expect(threshold("pool-saturated", "prod")).toBeGreaterThan(20.6);
    const mended = threshold("pool-saturated", "incident-2024-09-02", { "auth:poolMax": "11" });
    expect(mended).toBeGreaterThan(56.3);
    expect(threshold("pool-saturated", "incident-2024-09-02")).toBeLessThan(100);
  });

  it("pool-waiting: arrivals × target, by Little's law", () => {
    // prod: 1.25 × 1200 × 1.1 ÷ 12 = 137.5/s × 0.05 s = 6.9
    expect(threshold("pool-waiting", "prod")).toBe(7);
    // incident: 1.25 × 400 × 1.1 ÷ 8 = 68.75/s × 0.05 s = 3.4
    expect(threshold("pool-waiting", "incident-2024-09-02")).toBe(3);
    // dev: 1.25 × 22 = 27.5/s × 0.05 s = 1.4
    expect(threshold("pool-waiting", "dev")).toBe(1);
  });

  it("pool-timeouts: none is expected of a safe pool, and an overloaded one is no reason to expect some", () => {
    expect(threshold("pool-timeouts", "prod")).toBe(0);
    expect(threshold("pool-timeouts", "incident-2024-09-02")).toBe(0);
  });

  it("login-latency: the objective, but never later than a starved pool answers", () => {
    expect(threshold("login-latency", "prod")).toBe(1);
    expect(threshold("login-latency", "prod", { "auth:toleratedLatencyMs": "400" })).toBe(0.4);
    expect(threshold("login-latency", "prod", { "auth:acquireTimeoutMs": "300" })).toBe(0.3);
  });

  it("login-failures: what is tolerated, counted from as many requests as make one failure tolerable", () => {
    const [spec] = specs("prod", { "auth:toleratedFailurePercent": "0.5" }).filter(
      ({ id }) => id === "login-failures",
    );
    expect(spec?.threshold.value).toBe(0.5);
    expect(spec?.threshold.inputs).toEqual({ toleratedFailurePercent: 0.5, fewestAttempts: 200 });
  });

  it.each([
    ["every request is refused before a target is chosen", { balancer: 1000 }, 100],
    ["most are refused", { requests: 100, balancer: 900 }, 90],
    ["the targets fail", { requests: 1000, target: 30 }, 3],
    ["all is well", { requests: 1000 }, 0],
    ["a few refusals in a quiet minute say nothing", { requests: 1, balancer: 48 }, 0],
    ["as few as count", { balancer: 50 }, 100],
    ["nobody comes", {}, 0],
  ])("login-failures when %s", (_when, reported, percent) => {
    const [spec] = specs("prod").filter(({ id }) => id === "login-failures");
    expect(failedPercent(spec, reported)).toBe(percent);
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
});

describe("alarms of a stack that the policies reject", () => {
  it.each([
    { "auth:poolMax": "0" },
    { "auth:poolMax": "-1" },
    { "auth:poolMax": "1e9" },
    { "auth:peakRequestsPerSecond": "-1" },
    { "auth:dbHoldMs": "0" },
    { "auth:maxConnections": "LEAST({DBInstanceClassMemory/" },
    { "auth:maxConnections": "{DBInstanceClassMemory/9531392}", "auth:instanceClass": "db.imaginary.large" },
    { "auth:processesPerTask": "0" },
    { "auth:acquireTimeoutMs": "0" },
    { "auth:toleratedFailurePercent": "0" },
  ])("%j still have a number each, so that the stack reaches the policies", (change) => {
    for (const { threshold } of specs("prod", change)) {
      expect(Number.isFinite(threshold.value)).toBe(true);
      expect(threshold.value).toBeGreaterThanOrEqual(0);
    }
  });
});
