import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { DATABASE, environment, type Sample } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "alarm-threshold";
const report = (alarm: Sample["alarms"][number], changes: Partial<Sample> = {}) =>
  judge({ ...changes, alarms: [topic(), alarm] });
const onConnections = (more: { readonly [name: string]: PropertyValue | undefined }) =>
  connectionsAlarm(more);
const onLoad = (metricName: string, threshold: number, more: PropertyMap = {}) =>
  connectionsAlarm({ metricName, threshold, statistic: "Average", ...more });

/** What alarm-threshold says: violations, and what it leaves undecided. */
function said(...of: Parameters<typeof report>) {
  const { violations, undecided } = report(...of);
  return [
    ...violations.filter(({ rule }) => rule === RULE).map(({ fix }) => fix),
    ...undecided
      .filter(({ rule }) => rule === RULE)
      .map(({ property, resource }) => `${property} of ${resource}`),
  ];
}

describe("a whole finding", () => {
  it("of a threshold that is on any day has the number, the range and both ends of it", () => {
    expect(only(report(onConnections({ threshold: 10 })), RULE)).toEqual({
      rule: RULE,
      level: "mandatory",
      resource: alarmUrn("connections"),
      message:
        "Alarm connections goes off above 10 connections of AWS/RDS DatabaseConnections, and the pools of db hold 96 connections without any deployment: it goes off on a day like any other, and is muted before the day it is for. Set `threshold` above 96 and below 389 (docs/runbooks/alarm-threshold.md).",
      fix: "Set `threshold` above 96 and below 389",
      docs: "docs/runbooks/alarm-threshold.md",
      observed: 10,
      allowed: { min: 96, max: 389 },
      unit: "connections",
    });
  });

  it("of a metric without a unit or a bound names neither", () => {
    const alarm = poolAlarm("db.client.connection.timeouts", {
      threshold: 0,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(only(report(alarm), RULE)).toMatchObject({
      message: expect.stringContaining(
        "Alarm timeouts goes off from 0 up of Shop/Pool db.client.connection.timeouts, and it is 0 at rest: it is always on, and is muted before the day it is for. Set",
      ),
      fix: "Set `threshold` above 0",
      allowed: { min: 0, max: null },
      unit: null,
    });
  });

  it("of what can never fall so low says what it is never below", () => {
    const alarm = onConnections({ threshold: 0, comparisonOperator: "LessThanThreshold" });
    expect(only(report(alarm), RULE).message).toContain(
      "goes off below 0 connections of AWS/RDS DatabaseConnections, and it is never below 0: it can never go off",
    );
  });
});

describe("what is left to say of a threshold where something is hidden", () => {
  const pools: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
  const limit = { parameters: UNKNOWN } as const;

  it("is what is certain: the side that is known", () => {
    expect(said(onConnections({ threshold: 500 }), pools)).toEqual(["Set `threshold` below 389"]);
    expect(said(onConnections({ threshold: 10 }), limit)).toEqual(["Set `threshold` above 96"]);
  });

  it("is nothing for an alarm on too few connections, whatever the limit", () => {
    const few = onConnections({ threshold: 1, comparisonOperator: "LessThanThreshold" });
    expect(said(few, limit)).toEqual([]);
  });

  it("is that nothing lies between, from where the pools hold all there is", () => {
    const held = (max: string) =>
      said(onConnections({ threshold: 500 }), {
        environment: environment({ DB_POOL_MAX: max }),
        parameters: [{ name: "max_connections", value: "107", applyMethod: "pending-reboot" }],
      });
    expect(held("11")).toEqual(["Set `threshold` above 88 and below 96"]);
    expect(held("12")).toEqual([
      "Set `threshold` once the pools fit the limit: there is nothing between 96 and 96",
    ]);
  });
});

describe("an alarm whose condition cannot be judged", () => {
  const at = alarmUrn("connections");

  it.each<[string, { readonly [name: string]: PropertyValue | undefined }, readonly string[]]>([
    ["threshold is hidden", { threshold: UNKNOWN }, [`threshold of ${at}`]],
    ["comparison is hidden", { comparisonOperator: UNKNOWN, threshold: 10 }, [`comparisonOperator of ${at}`]],
    [
      "condition is hidden as a whole",
      { comparisonOperator: UNKNOWN, threshold: UNKNOWN },
      [`comparisonOperator of ${at}`, `threshold of ${at}`],
    ],
  ])("is undecided where its %s", (_, changes, expected) => {
    expect(said(onConnections(changes))).toEqual(expected);
  });

  it.each<[string, { readonly [name: string]: PropertyValue | undefined }]>([
    ["comparison is none that CloudWatch has", { comparisonOperator: "Above", threshold: 500 }],
    ["comparison is missing", { comparisonOperator: undefined, threshold: UNKNOWN }],
    ["comparison is no text", { comparisonOperator: 5, threshold: 500 }],
    ["threshold is missing", { threshold: undefined }],
    ["threshold is no number", { threshold: "many" }],
  ])("is left to `alarm-shape` where its %s", (_, changes) => {
    const alarm = onConnections(changes);
    expect(said(alarm)).toEqual([]);
    expect(by(report(alarm), "alarm-shape")).toHaveLength(1);
  });

  it("is left to `alarm-shape` where what it watches is hidden", () => {
    const alarm = metricAlarm(
      "hidden",
      { metricQueries: UNKNOWN, threshold: UNKNOWN },
      { metricQueries: [DATABASE] },
    );
    expect(said(alarm)).toEqual([]);
  });

  it("is not judged where another metric is its threshold", () => {
    expect(said(onConnections({ threshold: 10, thresholdMetricId: "limit" }))).toEqual([]);
  });

  it("is not judged where none of its queries returns data", () => {
    const metric = { namespace: "AWS/RDS", metricName: "DatabaseConnections", stat: "Maximum", period: 60 };
    const used = { id: "used", metric: { ...metric, dimensions: { DBInstanceIdentifier: "db1234567" } } };
    expect(said(metricAlarm("silent", { threshold: 500, metricQueries: [used] }))).toEqual([]);
  });
});

describe("the load of a database", () => {
  it("is said with its processors, what AWS recommends and the most", () => {
    expect(only(report(onLoad("DBLoad", 49)), RULE)).toMatchObject({
      message: expect.stringContaining(
        "Alarm connections goes off above 49 of DBLoad, and db has 16 vCPU: with more than 3 sessions at work for each, all of them wait for one another long before it goes off.",
      ),
      fix: "Set `threshold` to 16, as AWS recommends, and to 48 at most",
      observed: 49,
      allowed: { min: null, max: 48 },
      unit: "sessions",
    });
  });

  it("is for each processor already in `DBLoadRelativeToNumVCPUs`", () => {
    expect(said(onLoad("DBLoadRelativeToNumVCPUs", 3))).toEqual([]);
    expect(said(onLoad("DBLoadRelativeToNumVCPUs", 4))).toEqual([
      "Set `threshold` to 1, as AWS recommends, and to 3 at most",
    ]);
  });

  it("has no most where it falls, of a class that is hidden, or of no database", () => {
    expect(said(onLoad("DBLoad", 1000, { comparisonOperator: "LessThanThreshold" }))).toHaveLength(0);
    expect(said(onLoad("DBLoad", 1000), { database: { instanceClass: UNKNOWN } })).toEqual([]);
    expect(said(onLoad("DBLoad", 1000, { dimensions: {} }))).toEqual([]);
    expect(said(onLoad("DBLoad", 1000, { dimensions: { DBInstanceIdentifier: "gone" } }))).toEqual([]);
  });
});
