import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { environment, resource, type Sample, urn } from "../samplePlan";
import { PROXY, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

const RULE = "alarm-threshold";
const judged = (
  alarms: Sample["alarms"],
  changes: Partial<Sample> = {},
  settings: Parameters<typeof judge>[1] = {},
) => judge({ ...changes, alarms: [topic(), ...alarms] }, settings);
const found = (...of: Parameters<typeof judged>) => by(judged(...of), RULE);
const onConnections = (threshold: PropertyValue, comparisonOperator = "GreaterThanThreshold") =>
  connectionsAlarm({ threshold, comparisonOperator });
const onRds = (metricName: string, threshold: number, more: PropertyMap = {}) =>
  connectionsAlarm({ metricName, threshold, statistic: "Average", ...more });

describe(RULE, () => {
  describe("on connections: the sample's pools hold 96, and 389 are usable", () => {
    it.each([
      ["GreaterThanThreshold", 96, 388],
      ["GreaterThanOrEqualToThreshold", 97, 389],
    ])("%s passes from %d to %d and nowhere else", (comparison, least, most) => {
      for (const inside of [least, 200, most]) expect(found([onConnections(inside, comparison)])).toEqual([]);
      for (const outside of [least - 1, most + 1]) {
        expect(found([onConnections(outside, comparison)]), `${outside}`).toHaveLength(1);
      }
    });

    it("rejects a threshold that always fires, with both numbers", () => {
      const violation = only(judged([onConnections(10)]), RULE);
      expect(violation).toMatchObject({
        level: "mandatory",
        resource: alarmUrn("connections"),
        observed: 10,
        allowed: { min: 96, max: 389 },
        unit: "connections",
      });
      expect(violation.message).toContain("goes off above 10 connections of AWS/RDS DatabaseConnections");
      expect(violation.message).toContain("the pools of db hold 96 connections without any deployment");
      expect(violation.fix).toBe("Set `threshold` above 96 and below 389");
    });

    it("rejects one that can never be reached, with both numbers", () => {
      const violation = only(judged([onConnections(500)]), RULE);
      expect(violation.message).toContain("db gives clients 389 connections: it can never go off");
    });

    it("counts tasks without a deployment's surge, processes, and what clients elsewhere hold", () => {
      const processes = { environment: environment({ WEB_CONCURRENCY: "2" }) };
      expect(only(judged([onConnections(190)], processes), RULE).allowed?.min).toBe(192);
      const databases = [{ name: "db", otherDemand: 50 }];
      expect(only(judged([onConnections(140)], {}, { databases }), RULE).allowed?.min).toBe(146);
    });

    it("says that nothing lies between where the pools are too large", () => {
      const huge = { environment: environment({ DB_POOL_MAX: "60" }) };
      expect(only(judged([onConnections(400)], huge), RULE).fix).toContain(
        "there is nothing between 480 and 389",
      );
    });

    it("rejects exactly outside of the window", () => {
      const number = fc.integer({ min: 1, max: 60 });
      fc.assert(
        fc.property(number, fc.integer({ min: 0, max: 600 }), fc.boolean(), (pool, threshold, orEqual) => {
          const comparison = orEqual ? "GreaterThanOrEqualToThreshold" : "GreaterThanThreshold";
          const changes = { environment: environment({ DB_POOL_MAX: String(pool) }) };
          const goesOff = (value: number) => (orEqual ? value >= threshold : value > threshold);
          const isRight = !goesOff(8 * pool) && goesOff(389);
          expect(found([onConnections(threshold, comparison)], changes)).toHaveLength(isRight ? 0 : 1);
        }),
        { numRuns: 150 },
      );
    });

    it("lets an alarm pass that looks for too few, and not one that looks for less than none", () => {
      expect(found([onConnections(1, "LessThanThreshold")])).toEqual([]);
      expect(only(judged([onConnections(0, "LessThanThreshold")]), RULE).message).toContain(
        "it is never below 0",
      );
      expect(found([onConnections(400, "LessThanThreshold")])).toHaveLength(1);
    });
  });

  describe("what is hidden", () => {
    const undecided = (...of: Parameters<typeof judged>) =>
      judged(...of).undecided.filter(({ rule }) => rule === RULE);

    it("is undecided: the threshold, the limit, the pools", () => {
      expect(undecided([onConnections(UNKNOWN)])).toHaveLength(1);
      expect(undecided([onConnections(200)], { parameters: UNKNOWN })).toHaveLength(1);
      expect(
        undecided([onConnections(200)], { taskDefinition: { containerDefinitions: UNKNOWN } }),
      ).toHaveLength(1);
    });

    it("does not excuse what is certain: never above the limit, whatever the pools", () => {
      expect(found([onConnections(500)], { taskDefinition: { containerDefinitions: UNKNOWN } })).toHaveLength(
        1,
      );
    });
  });

  describe("in metric math", () => {
    const dimensions = { DBInstanceIdentifier: "db1234567" };
    const used = {
      namespace: "AWS/RDS",
      metricName: "DatabaseConnections",
      stat: "Maximum",
      period: 60,
      dimensions,
    };
    const share = (expression: string, threshold: number) =>
      metricAlarm("share", {
        threshold,
        metricQueries: [
          { id: "share", expression, returnData: true },
          { id: "used", metric: used },
        ],
      });

    it.each([
      ["100 * used / 389", 24, 1],
      ["100 * used / 389", 25, 0],
      ["100 * used / 389", 99, 0],
      ["100 * used / 389", 100, 1],
      ["FILL(used, 0) / 400", 90, 1],
      ["IF(used > 300, 1, 0)", 0, 0],
      ["IF(used > 400, 1, 0)", 0, 1],
      ["used", 500, 1],
    ])("%s above %d: %d violations", (expression, threshold, count) => {
      expect(found([share(expression, threshold)])).toHaveLength(count);
    });

    it.each([
      "RATE(used)",
      "ANOMALY_DETECTION_BAND(used, 2)",
      "SUM(METRICS())",
      "used +",
      "100 * used / other",
    ])("%s has no number to judge", (expression) => {
      expect(found([share(expression, 1e9)])).toEqual([]);
    });

    const pool = (metricName: string) => ({
      metric: { namespace: "Shop", metricName, stat: "Average", period: 60, dimensions: { pool: "api" } },
    });
    const saturated = (expression: string, threshold: number) =>
      metricAlarm("saturated", {
        threshold,
        metricQueries: [
          { id: "share", expression, returnData: true },
          { id: "used", ...pool("db.client.connection.count") },
          { id: "limit", ...pool("db.client.connection.max") },
        ],
      });

    it("takes a pool's share in use between none and all of it", () => {
      expect(found([saturated("100 * used / limit", 90)])).toEqual([]);
      expect(only(judged([saturated("100 * used / limit", 100)]), RULE).message).toContain(
        "can never go off",
      );
      expect(only(judged([saturated("used / limit", 90)]), RULE).allowed).toEqual({ min: 0, max: 1 });
      expect(only(judged([saturated("used / limit", -1)]), RULE).message).toContain("always on");
    });
  });

  describe("of a pool", () => {
    it.each([
      ["db.client.connection.wait_time", 0.05, 0],
      ["db.client.connection.wait_time", 0.999, 0],
      ["db.client.connection.wait_time", 1, 1],
      ["db.client.connection.wait_time", 50, 1],
      ["db.client.connections.wait_time", 50, 0],
      ["hikaricp.connections.acquire", 999, 0],
      ["hikaricp.connections.acquire", 1000, 1],
      ["hikaricp_connections_acquire_seconds_max", 2, 1],
    ])("%s above %d, where clients give up after 1000 ms: %d violations", (metric, threshold, count) => {
      expect(found([poolAlarm(metric, { threshold })])).toHaveLength(count);
    });

    it("bounds waiting requests by the queue, where it has a bound", () => {
      const pending = (threshold: number) => [
        poolAlarm("db.client.connection.pending_requests", { threshold }),
      ];
      const bounded = { environment: environment({ DB_POOL_QUEUE_MAX: "60" }) };
      expect(found(pending(1000))).toEqual([]);
      expect(found(pending(59), bounded)).toEqual([]);
      expect(only(judged(pending(60), bounded), RULE).message).toContain(
        "api lets 60 requests wait and refuses more",
      );
    });

    it("bounds connections in use by its size, and has no bound for those that gave up", () => {
      expect(found([poolAlarm("hikaricp.connections.active", { threshold: 11 })])).toEqual([]);
      expect(found([poolAlarm("hikaricp.connections.active", { threshold: 12 })])).toHaveLength(1);
      expect(found([poolAlarm("db.client.connection.timeouts", { threshold: 1e6 })])).toEqual([]);
      const always = { threshold: 0, comparisonOperator: "GreaterThanOrEqualToThreshold" };
      expect(only(judged([poolAlarm("db.client.connection.timeouts", always)]), RULE).message).toContain(
        "always on",
      );
    });

    it("judges waits of own names in the unit that the policy configuration gives, and not without one", () => {
      const alarm = metricAlarm("own", {
        namespace: "Shop",
        metricName: "Wait",
        statistic: "p99",
        period: 60,
        threshold: 5000,
      });
      const names = { wait: ["Wait"] };
      expect(found([alarm], {}, { poolMetrics: [names] })).toEqual([]);
      expect(found([alarm], {}, { poolMetrics: [{ ...names, waitUnit: "ms" }] })).toHaveLength(1);
    });
  });

  describe("of a database's load", () => {
    it("does not go beyond busyPerVcpu for each of its 16 vCPU", () => {
      expect(found([onRds("DBLoad", 16)])).toEqual([]);
      expect(found([onRds("DBLoad", 48)])).toEqual([]);
      const violation = only(judged([onRds("DBLoad", 49)]), RULE);
      expect(violation).toMatchObject({ observed: 49, allowed: { min: null, max: 48 } });
      expect(violation.fix).toContain("to 16, as AWS recommends");
      expect(found([onRds("DBLoadRelativeToNumVCPUs", 16)])).toHaveLength(1);
    });

    it("takes percentages up to 100, and bytes at any height", () => {
      expect(found([onRds("CPUUtilization", 99)])).toEqual([]);
      expect(only(judged([onRds("CPUUtilization", 100)]), RULE).message).toContain(
        "a share of 100 % at most",
      );
      expect(found([onRds("FreeableMemory", 1e9, { comparisonOperator: "LessThanThreshold" })])).toEqual([]);
    });
  });

  it("bounds a response time in seconds by the load balancer's idle timeout, so that milliseconds are noticed", () => {
    const slow = (threshold: number) => [
      metricAlarm(
        "slow",
        {
          namespace: "AWS/ApplicationELB",
          metricName: "TargetResponseTime",
          statistic: "Average",
          period: 60,
          threshold,
          dimensions: { LoadBalancer: UNKNOWN },
        },
        { dimensions: [urn("aws:lb/loadBalancer:LoadBalancer", "alb")] },
      ),
    ];
    expect(found(slow(0.8))).toEqual([]);
    expect(only(judged(slow(800)), RULE).message).toContain("alb gives up on a request after 60 s");
  });

  it("bounds a proxy's connections by its share, and its borrow latency by the borrow timeout, in microseconds", () => {
    const sample = throughProxy();
    const ofProxy = (metricName: string, threshold: number) =>
      judge({
        ...sample,
        alarms: [
          topic(),
          metricAlarm(
            "proxy",
            {
              namespace: "AWS/RDS",
              metricName,
              statistic: "Maximum",
              period: 60,
              threshold,
              dimensions: { ProxyName: UNKNOWN },
            },
            { dimensions: [PROXY] },
          ),
        ],
      });
    expect(by(ofProxy("DatabaseConnections", 359), RULE)).toEqual([]);
    expect(only(ofProxy("DatabaseConnections", 360), RULE).message).toContain("may open 360 connections");
    expect(by(ofProxy("DatabaseConnectionsBorrowLatency", 1_999_999), RULE)).toEqual([]);
    expect(only(ofProxy("DatabaseConnectionsBorrowLatency", 2_000_000), RULE).unit).toBe("µs");
  });

  it("has nothing to say of a band, nor of what is not poolproof's", () => {
    const band = connectionsAlarm({
      threshold: undefined,
      thresholdMetricId: "band",
      comparisonOperator: "GreaterThanUpperThreshold",
    });
    const queue = metricAlarm("queue", {
      namespace: "AWS/SQS",
      metricName: "X",
      statistic: "Sum",
      period: 60,
      threshold: -1,
    });
    expect(found([band, queue], { extra: [resource("a:b:C", "c", {})] })).toEqual([]);
  });
});
