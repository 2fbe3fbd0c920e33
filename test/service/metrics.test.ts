import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { emfDocuments, MAX_VALUES } from "../../service/metrics/emf";
import { LoginMetrics } from "../../service/metrics/loginMetrics";
import { PoolMetrics } from "../../service/metrics/poolMetrics";
import { Reporter } from "../../service/metrics/reporter";
import { readEmf } from "./support/environment";

/**
 * The schema that CloudWatch publishes for embedded metrics, with the limits that its text adds: 100 values, 100
 * metrics, 30 dimensions, a timestamp.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const SCHEMA = {
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: {
        Timestamp: { type: "integer", minimum: 1_600_000_000_000 },
        CloudWatchMetrics: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["Namespace", "Dimensions", "Metrics"],
            properties: {
              Namespace: { type: "string", minLength: 1, maxLength: 1024, pattern: "^[^:]" },
              Dimensions: {
                type: "array",
                minItems: 1,
                items: {
                  type: "array",
                  maxItems: 30,
                  items: { type: "string", minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: "array",
                minItems: 1,
                maxItems: 100,
                items: {
                  type: "object",
                  required: ["Name", "Unit", "StorageResolution"],
                  additionalProperties: false,
                  properties: {
                    Name: { type: "string", minLength: 1, maxLength: 1024 },
                    Unit: { enum: ["Count", "Seconds", "Milliseconds"] },
                    StorageResolution: { enum: [1, 60] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
  additionalProperties: {
    anyOf: [
      { type: "string", minLength: 1 },
      { type: "number" },
      { type: "array", minItems: 1, maxItems: 100, items: { type: "number" } },
    ],
  },
};
const isValid = new Ajv().compile(SCHEMA);
const AT_MS = 1_795_000_000_000;

/** Metrics and dimensions that a document announces and does not carry. */
function missingTargets(document: object): readonly string[] {
  const { _aws, ...members } = document as {
    _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] };
  };
  return _aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Dimensions.flat(),
    ...Metrics.map(({ Name }) => Name),
  ]).filter((name) => !(name in members));
}

describe("embedded metrics", () => {
  const group = (values: readonly number[], others: readonly number[] = [1]) => ({
    namespace: "Auth/Test",
    dimensions: { pool: "auth" },
    metrics: [
      { name: "wait", unit: "Seconds" as const, values },
      { name: "max", unit: "Count" as const, values: others },
    ],
  });

  it("carry every sample once and in order, a hundred to a document at most, whatever their number", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { maxLength: 450 }), (values) => {
        const documents = emfDocuments(group(values), AT_MS);
        for (const document of documents) {
          expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
          expect(missingTargets(document)).toEqual([]);
        }
        const back = readEmf(documents.map((document) => JSON.stringify(document)));
        expect(back.values("wait")).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
        expect(back.values("max")).toEqual([1]);
        expect(documents).toHaveLength(Math.max(1, Math.ceil(values.length / MAX_VALUES)));
      }),
    );
  });

  it("are none where nothing was sampled", () => {
    expect(emfDocuments(group([], []), AT_MS)).toEqual([]);
  });

  it("of a pool without requests say that nothing timed out and nobody was refused", () => {
    const lines = new PoolMetrics("auth-test", 7).take().flatMap((each) => emfDocuments(each, AT_MS));
    expect(lines.every((line) => isValid(line))).toBe(true);
    const reported = readEmf(lines.map((line) => JSON.stringify(line)));
    expect(reported.values("db.client.connection.timeouts")).toEqual([0]);
    expect(reported.values("auth.pool.refusals")).toEqual([0]);
    expect(reported.values("db.client.connection.max")).toEqual([7]);
    expect(reported.values("db.client.connection.wait_time")).toEqual([]);
  });

  it("of a pool count what happened since the last time, in seconds", () => {
    const metrics = new PoolMetrics("auth-test", 7);
    metrics.created(12.5);
    metrics.acquired(3);
    metrics.gaveUp(1000, "pool_timeout");
    metrics.gaveUp(5, "connect_failed");
    metrics.refused();
    metrics.released(90.0001);
    metrics.sampled({ used: 5, idle: 2, pending: 9 });
    const groups = metrics.take();
    const lines = groups.flatMap((each) => emfDocuments(each, AT_MS));
    for (const line of lines) expect(isValid(line), JSON.stringify(isValid.errors)).toBe(true);
    const reported = readEmf(lines.map((line) => JSON.stringify(line)));
    expect(reported.values("db.client.connection.create_time")).toEqual([0.0125]);
    expect(reported.values("db.client.connection.wait_time")).toEqual([0.003, 1, 0.005]);
    expect(reported.values("db.client.connection.use_time")).toEqual([0.09]);
    // Refused connections are no timeouts.
    expect(reported.sum("db.client.connection.timeouts")).toBe(1);
    expect(reported.sum("auth.pool.refusals")).toBe(1);
    expect(reported.values("db.client.connection.pending_requests")).toEqual([9]);
    const states = groups.flatMap(({ dimensions, metrics: [metric] }) =>
      "db.client.connection.state" in dimensions
        ? [[dimensions["db.client.connection.state"], metric?.values]]
        : [],
    );
    expect(states).toEqual([
      ["used", [5]],
      ["idle", [2]],
    ]);
    expect(metrics.take()[0]?.metrics.flatMap(({ values }) => values)).toEqual([7, 0, 0]);
  });

  it("of logins count failures of the service's own, and how long they took", () => {
    const logins = new LoginMetrics("auth-test");
    logins.answered(12.3456789, false);
    logins.answered(1000, true);
    const [line] = emfDocuments(logins.take(), AT_MS);
    expect(line).toMatchObject({
      service: "auth-test",
      "auth.login.attempts": 2,
      "auth.login.failures": 1,
      "auth.login.duration": [12.346, 1000],
    });
    expect(isValid(line)).toBe(true);
  });

  it("are sampled every second, written every ten, and once more at the end", () => {
    vi.useFakeTimers();
    try {
      let samples = 0;
      const lines: string[] = [];
      const reporter = new Reporter({
        sample: () => {
          samples++;
        },
        take: () => [group([samples])],
        writeLine: (line) => lines.push(line),
      });
      reporter.start();
      vi.advanceTimersByTime(9_999);
      expect([samples, lines.length]).toEqual([9, 0]);
      vi.advanceTimersByTime(10_001);
      expect([samples, lines.length]).toEqual([20, 2]);
      reporter.stop();
      vi.advanceTimersByTime(60_000);
      expect([samples, lines.length]).toEqual([20, 3]);
      expect(lines.every((line) => line.endsWith("}\n"))).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
