import { describe, expect, it } from "vitest";
import type { CompositeAlarmReading, MetricAlarmReading } from "../../../policies/plan/alarms/alarmReading";
import { alarmsIn } from "../../../policies/plan/alarms/readAlarms";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { alarmUrn, compositeAlarm, connectionsAlarm, metricAlarm, topic } from "../sampleAlarms";
import { DATABASE, resource, type Sample, samplePlan, urn } from "../samplePlan";

function alarmsOf(alarms: readonly PlanResource[], changes: Partial<Sample> = {}) {
  return readStack(samplePlan({ ...changes, alarms: [topic(), ...alarms] })).alarms;
}

function metric(alarm: PlanResource, changes: Partial<Sample> = {}): MetricAlarmReading {
  const [first] = alarmsOf([alarm], changes);
  if (first?.kind !== "metric") throw new Error("a metric alarm was expected");
  return first;
}

function composite(alarm: PlanResource, ...others: readonly PlanResource[]): CompositeAlarmReading {
  const found = alarmsOf([alarm, ...others]).find(({ kind }) => kind === "composite");
  if (found?.kind !== "composite") throw new Error("a composite was expected");
  return found;
}

/** The dimensions of an alarm on one metric. */
function dimensionsOf(alarm: PlanResource, changes: Partial<Sample> = {}) {
  const { signal } = metric(alarm, changes);
  if (signal.state !== "known" || signal.value.kind !== "metric") throw new Error("one metric was expected");
  const { dimensions } = signal.value.metric;
  return dimensions.state === "known" ? dimensions.value : dimensions;
}

describe("a metric alarm", () => {
  it("is read field by field, numbers in texts included", () => {
    const alarm = metric(
      connectionsAlarm({ threshold: "350", evaluationPeriods: "5", datapointsToAlarm: undefined }),
    );
    expect(alarm.threshold).toEqual({ state: "known", value: 350 });
    expect(alarm.evaluationPeriods).toEqual({ state: "known", value: 5 });
    expect(alarm.datapointsToAlarm.state).toBe("unset");
    expect(alarm.signal).toMatchObject({
      state: "known",
      value: {
        kind: "metric",
        metric: {
          namespace: { value: "AWS/RDS" },
          name: { value: "DatabaseConnections" },
          statistic: { value: "Maximum" },
          periodSeconds: { value: 60 },
        },
      },
    });
  });

  it("takes what the provider writes into a state for nothing as nothing, and 0 for a threshold", () => {
    const empty = {
      extendedStatistic: "",
      thresholdMetricId: "",
      datapointsToAlarm: 0,
      metricQueries: [],
      threshold: 0,
    };
    const alarm = metric(connectionsAlarm(empty));
    expect(alarm.threshold).toEqual({ state: "known", value: 0 });
    expect(alarm.thresholdMetricId.state).toBe("unset");
    expect(alarm.datapointsToAlarm.state).toBe("unset");
    expect(alarm.signal).toMatchObject({ value: { metric: { hasTwoStatistics: false } } });
  });

  it.each([
    "metricName",
    "namespace",
    "statistic",
    "period",
    "dimensions",
    "threshold",
    "treatMissingData",
  ])("has %s known, unknown and malformed", (property) => {
    const text = (value: PropertyValue) => JSON.stringify(metric(connectionsAlarm({ [property]: value })));
    expect(text(UNKNOWN)).toContain('"state":"unknown"');
    expect(text([[]])).toContain('"state":"malformed"');
  });

  it("has no signal where it names neither a metric nor queries, and a wrong one where both", () => {
    expect(metric(connectionsAlarm({ metricName: undefined, namespace: undefined })).signal.state).toBe(
      "unset",
    );
    const both = connectionsAlarm({ metricQueries: [{ id: "a", expression: "1" }] });
    expect(metric(both).signal.state).toBe("malformed");
    expect(metric(metricAlarm("math", { metricQueries: UNKNOWN })).signal.state).toBe("unknown");
    expect(metric(metricAlarm("math", { metricQueries: [UNKNOWN] })).signal.state).toBe("unknown");
    expect(metric(metricAlarm("math", { metricQueries: ["x"] })).signal.state).toBe("malformed");
  });
});

