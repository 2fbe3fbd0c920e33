import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, metricAlarm } from "../sampleAlarms";
import { NOTHING, shape, undecided } from "./watchedAlarm";

type Change = { readonly [property: string]: PropertyValue | undefined };

const math = (metricQueries: readonly PropertyValue[], more: Change = {}) =>
  shape(metricAlarm("watch", { threshold: 90, metricQueries, ...more }));
const given = (all: Change): PropertyMap =>
  Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );
const metric = (id: PropertyValue | undefined, more: Change = {}): PropertyMap =>
  given({
    id,
    metric: {
      namespace: "AWS/RDS",
      metricName: "DatabaseConnections",
      stat: "Maximum",
      period: 60,
      dimensions: { DBInstanceIdentifier: "db1234567" },
    },
    ...more,
  });
const result = (expression: PropertyValue, more: Change = {}): PropertyMap =>
  given({ id: "share", expression, returnData: true, ...more });
const times = <T>(n: number, make: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => make(at));

const rejected = (text: string, fix: string, observed: number | null = null, most?: number) => ({
  violations: [
    {
      resource: alarmUrn("watch"),
      text: `${text}, so the deployment stops there.`,
      fix,
      observed,
      allowed: most === undefined ? null : { min: null, max: most },
      unit: null,
    },
  ],
  undecided: [],
});

describe("the queries of metric math", () => {
  const many = (queries: number, metrics: number) => [
    result("m0"),
    ...times(metrics, (at) => metric(`m${at}`)),
    ...times(queries - metrics - 1, (at) => ({ id: `e${at}`, expression: "2 * m0" })),
  ];
  const counted = (queries: number, metrics: number, observed: number, most: number) =>
    rejected(
      `Alarm watch has ${queries} queries with ${metrics} metrics, and CloudWatch takes 20 and 10`,
      "Split the alarm, and let a composite read its parts",
      observed,
      most,
    );

  it("are 20 with 10 metrics at most", () => {
    expect(math(many(20, 10))).toEqual(NOTHING);
    expect(math(many(21, 10))).toEqual(counted(21, 10, 21, 20));
    expect(math(many(12, 11))).toEqual(counted(12, 11, 11, 10));
    expect(math(many(20, 11))).toEqual(counted(20, 11, 11, 10));
    expect(math(many(21, 11))).toEqual(counted(21, 11, 21, 20));
  });
});

describe("the id of a query", () => {
  it.each(["a", "used", "m1", "usedByApi_2"])("may be %s", (id) => {
    expect(math([result(id), metric(id)])).toEqual(NOTHING);
  });

  it.each([
    "Used",
    "1used",
    "_used",
    "used-1",
    "used by",
    "é",
    "u".repeat(41).toUpperCase(),
  ])("may not be %s", (id) => {
    expect(math([result("1"), metric(id)])).toEqual(
      rejected(
        `Query "${id.slice(0, 40)}" of alarm watch has an id that does not begin with a lower-case letter or holds more than letters, digits and underscores`,
        "Rename the query",
      ),
    );
  });

  it("is one query's only", () => {
    expect(math([result("used"), metric("used"), metric("used")])).toEqual(
      rejected("Two queries of alarm watch have the id used", "Rename one of them"),
    );
  });

  it("is needed by each, and hides what expressions read where it is hidden", () => {
    expect(math([result("used"), metric(UNKNOWN), metric(UNKNOWN)])).toEqual(
      undecided("id", "`id` is not known before the deployment"),
    );
    expect(math([metric(UNKNOWN, { returnData: true })])).toEqual(
      undecided("id", "`id` is not known before the deployment"),
    );
    expect(math([result("used"), metric("used"), metric(undefined)])).toEqual(
      undecided("id", "`id` is not set"),
    );
    const wrong = { shown: "5", expected: "text" };
    expect(math([result("used"), metric(5)])).toEqual(
      undecided("id", "`id` is 5, not text", { malformed: wrong }),
    );
  });
});

