import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, connectionsAlarm, metricAlarm } from "../sampleAlarms";
import { DATABASE } from "../samplePlan";
import { NOTHING, shape } from "./watchedAlarm";

type Change = { readonly [property: string]: PropertyValue | undefined };

const connections = (more: Change, made = {}) => shape(connectionsAlarm(more, made));
const rejected = (text: string, fix: string, numbers: object = {}) => ({
  violations: [
    { resource: alarmUrn("connections"), text, fix, observed: null, allowed: null, unit: null, ...numbers },
  ],
  undecided: [],
});
const undecided = (property: string, reason: string, more: object = {}) => ({
  violations: [],
  undecided: [{ resource: alarmUrn("connections"), property, reason, ...more }],
});
const wrong = (property: string, shown: string, expected: string) =>
  undecided(property, `\`${property}\` is ${shown}, not ${expected}`, { malformed: { shown, expected } });
const hidden = (property: string) =>
  undecided(property, `\`${property}\` is not known before the deployment`);

describe("the comparison of an alarm", () => {
  it.each([
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ])("may be %s", (comparisonOperator) => {
    expect(connections({ comparisonOperator })).toEqual(NOTHING);
  });

  it("is one that CloudWatch knows", () => {
    expect(connections({ comparisonOperator: ">" })).toEqual(
      rejected(
        '`comparisonOperator` of alarm connections is ">", which CloudWatch does not know: the deployment stops there.',
        "Set it to one of GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThanThreshold, LessThanOrEqualToThreshold",
        { observed: ">" },
      ),
    );
  });

  it("is needed, and may be hidden", () => {
    expect(connections({ comparisonOperator: undefined })).toEqual(
      wrong("comparisonOperator", "not set", "one of its comparisons"),
    );
    expect(connections({ comparisonOperator: UNKNOWN })).toEqual(hidden("comparisonOperator"));
    expect(connections({ comparisonOperator: 5 })).toEqual(wrong("comparisonOperator", "5", "text"));
  });
});

describe("what a metric is compared with", () => {
  it("is a number", () => {
    expect(connections({ threshold: undefined })).toEqual(wrong("threshold", "not set", "a number"));
    expect(connections({ threshold: "many" })).toEqual(wrong("threshold", '"many"', "a number"));
    expect(connections({ threshold: UNKNOWN })).toEqual(hidden("threshold"));
  });

  const band = (more: Change) => connections({ threshold: undefined, ...more });
  const IN_BAND = [
    "GreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
  ];

  it.each(IN_BAND)("is a band, which a query names, with %s", (comparisonOperator) => {
    expect(band({ comparisonOperator, thresholdMetricId: "band" })).toEqual(NOTHING);
    for (const threshold of [undefined, 350]) {
      expect(connections({ comparisonOperator, threshold })).toEqual(
        wrong("thresholdMetricId", "not set", "the id of the query that is the band"),
      );
    }
  });

  it("is a band wherever a query is named, whatever the comparison will be", () => {
    expect(band({ comparisonOperator: UNKNOWN, thresholdMetricId: "band" })).toEqual(
      hidden("comparisonOperator"),
    );
  });
});

describe("the period of an alarm", () => {
  const PERIODS = "10, 20, 30 or a multiple of 60";

  it.each([1, 45, 59, 61, 90, -60, 60.5])("is one that CloudWatch takes, and not %d s", (period) => {
    expect(connections({ period })).toEqual(
      rejected(
        `The period of alarm connections is ${period} s, and CloudWatch takes ${PERIODS}: the deployment stops there.`,
        "Set `period` to 60",
        { observed: period, unit: "s" },
      ),
    );
  });

  it("is needed, and may be hidden", () => {
    expect(connections({ period: undefined })).toEqual(wrong("period", "not set", PERIODS));
    expect(connections({ period: "soon" })).toEqual(wrong("period", '"soon"', "a number"));
    expect(connections({ period: UNKNOWN })).toEqual(hidden("period"));
  });

  it("is rejected once, however many metrics of an alarm have it", () => {
    const metric = (id: string, period: number) => ({
      id,
      metric: {
        namespace: "AWS/RDS",
        metricName: "DatabaseConnections",
        stat: "Maximum",
        period,
        dimensions: { DBInstanceIdentifier: "db1234567" },
      },
    });
    const alarm = (...periods: readonly number[]) =>
      metricAlarm("math", {
        metricQueries: [
          { id: "e", expression: "m0 + m1", returnData: true },
          ...periods.map((period, at) => metric(`m${at}`, period)),
        ],
      });
    expect(shape(alarm(45, 45)).violations.map(({ observed }) => observed)).toEqual([45]);
    expect(shape(alarm(45, 90)).violations.map(({ observed }) => observed)).toEqual([45, 90]);
    const [long] = shape(
      metricAlarm("math", { ...alarm(60, 3600).properties, evaluationPeriods: 169 }),
    ).violations;
    expect(long?.text).toContain("169 periods of 3600 s");
  });
});

