import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { auroraPlan, CLUSTER } from "../auroraPlan";
import { connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { DATABASE, type Sample, SERVICE } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const RULE = "alarms-present";
const PENDING = poolAlarm("db.client.connection.pending_requests");
const TIMEOUTS = poolAlarm("db.client.connection.timeouts");
const POOL = [PENDING, TIMEOUTS];

const judged = (alarms: Sample["alarms"], ...[settings]: [Parameters<typeof judge>[1]?]) =>
  judge({ alarms: [topic(), ...alarms] }, settings);
/** Resources that lack an alarm, and those of which that cannot be told. */
const missing = (...of: Parameters<typeof judged>) => {
  const { violations, undecided } = judged(...of);
  return [
    ...violations.filter(({ rule }) => rule === RULE).map(({ resource }) => resource),
    ...undecided.filter(({ rule }) => rule === RULE).map(({ resource }) => `perhaps ${resource}`),
  ];
};
const math = (expression: string, metrics: { readonly [id: string]: PropertyMap }) =>
  metricAlarm("math", {
    threshold: 90,
    metricQueries: [
      { id: "result", expression, returnData: true },
      ...Object.entries(metrics).map(([id, metric]) => ({
        id,
        metric: { stat: "Average", period: 60, ...metric },
      })),
    ],
  });
const OF_DATABASE = { namespace: "AWS/RDS", metricName: "DatabaseConnections" };
const inPool = (metric: string): PropertyMap => ({
  namespace: "Shop",
  metricName: `db.client.connection.${metric}`,
  dimensions: { pool: "api" },
});
const LIMIT = { namespace: "Shop/Postgres", metricName: "max_connections" };

describe("a whole finding", () => {
  it("of a database says what to add, between what its pools hold and its limit", () => {
    expect(only(judged(POOL), RULE)).toMatchObject({
      resource: DATABASE,
      level: "advisory",
      message: expect.stringContaining(
        "No alarm watches the connections of db: the first to notice that they run out is a client that is refused.",
      ),
      observed: 0,
      allowed: { min: 1, max: null },
      unit: "alarms",
    });
  });

  it("of a database whose limit is hidden names no number", () => {
    const finding = only(judge({ alarms: [topic(), ...POOL], parameters: UNKNOWN }), RULE);
    expect(finding.fix).toContain("below its usable connections, or say under `alarmsElsewhere`");
  });

  it("of a cluster asks for the cluster's dimension", () => {
    const report = judgePlan({ resources: [...auroraPlan(), topic()] });
    const finding = by(report, RULE).find(({ resource }) => resource === CLUSTER);
    expect(finding?.fix).toContain("with the dimension `DBClusterIdentifier` of aurora");
  });

  it("of a pool counts the one of two that is there", () => {
    expect(only(judged([connectionsAlarm(), PENDING]), RULE)).toMatchObject({
      resource: SERVICE,
      message: expect.stringContaining(
        "No alarm watches the pool of api for acquisitions that give up: a pool that is too small",
      ),
      observed: 1,
      allowed: { min: 2, max: null },
      unit: "alarms",
    });
  });
});

describe("an alarm watches a database's connections", () => {
  it.each<[string, Sample["alarms"][number]]>([
    ["of another metric of the database", connectionsAlarm({ metricName: "CPUUtilization", threshold: 90 })],
    [
      "of a proxy's own connections, hidden or not",
      connectionsAlarm({ dimensions: { ProxyName: UNKNOWN } }, { dimensions: [] }),
    ],
    [
      "of one target of a proxy",
      connectionsAlarm({ dimensions: { ProxyName: UNKNOWN, Target: "db1234567" } }, { dimensions: [] }),
    ],
    ["of a database that is gone", connectionsAlarm({ dimensions: { DBInstanceIdentifier: "gone" } })],
  ])("never where it is one %s", (_, alarm) => {
    expect(missing([alarm, ...POOL])).toEqual([DATABASE]);
  });

  it.each<[string, Sample["alarms"][number]]>([
    ["its dimensions are hidden", connectionsAlarm({ dimensions: UNKNOWN }, { dimensions: [] })],
    ["its metric is hidden", connectionsAlarm({ metricName: UNKNOWN })],
    [
      "its metric is hidden in a namespace of its own",
      connectionsAlarm({ metricName: UNKNOWN, namespace: "Shop" }),
    ],
    [
      "its queries are hidden",
      metricAlarm("math", { metricQueries: UNKNOWN }, { metricQueries: [DATABASE] }),
    ],
    [
      "the database of one of its metrics is hidden",
      math("100 * used / limit", {
        used: { ...OF_DATABASE, dimensions: { DBInstanceIdentifier: UNKNOWN } },
        limit: LIMIT,
      }),
    ],
    [
      "one of its metrics is hidden",
      math("100 * used / limit", {
        used: { ...OF_DATABASE, metricName: UNKNOWN, dimensions: { DBInstanceIdentifier: "db1234567" } },
        limit: LIMIT,
      }),
    ],
  ])("perhaps, where %s", (_, alarm) => {
    expect(missing([alarm, ...POOL])).toEqual([`perhaps ${DATABASE}`]);
  });

  it("is not asked for a database that only the policy configuration describes", () => {
    const databases = [{ name: "legacy", engine: "postgres", maxConnections: 100 }];
    const clients = [{ name: "batch", poolMax: 5, instances: 2, database: "legacy" }];
    expect(missing([connectionsAlarm(), ...POOL], { databases, clients })).toEqual([]);
  });
});

describe("an alarm watches a pool", () => {
  it("where one of the metrics of its expression is the pool's", () => {
    const share = math("100 * used / limit", { used: inPool("count"), limit: inPool("max") });
    expect(missing([connectionsAlarm(), share, TIMEOUTS])).toEqual([]);
  });

  it("perhaps, where the pool of one of several metrics is hidden", () => {
    const clients = [{ name: "batch", poolMax: 1, instances: 1, database: "db" }];
    const used: PropertyMap = { ...inPool("count"), dimensions: { pool: UNKNOWN } };
    const share = math("100 * used / limit", { used, limit: LIMIT });
    expect(missing([connectionsAlarm(), share], { clients })).toEqual([`perhaps ${SERVICE}`]);
    // The hidden one may be on a full pool, and that is not what is missing.
    expect(missing([connectionsAlarm(), share, PENDING], { clients })).toEqual([SERVICE]);
  });

  it("never where what is hidden is a database", () => {
    const hidden = connectionsAlarm({ dimensions: { DBInstanceIdentifier: UNKNOWN } }, { dimensions: [] });
    expect(missing([hidden])).toEqual([SERVICE, `perhaps ${DATABASE}`]);
  });
});
