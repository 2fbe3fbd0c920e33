import { describe, expect, it } from "vitest";
import { parseTrace } from "../../../drills/replay/trace";
import { countedIn, slicesOf, statisticOf, traceOf } from "../../../drills/stress/trace";
import { emptySeries, record, request, requests } from "./support";

describe("slices", () => {
  it("are equal, none too short, and not too many", () => {
    expect(slicesOf({ fromMs: 0, toMs: 30_000 })).toHaveLength(10);
    expect(slicesOf({ fromMs: 0, toMs: 600_000 })).toHaveLength(12);
    expect(slicesOf({ fromMs: 0, toMs: 1_000 })).toEqual([{ fromMs: 0, toMs: 1_000 }]);
  });

  it("take their part of what was counted over longer", () => {
    const counted = [
      { fromMs: 0, toMs: 10_000, value: 100 },
      { fromMs: 5_000, toMs: 15_000, value: 10 },
    ];
    expect(countedIn({ fromMs: 0, toMs: 5_000 }, counted)).toBe(50);
    expect(countedIn({ fromMs: 5_000, toMs: 10_000 }, counted)).toBe(55);
    expect(countedIn({ fromMs: 20_000, toMs: 25_000 }, counted)).toBe(0);
  });

  it("scale sums and counts, and leave gauges and percentiles as they are", () => {
    const values = Array.from({ length: 100 }, (_, n) => n + 1);
    expect(statisticOf(values, "Sum", 4)).toBe(20_200);
    expect(statisticOf(values, "SampleCount", 4)).toBe(400);
    expect(statisticOf(values, "Average", 4)).toBe(50.5);
    expect(statisticOf(values, "Maximum", 4)).toBe(100);
    expect(statisticOf(values, "p99", 4)).toBeCloseTo(99.01);
    expect(statisticOf([], "Average", 4)).toBeNull();
    expect(statisticOf([], "SampleCount", 4)).toBe(0);
  });
});

describe("a run as a trace", () => {
  const failing = record(
    requests((n) => (n % 2 === 0 ? "pool_timeout" : "ok")),
    {
      pools: [
        {
          ...emptySeries,
          used: Array.from({ length: 40 }, (_, n) => ({ atMs: n * 1000, value: 3 })),
          waitMs: Array.from({ length: 60 }, (_, n) => ({ atMs: 10_000 + n * 500, value: 1000 })),
          timeouts: [{ fromMs: 0, toMs: 40_000, value: 40 }],
        },
      ],
      database: Array.from({ length: 40 }, (_, n) => ({
        atMs: n * 1000,
        connections: 3,
        active: 0,
        lockWaits: 0,
        cpus: 0.1,
      })),
    },
  );
  const trace = traceOf({
    parts: [{ record: failing, what: "a test" }],
    declaredTasks: 8,
    databaseVcpu: 4,
    startsAt: new Date("2024-09-02T02:15:00Z"),
  });
  const series = (metric: string, statistic: string, state?: string) =>
    trace.series.find(
      (each) =>
        each.metric === metric &&
        each.statistic === statistic &&
        (state === undefined || each.dimensions["db.client.connection.state"] === state),
    )?.values;

  it("is one that the replay takes", () => {
    expect(() => parseTrace(JSON.parse(JSON.stringify(trace)), "the run")).not.toThrow();
    expect(trace.periodSeconds).toBe(60);
    expect(trace.note).toMatch(/10 minutes .* 30 s of a test, on 1 of 8 tasks/);
  });

  it("lets a slice stand for a minute of all tasks", () => {
    // 3 requests in 3 s on one of 8 tasks are 480 a minute; every second one failed.
    expect(series("RequestCount", "Sum")).toEqual(Array(10).fill(480));
    expect(series("HTTPCode_Target_5XX_Count", "Sum")?.[0]).toBe(320);
    expect(series("db.client.connection.timeouts", "Sum")).toEqual(Array(10).fill(480));
    expect(series("db.client.connection.wait_time", "SampleCount")).toEqual(Array(10).fill(960));
  });

  it("keeps gauges of one pool, in CloudWatch's units, and adds the database's up", () => {
    expect(series("db.client.connection.count", "Average", "used")).toEqual(Array(10).fill(3));
    expect(series("db.client.connection.max", "Maximum")).toEqual(Array(10).fill(4));
    expect(series("db.client.connection.wait_time", "p99")).toEqual(Array(10).fill(1));
    expect(series("DatabaseConnections", "Average")).toEqual(Array(10).fill(24));
    expect(series("CPUUtilization", "Average")?.[0]).toBeCloseTo(20);
  });

  it("says nothing where the load balancer would say nothing", () => {
    expect(series("HTTPCode_ELB_5XX_Count", "Sum")).toEqual(Array(10).fill(null));
    const lost = traceOf({
      parts: [{ record: record([request(11_000, "unreachable")]), what: "a test" }],
      declaredTasks: 1,
      databaseVcpu: 2,
      startsAt: new Date(0),
    });
    const elb = lost.series.find(({ metric }) => metric === "HTTPCode_ELB_5XX_Count");
    expect(elb?.values[0]).toBe(20);
  });
});
