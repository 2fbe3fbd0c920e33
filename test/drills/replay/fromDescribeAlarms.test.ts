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

const read = (data: unknown) => fromDescribeAlarms(data, "f").alarms;
const band = {
  ...simple,
  AlarmName: "band",
  ComparisonOperator: "LessThanLowerOrGreaterThanUpperThreshold",
  Threshold: undefined,
  ThresholdMetricId: "ad1",
};

describe("alarms as describe-alarms prints them", () => {
  it("are read with CloudWatch's defaults, their resources named by what they are", () => {
    const [alarm] = read({ MetricAlarms: [simple] });
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

  it("wake somebody only with an action that is enabled and tells somebody", () => {
    const silent = [
      { ...simple, ActionsEnabled: false },
      { ...simple, AlarmName: "b", AlarmActions: [] },
      // Target tracking's own alarms: they start and stop tasks.
      {
        ...simple,
        AlarmName: "c",
        AlarmActions: ["arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:resource/ecs/service"],
      },
    ];
    expect(read({ MetricAlarms: silent }).map(({ severity }) => severity)).toEqual([
      "signal",
      "signal",
      "signal",
    ]);
  });

  it("name a cause when they are named like one, whatever stands before", () => {
    const named = read({
      CompositeAlarms: [{ ...simple, AlarmName: "auth-prod-pool-starved", AlarmRule: "TRUE" }],
    });
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
    expect(read({ MetricAlarms: [math, p99], CompositeAlarms: [composite] })).toMatchObject([
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
    expect(read({ MetricAlarms: [table] })).toMatchObject([{ treatMissingData: "ignore" }]);
  });

  it.each([
    [{}, /f holds no alarm/],
    [[], /not what `aws cloudwatch describe-alarms` prints/],
    [{ MetricAlarms: [{ ...simple, EvaluationPeriods: "5" }] }, /f .*db-cpu is of.*`EvaluationPeriods`/],
    [{ MetricAlarms: [band] }, /f holds no alarm that can be replayed: band compares with an anomaly band/],
    [{ MetricAlarms: [{ ...simple, Statistic: undefined }] }, /db-cpu has neither one metric/],
  ])("that are none are refused: %#", (data, message) => {
    expect(() => fromDescribeAlarms(data, "f")).toThrow(message);
  });

  it("that cannot be replayed are set aside with what to do, and the others are read", () => {
    const { alarms, unjudged } = fromDescribeAlarms(
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
    expect(unjudged.map(({ alarm, why }) => `${alarm} ${why}`)).toEqual([
      expect.stringMatching(/^band compares with an anomaly band/),
      expect.stringMatching(/^query is of another kind .*`EvaluationPeriods`/),
      expect.stringMatching(/^db-cpu is in the file twice/),
      expect.stringMatching(/^no-statistic has neither/),
      expect.stringMatching(/^MetricAlarms.5 is of another kind/),
    ]);
    for (const { whatToDo } of unjudged) expect(whatToDo.length).toBeGreaterThan(20);
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
