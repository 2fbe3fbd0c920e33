import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { auroraPlan, CLUSTER, member } from "../auroraPlan";
import { connectionsAlarm, metricAlarm, poolAlarm, SAMPLE_ALARMS, topic } from "../sampleAlarms";
import { DATABASE, resource, type Sample, SERVICE } from "../samplePlan";
import { by, judge, judgePlan } from "./judge";

const RULE = "alarms-present";
const PENDING = poolAlarm("db.client.connection.pending_requests");
const TIMEOUTS = poolAlarm("db.client.connection.timeouts");

const judged = (alarms: Sample["alarms"], settings: Parameters<typeof judge>[1] = {}) =>
  judge({ alarms: [topic(), ...alarms] }, settings);
const found = (...of: Parameters<typeof judged>) => by(judged(...of), RULE).map((each) => each.resource);

/** A second service with a pool of its own. */
const worker = [
  resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
    family: "worker",
    containerDefinitions: JSON.stringify([
      { name: "worker", environment: [{ name: "DB_POOL_MAX", value: "4" }] },
    ]),
  }),
  resource("aws:ecs/service:Service", "worker", {
    name: "worker",
    taskDefinition: "worker",
    desiredCount: 2,
    tags: { "poolproof:peak-requests-per-second": "10", "poolproof:db-hold-ms": "10" },
  }),
];

