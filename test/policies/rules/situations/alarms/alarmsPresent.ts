import type { PlanResource } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { auroraPlan, CLUSTER, member } from "../../../auroraPlan";
import { connectionsAlarm, metricAlarm, poolAlarm, SAMPLE_ALARMS, topic } from "../../../sampleAlarms";
import { undeclared, WORKER, worker } from "../../../sampleClients";
import { DATABASE, environment, type Sample, SERVICE } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const given = measuredIn("alarms", SERVICE);
const OTEL = "db.client.connection";
const HIKARI = "hikaricp.connections";
const PENDING = poolAlarm(`${OTEL}.pending_requests`);
const TIMEOUTS = poolAlarm(`${OTEL}.timeouts`);
const CONNECTIONS = connectionsAlarm();
const POOL = [PENDING, TIMEOUTS];

const alarms = (...each: readonly PlanResource[]): Pick<Sample, "alarms"> => ({ alarms: [topic(), ...each] });
/** Where everything but the connections, or the full pool, or those that give up, is watched. */
const onDatabase = (title: string, alarm: PlanResource): Situation => given(title, alarms(alarm, ...POOL));
const onFullPool = (title: string, ...each: readonly PlanResource[]): Situation =>
  given(title, alarms(CONNECTIONS, TIMEOUTS, ...each));
const onTimeouts = (title: string, alarm: PlanResource): Situation =>
  given(title, alarms(CONNECTIONS, PENDING, alarm));

const metric = (of: PropertyMap): PropertyMap => ({ stat: "Average", period: 60, ...of });
const USED = metric({
  namespace: "AWS/RDS",
  metricName: "DatabaseConnections",
  dimensions: { DBInstanceIdentifier: "db1234567" },
});
const IN_USE = metric({ namespace: "Shop", metricName: `${OTEL}.count`, dimensions: { pool: "api" } });
const SIZE = metric({ namespace: "Shop", metricName: `${OTEL}.max`, dimensions: { pool: "api" } });
const LIMIT = metric({ namespace: "Shop/Postgres", metricName: "max_connections" });
const REFUSED = metric({ namespace: "Shop", metricName: "refused", stat: "Sum" });
const math = (
  expression: string,
  metrics: { readonly [id: string]: PropertyMap },
  ...more: readonly PropertyMap[]
) =>
  metricAlarm("math", {
    threshold: 90,
    metricQueries: [
      { id: "result", expression, returnData: true },
      ...more,
      ...Object.entries(metrics).map(([id, of]) => ({ id, metric: of })),
    ],
  });
const HALF: PropertyMap = { id: "half", expression: "used / 2" };
const hiddenOn = (dimensions: PropertyValue) => connectionsAlarm({ dimensions }, { dimensions: [] });

const own = (name: string) =>
  metricAlarm(name, { namespace: "Shop", metricName: name, statistic: "Maximum", period: 60 });
const OWN = alarms(CONNECTIONS, own("PoolQueue"), own("PoolGaveUp"));
const names = (more: object = {}): Partial<Settings> => ({
  poolMetrics: [{ pending: ["PoolQueue"], timeouts: ["PoolGaveUp"], ...more }],
});
const elsewhere = (resource: string): Partial<Settings> => ({
  alarmsElsewhere: [{ where: "Datadog", reason: "the shop alerts there", resource }],
});
const both = (dimensions: PropertyValue, suffix = ""): PlanResource[] =>
  ["pending_requests", "timeouts"].map((each) =>
    poolAlarm(`${OTEL}.${each}`, { dimensions }, `${each}${suffix}`),
  );
const named = (name: string) => both({ "db.client.connection.pool.name": name }, `-${name}`);
const twoServices = (...each: readonly PlanResource[]) => ({
  ...alarms(CONNECTIONS, ...each),
  extra: worker(4, { service: { name: "worker" } }),
});
/** One container with a second pool, and the alarms on pools under these dimensions. */
const twoPools = (title: string, dimensions: PropertyValue): Situation =>
  given(
    title,
    { environment: environment({ DB_REPORTS: "2" }), ...alarms(CONNECTIONS, ...both(dimensions)) },
    {
      pools: [{ client: "api", pool: "reporting", library: "node-postgres" }],
    },
  );
