import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, metricAlarm, poolAlarm } from "../sampleAlarms";
import { DATABASE } from "../samplePlan";
import { throughProxy } from "../sampleProxy";
import { BALANCER, NOTHING, shape, TARGETS } from "./watchedAlarm";

const MADE = [DATABASE, BALANCER, TARGETS];
const DIMENSIONS: { readonly [namespace: string]: PropertyMap } = {
  "AWS/RDS": { DBInstanceIdentifier: "db1234567" },
  "AWS/ApplicationELB": { LoadBalancer: UNKNOWN },
  "Shop/Pool": { pool: "api" },
};

/** An alarm that takes a statistic of a metric of the sample: of the database, the balancer or the pool. */
const taking = (statistic: PropertyValue, namespace: string, metricName: string, more: PropertyMap = {}) =>
  metricAlarm(
    "watch",
    { namespace, metricName, statistic, period: 60, dimensions: DIMENSIONS[namespace] ?? {}, ...more },
    { dimensions: MADE },
  );
const connections = (statistic: PropertyValue, more: PropertyMap = {}) =>
  taking(statistic, "AWS/RDS", "DatabaseConnections", more);

const rejected = (text: string, fix: string, observed: string) => ({
  violations: [
    {
      resource: alarmUrn("watch"),
      text: `Alarm watch takes ${text}`,
      fix,
      observed,
      allowed: null,
      unit: null,
    },
  ],
  undecided: [],
});
const asGauge = (text: string, observed = "Sum") =>
  rejected(text, "Set `statistic` to Maximum or Average", observed);
const summed = (metric: string, seconds: number, why: string) =>
  asGauge(
    `the Sum of ${metric} over ${seconds} s, and that is how much there is at a moment: ${why}, so the threshold is compared with a number that never was.`,
  );
const ONE_A_MINUTE = "whatever reports more than one sample a period is counted as often";

describe("a gauge", () => {
  it.each([
    [60, ONE_A_MINUTE],
    [120, "2 samples add up to 2 times as much"],
    [180, "3 samples add up to 3 times as much"],
    [3600, "60 samples add up to 60 times as much"],
  ])("is not summed over %d s", (period, why) => {
    expect(shape(connections("Sum", { period }))).toEqual(summed("AWS/RDS DatabaseConnections", period, why));
  });

  it("is not counted by its samples", () => {
    expect(shape(connections("SampleCount"))).toEqual(
      asGauge(
        "the SampleCount of AWS/RDS DatabaseConnections: how often it was measured, and not what was measured.",
        "SampleCount",
      ),
    );
  });

  it.each([
    "db.client.connection.count",
    "db.client.connection.max",
    "db.client.connection.pending_requests",
    "hikaricp.connections.active",
  ])("of a pool is not summed: %s", (metric) => {
    expect(shape(taking("Sum", "Shop/Pool", metric))).toEqual(
      summed(`Shop/Pool ${metric}`, 60, ONE_A_MINUTE),
    );
    expect(shape(taking("Maximum", "Shop/Pool", metric))).toEqual(NOTHING);
  });

  it("is also what the policy configuration calls the share of a pool in use", () => {
    const settings = { poolMetrics: [{ saturation: ["InUse"] }] };
    expect(shape(taking("Sum", "Shop/Pool", "InUse"), {}, settings)).toEqual(
      summed("Shop/Pool InUse", 60, ONE_A_MINUTE),
    );
    expect(shape(taking("Average", "Shop/Pool", "InUse"), {}, settings)).toEqual(NOTHING);
  });
});