describe("a dimension", () => {
  const alarm = (DBInstanceIdentifier: PropertyValue, made: readonly string[] = []) =>
    connectionsAlarm({ dimensions: { DBInstanceIdentifier } }, { dimensions: made });

  it("names a resource by a known name, whatever it is made from", () => {
    expect(dimensionsOf(alarm("db1234567"))).toMatchObject([
      { of: { state: "found", resource: { urn: DATABASE } } },
    ]);
    expect(dimensionsOf(alarm("gone", [DATABASE]))).toMatchObject([
      { of: { state: "other", isCertain: true } },
    ]);
  });

  it("names it by what it is made from while a name is hidden", () => {
    const found = { of: { state: "found", resource: { urn: DATABASE } } };
    expect(dimensionsOf(alarm(UNKNOWN, [DATABASE]))).toMatchObject([found]);
    const unnamed: Partial<Sample> = { database: { identifier: UNKNOWN } };
    expect(dimensionsOf(alarm("db1234567", [DATABASE]), unnamed)).toMatchObject([found]);
    expect(dimensionsOf(alarm("db1234567"), unnamed)).toMatchObject([
      { of: { state: "other", isCertain: false } },
    ]);
  });

  it("is hidden where it is made from nothing of the stack, or from two that it may be", () => {
    expect(dimensionsOf(alarm(UNKNOWN))).toMatchObject([{ of: { state: "hidden" } }]);
    const second = resource("aws:rds/instance:Instance", "reports", { identifier: UNKNOWN });
    expect(dimensionsOf(alarm(UNKNOWN, [DATABASE, second.urn]), { extra: [second] })).toMatchObject([
      { of: { state: "hidden", reason: expect.stringContaining("may be that of") } },
    ]);
  });

  it("that AWS gives no resource's name to is none", () => {
    const own = connectionsAlarm({ dimensions: { pool: "api", __proto__x: "y" } });
    expect(dimensionsOf(own)).toMatchObject([{ of: { state: "none" } }, { of: { state: "none" } }]);
  });
});

describe("a composite alarm", () => {
  it("reads the alarms in its rule, by name or ARN, quoted or not", () => {
    const rule =
      'ALARM("a b") AND NOT (OK(c) OR INSUFFICIENT_DATA("arn:aws:cloudwatch:eu-west-1:1:alarm:d")) OR TRUE OR ALARM( e )';
    expect(alarmsIn(rule)).toEqual([
      { name: "a b", asksForMissingData: false },
      { name: "c", asksForMissingData: false },
      { name: "d", asksForMissingData: true },
      { name: "e", asksForMissingData: false },
    ]);
    expect(alarmsIn("ALARM(".repeat(5_000))).toEqual([]);
  });

  it("reads what its rule is made from while the rule is hidden", () => {
    const made = composite(
      compositeAlarm("c", { alarmRule: UNKNOWN }, { alarmRule: [alarmUrn("connections")] }),
      connectionsAlarm(),
    );
    expect(made.children).toMatchObject({ state: "known", value: [{ urn: alarmUrn("connections") }] });
    expect(composite(compositeAlarm("c", { alarmRule: UNKNOWN })).children.state).toBe("unknown");
    expect(composite(compositeAlarm("c", { alarmRule: 5 })).children.state).toBe("malformed");
  });

  it("knows the alarm that holds its actions back, by name or by what it is made from", () => {
    const held = (alarm: PropertyValue, made: readonly string[] = []) =>
      composite(
        compositeAlarm("c", { alarmRule: "TRUE", actionsSuppressor: { alarm } }, { actionsSuppressor: made }),
        connectionsAlarm(),
      ).suppressor;
    expect(held("deploying")).toMatchObject({ name: "deploying" });
    expect(held(UNKNOWN, [alarmUrn("connections")])).toMatchObject({ urn: alarmUrn("connections") });
    expect(held(UNKNOWN)).toBeUndefined();
  });
});

describe("what an alarm tells", () => {
  const actions = (alarmActions: PropertyValue | undefined, made: readonly string[] = []) =>
    metric(connectionsAlarm({ alarmActions }, { alarmActions: made })).alarmActions;
  const TOPIC = urn("aws:sns/topic:Topic", "alarms");

  it("is nothing, a list, or hidden", () => {
    expect(actions(undefined)).toEqual({ state: "known", value: [] });
    expect(actions(["arn:aws:sns:a:1:b"])).toMatchObject({ value: [{ state: "known" }] });
    expect(actions([UNKNOWN], [TOPIC])).toMatchObject({ value: [{ state: "unknown" }] });
    expect(actions(UNKNOWN, [TOPIC])).toMatchObject({ state: "known" });
    expect(actions(UNKNOWN, [DATABASE])).toMatchObject({ state: "unknown" });
    expect(actions([UNKNOWN])).toMatchObject({ state: "unknown" });
    expect(actions("arn")).toMatchObject({ state: "malformed" });
  });
});
