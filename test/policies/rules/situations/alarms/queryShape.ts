import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { alarmUrn, metricAlarm, topic } from "../../../sampleAlarms";
import { measuredIn, type Situation } from "../../situation";

type Change = { readonly [property: string]: PropertyValue | undefined };

const WATCH = alarmUrn("watch");
const given = measuredIn(null, WATCH);
const set = (title: string, metricQueries: readonly PropertyValue[], more: Change = {}): Situation =>
  given(title, { alarms: [topic(), metricAlarm("watch", { threshold: 90, metricQueries, ...more })] });
const defined = (all: Change): PropertyMap =>
  Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );
const metric = (id: PropertyValue | undefined, more: Change = {}, of: PropertyMap = {}): PropertyMap =>
  defined({
    id,
    metric: {
      namespace: "AWS/RDS",
      metricName: "DatabaseConnections",
      stat: "Maximum",
      period: 60,
      dimensions: { DBInstanceIdentifier: "db1234567" },
      ...of,
    },
    ...more,
  });
const result = (expression: PropertyValue, more: Change = {}): PropertyMap =>
  defined({ id: "share", expression, returnData: true, ...more });
const times = <T>(n: number, make: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => make(at));
const many = (queries: number, metrics: number) => [
  result("m0"),
  ...times(metrics, (at) => metric(`m${at}`)),
  ...times(queries - metrics - 1, (at) => ({ id: `e${at}`, expression: "2 * m0" })),
];

const used = metric("used");
const returned = metric("used", { returnData: true });
const band = (more: Change = {}) => result("ANOMALY_DETECTION_BAND(used, 2)", { id: "band", ...more });
const anomaly = (
  title: string,
  metricQueries: readonly PropertyValue[],
  thresholdMetricId: PropertyValue = "band",
) =>
  set(title, metricQueries, {
    threshold: undefined,
    comparisonOperator: "GreaterThanUpperThreshold",
    thresholdMetricId,
  });

export const QUERY_SHAPE = [
  set("An expression is over a metric", [result("100 * used / 389"), used]),
  set("An expression's metric is summed", [
    result("100 * used / 389"),
    metric("used", {}, { stat: "Sum" }),
  ]).violates("Sum"),
  set("An expression's metric has no dimension", [
    result("100 * used / 389"),
    metric("used", {}, { dimensions: {} }),
  ]).violates(0, null, "dimensions"),
  set("There are 20 queries with 10 metrics", many(20, 10)),
  set("There are 21 queries", many(21, 10)).violates(21, [null, 20]),
  set("There are 11 metrics", many(12, 11)).violates(11, [null, 10]),
  set("There are 11 metrics in 20 queries", many(20, 11)).violates(11, [null, 10]),
  set("There are 11 metrics in 21 queries", many(21, 11)).violates(21, [null, 20]),

  ...["a", "m1", "usedByApi_2"].map((id) => set(`A query's id is ${id}`, [result(id), metric(id)])),
  ...["Used", "1used", "_used", "used-1", "used by", "é", "U".repeat(41)].map((id) =>
    set(`A query's id is ${id}, which CloudWatch refuses`, [result("1"), metric(id)]).violates(),
  ),
  set("Two queries have one id", [result("used"), used, used]).violates(),
  set("Two ids are hidden", [result("used"), metric(UNKNOWN), metric(UNKNOWN)]).undecided("id"),
  set("The id of what is compared is hidden", [metric(UNKNOWN, { returnData: true })]).undecided("id"),
  set("An id is not set", [result("used"), used, metric(undefined)]).undecided("id"),
  set("An id is a number", [result("used"), metric(5)]).malformed("id"),

  set("The metric is what is compared", [returned]),
  set("Nothing returns data", [result("used", { returnData: undefined }), used]).violates(0),
  set("Two queries return data", [result("used"), returned]).violates(2),
  set("It is hidden whether the only query that may returns data", [
    metric("a"),
    result("1", { returnData: UNKNOWN }),
  ]).undecided("returnData"),
  set("It is hidden whether a third query returns data", [
    metric("a", { returnData: true }),
    metric("b", { returnData: true }),
    result("1", { returnData: UNKNOWN }),
  ]).undecided("returnData"),
  set("Whether a query returns data is a word", [metric("a"), result("a", { returnData: "yes" })]).malformed(
    "returnData",
  ),
  anomaly("An anomaly alarm compares a metric with its band", [band(), returned]),
  anomaly("An anomaly alarm's band says nothing of returning data", [
    band({ returnData: undefined }),
    returned,
  ]),
  anomaly("An anomaly alarm compares nothing with its band", [band(), used]).violates(0),
  anomaly("An anomaly alarm compares two metrics with its band", [
    band(),
    returned,
    metric("other", { returnData: true }),
  ]).violates(2),
  anomaly("An anomaly alarm's band is hidden", [band(), returned], UNKNOWN),

  set("An expression is as long as may be", [result("used".padEnd(2048, " ")), used]),
  set("An expression is too long", [result("used".padEnd(2049, " ")), used]).violates(2049, [null, 2048]),
  set("An expression is too long, and the next reads an unknown id", [
    result("x".repeat(2049)),
    used,
    { id: "e", expression: "unknown + 1" },
  ])
    .violates(2049, [null, 2048])
    .violates(),
  ...[
    "SEARCH('{AWS/RDS,DBInstanceIdentifier} MetricName=\"CPUUtilization\"', 'Average')",
    " SEARCH ('{AWS/RDS}', 'Average')",
    "SUM(SEARCH('{AWS/RDS}', 'Average'))",
    "used / MAX( SEARCH('{AWS/RDS}', 'Average'))",
  ].map((expression) => set(`An expression searches: ${expression}`, [result(expression), used]).violates()),
  set("A query's id looks like a search", [result("research + 1"), metric("research")]),
  set("An id in capitals looks like a search", [result("SEARCH + 1"), metric("SEARCH")]).violates(),
  set("An expression reads an unknown id", [result("100 * used / limit"), used]).violates(),
  set("An expression reads an unknown id that is too long to be shown", [
    result(`used + ${"l".repeat(41)}`),
    used,
  ]).violates(),
  set("An expression of a function reads an unknown id, which is not judged", [result("RATE(limit)"), used]),
  set("An expression is hidden", [result(UNKNOWN), used]).undecided("expression"),
  set("An expression is a number", [used, result(5)]).malformed("expression"),
];