describe("a proxy's gauge", () => {
  const proxied = (statistic: string, metricName: string, period: number, dimensions: PropertyValue) =>
    shape(taking(statistic, "AWS/RDS", metricName, { period, dimensions }), throughProxy());
  const proxy = { ProxyName: "proxy-1234567", EndpointName: "default" };

  it.each([
    "ClientConnections",
    "DatabaseConnections",
  ])("is summed over the minute in which each node reports once, and over no longer time: %s", (metric) => {
    expect(proxied("Sum", metric, 60, proxy)).toEqual(NOTHING);
    expect(proxied("Sum", metric, 120, proxy)).toEqual(
      summed(`AWS/RDS ${metric}`, 120, "2 samples add up to 2 times as much"),
    );
  });

  it("is judged by its metric's name where its dimensions name no proxy, and left open where they are hidden", () => {
    expect(proxied("Sum", "ClientConnections", 60, {}).violations.map(({ unit }) => unit)).toEqual([
      "dimensions",
    ]);
    const hidden = proxied("Sum", "DatabaseConnections", 60, UNKNOWN);
    expect(hidden.violations).toEqual([]);
    expect(hidden.undecided.map(({ property }) => property)).toEqual(["dimensions"]);
    expect(proxied("Sum", "DatabaseConnections", 120, UNKNOWN).violations).toHaveLength(1);
  });
});

