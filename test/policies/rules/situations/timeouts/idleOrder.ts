import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { auroraPlan, limitTo } from "../../../auroraPlan";
import {
  container,
  containers,
  fromSecret,
  hostFrom,
  PROXIED_PARAMETERS,
  PROXY,
  proxyResources,
  secondProxy,
  throughProxy,
  undeclared,
} from "../../../sampleClients";
import { DATABASE, environment, GROUP, type Sample, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

type Variables = { readonly [name: string]: string };

const given = measuredIn("ms", SERVICE);
const session = (value: PropertyValue): Pick<Sample, "parameters"> => ({
  parameters: [...limitTo("400"), { name: "idle_session_timeout", value }],
});
const idle = (ms: string, more: Variables = {}) => ({
  environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: ms, ...more }),
});
const mysql = (...set: readonly PropertyMap[]): Partial<Sample> => ({
  database: { engine: "mysql", engineVersion: "8.4" },
  tags: tags({ "poolproof:pool-library": "mysql2" }),
  parameters: [...limitTo("400"), ...set],
});
const LATE = { DB_POOL_IDLE_TIMEOUT_MS: "1800000" };
const aroundProxy = (): Partial<Sample> => {
  const secrets = [
    { name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/itself" },
  ];
  return {
    ...containers(container("api", environment(LATE), { secrets })),
    extra: [...proxyResources(), hostFrom(DATABASE, "itself")],
  };
};
/** A second proxy before the same database that closes sooner. */
const hasty = secondProxy().map((each) =>
  each.type === "aws:rds/proxy:Proxy"
    ? { ...each, properties: { ...each.properties, idleClientTimeout: 5 } }
    : each,
);
const proxied = throughProxy();
const onCluster: Partial<Sample> = {
  tags: tags({ "poolproof:database": "aurora" }),
  extra: auroraPlan({
    cluster: { clusterIdentifier: "aurora", engineVersion: "17.4" },
    family: "aurora-postgresql17",
    members: { "orders-1": { instanceClass: "db.r6g.large" }, "orders-2": { instanceClass: "db.r6g.large" } },
    memberParameters: { "orders-1": [{ name: "idle_session_timeout", value: "5000" }] },
  }),
};

/** HikariCP with a lifetime of half an hour, before a server that closes after a quarter. */
const hikari = (more: Variables = {}): Partial<Sample> => ({
  environment: { HIKARI_MAXIMUM_POOL_SIZE: "12", ...more },
  ...session("900000"),
});

const DAY = 24 * 3_600_000;

export const IDLE_ORDER = [
  given(
    "Connections through a proxy live for almost a day",
    throughProxy({ DB_POOL_MAX_LIFETIME_MS: String(DAY - 1) }),
  ),
  given(
    "Connections through a proxy live for a day",
    throughProxy({ DB_POOL_MAX_LIFETIME_MS: String(DAY) }),
  ).advises(SERVICE, DAY, [1, DAY - 1]),
  given(
    "Connections through a proxy live without an end",
    throughProxy({ DB_POOL_MAX_LIFETIME_MS: undefined }),
  ).advises(SERVICE, 0, [1, DAY - 1]),
  given("HikariCP keeps its whole pool open", hikari()).violates(1_800_000, [1, 899_999]),
  given("HikariCP may close some of its pool", hikari({ HIKARI_MINIMUM_IDLE: "2" })),
  given("HikariCP keeps its connections alive", hikari({ HIKARI_KEEPALIVE_TIME: "120000" })),
  given("The server closes nothing, by default", idle("0")),
  given("The server closes nothing, as it is told", { ...idle("0"), ...session("0") }),
  given("The pool closes before the server", session("10001")),
  given("The pool closes with the server", session("10000")).violates(10000, [1, 9999]),
  given("The pool never closes", { ...idle("0"), ...session("600000") }).violates(0, [1, 599999]),
  given("The pool ends a connection's life before the server", {
    ...idle("0", { DB_POOL_MAX_LIFETIME_MS: "300000" }),
    ...session("300001"),
  }),
  given("The pool ends a connection's life with the server", {
    ...idle("0", { DB_POOL_MAX_LIFETIME_MS: "300000" }),
    ...session("300000"),
  }).violates(300000, [1, 299999]),
  given("The pool closes before MySQL's eight hours", { ...idle("28799999"), ...mysql() }),
  given("The pool closes with MySQL's eight hours", { ...idle("28800000"), ...mysql() }).violates(
    28800000,
    [1, 28799999],
  ),
  given("The pool closes with MySQL's minute", {
    ...idle("60000"),
    ...mysql({ name: "wait_timeout", value: "60" }),
  }).violates(60000, [1, 59999]),
  given("The pool never closes, as nobody says, on MySQL", {
    environment: { MYSQL_POOL_SIZE: "12" },
    ...mysql(),
  }).violates(0, [1, 28799999]),
  given("The pool closes with the proxy", throughProxy(LATE)).violates(1800000, [1, 1799999]),
  given("The pool closes before the proxy", throughProxy(LATE, { proxy: { idleClientTimeout: 1801 } })),
  given("The server behind a proxy closes first", {
    ...proxied,
    parameters: [
      ...(PROXIED_PARAMETERS as readonly PropertyMap[]),
      { name: "idle_session_timeout", value: "5000" },
    ],
  }),
  given("The pool may go through a proxy, and only the server closes first", {
    ...session("5000"),
    extra: proxyResources(),
  }).undecided("containerDefinitions"),
  given("The pool may go through a proxy, and both close first", {
    ...session("5000"),
    ...idle(LATE.DB_POOL_IDLE_TIMEOUT_MS),
    extra: proxyResources(),
  }).violates(1800000, [1, 4999]),
  given("The pool goes around the proxy", aroundProxy()),
  given("The pool goes through the slower of two proxies", {
    ...proxied,
    extra: [...hasty, ...(proxied.extra ?? [])],
  }),
  given("One instance of a cluster closes sooner than the others", onCluster).violates(10000, [1, 4999]),
  given("The server's limit is hidden", session(UNKNOWN)).leavesOpen(
    GROUP,
    "parameters.idle_session_timeout",
  ),
  given("The server's limit is a word", session("ten")).rejectsValue(
    GROUP,
    "parameters.idle_session_timeout",
  ),
  given(
    "The proxy's limit is a word",
    throughProxy({}, { proxy: { idleClientTimeout: "soon" } }),
  ).rejectsValue(PROXY, "idleClientTimeout"),
  given("The pool's limit is in a secret", {
    ...fromSecret("DB_POOL_IDLE_TIMEOUT_MS", environment({})),
    ...session("5000"),
  }).undecided("containerDefinitions"),
  given("The life of a connection is in a secret", {
    ...fromSecret("DB_POOL_MAX_LIFETIME_MS", environment({})),
    ...session("5000"),
  }).undecided("containerDefinitions"),
  given("The pool's limit is in a secret and a connection's life short", {
    ...fromSecret("DB_POOL_IDLE_TIMEOUT_MS", environment({ DB_POOL_MAX_LIFETIME_MS: "4000" })),
    ...session("5000"),
  }),
  given("The life of a connection is in a secret and the pool's limit short", {
    ...fromSecret("DB_POOL_MAX_LIFETIME_MS", environment({ DB_POOL_IDLE_TIMEOUT_MS: "4000" })),
    ...session("5000"),
  }),
  given("The pool's limit is a word", { ...idle("soon"), ...session("5000") }).malformed(
    "DB_POOL_IDLE_TIMEOUT_MS",
  ),
  given(
    "A client is described",
    { ...idle("4000"), ...session("5000") },
    { clients: [undeclared("batch", 2)] },
  ),
  given("The engine is hidden", { ...session("5000"), database: { engine: UNKNOWN } }),
];
