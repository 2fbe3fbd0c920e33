import { describe, expect, it } from "vitest";
import type { Alarm } from "../../../drills/replay/alarm";
import { evaluableAlarms } from "../../../drills/replay/evaluable";
import { readDescribedAlarms } from "../../../drills/replay/live";
import { simulate } from "../../../drills/replay/simulate";
import { byRole, clockTime, minuteOf, parseTrace, traceByRole } from "../../../drills/replay/trace";
import { composite, METRIC, mathAlarm, metricAlarm, traceOf } from "./samples";

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

const trace = traceOf([1, 2, 3, 9, 9, 9, 9, 9]);
const search = { e: "SEARCH('{NS} m', 'Average')" };
const suppression = { by: "b", waitSeconds: 60, extensionSeconds: 60 };

const excludedOf = (...alarms: readonly Alarm[]) =>
  evaluableAlarms({ alarms, excluded: [] }, trace).excluded.map(({ alarm, why }) => `${alarm}: ${why}`);

describe("of a file's alarms", () => {
  it("all that can be replayed are, whatever else is in the file", () => {
    const set = evaluableAlarms(
      {
        alarms: [
          metricAlarm({ id: "good" }),
          mathAlarm(search, { id: "search" }),
          composite({ id: "on-good", rule: "ALARM(good)" }),
        ],
        excluded: [{ alarm: "band", why: "compares with an anomaly band", whatToDo: "…" }],
      },
      trace,
    );
    expect(set.alarms.map(({ id }) => id)).toEqual(["good", "on-good"]);
    expect(set.excluded.map(({ alarm }) => alarm)).toEqual(["band", "search"]);
    expect(simulate(set.alarms, trace).actions.map(({ alarm }) => alarm)).toEqual(["good", "on-good"]);
  });

  it.each([
    [mathAlarm(search), /^a: SEARCH is outside the metric math/],
    [mathAlarm({ e: "SELECT AVG(m) FROM NS" }), /^a: SELECT/],
    [metricAlarm({ periodSeconds: 10 }), /^a: needs datapoints of 10 s/],
    [metricAlarm({ datapointsToAlarm: 4 }), /^a: datapointsToAlarm is 4/],
    [metricAlarm({ statistic: "p99" }), /^a: reads p99 of NS m .*the trace has Average/],
    [
      metricAlarm({ signal: { kind: "metric", metric: { ...METRIC, namespace: "AWS/Lambda" } } }),
      /^a: it watches AWS\/Lambda, of which nothing is in the trace/,
    ],
    [composite({ rule: "ALARM(b" }), /^c: its rule is not understood/],
    [composite({ rule: "ALARM(b)" }), /^c: it reads b, which is not in the file/],
    [composite({ rule: "TRUE", suppression }), /^c: it reads b, which is not in the file/],
    [composite({ rule: "NOT ALARM(c)" }), /^c: its rule reads itself/],
  ])("one that cannot be replayed is excluded with the reason: %#", (alarm, reason) => {
    expect(excludedOf(alarm)).toEqual([expect.stringMatching(reason)]);
  });

  it("those that read one that is excluded are excluded as well, and theirs", () => {
    expect(
      excludedOf(
        composite({ id: "top", rule: "ALARM(middle)" }),
        composite({ id: "middle", rule: "ALARM(bad) OR ALARM(good)" }),
        metricAlarm({ id: "bad", periodSeconds: 10 }),
        metricAlarm({ id: "good" }),
      ),
    ).toEqual([
      expect.stringMatching(/^bad: needs/),
      "middle: it reads bad, which was not judged",
      "top: it reads middle, which was not judged",
    ]);
  });

  it("a circle loses no more than what is in it, or reads it", () => {
    const alarms = [
      composite({ id: "reader", rule: "ALARM(b)" }),
      composite({ id: "a", rule: "ALARM(b)" }),
      composite({ id: "b", rule: "ALARM(a)" }),
      composite({ id: "other", rule: "ALARM(good)" }),
      metricAlarm({ id: "good" }),
    ];
    const set = evaluableAlarms({ alarms, excluded: [] }, trace);
    expect(set.alarms.map(({ id }) => id)).toEqual(["other", "good"]);
    expect(set.excluded.map(({ alarm }) => alarm)).toEqual(["a", "b", "reader"]);
  });
});

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