const entryOf = (client: string): [Partial<Sample>, Partial<Settings>] => [
  { environment: environment({ DB_REPORTS: "2" }), ...OWN },
  { pools: [{ client: "api", pool: "reporting", library: "node-postgres" }], ...names({ client }) },
];

const cluster = auroraPlan({
  members: { "aurora-0": { instanceClass: "db.r6g.large" }, "aurora-1": { instanceClass: "db.r6g.large" } },
});
const ofCluster = (name: string, dimension: string, from: string) =>
  connectionsAlarm({ dimensions: { [dimension]: UNKNOWN }, threshold: 800 }, { dimensions: [from] }, name);
const onCluster = (...each: readonly PlanResource[]) => ({ resources: [...cluster, topic(), ...each] });
const byMember = ["aurora-0", "aurora-1"].map((name) =>
  ofCluster(name, "DBInstanceIdentifier", member(name)),
);

export const ALARMS_PRESENT = [
  given("Both sides are watched", alarms(CONNECTIONS, ...POOL)),
  given("The alarms are those that poolproof asks for"),
  given("Nothing is watched", alarms()).finds(DATABASE, 0, [1, null]).violates(0, [2, null]),
  given("The database is not watched", alarms(...POOL)).finds(DATABASE, 0, [1, null]),
  given("The database is not watched and its limit is hidden", {
    ...alarms(...POOL),
    parameters: UNKNOWN,
  }).finds(DATABASE, 0, [1, null]),
  given("The full pool is not watched", alarms(CONNECTIONS, TIMEOUTS)).violates(1, [2, null]),
  given("Those that give up are not watched", alarms(CONNECTIONS, PENDING)).violates(1, [2, null]),
  given("Silence is typed out for everything", alarms(), elsewhere("*")),
  given("Silence is typed out for the service", alarms(), elsewhere("api")).finds(DATABASE, 0, [1, null]),
  given("Silence is typed out for the database's URN", alarms(), elsewhere(DATABASE)).violates(0, [2, null]),
  given("A client and a database are described", alarms(CONNECTIONS, ...POOL), {
    databases: [{ name: "legacy", engine: "postgres", maxConnections: 100 }],
    clients: [undeclared("batch", 5, { database: "legacy" })],
  }),
  given(
    "A client of this database is described",
    { alarms: SAMPLE_ALARMS },
    { clients: [undeclared("batch", 5)] },
  ),

  ...[
    "db_client_connection_pending_requests",
    "db.client.connections.wait_time",
    `${OTEL}.count`,
    `${HIKARI}.pending`,
    "hikaricp_connections_pending",
    "hikaricp..connections..pending",
    `${HIKARI}.active.value`,
    "hikaricp_connections_acquire_seconds_max",
    "jdbc.connections.active",
  ].map((name) => onFullPool(`${name} tells of a full pool`, poolAlarm(name, { threshold: 0.5 }, "other"))),
  ...[`${HIKARI}.idle`, `${OTEL}.max`, `${OTEL}.use_time`].map((name) =>
    onFullPool(`${name} does not tell of a full pool`, poolAlarm(name, {}, "other")).violates(1, [2, null]),
  ),
  ...[
    "db_client_connection_timeouts_total",
    `${HIKARI}.timeout.count`,
    "hikaricp_connections_timeout_total",
  ].map((name) =>
    onTimeouts(`${name} tells of those that give up`, poolAlarm(name, { statistic: "Sum" }, "other")),
  ),
  onFullPool(
    "A pool's metric is in a namespace of AWS's",
    poolAlarm(`${OTEL}.pending_requests`, { namespace: "AWS/Pool" }),
  ).violates(1, [2, null]),
  onFullPool(
    "An expression watches the share in use",
    math("100 * used / limit", { used: IN_USE, limit: SIZE }),
  ),

  given("Metrics have names of their own", OWN).violates(0, [2, null]),
  given("The policy configuration names the metrics", OWN, names()),
  given(
    "The policy configuration names the metrics of the namespace and the client",
    OWN,
    names({ namespace: "Shop", client: "ap*" }),
  ),
  given(
    "The policy configuration names the metrics of the client by AWS's name",
    OWN,
    names({ client: "api-1234567" }),
  ),
  given(
    "The policy configuration names the metrics of another namespace",
    OWN,
    names({ namespace: "Bank" }),
  ).violates(0, [2, null]),
  given(
    "The policy configuration names the metrics of another client",
    OWN,
    names({ client: "worker" }),
  ).violates(0, [2, null]),
  given(
    "The policy configuration names the metrics of one of two pools",
    ...entryOf("api (reporting)"),
  ).violates(0, [2, null]),
  given("The policy configuration names the metrics of both pools by the URN", ...entryOf(SERVICE)),

  given("Both services are watched", twoServices(...named("api-1234567"), ...named("worker"))),
  given("The first service is watched, in capitals", twoServices(...named("API"))).finds(WORKER, 0, [
    2,
    null,
  ]),
  given("The second service is watched", twoServices(...named("worker"))).violates(0, [2, null]),
  given("A third service is watched", twoServices(...named("checkout")))
    .violates(0, [2, null])
    .finds(WORKER, 0, [2, null]),
  twoPools("The service's name means both pools", { service: "api-1234567" }),
  twoPools("A pool's own name means that one", { pool: "reporting" }).violates(0, [2, null]),
  twoPools("A pool's own name means that one, with the service's", {
    service: "api",
    pool: "reporting",
  }).violates(0, [2, null]),
  twoPools("Another value that is hidden means no pool", { service: "api", zone: UNKNOWN }),
  twoPools("Another name means neither pool", { pool: "checkout" })
    .violates(0, [2, null])
    .violates(0, [2, null]),
  twoPools("A number means neither pool", { pool: 5 }).violates(0, [2, null]).violates(0, [2, null]),
  twoPools("A hidden dimension may mean either pool", { kind: "hikari", pool: UNKNOWN }).undecided(
    "dimensions",
  ),
  twoPools("Hidden dimensions may mean either pool", UNKNOWN).undecided("dimensions"),

  onDatabase(
    "The alarm looks for too few connections",
    connectionsAlarm({ comparisonOperator: "LessThanThreshold", threshold: 1 }),
  ).finds(DATABASE, 0, [1, null]),
  onDatabase(
    "The alarm is on another metric of the database",
    connectionsAlarm({ metricName: "CPUUtilization", threshold: 90 }),
  ).finds(DATABASE, 0, [1, null]),
  onDatabase("The alarm is on a hidden proxy's connections", hiddenOn({ ProxyName: UNKNOWN })).finds(
    DATABASE,
    0,
    [1, null],
  ),
  onDatabase(
    "The alarm is on one target of a proxy",
    hiddenOn({ ProxyName: UNKNOWN, Target: "db1234567" }),
  ).finds(DATABASE, 0, [1, null]),
  onDatabase(
    "The alarm is on a database that is gone",
    connectionsAlarm({ dimensions: { DBInstanceIdentifier: "gone" } }),
  ).finds(DATABASE, 0, [1, null]),
  onDatabase(
    "The alarm is on a database that is gone, by name alone",
    hiddenOn({ DBInstanceIdentifier: "gone" }),
  ).finds(DATABASE, 0, [1, null]),
  onDatabase(
    "The identifier is hidden and made from the database",
    connectionsAlarm({ dimensions: { DBInstanceIdentifier: UNKNOWN } }),
  ),
  onDatabase("The identifier is hidden", hiddenOn({ DBInstanceIdentifier: UNKNOWN })).leavesOpen(
    DATABASE,
    "dimensions",
  ),
  onDatabase(
    "The identifier of a cluster is hidden",
    hiddenOn({ Role: "WRITER", DBClusterIdentifier: UNKNOWN }),
  ).leavesOpen(DATABASE, "dimensions"),
  onDatabase("The name of a service is hidden", hiddenOn({ ServiceName: UNKNOWN })).finds(DATABASE, 0, [
    1,
    null,
  ]),
  onDatabase("The role is hidden", hiddenOn({ Role: UNKNOWN })).finds(DATABASE, 0, [1, null]),
  onDatabase("The dimensions are hidden", hiddenOn(UNKNOWN)).leavesOpen(DATABASE, "dimensions"),
  onDatabase("The metric is hidden", connectionsAlarm({ metricName: UNKNOWN })).leavesOpen(
    DATABASE,
    "dimensions",
  ),
  onDatabase(
    "The metric is hidden in another namespace",
    connectionsAlarm({ metricName: UNKNOWN, namespace: "Shop" }),
  ).leavesOpen(DATABASE, "dimensions"),
  onDatabase(
    "The queries are hidden and made from the database",
    metricAlarm("math", { metricQueries: UNKNOWN }, { metricQueries: [DATABASE] }),
  ).leavesOpen(DATABASE, "dimensions"),
  onDatabase(
    "The alarm asks every database by SQL",
    metricAlarm("sql", {
      metricQueries: [
        {
          id: "most",
          expression: 'SELECT MAX(DatabaseConnections) FROM SCHEMA("AWS/RDS", DBInstanceIdentifier)',
          period: 60,
          returnData: true,
        },
      ],
    }),
  ).leavesOpen(DATABASE, "dimensions"),
  onDatabase(
    "The database of one of an expression's metrics is hidden",
    math("100 * used / limit", {
      used: { ...USED, dimensions: { DBInstanceIdentifier: UNKNOWN } },
      limit: LIMIT,
    }),
  ).leavesOpen(DATABASE, "dimensions"),
  onDatabase(
    "One of an expression's metrics is hidden",
    math("100 * used / limit", { used: { ...USED, metricName: UNKNOWN }, limit: LIMIT }),
  ).leavesOpen(DATABASE, "dimensions"),

  ...[
    "100 * used / other",
    "used + other",
    "IF(other > 0, used, 0)",
    "other / used",
    "RATE(used)",
    "100 * used / 389",
    "IF(used > 0, 1, 0)",
  ].map((expression) =>
    onDatabase(
      `${expression} changes with the connections`,
      math(expression, { used: USED, other: REFUSED }),
    ),
  ),
  ...[
    "FILL(other, 0) + 0 * used",
    "other",
    "100 / other + 0 * used",
    "100 * used / used",
    "other + 0 * used",
  ].map((expression) =>
    onDatabase(
      `${expression} does not change with the connections`,
      math(expression, { used: USED, other: REFUSED }),
    ).finds(DATABASE, 0, [1, null]),
  ),
  ...["half / 100", "half / other"].map((expression) =>
    onDatabase(
      `${expression} reads an expression on the connections`,
      math(expression, { used: USED, other: REFUSED }, HALF),
    ),
  ),
  onDatabase(
    "The metric itself is compared, of several",
    metricAlarm("math", {
      threshold: 300,
      metricQueries: [
        { id: "unused", expression: "other * 2" },
        { id: "other", metric: REFUSED },
        { id: "used", metric: USED, returnData: true },
      ],
    }),
  ),
  given(
    "An alarm of two forms is on something else",
    alarms(
      metricAlarm(
        "math",
        {
          metricQueries: [{ id: "jobs", metric: REFUSED }],
          metricName: "DatabaseConnections",
          namespace: "AWS/RDS",
        },
        { metricQueries: [DATABASE] },
      ),
    ),
  )
    .finds(DATABASE, 0, [1, null])
    .violates(0, [2, null]),

  given(
    "The pool of one of an expression's metrics is hidden",
    alarms(
      CONNECTIONS,
      math("100 * used / limit", { used: { ...IN_USE, dimensions: { pool: UNKNOWN } }, limit: LIMIT }),
    ),
    { clients: [undeclared("batch", 1)] },
  ).undecided("dimensions"),
  given(
    "The pool of one of an expression's metrics is hidden, and waiting is watched",
    alarms(
      CONNECTIONS,
      PENDING,
      math("100 * used / limit", { used: { ...IN_USE, dimensions: { pool: UNKNOWN } }, limit: LIMIT }),
    ),
    { clients: [undeclared("batch", 1)] },
  ).violates(1, [2, null]),
  given(
    "What is hidden is a database, and no pool is watched",
    alarms(hiddenOn({ DBInstanceIdentifier: UNKNOWN })),
  )
    .violates(0, [2, null])
    .leavesOpen(DATABASE, "dimensions"),

  given("A cluster is not watched", onCluster()).finds(CLUSTER, 0, [1, null]),
  given("A cluster is watched as a whole", onCluster(ofCluster("whole", "DBClusterIdentifier", CLUSTER))),
  given("Every instance of a cluster is watched", onCluster(...byMember)),
  given("One of a cluster's instances is watched", onCluster(...byMember.slice(1))).finds(CLUSTER, 0, [
    1,
    null,
  ]),
];
