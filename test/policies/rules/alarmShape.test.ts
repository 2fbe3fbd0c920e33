import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, compositeAlarm, connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { resource, type Sample, urn } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "alarm-shape";
const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
const TARGETS = urn("aws:lb/targetGroup:TargetGroup", "api-tg");

const judged = (alarms: Sample["alarms"]) => judge({ alarms: [topic(), ...alarms] });
const connections = (...changes: Parameters<typeof connectionsAlarm>) =>
  judged([connectionsAlarm(...changes)]);
const rejected = (...changes: Parameters<typeof connectionsAlarm>) => only(connections(...changes), RULE);
const passes = (alarms: Sample["alarms"]) => {
  const report = judged(alarms);
  expect(by(report, RULE)).toEqual([]);
  expect(report.undecided.filter(({ rule }) => rule === RULE)).toEqual([]);
};

const balancer = (metricName: string, statistic: string, dimensions: PropertyMap) =>
  metricAlarm(
    "balancer",
    { namespace: "AWS/ApplicationELB", metricName, statistic, period: 60, dimensions },
    { dimensions: [BALANCER, TARGETS] },
  );

describe(RULE, () => {
  it("accepts the alarms that poolproof asks for", () => {
    passes([connectionsAlarm(), poolAlarm("db.client.connection.pending_requests")]);
  });

  describe("rejects what published alarm sets do:", () => {
    it("the sum of a gauge over 300 s", () => {
      const violation = rejected({ statistic: "Sum", period: 300 });
      expect(violation).toMatchObject({
        level: "mandatory",
        resource: alarmUrn("connections"),
        observed: "Sum",
      });
      expect(violation.message).toContain("5 samples add up to 5 times as much");
      expect(violation.fix).toContain("Maximum or Average");
    });

    it("an alarm with no dimension", () => {
      for (const dimensions of [undefined, {}]) {
        const violation = rejected({ dimensions }, { dimensions: [] });
        expect(violation.message).toContain("with no dimension");
        expect(violation.message).toContain("all databases of the account");
        expect(violation.fix).toContain("`DBInstanceIdentifier` or `DBClusterIdentifier`");
      }
    });
  });

  describe("the name", () => {
    it.each(["RDS", "AWS/Rds", "aws/rds"])("is in AWS/RDS and not in %s", (namespace) => {
      expect(rejected({ namespace })).toMatchObject({
        observed: namespace,
        fix: 'Set `namespace` to "AWS/RDS"',
      });
    });

    it("is one of the namespace, the nearest is told, and another's namespace too", () => {
      expect(rejected({ metricName: "DatabaseConnection" }).fix).toBe(
        'Set `metricName` to "DatabaseConnections"',
      );
      expect(rejected({ namespace: "AWS/EC2" }).fix).toBe('Set `namespace` to "AWS/RDS"');
    });

    it("is undecided where poolproof does not know it, since AWS adds metrics", () => {
      const report = connections({ metricName: "QuantumEntanglement" });
      expect(by(report, RULE)).toEqual([]);
      expect(report.undecided).toContainEqual(
        expect.objectContaining({ rule: RULE, property: "metricName" }),
      );
    });

    it("may be unknown, and then the rule cannot decide", () => {
      for (const property of ["namespace", "metricName", "statistic", "period"]) {
        expect(connections({ [property]: UNKNOWN }).undecided.map(({ rule }) => rule)).toContain(RULE);
      }
    });
  });

  describe("the dimensions", () => {
    it("name a database of this stack", () => {
      const violation = rejected(
        { dimensions: { DBInstanceIdentifier: "db-of-last-year" } },
        { dimensions: [] },
      );
      expect(violation.message).toContain(
        '"db-of-last-year", which no database or proxy of this stack is called',
      );
    });

    it("name it by its identifier: a resource id is told from a name that is gone", () => {
      const id = "db-ABCDEFGHIJKLMNOPQRSTUVWXY2";
      expect(rejected({ dimensions: { DBInstanceIdentifier: id } }, { dimensions: [] }).fix).toContain(
        "`identifier`",
      );
      const made = connections({ dimensions: { DBInstanceIdentifier: UNKNOWN } });
      expect(made.undecided).toContainEqual(
        expect.objectContaining({ rule: RULE, reason: expect.stringContaining("something else of it") }),
      );
    });

    it("are joined by what they are made from while no name is known", () => {
      const report = judge({
        database: { identifier: UNKNOWN },
        alarms: [topic(), connectionsAlarm({ dimensions: { DBInstanceIdentifier: UNKNOWN } })],
      });
      expect(report.undecided.filter(({ rule }) => rule === RULE)).toEqual([]);
      expect(by(report, RULE)).toEqual([]);
    });

    it("are undecided where a name may be that of a resource that has none yet", () => {
      const report = judge({
        database: { identifier: UNKNOWN },
        alarms: [topic(), connectionsAlarm({}, { dimensions: [] })],
      });
      expect(report.undecided.map(({ rule }) => rule)).toContain(RULE);
    });

    it("are written as AWS writes them", () => {
      expect(rejected({ dimensions: { DbInstanceIdentifier: "db1234567" } }).fix).toBe(
        "Write `DBInstanceIdentifier`",
      );
      expect(rejected({ dimensions: { DBInstanceIdentifier: "DB1234567" } }).fix).toBe('Write "db1234567"');
      expect(rejected({ dimensions: { EngineName: "postgres" } }).message).toContain("only `EngineName`");
    });

    it("of a pool's metric are not left out, unless the policy configuration names it", () => {
      const bare = poolAlarm("hikaricp.connections.pending", { dimensions: undefined });
      expect(only(judged([bare]), RULE).message).toContain("without a dimension");
      const poolMetrics = [{ pending: ["hikaricp.connections.pending"] }];
      expect(by(judge({ alarms: [topic(), bare] }, { poolMetrics }), RULE)).toEqual([]);
    });

    it("of a load balancer are the last part of its ARN, and a target group's metrics need both", () => {
      passes([balancer("TargetResponseTime", "Average", { LoadBalancer: UNKNOWN })]);
      passes([balancer("UnHealthyHostCount", "Maximum", { LoadBalancer: UNKNOWN, TargetGroup: UNKNOWN })]);
      const alone = judged([balancer("UnHealthyHostCount", "Maximum", { TargetGroup: UNKNOWN })]);
      expect(only(alone, RULE).fix).toBe("Add the dimension `LoadBalancer`");
    });
  });

  describe("the statistic", () => {
    it.each([
      "Average",
      "Maximum",
      "Minimum",
      "p99",
      "p99.9",
      "tm90",
      "TM(5%:95%)",
    ])("may be %s of a gauge", (statistic) => {
      passes([connectionsAlarm({ statistic })]);
    });

    it("sums counts", () => {
      passes([balancer("HTTPCode_Target_5XX_Count", "Sum", { LoadBalancer: UNKNOWN })]);
      const average = judged([balancer("HTTPCode_Target_5XX_Count", "Average", { LoadBalancer: UNKNOWN })]);
      expect(only(average, RULE).fix).toBe("Set `statistic` to Sum");
      const timeouts = (statistic: string) =>
        judged([poolAlarm("db.client.connection.timeouts", { statistic })]);
      expect(only(timeouts("Average"), RULE).observed).toBe("Average");
      expect(by(timeouts("Maximum"), RULE)).toEqual([]);
    });

    it("does not sum a pool's gauges nor the time waited, outside of a ratio", () => {
      for (const metric of [
        "db.client.connection.pending_requests",
        "hikaricp_connections_active",
        "db.client.connection.wait_time",
      ]) {
        expect(by(judged([poolAlarm(metric, { statistic: "Sum" })]), RULE), metric).toHaveLength(1);
      }
    });

    it("is one that CloudWatch knows, set once", () => {
      expect(rejected({ statistic: "Mean" }).message).toContain('"Mean"');
      expect(rejected({ statistic: undefined }).message).toContain("not set");
      expect(rejected({ extendedStatistic: "p99" }).message).toContain(
        "both `statistic` and `extendedStatistic`",
      );
    });
  });

  describe("period and window", () => {
    it.each([60, 120, 300])("may be %d s", (period) => {
      passes([connectionsAlarm({ period })]);
    });

    it.each([
      [45, "10, 20, 30 or a multiple of 60"],
      [90, "10, 20, 30 or a multiple of 60"],
      [10, "AWS publishes it once a minute"],
    ])("may not be %d s", (period, why) => {
      expect(rejected({ period }).message).toContain(why);
    });

    it("may be 10 s of what a program reports itself", () => {
      passes([poolAlarm("db.client.connection.pending_requests", { period: 10 })]);
    });

    it.each([
      [60, 1440, 0],
      [60, 1441, 1],
      [3600, 168, 0],
      [3600, 169, 1],
    ])("of %d s may be looked back over %d times: %d violations", (period, evaluationPeriods, count) => {
      expect(by(connections({ period, evaluationPeriods }), RULE)).toHaveLength(count);
    });

    it("need no more data points than there are", () => {
      passes([connectionsAlarm({ evaluationPeriods: 3, datapointsToAlarm: 3 })]);
      expect(rejected({ evaluationPeriods: 3, datapointsToAlarm: 4 })).toMatchObject({
        allowed: { min: 1, max: 3 },
      });
      passes([connectionsAlarm({ datapointsToAlarm: undefined })]);
    });

    it.each(["evaluationPeriods", "period", "comparisonOperator", "threshold"])("need %s", (property) => {
      expect(by(connections({ [property]: undefined }), RULE)[0]?.message).toContain(`\`${property}\``);
    });
  });

  describe("metric math", () => {
    const metric = { namespace: "AWS/RDS", metricName: "DatabaseConnections", stat: "Maximum", period: 60 };
    const query = (more: PropertyMap = {}): PropertyMap => ({
      id: "used",
      metric: { ...metric, dimensions: { DBInstanceIdentifier: "db1234567" }, ...more },
    });
    const math = (...metricQueries: readonly PropertyValue[]) =>
      metricAlarm("math", { metricQueries, threshold: 90 });
    const share = { id: "share", expression: "100 * used / 389", returnData: true };

    it("is judged like a metric alone", () => {
      passes([math(share, query())]);
      expect(only(judged([math(share, query({ stat: "Sum" }))]), RULE).observed).toBe("Sum");
      expect(only(judged([math(share, query({ dimensions: {} }))]), RULE).message).toContain("no dimension");
    });

    it.each([
      ["reads an id that no query has", [{ ...share, expression: "100 * use / 389" }, query()], "`use`"],
      ["returns nothing", [{ ...share, returnData: false }, query()], "0 queries"],
      ["returns two", [share, { ...query(), returnData: true }], "2 queries"],
      ["has an id twice", [share, query(), query()], "have the id used"],
      ["has an id in capitals", [{ ...share, id: "Share" }, query()], "lower-case letter"],
      ["searches", [{ ...share, expression: "SEARCH('{AWS/RDS}', 'Average')" }, query()], "SEARCH"],
      ["is too long", [{ ...share, expression: `used${" + 1".repeat(600)}` }, query()], "2048"],
    ] as const)("is rejected where it %s", (_what, queries, why) => {
      expect(
        by(judged([math(...queries)]), RULE)
          .map(({ message }) => message)
          .join(),
      ).toContain(why);
    });

    it("is undecided where its queries are hidden and made from the database", () => {
      const hidden = metricAlarm(
        "math",
        { metricQueries: UNKNOWN },
        {
          metricQueries: [urn("aws:rds/instance:Instance", "db")],
        },
      );
      expect(judged([hidden]).undecided.map(({ rule }) => rule)).toContain(RULE);
    });
  });

  it("holds a composite to CloudWatch's sizes", () => {
    const composite = (alarmRule: PropertyValue) =>
      judged([connectionsAlarm(), compositeAlarm("both", { alarmRule })]);
    expect(by(composite('ALARM("shop-connections")'), RULE)).toEqual([]);
    const many = Array.from({ length: 101 }, (_, i) => `ALARM("a${i}")`).join(" OR ");
    expect(by(composite(`ALARM("shop-connections") OR ${many}`), RULE)[0]?.message).toContain(
      "reads 102 alarms",
    );
    const long = `ALARM("shop-connections") ${"AND TRUE ".repeat(1200)}`;
    expect(by(composite(long), RULE)[0]?.message).toContain("10240");
  });

  it("holds names, descriptions and actions to CloudWatch's sizes", () => {
    expect(rejected({ name: "n".repeat(256) }).message).toContain("256 characters");
    expect(rejected({ alarmDescription: `docs/a.md ${"d".repeat(1100)}` }).message).toContain("1024");
    expect(
      rejected({ alarmActions: Array.from({ length: 6 }, () => "arn:aws:sns:eu-west-1:1:x") }).message,
    ).toContain("6 entries");
  });

  it("leaves alarms alone that are none of poolproof's business", () => {
    const queue = metricAlarm("queue", {
      namespace: "AWS/SQS",
      metricName: "NoSuch",
      statistic: "Sum",
      period: 45,
    });
    const stranger = metricAlarm("elb", {
      namespace: "AWS/ApplicationELB",
      metricName: "HTTPCode_Target_5XX_Count",
      statistic: "Average",
      period: 60,
      dimensions: { LoadBalancer: "app/of-somebody-else/0123456789abcdef" },
    });
    passes([queue, stranger]);
    const nothing = judge({
      alarms: [topic(), connectionsAlarm({ statistic: "Sum" })],
      extra: [resource("a:b:C", "c", {})],
    });
    expect(by(nothing, RULE)).toHaveLength(1);
  });
});