describe("a count", () => {
  const errors = (statistic: string) => taking(statistic, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count");
  const timeouts = (statistic: string) => taking(statistic, "Shop/Pool", "db.client.connection.timeouts");
  const asCount = (statistic: string, metric: string) =>
    rejected(
      `the ${statistic} of ${metric}, which counts events: each sample is one event or what one task counted, so only the Sum says how many there were.`,
      "Set `statistic` to Sum",
      statistic,
    );

  it.each(["Sum", "SampleCount"])("may be taken by %s", (statistic) => {
    expect(shape(errors(statistic))).toEqual(NOTHING);
    expect(shape(timeouts(statistic))).toEqual(NOTHING);
  });

  it.each([
    "Average",
    "Maximum",
    "Minimum",
    "p99",
  ])("of a load balancer may not be taken by %s", (statistic) => {
    expect(shape(errors(statistic))).toEqual(
      asCount(statistic, "AWS/ApplicationELB HTTPCode_Target_5XX_Count"),
    );
  });

  it("of a pool is what a task counted, and its maximum says something, but not its average", () => {
    expect(shape(timeouts("Maximum"))).toEqual(NOTHING);
    for (const statistic of ["Average", "Minimum", "p50"]) {
      expect(shape(timeouts(statistic))).toEqual(
        asCount(statistic, "Shop/Pool db.client.connection.timeouts"),
      );
    }
  });
});

describe("a duration", () => {
  it.each([
    ["AWS/ApplicationELB", "TargetResponseTime"],
    ["Shop/Pool", "db.client.connection.wait_time"],
  ])("is not summed: %s %s", (namespace, metric) => {
    expect(shape(taking("Sum", namespace, metric))).toEqual(
      rejected(
        `the Sum of ${namespace} ${metric}, which has a sample for each event: it grows with the traffic and not with how long anything took.`,
        "Set `statistic` to Average or `extendedStatistic` to p99",
        "Sum",
      ),
    );
    for (const statistic of ["Average", "p99", "SampleCount"]) {
      expect(shape(taking(statistic, namespace, metric))).toEqual(NOTHING);
    }
  });
});

describe("a metric of a pool that says nothing of its own", () => {
  it.each(["Sum", "SampleCount", "Average"])("may be taken by %s", (statistic) => {
    expect(shape(taking(statistic, "Shop/Pool", "db.client.connection.create_time"))).toEqual(NOTHING);
  });
});

describe("in metric math", () => {
  type Query = readonly [id: string, metricName: string, stat: PropertyValue];
  const pool = ([id, metricName, stat]: Query): PropertyMap => ({
    id,
    metric: { namespace: "Shop/Pool", metricName, stat, period: 60, dimensions: { pool: "api" } },
  });
  const math = (expressions: readonly PropertyValue[], ...metrics: readonly Query[]) =>
    metricAlarm("watch", {
      threshold: 0.9,
      metricQueries: [
        ...expressions.map(
          (expression, at): PropertyMap => ({ id: `e${at}`, expression, returnData: at === 0 }),
        ),
        ...metrics.map(pool),
      ],
    });
  const USED = "db.client.connection.count";
  const MAX = "db.client.connection.max";
  const sumOf = (metric: string, id: string) =>
    summed(`Shop/Pool ${metric} (${id})`, 60, ONE_A_MINUTE).violations[0];

  it("sums divide into a mean", () => {
    expect(shape(math(["used / most"], ["used", USED, "Sum"], ["most", MAX, "Sum"]))).toEqual(NOTHING);
    expect(shape(math(["used / n"], ["used", USED, "Sum"], ["n", USED, "SampleCount"]))).toEqual(NOTHING);
    const inTwo = math(["100 * e1", "used / most"], ["used", USED, "Sum"], ["most", MAX, "Sum"]);
    expect(shape(inTwo)).toEqual(NOTHING);
  });

  it("a sum over what is no sum, or sums that nothing divides, are not one", () => {
    const half = math(["used / most"], ["used", USED, "Sum"], ["most", MAX, "Maximum"]);
    expect(shape(half).violations).toEqual([sumOf(USED, "used")]);
    const added = math(["used + most"], ["used", USED, "Sum"], ["most", MAX, "Sum"]);
    expect(shape(added).violations).toEqual([sumOf(USED, "used"), sumOf(MAX, "most")]);
    const hidden = math([UNKNOWN], ["used", USED, "Sum"], ["most", MAX, UNKNOWN]);
    expect(shape(hidden).violations).toEqual([sumOf(USED, "used")]);
  });

  it("durations may be summed and timeouts averaged, to be divided or added later", () => {
    const WAIT = "db.client.connection.wait_time";
    expect(shape(math(["w / n"], ["w", WAIT, "Sum"], ["n", WAIT, "SampleCount"]))).toEqual(NOTHING);
    expect(shape(math(["t * 8"], ["t", "db.client.connection.timeouts", "Average"]))).toEqual(NOTHING);
  });
});

describe("a statistic", () => {
  const expected = "Average, Maximum, Minimum, Sum, SampleCount or a percentile such as p99";
  const undecided = (reason: string, more: object = {}) => ({
    violations: [],
    undecided: [{ resource: alarmUrn("watch"), property: "statistic", reason, ...more }],
  });

  it.each([
    ["mistyped", "Mean", '"Mean"'],
    ["too long to be shown", "x".repeat(41), `"${"x".repeat(40)}"`],
    ["no text", 5, "5"],
    ["not set", "", "not set"],
  ])("is one that CloudWatch knows: %s", (_what, statistic, shown) => {
    expect(shape(connections(statistic))).toEqual(
      undecided(`\`statistic\` is ${shown}, not ${expected}`, { malformed: { shown, expected } }),
    );
  });

  it("may be hidden", () => {
    expect(shape(connections(UNKNOWN))).toEqual(undecided("`statistic` is not known before the deployment"));
  });

  it("is set once", () => {
    expect(shape(connections("Maximum", { extendedStatistic: "p99" }))).toEqual({
      violations: [
        {
          resource: alarmUrn("watch"),
          text: "Alarm watch sets both `statistic` and `extendedStatistic`, and CloudWatch takes one: the deployment stops there.",
          fix: "Leave one of them out",
          observed: null,
          allowed: null,
          unit: null,
        },
      ],
      undecided: [],
    });
    expect(
      shape(poolAlarm("db.client.connection.wait_time", { statistic: undefined, extendedStatistic: "p99" })),
    ).toEqual(NOTHING);
  });

  it("is judged over a minute while the period is hidden", () => {
    const { violations, undecided: open } = shape(connections("Sum", { period: UNKNOWN }));
    expect(violations).toEqual(summed("AWS/RDS DatabaseConnections", 60, ONE_A_MINUTE).violations);
    expect(open.map(({ property }) => property)).toEqual(["period"]);
  });
});
