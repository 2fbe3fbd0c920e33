import { describe, expect, it } from "vitest";
import { byRole, clockTime, minuteOf, parseTrace, traceByRole } from "../../../drills/replay/trace";
import { METRIC, traceOf } from "./samples";

describe("a trace file", () => {
  const good = traceOf([1, null, 0]);
  const [series = { ...METRIC, values: [] }] = good.series;

  it("is read as it is", () => {
    expect(parseTrace(JSON.parse(JSON.stringify(good)), "t.json")).toEqual(good);
  });

  it.each([
    [{ ...good, startsAt: "yesterday" }, /t.json is not a trace: `startsAt` is not a date/],
    [{ ...good, periodSeconds: 0 }, /`periodSeconds`/],
    [{ ...good, series: [] }, /`series`/],
    [{ ...good, series: [{ ...series, values: ["1"] }] }, /`series.0.values.0`/],
    [{ ...good, series: [{ ...series, statistic: "Median" }] }, /none of Average/],
    [{ ...good, series: [series, { ...series, metric: "n", values: [1] }] }, /has 1 values and others 3/],
    [{ ...good, series: [series, series] }, /twice/],
    [[], /t.json is not a trace/],
  ])("that is none is refused: %#", (data, message) => {
    expect(() => parseTrace(data, "t.json")).toThrow(message);
  });
});

describe("resources", () => {
  it("are named by their roles, and a namespace of one stack's own by what it is", () => {
    const metric = { namespace: "Auth/Database/auth-prod", metric: "m" };
    expect(byRole({ ...metric, dimensions: { TargetGroup: "x", AZ: "a" } })).toEqual({
      namespace: "Auth/Database",
      metric: "m",
      dimensions: { TargetGroup: "targetGroup", AZ: "a" },
    });
  });

  it("of a trace that maps them are replaced by its own map alone", () => {
    const of = (id: string) => ({ namespace: "AWS/RDS", dimensions: { DBInstanceIdentifier: id } });
    const trace = { ...traceOf([1], [of("prod-db"), of("other-db")]), resources: { database: "prod-db" } };
    expect(traceByRole(trace).series.map(({ dimensions }) => dimensions)).toEqual([
      {},
      { DBInstanceIdentifier: "database" },
      { DBInstanceIdentifier: "other-db" },
    ]);
  });
});

describe("times of a trace", () => {
  const start = { startsAt: "2024-09-02T01:30:00Z" };

  it.each([
    ["01:30", 0],
    ["02:15", 45],
    ["00:00", -90],
    ["day 2 01:30", 1440],
  ])("%s is minute %d, and back", (text, minute) => {
    expect(minuteOf(text, start)).toBe(minute);
    expect(clockTime(minute * 60, start)).toBe(text);
  });

  it.each(["24:00", "2:15", "day 02:15", "noon"])("%s is none", (text) => {
    expect(minuteOf(text, start)).toBeUndefined();
  });
});
