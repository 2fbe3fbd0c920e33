import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { DATABASE, type Sample } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "alarm-threshold";
const ABOVE = "GreaterThanThreshold";
const BELOW = "LessThanThreshold";

const pool = (metricName: string): PropertyMap => ({
  namespace: "Shop",
  metricName: `db.client.connection.${metricName}`,
  stat: "Average",
  period: 60,
  dimensions: { pool: "api" },
});
const database = (dimensions: PropertyMap = { DBInstanceIdentifier: "db1234567" }): PropertyMap => ({
  namespace: "AWS/RDS",
  metricName: "DatabaseConnections",
  stat: "Maximum",
  period: 60,
  dimensions,
});
const METRICS: { readonly [id: string]: PropertyMap } = {
  used: pool("count"),
  limit: pool("max"),
  waiting: pool("pending_requests"),
  open: database(),
  other: { namespace: "Shop", metricName: "refused", stat: "Sum", period: 60, dimensions: {} },
};

/** An alarm on an expression over the metrics above that it names, and over others. */
function math(
  expression: string,
  threshold: number,
  comparisonOperator = ABOVE,
  more: readonly PropertyMap[] = [],
) {
  const named = Object.entries(METRICS).filter(([id]) => new RegExp(`\\b${id}\\b`).test(expression));
  return metricAlarm("math", {
    threshold,
    comparisonOperator,
    metricQueries: [
      { id: "result", expression, returnData: true },
      ...named.map(([id, metric]) => ({ id, metric })),
      ...more,
    ],
  });
}
const report = (alarm: ReturnType<typeof math>, changes: Partial<Sample> = {}) =>
  judge({ ...changes, alarms: [topic(), alarm] });

describe("the threshold of an expression", () => {
  it("that can never be reached is said with what the expression is, and each bound once", () => {
    expect(only(report(math("100 * used / limit", 100)), RULE)).toMatchObject({
      resource: alarmUrn("math"),
      message: expect.stringContaining(
        "Alarm math goes off above 100 of its expression, which is between 0 and 100 here (the pool of api has 12 connections): it can never go off, and is quiet on the day it is for.",
      ),
      fix: "Set `threshold` between 0 and 100",
      observed: 100,
      allowed: { min: 0, max: 100 },
      unit: null,
    });
  });

  it("that is always reached is said with what the expression is on any day, and the other bound too", () => {
    const finding = only(report(math("2 * open + used", 150)), RULE);
    expect(finding.message).toContain(
      "which is between 192 and 790 here (db gives clients 389 connections; the pool of api has 12 connections): it is always on, and is muted before the day it is for.",
    );
    expect(finding.fix).toBe("Set `threshold` between 192 and 790");
    expect(by(report(math("2 * open + used", 192)), RULE)).toEqual([]);
  });

  it.each<[string, number, string, boolean]>([
    ["limit - used", 5, ABOVE, true],
    ["limit - used", 12, ABOVE, false],
    ["limit - used", 1, BELOW, true],
    // A pool's size is never less than it is, so that none are free at the least.
    ["limit - used", 0, BELOW, false],
    ["open", 300, ABOVE, true],
    ["open", 1, BELOW, true],
    ["open", 0, BELOW, false],
    ["open / 2", 48, ABOVE, true],
    ["open / 2", 47, ABOVE, false],
    ["100 * limit / used", 99, ABOVE, true],
    ["100 * limit / used", 100, ABOVE, false],
  ])("of %s at %d, %s: may pass is %s", (expression, threshold, comparison, isRight) => {
    expect(by(report(math(expression, threshold, comparison)), RULE)).toHaveLength(isRight ? 0 : 1);
  });

  it("is between numbers where the expression has no value at one end", () => {
    expect(only(report(math("100 * limit / used", 100)), RULE).allowed).toEqual({ min: 100, max: 100 });
    expect(only(report(math("used / (limit - limit)", 100)), RULE).allowed).toEqual({ min: 0, max: 0 });
  });

  it.each([
    ["has a metric that nothing bounds", "waiting / (waiting + used)", 0.5],
    ["has no metric", "5", 10],
    ["has a metric that poolproof knows nothing of", "used / other", 1e9],
    ["has an expression in it", "share / 100", 1e9],
  ])("is not judged where it %s", (_, expression, threshold) => {
    const more = [
      { id: "share", expression: "100 * open / 400" },
      { id: "open", metric: database() },
    ];
    const found = report(math(expression, threshold, ABOVE, more));
    expect(by(found, RULE)).toEqual([]);
    expect(found.undecided.filter(({ rule }) => rule === RULE)).toEqual([]);
  });

  it("is judged over six metrics, and not over more", () => {
    const over = (many: number) => {
      const ids = Array.from({ length: many }, (_, at) => `m${at}`);
      const queries = ids.map((id) => ({ id, metric: METRICS.used ?? {} }));
      return by(report(math(ids.join(" + "), 12 * many, ABOVE, queries)), RULE).length;
    };
    expect([over(5), over(6), over(7)]).toEqual([1, 1, 0]);
  });

  it("is undecided where a bound is hidden, at what hides it first", () => {
    const undecided = (expression: string, changes: Partial<Sample>) =>
      report(math(expression, 1e9), changes)
        .undecided.filter(({ rule }) => rule === RULE)
        .map(({ resource, property }) => `${property} of ${resource.split("::").pop()}`);
    const task: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
    expect(undecided("100 * used / limit", task)).toEqual(["containerDefinitions of api"]);
    expect(undecided("open / 2", task)).toEqual(["containerDefinitions of api"]);
    expect(undecided("open + used", { parameters: UNKNOWN })).toEqual(["parameters of db"]);
    expect(undecided("open + used", { ...task, parameters: UNKNOWN })).toEqual([
      "containerDefinitions of api",
    ]);
    expect(undecided("used + open", { parameters: UNKNOWN })).toEqual(["parameters of db"]);
    expect(undecided("waiting + used", task)).toEqual(["containerDefinitions of api"]);
  });
});

describe("an expression is a watch on connections", () => {
  const missing = (alarm: ReturnType<typeof math>) =>
    by(
      judge({
        alarms: [
          topic(),
          alarm,
          poolAlarm("db.client.connection.pending_requests"),
          poolAlarm("db.client.connection.timeouts"),
        ],
      }),
      "alarms-present",
    ).map(({ resource }) => resource);
  const half = { id: "half", expression: "open / 2" };
  const open = { id: "open", metric: database() };

  it.each<[string, readonly PropertyMap[]]>([
    ["100 * open / 389", []],
    ["other / open", []],
    ["IF(open > 0, 1, 0)", []],
    ["half / 100", [half, open]],
    ["half / other", [half, open]],
    ["RATE(open)", []],
  ])("where it changes with them, or may: %s", (expression, more) => {
    expect(missing(math(expression, 1, ABOVE, more))).toEqual([]);
  });

  it.each([
    "100 / other + 0 * open",
    "100 * open / open",
    "other + 0 * open",
  ])("never where it has one value whatever they are: %s", (expression) => {
    expect(missing(math(expression, 1))).toEqual([DATABASE]);
  });

  it("where what is compared is the metric itself among others", () => {
    const alarm = metricAlarm("math", {
      threshold: 300,
      metricQueries: [
        { id: "unused", expression: "other * 2" },
        { id: "other", metric: METRICS.other ?? {} },
        { ...open, returnData: true },
      ],
    });
    expect(missing(alarm)).toEqual([]);
  });
});