describe("the window of an alarm", () => {
  const WHOLE = "not a whole number from 1: the deployment stops there.";

  it.each([-1, 0.5, 1.5])("has a whole number of periods, and not %d", (evaluationPeriods) => {
    expect(connections({ evaluationPeriods, datapointsToAlarm: 9 })).toEqual(
      rejected(
        `\`evaluationPeriods\` of alarm connections is ${evaluationPeriods}, ${WHOLE}`,
        "Set `evaluationPeriods` to a whole number",
        { observed: evaluationPeriods, allowed: { min: 1, max: null } },
      ),
    );
  });

  it("says how many periods it has, or they are hidden", () => {
    const expected = "a whole number from 1";
    for (const unset of [undefined, 0]) {
      expect(connections({ evaluationPeriods: unset })).toEqual(
        wrong("evaluationPeriods", "not set", expected),
      );
    }
    expect(connections({ evaluationPeriods: UNKNOWN })).toEqual(hidden("evaluationPeriods"));
    expect(connections({ evaluationPeriods: 1, datapointsToAlarm: 1 })).toEqual(NOTHING);
  });

  it.each([
    [-1, 5, "5 data points"],
    [1.5, 5, "5 data points"],
    [6, 5, "5 data points"],
    [2, 1, "1 data point"],
  ])("does not wait for %d of its %d data points", (datapointsToAlarm, evaluationPeriods, of) => {
    expect(connections({ datapointsToAlarm, evaluationPeriods })).toEqual(
      rejected(
        `Alarm connections waits for ${datapointsToAlarm} of ${of}: CloudWatch takes a whole number from 1 to ${evaluationPeriods}, so the deployment stops there.`,
        `Set \`datapointsToAlarm\` to ${evaluationPeriods} at most, or raise \`evaluationPeriods\``,
        { observed: datapointsToAlarm, allowed: { min: 1, max: evaluationPeriods }, unit: "data points" },
      ),
    );
  });

  it.each([1, 4, 5, undefined, 0])("may wait for %s of 5 data points", (datapointsToAlarm) => {
    expect(connections({ datapointsToAlarm, evaluationPeriods: 5 })).toEqual(NOTHING);
  });

  it("may hide how many it waits for", () => {
    expect(connections({ datapointsToAlarm: UNKNOWN })).toEqual(hidden("datapointsToAlarm"));
    expect(connections({ datapointsToAlarm: "some" })).toEqual(
      wrong("datapointsToAlarm", '"some"', "a number"),
    );
  });

  const WEEK = 604_800;
  it.each([
    [60, 1441, 86_460, 86_400, "Set `evaluationPeriods` to 1440 at most"],
    [300, 289, 86_700, 86_400, "Set `evaluationPeriods` to 288 at most"],
    [3600, 169, 608_400, WEEK, "Set `evaluationPeriods` to 168 at most"],
    [86_400, 8, 691_200, WEEK, "Set `evaluationPeriods` to 7 at most"],
    [WEEK, 2, 2 * WEEK, WEEK, "Set `evaluationPeriods` to 1 at most"],
    [WEEK + 60, 1, WEEK + 60, WEEK, "Set `period` to 604800 at most"],
  ])("with periods of %d s is not %d of them long", (period, evaluationPeriods, observed, max, fix) => {
    expect(connections({ period, evaluationPeriods, datapointsToAlarm: 1 })).toEqual(
      rejected(
        `Alarm connections looks back over ${evaluationPeriods === 1 ? "1 period" : `${evaluationPeriods} periods`} of ${period} s, ${observed} s together: CloudWatch takes ${max} s with such a period, so the deployment stops there.`,
        fix,
        { observed, allowed: { min: null, max }, unit: "s" },
      ),
    );
  });

  it.each([
    [60, 1440],
    [3600, 168],
    [WEEK, 1],
  ])("with periods of %d s may be %d of them long", (period, evaluationPeriods) => {
    expect(connections({ period, evaluationPeriods, datapointsToAlarm: 1 })).toEqual(NOTHING);
  });

  it("is not judged while the period is hidden", () => {
    expect(connections({ period: UNKNOWN, evaluationPeriods: 100_000 })).toEqual(hidden("period"));
  });
});

describe("an alarm whose metric is not to be read", () => {
  it("is undecided as a whole where it is made from a database, and nobody's otherwise", () => {
    const alarm = (made: readonly string[]) =>
      shape(
        metricAlarm(
          "connections",
          { metricQueries: UNKNOWN, threshold: undefined, period: 45 },
          { metricQueries: made },
        ),
      );
    expect(alarm([DATABASE])).toEqual(hidden("metricQueries"));
    expect(alarm([])).toEqual(NOTHING);
  });
});