describe(RULE, () => {
  it("accepts an alarm on the database's connections and two on the pool", () => {
    expect(found([connectionsAlarm(), PENDING, TIMEOUTS])).toEqual([]);
    expect(by(judge(), RULE)).toEqual([]);
  });

  it("says of each side what is missing and exactly what to add, as an advice that rejects nothing", () => {
    const report = judged([]);
    const [database, pool] = by(report, RULE);
    expect(database).toMatchObject({ resource: DATABASE, level: "advisory", observed: 0 });
    expect(database?.fix).toContain(
      "AWS/RDS DatabaseConnections with the dimension `DBInstanceIdentifier` of db",
    );
    expect(database?.fix).toContain("(389)");
    expect(pool).toMatchObject({ resource: SERVICE, observed: 0, allowed: { min: 2, max: null } });
    expect(pool?.fix).toContain("`hikaricp.connections.pending`");
    expect(pool?.fix).toContain("`db.client.connection.timeouts`");
    expect(report.verdict).toBe("accepted");
  });

  it("asks for the one that is missing alone", () => {
    expect(found([PENDING, TIMEOUTS])).toEqual([DATABASE]);
    expect(found([connectionsAlarm(), TIMEOUTS])).toEqual([SERVICE]);
    const [pool] = by(judged([connectionsAlarm(), PENDING]), RULE);
    expect(pool?.message).toContain("acquisitions that give up");
    expect(pool?.fix).not.toContain("pending");
  });

  it.each([
    "db_client_connection_pending_requests",
    "db.client.connections.wait_time",
    "db.client.connection.count",
    "hikaricp.connections.pending",
    "hikaricp_connections_pending",
    "hikaricp..connections..pending",
    "hikaricp.connections.active.value",
    "hikaricp_connections_acquire_seconds_max",
    "jdbc.connections.active",
  ])("knows %s as a sign of a full pool", (metric) => {
    expect(found([connectionsAlarm(), poolAlarm(metric, { threshold: 0.5 }), TIMEOUTS])).toEqual([]);
  });

  it.each([
    "db_client_connection_timeouts_total",
    "hikaricp.connections.timeout.count",
    "hikaricp_connections_timeout_total",
  ])("knows %s as acquisitions that gave up", (metric) => {
    expect(found([connectionsAlarm(), PENDING, poolAlarm(metric, { statistic: "Sum" })])).toEqual([]);
  });

  it("does not take what says neither for either: idle connections, the size, the time they are used", () => {
    for (const metric of [
      "hikaricp.connections.idle",
      "db.client.connection.max",
      "db.client.connection.use_time",
    ]) {
      expect(found([connectionsAlarm(), poolAlarm(metric), TIMEOUTS]), metric).toEqual([SERVICE]);
    }
  });

  it("does not take a name in a namespace of AWS's own, where no pool reports", () => {
    const inAws = poolAlarm("db.client.connection.pending_requests", { namespace: "AWS/Pool" });
    expect(found([connectionsAlarm(), inAws, TIMEOUTS])).toEqual([SERVICE]);
  });

  it("takes the names that the policy configuration gives, in their namespace and for their client", () => {
    const own = (name: string) =>
      metricAlarm(name, { namespace: "Shop", metricName: name, statistic: "Maximum", period: 60 });
    const alarms = [connectionsAlarm(), own("PoolQueue"), own("PoolGaveUp")];
    const names = { pending: ["PoolQueue"], timeouts: ["PoolGaveUp"] };
    expect(found(alarms)).toEqual([SERVICE]);
    expect(found(alarms, { poolMetrics: [names] })).toEqual([]);
    expect(found(alarms, { poolMetrics: [{ ...names, namespace: "Shop", client: "ap*" }] })).toEqual([]);
    expect(found(alarms, { poolMetrics: [{ ...names, client: "api-1234567" }] })).toEqual([]);
    expect(found(alarms, { poolMetrics: [{ ...names, namespace: "Bank" }] })).toEqual([SERVICE]);
    expect(found(alarms, { poolMetrics: [{ ...names, client: "worker" }] })).toEqual([SERVICE]);
  });

  it("gives an alarm to the pool whose name stands in its dimensions, where there are several", () => {
    const of = (name: string) => ({ dimensions: { "db.client.connection.pool.name": name } });
    const both = (name: string) => [
      poolAlarm("db.client.connection.pending_requests", of(name), `pending-${name}`),
      poolAlarm("db.client.connection.timeouts", of(name), `timeouts-${name}`),
    ];
    const services = (alarms: Sample["alarms"]) =>
      by(judge({ alarms: [topic(), connectionsAlarm(), ...alarms], extra: worker }), RULE).map(
        ({ resource: at }) => at.split("::").pop(),
      );
    expect(services([...both("api-1234567"), ...both("worker")])).toEqual([]);
    expect(services(both("API"))).toEqual(["worker"]);
    expect(services(both("worker"))).toEqual(["api"]);
    expect(services(both("somebody-else"))).toEqual(["api", "worker"]);
  });

  it("accepts silence that is typed out, by name or by URN, and lists it with its reason", () => {
    const entry = { where: "Datadog", reason: "the shop alerts there" };
    expect(found([], { alarmsElsewhere: [{ ...entry, resource: "*" }] })).toEqual([]);
    expect(found([], { alarmsElsewhere: [{ ...entry, resource: "api" }] })).toEqual([DATABASE]);
    const report = judged([], { alarmsElsewhere: [{ ...entry, resource: DATABASE }] });
    expect(by(report, RULE).map((each) => each.resource)).toEqual([SERVICE]);
    expect(report.coverage.unexamined).toContainEqual({
      resource: DATABASE,
      reason:
        "its alarms are in Datadog, as `alarmsElsewhere` in the policy configuration says: the shop alerts there",
    });
  });

  it("does not take an alarm that looks downwards for one on the limit", () => {
    expect(
      found([connectionsAlarm({ comparisonOperator: "LessThanThreshold", threshold: 1 }), PENDING, TIMEOUTS]),
    ).toEqual([DATABASE]);
  });

  it("does not take math for a watch that reads connections for their data points alone", () => {
    const math = (expression: string) =>
      metricAlarm("math", {
        threshold: 90,
        metricQueries: [
          { id: "result", expression, returnData: true },
          {
            id: "used",
            metric: {
              namespace: "AWS/RDS",
              metricName: "DatabaseConnections",
              stat: "Maximum",
              period: 60,
              dimensions: { DBInstanceIdentifier: "db1234567" },
            },
          },
          { id: "other", metric: { namespace: "Shop", metricName: "refused", stat: "Sum", period: 60 } },
        ],
      });
    for (const expression of ["100 * used / other", "used + other", "IF(other > 0, used, 0)", "RATE(used)"]) {
      expect(found([math(expression), PENDING, TIMEOUTS]), expression).toEqual([]);
    }
    for (const expression of ["FILL(other, 0) + 0 * used", "other"]) {
      expect(found([math(expression), PENDING, TIMEOUTS]), expression).toEqual([DATABASE]);
    }
  });

  it("is undecided where an alarm may be the one and what it watches is hidden", () => {
    const undecided = (alarms: Sample["alarms"]) =>
      judged(alarms).undecided.filter(({ rule }) => rule === RULE);
    const hiddenDimension = connectionsAlarm(
      { dimensions: { DBInstanceIdentifier: UNKNOWN } },
      { dimensions: [] },
    );
    expect(undecided([hiddenDimension, PENDING, TIMEOUTS])).toEqual([
      expect.objectContaining({
        resource: DATABASE,
        reason: expect.stringContaining("alarm connections may be"),
      }),
    ]);
    const sql = metricAlarm("sql", {
      metricQueries: [
        {
          id: "most",
          expression: 'SELECT MAX(DatabaseConnections) FROM SCHEMA("AWS/RDS", DBInstanceIdentifier)',
          period: 60,
          returnData: true,
        },
      ],
    });
    expect(undecided([sql, PENDING, TIMEOUTS])).toHaveLength(1);
  });

  it("joins an identifier that is not known yet by what it was made from", () => {
    expect(
      found([connectionsAlarm({ dimensions: { DBInstanceIdentifier: UNKNOWN } }), PENDING, TIMEOUTS]),
    ).toEqual([]);
  });

  it("asks nothing for what only the policy configuration describes", () => {
    const clients = [{ name: "legacy", poolMax: 5, instances: 2, database: "db" }];
    expect(found(SAMPLE_ALARMS.slice(1), { clients })).toEqual([]);
  });

  describe("of an Aurora cluster", () => {
    const alarm = (name: string, dimensions: PropertyMap, from: string) =>
      metricAlarm(
        name,
        {
          namespace: "AWS/RDS",
          metricName: "DatabaseConnections",
          statistic: "Maximum",
          period: 60,
          threshold: 800,
          dimensions,
        },
        { dimensions: [from] },
      );

    it("takes the cluster as a whole, or every member", () => {
      const members = ["aurora-0", "aurora-1"];
      const resources = auroraPlan({
        members: Object.fromEntries(members.map((name) => [name, { instanceClass: "db.r6g.large" }])),
      });
      const missing = (alarms: Sample["alarms"]) =>
        by(judgePlan({ resources: [...resources, topic(), ...alarms] }), RULE).map(({ resource: at }) => at);
      const unknown: PropertyMap = { DBInstanceIdentifier: UNKNOWN };
      const each = members.map((name) => alarm(`of-${name}`, unknown, member(name)));
      expect(missing([])).toContain(CLUSTER);
      expect(missing([alarm("whole", { DBClusterIdentifier: UNKNOWN }, CLUSTER)])).not.toContain(CLUSTER);
      expect(missing(each)).not.toContain(CLUSTER);
      expect(missing(each.slice(1))).toContain(CLUSTER);
    });
  });
});
