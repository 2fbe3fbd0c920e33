import { describe, expect, it } from "vitest";
import { fromDescribeAlarms } from "../../../drills/replay/fromDescribeAlarms";
import { inWords, traceInWords } from "../../../drills/replay/resources";

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

describe("alarms as describe-alarms prints them", () => {
  it("are read with CloudWatch's defaults, their resources named by what they are", () => {
    const [alarm] = fromDescribeAlarms({ MetricAlarms: [simple] }, "f");
    expect(alarm).toMatchObject({
      kind: "metric",
      id: "db-cpu",
      severity: "page",
      role: "symptom",
      intent: "The database is busy.",
      treatMissingData: "missing",
      periodSeconds: 60,
      signal: { metric: { dimensions: { DBInstanceIdentifier: "database" }, statistic: "Average" } },
    });
  });

  it("wake somebody only with an action that is enabled", () => {
    const silent = [
      { ...simple, ActionsEnabled: false },
      { ...simple, AlarmName: "b", AlarmActions: [] },
    ];
    expect(fromDescribeAlarms({ MetricAlarms: silent }, "f").map(({ severity }) => severity)).toEqual([
      "signal",
      "signal",
    ]);
  });

  it("name a cause when they are named like one, whatever stands before", () => {
    const named = fromDescribeAlarms(
      { CompositeAlarms: [{ ...simple, AlarmName: "auth-prod-pool-starved", AlarmRule: "TRUE" }] },
      "f",
    );
    expect(named).toMatchObject([{ cause: "pool-starved", role: "cause", rule: "TRUE" }]);
  });

  it("with metric math, percentiles and suppressors", () => {
    const math = {
      ...simple,
      MetricName: undefined,
      Namespace: undefined,
      Metrics: [
        {
          Id: "m1",
          ReturnData: false,
          MetricStat: {
            Metric: { Namespace: "AWS/RDS", MetricName: "DBLoad", Dimensions: [] },
            Period: 60,
            Stat: "Maximum",
          },
        },
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
    expect(
      fromDescribeAlarms({ MetricAlarms: [math, p99], CompositeAlarms: [composite] }, "f"),
    ).toMatchObject([
      {
        signal: { kind: "math", returns: "e1", expressions: { e1: "FILL(m1, 0)" } },
        statistic: "Expression",
      },
      { statistic: "p99", ignoreLowSamples: true },
      { suppression: { by: "db-cpu", waitSeconds: 120, extensionSeconds: 60 } },
    ]);
  });

  it("on DynamoDB keep their state when data is missing, whatever they say", () => {
    const table = { ...simple, Namespace: "AWS/DynamoDB", TreatMissingData: "breaching" };
    expect(fromDescribeAlarms({ MetricAlarms: [table] }, "f")).toMatchObject([
      { treatMissingData: "ignore" },
    ]);
  });

  it.each([
    [{}, /f holds no alarm/],
    [[], /not what `aws cloudwatch describe-alarms` prints/],
    [{ MetricAlarms: [{ ...simple, EvaluationPeriods: "5" }] }, /`MetricAlarms.0.EvaluationPeriods`/],
    [
      {
        MetricAlarms: [{ ...simple, ComparisonOperator: "GreaterThanUpperThreshold", Threshold: undefined }],
      },
      /alarm db-cpu compares with an anomaly band/,
    ],
    [{ MetricAlarms: [{ ...simple, Statistic: undefined }] }, /alarm db-cpu has neither one metric/],
  ])("that are none are refused: %#", (data, message) => {
    expect(() => fromDescribeAlarms(data, "f")).toThrow(message);
  });
});

describe("resources", () => {
  it("are named by their words, and a namespace of one stack's own by what it is", () => {
    const metric = {
      namespace: "Auth/Database/auth-prod",
      metric: "m",
      dimensions: { TargetGroup: "x", AZ: "a" },
    };
    expect(inWords(metric)).toEqual({
      namespace: "Auth/Database",
      metric: "m",
      dimensions: { TargetGroup: "targetGroup", AZ: "a" },
    });
  });

  it("of a trace that maps them are replaced by its own map alone", () => {
    const series = (id: string) => ({
      namespace: "AWS/RDS",
      metric: "m",
      dimensions: { DBInstanceIdentifier: id },
      statistic: "Average",
      values: [1],
    });
    const trace = {
      startsAt: "2024-09-02T00:00:00Z",
      periodSeconds: 60,
      resources: { database: "prod-db" },
      series: [series("prod-db"), series("other-db")],
    };
    expect(traceInWords(trace).series.map(({ dimensions }) => dimensions.DBInstanceIdentifier)).toEqual([
      "database",
      "other-db",
    ]);
  });
});
