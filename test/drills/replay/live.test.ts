import { describe, expect, it } from "vitest";
import { readDescribedAlarms } from "../../../drills/replay/live";

const simple = {
  AlarmName: "db-cpu",
  ActionsEnabled: true,
  AlarmActions: ["arn:aws:sns:eu-west-1:123456789012:oncall"],
  AlarmDescription: "The database is busy.\nRunbook: …",
  Namespace: "AWS/RDS",
  MetricName: "CPUUtilization",
  Dimensions: [{ Name: "DBInstanceIdentifier", Value: "prod-db" }],
  Statistic: "Average",
  Period: 60,
  EvaluationPeriods: 5,
  Threshold: 90,
  ComparisonOperator: "GreaterThanThreshold",
};
const band = {
  ...simple,
  AlarmName: "band",
  ComparisonOperator: "LessThanLowerOrGreaterThanUpperThreshold",
  Threshold: undefined,
  ThresholdMetricId: "ad1",
};
const read = (data: unknown) => readDescribedAlarms(data, "f").alarms;

describe("alarms as describe-alarms prints them", () => {
  it("are read with CloudWatch's defaults, their resources named by what they are", () => {
    expect(read({ MetricAlarms: [simple] })).toMatchObject([
      {
        kind: "metric",
        id: "db-cpu",
        severity: "page",
        role: "symptom",
        intent: "The database is busy.",
        treatMissingData: "missing",
        periodSeconds: 60,
        signal: { metric: { dimensions: { DBInstanceIdentifier: "database" }, statistic: "Average" } },
      },
    ]);
  });

  it.each([
    ["is not enabled", { ActionsEnabled: false }],
    ["does not exist", { AlarmActions: [] }],
    // Target tracking's own alarms: they start and stop tasks.
    [
      "only scales",
      { AlarmActions: ["arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:resource/ecs/service"] },
    ],
  ])("do not page with an action that %s", (_, change) => {
    expect(read({ MetricAlarms: [{ ...simple, ...change }] })).toMatchObject([{ severity: "signal" }]);
  });

  it("name a cause when they are named like one, whatever stands before", () => {
    const named = { ...simple, AlarmName: "auth-prod-pool-starved", AlarmRule: "TRUE" };
    expect(read({ CompositeAlarms: [named] })).toMatchObject([
      { cause: "pool-starved", role: "cause", rule: "TRUE" },
    ]);
  });

  it("with metric math, percentiles and suppressors", () => {
    const metric = { Namespace: "AWS/RDS", MetricName: "DBLoad", Dimensions: [] };
    const math = {
      ...simple,
      MetricName: undefined,
      Namespace: undefined,
      Metrics: [
        { Id: "m1", ReturnData: false, MetricStat: { Metric: metric, Period: 60, Stat: "Maximum" } },
        { Id: "e1", Expression: "FILL(m1, 0)" },
      ],
    };
    const p99 = {
      ...simple,
      AlarmName: "p",
      Statistic: undefined,
      ExtendedStatistic: "p99",
      EvaluateLowSampleCountPercentile: "ignore",
    };
    const composite = {
      AlarmName: "c",
      AlarmRule: 'ALARM("p")',
      ActionsSuppressor: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:db-cpu",
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 60,
    };
    expect(read({ MetricAlarms: [math, p99], CompositeAlarms: [composite] })).toMatchObject([
      {
        statistic: "Expression",
        signal: {
          kind: "math",
          returns: "e1",
          expressions: { e1: "FILL(m1, 0)" },
          // RDS's sum over all databases is that of the scenario's one.
          metrics: { m1: { dimensions: { DBInstanceIdentifier: "database" } } },
        },
      },
      { statistic: "p99", ignoreLowSamples: true },
      { suppression: { by: "db-cpu", waitSeconds: 120, extensionSeconds: 60 } },
    ]);
  });

  it("on DynamoDB keep their state when data is missing, whatever they say", () => {
    const table = { ...simple, Namespace: "AWS/DynamoDB", TreatMissingData: "breaching" };
    expect(read({ MetricAlarms: [table] })).toMatchObject([{ treatMissingData: "ignore" }]);
  });

  it.each([
    [{}, /f holds no alarm/],
    [[], /not what `aws cloudwatch describe-alarms` prints/],
    [{ MetricAlarms: [band] }, /f holds no alarm that can be replayed: band compares with an anomaly band/],
  ])("that are none are refused: %#", (data, message) => {
    expect(() => readDescribedAlarms(data, "f")).toThrow(message);
  });

  it("that cannot be replayed are excluded with what to do, and the others are read", () => {
    const { alarms, excluded } = readDescribedAlarms(
      {
        MetricAlarms: [
          band,
          simple,
          { ...simple, AlarmName: "query", EvaluationCriteria: {}, EvaluationPeriods: undefined },
          { ...simple, Threshold: 50 },
          { ...simple, AlarmName: "no-statistic", Statistic: undefined },
          "not even an alarm",
        ],
      },
      "f",
    );
    expect(alarms).toMatchObject([{ id: "db-cpu", threshold: 90 }]);
    expect(excluded.map(({ alarm, why }) => `${alarm} ${why}`)).toEqual([
      expect.stringMatching(/^band compares with an anomaly band/),
      expect.stringMatching(/^query is of another kind .*`EvaluationPeriods`/),
      expect.stringMatching(/^db-cpu is in the file twice/),
      expect.stringMatching(/^no-statistic has neither/),
      expect.stringMatching(/^MetricAlarms.5 is of another kind/),
    ]);
    for (const { whatToDo } of excluded) expect(whatToDo.length).toBeGreaterThan(20);
  });
});