describe("what a query returns", () => {
  const returning = (n: number) =>
    rejected(
      `${n} queries of alarm watch return data, and an alarm compares exactly one`,
      "Set `returnData` to true in the query that is compared with the threshold, and in no other",
      n,
    );

  it("is what an alarm compares: one of them does", () => {
    expect(math([result("used"), metric("used")])).toEqual(NOTHING);
    expect(math([metric("used", { returnData: true })])).toEqual(NOTHING);
    expect(math([result("used", { returnData: undefined }), metric("used")])).toEqual(returning(0));
    expect(math([result("used"), metric("used", { returnData: true })])).toEqual(returning(2));
  });

  it("is hidden or mistyped in one, and then their number is not known", () => {
    for (const others of [
      [metric("a")],
      [metric("a", { returnData: true }), metric("b", { returnData: true })],
    ]) {
      expect(math([...others, result("1", { returnData: UNKNOWN })])).toEqual(
        undecided("returnData", "`returnData` is not known before the deployment"),
      );
    }
    expect(math([metric("a"), result("a", { returnData: "yes" })])).toEqual(
      undecided("returnData", '`returnData` is "yes", not true or false', {
        malformed: { shown: '"yes"', expected: "true or false" },
      }),
    );
  });

  describe("of an anomaly alarm", () => {
    const band = (id: PropertyValue, more: Change = {}) =>
      result("ANOMALY_DETECTION_BAND(used, 2)", { id, ...more });
    const anomaly = (metricQueries: readonly PropertyValue[], thresholdMetricId: PropertyValue = "band") =>
      math(metricQueries, {
        threshold: undefined,
        comparisonOperator: "GreaterThanUpperThreshold",
        thresholdMetricId,
      });
    const used = metric("used", { returnData: true });

    it("is the metric and its band, as AWS's and the provider's examples have it", () => {
      expect(anomaly([band("band"), used])).toEqual(NOTHING);
      expect(anomaly([band("band", { returnData: undefined }), used])).toEqual(NOTHING);
    });

    it("is one metric beside the band", () => {
      expect(anomaly([band("band"), metric("used")])).toEqual(returning(0));
      expect(anomaly([band("band"), used, metric("other", { returnData: true })])).toEqual(returning(2));
    });

    it("is not known while the band's id is hidden", () => {
      expect(anomaly([band("band"), used], UNKNOWN)).toEqual(NOTHING);
    });
  });
});

describe("an expression", () => {
  it("has 2048 characters at most", () => {
    const long = (length: number) => "used".padEnd(length, " ");
    expect(math([result(long(2048)), metric("used")])).toEqual(NOTHING);
    expect(math([result(long(2049)), metric("used")])).toEqual(
      rejected(
        "An expression of alarm watch has 2049 characters, and CloudWatch takes 2048",
        "Split it into several queries",
        2049,
        2048,
      ),
    );
  });

  it("is read on after one that is too long", () => {
    const { violations } = math([
      result("x".repeat(2049)),
      metric("used"),
      { id: "e", expression: "unknown + 1" },
    ]);
    expect(violations.map(({ fix }) => fix)).toEqual([
      "Split it into several queries",
      "Add a query with the id `unknown`, or correct the expression",
    ]);
  });

  it.each([
    "SEARCH('{AWS/RDS,DBInstanceIdentifier} MetricName=\"CPUUtilization\"', 'Average')",
    " SEARCH ('{AWS/RDS}', 'Average')",
    "SUM(SEARCH('{AWS/RDS}', 'Average'))",
    "used / MAX( SEARCH('{AWS/RDS}', 'Average'))",
  ])("is no SEARCH, which no alarm may use: %s", (expression) => {
    expect(math([result(expression), metric("used")])).toEqual(
      rejected(
        "An expression of alarm watch is a SEARCH, which gives several series and no alarm may use",
        "Name the metric with its dimensions",
      ),
    );
  });

  it.each(["research + 1", "SEARCH + 1"])("may name a query so that it looks like one: %s", (expression) => {
    const ids = ["research", "SEARCH"];
    const { violations } = math([result(expression), ...ids.map((id) => metric(id))]);
    expect(violations.filter(({ text }) => text.includes("is a SEARCH"))).toEqual([]);
  });

  it("reads ids that there are", () => {
    const stranger = (id: string) =>
      rejected(
        `An expression of alarm watch reads \`${id}\`, and no query has that id`,
        `Add a query with the id \`${id}\`, or correct the expression`,
      );
    expect(math([result("100 * used / limit"), metric("used")])).toEqual(stranger("limit"));
    expect(math([result(`used + ${"l".repeat(41)}`), metric("used")])).toEqual(stranger("l".repeat(40)));
    expect(math([result("RATE(limit)"), metric("used")])).toEqual(NOTHING);
  });

  it("may be hidden", () => {
    expect(math([result(UNKNOWN), metric("used")])).toEqual(
      undecided("expression", "`expression` is not known before the deployment"),
    );
    expect(math([metric("used"), result(5)])).toEqual(
      undecided("expression", "`expression` is 5, not text", { malformed: { shown: "5", expected: "text" } }),
    );
  });
});
