import { describe, expect, it } from "vitest";
import { type PlanResource, type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { by, clientsOf, judge } from "../rules/judge";
import { PROXY, proxyResources } from "../sampleClients";
import {
  DATABASE,
  environment,
  madeFrom,
  environment as pgEnvironment,
  resource,
  SAFE,
  type Sample,
  samplePlan,
  TASK,
  tags,
  urn,
} from "../samplePlan";

const CLUSTER = urn("aws:rds/cluster:Cluster", "orders");
const WRITER = urn("aws:rds/clusterInstance:ClusterInstance", "orders-1");
const REPLICA = urn("aws:rds/instance:Instance", "db-replica");

const cluster = [
  resource("aws:rds/cluster:Cluster", "orders", {
    clusterIdentifier: "orders-1234567",
    engine: "aurora-postgresql",
    engineVersion: "16.6",
    endpoint: UNKNOWN,
  }),
  resource(
    "aws:rds/clusterInstance:ClusterInstance",
    "orders-1",
    { identifier: "orders-1-7654321", clusterIdentifier: "orders-1234567", instanceClass: "db.r6g.large" },
    { clusterIdentifier: [CLUSTER] },
  ),
];
const replica = resource(
  "aws:rds/instance:Instance",
  "db-replica",
  { identifier: "db-replica1234567", instanceClass: "db.m7g.large" },
  { replicateSourceDb: [DATABASE] },
);
const parameter = (from: string) =>
  resource("aws:ssm/parameter:Parameter", "host", { name: "/shop/host", value: UNKNOWN }, { value: [from] });

/** A container with these variables and, where asked, its host from the parameter `/shop/host`. */
function task(variables: { readonly [name: string]: string }, secret = false): PropertyMap {
  const container = {
    name: "api",
    environment: Object.entries(environment(variables)).map(([name, value]) => ({ name, value })),
    secrets: secret ? [{ name: "DB_HOST", valueFrom: "/shop/host" }] : [],
  };
  return { containerDefinitions: JSON.stringify([container]) };
}

function linkOf(extra: readonly PlanResource[], changes: Partial<Sample> = {}, declarations?: object) {
  const plan = samplePlan({ ...changes, extra });
  const none = { demand: [], pools: [], clients: [], notClients: [], databases: [] };
  const [client] = readStack(plan, { ...none, ...declarations }).clients;
  if (!client) throw new Error("the sample's service is a client");
  return client.database;
}
const named = (host: string, extra: readonly PlanResource[], variable = "DB_HOST") =>
  linkOf(extra, { taskDefinition: task({ [variable]: host }) });
const made = (from: string, extra: readonly PlanResource[]) =>
  linkOf([parameter(from), ...extra], { taskDefinition: task({}, true) });

describe("the database of a client", () => {
  it("is the cluster when its host is made from the cluster or from one of its instances", () => {
    expect(made(CLUSTER, cluster)).toMatchObject({ database: CLUSTER, via: "dependency" });
    expect(made(WRITER, cluster)).toMatchObject({ database: CLUSTER, via: "dependency" });
  });

  it.each([
    "/shop/host",
    "/shop",
    "/shop/",
  ])("is the one behind a parameter whose name or path its environment holds: %s", (value) => {
    const extra = [parameter(CLUSTER), ...cluster];
    const link = linkOf(extra, { taskDefinition: task({ CONFIG: value }) });
    expect(link).toMatchObject({ database: CLUSTER, via: "dependency" });
    expect(linkOf(extra, { taskDefinition: task({ CONFIG: "/sho" }) })).not.toMatchObject({
      database: CLUSTER,
    });
  });

  it("is a replica only where something leads there", () => {
    expect(linkOf([replica])).toMatchObject({ database: DATABASE, via: "only database" });
    expect(made(REPLICA, [replica])).toMatchObject({ database: REPLICA, via: "dependency" });
  });

  it.each([
    ["db1234567.abc123.eu-west-1.rds.amazonaws.com", DATABASE],
    ["DB1234567.abc123.eu-west-1.rds.amazonaws.com", DATABASE],
    ["db1234567.xyz.rds.amazonaws.com", DATABASE],
    ["orders-1234567.cluster-abc.eu-west-1.rds.amazonaws.com", CLUSTER],
    ["orders-1234567.cluster-ro-abc.eu-west-1.rds.amazonaws.com:5432", CLUSTER],
    ["orders-1-7654321.abc.eu-west-1.rds.amazonaws.com", CLUSTER],
    ["db1234567.abc123.cn-north-1.rds.amazonaws.com.cn", DATABASE],
  ])("is the one that %s names in plain text", (host, database) => {
    expect(named(host, cluster)).toMatchObject({ database, via: "name" });
  });

  it("is the one that a URL names, whose password is nowhere in the reading", () => {
    const url = "postgres://api:hunter2@orders-1234567.cluster-abc.eu-west-1.rds.amazonaws.com:5432/shop";
    const link = named(url, cluster, "DATABASE_URL");
    expect(link).toMatchObject({ database: CLUSTER, via: "name" });
    expect(JSON.stringify(link)).not.toContain("hunter2");
  });

  it("is not the stack's only one when the host names an endpoint of another stack", () => {
    const link = named("elsewhere.abc.eu-west-1.rds.amazonaws.com", []);
    expect(link).toMatchObject({ state: "unlinked" });
    expect(link).toMatchObject({
      reason: expect.stringMatching(/^`DB_HOST` contains an RDS endpoint that is not/),
    });
    expect(JSON.stringify(link)).not.toContain("elsewhere");
  });

  it("is undecided when the identifier of the stack's only one is not known yet", () => {
    const link = linkOf([], {
      taskDefinition: task({ DB_HOST: "shop.abc.eu-west-1.rds.amazonaws.com" }),
      database: { identifier: UNKNOWN },
    });
    expect(link).toMatchObject({ state: "unlinked" });
  });

  it.each([
    "notrds.example.com",
    "db1234567.abc.rds.amazonaws.com.evil.example",
    "localhost",
  ])("takes nothing from %s", (host) => {
    expect(named(host, [])).toMatchObject({ database: DATABASE, via: "only database" });
  });

  it("is the one in its own environment, whatever else went into the definition as a whole", () => {
    const plan = samplePlan({
      taskDefinition: task({ DB_HOST: "orders-1234567.cluster-abc.eu-west-1.rds.amazonaws.com" }),
      extra: cluster,
    });
    expect(
      readStack(madeFrom(plan, TASK, { containerDefinitions: [DATABASE, CLUSTER] })).clients[0]?.database,
    ).toMatchObject({ database: CLUSTER, via: "name" });
  });

  it("is ambiguous when its settings draw on two, until the tag says which", () => {
    const both = parameter(DATABASE);
    const twice = { ...both, propertyDependencies: { value: [DATABASE, CLUSTER] } };
    const sample = { taskDefinition: task({}, true) };
    expect(linkOf([twice, ...cluster], sample)).toMatchObject({
      state: "unlinked",
      reason: "its settings refer to 2 databases; set the tag `poolproof:database`",
    });
    const tagged = { ...sample, tags: tags({ "poolproof:database": "orders" }) };
    expect(linkOf([twice, ...cluster], tagged)).toMatchObject({ database: CLUSTER, via: "tag" });
  });

  it("is none where the tag says so, and then the service is no client", () => {
    const plan = samplePlan({ tags: tags({ "poolproof:database": "none" }) });
    expect(readStack(plan).clients).toEqual([]);
    expect(readStack(plan).unexamined).toContainEqual(expect.objectContaining({ usesDatabase: false }));
  });

  it("is not known while the tag is hidden or no text", () => {
    expect(linkOf([], { tags: tags({ "poolproof:database": UNKNOWN }) })).toMatchObject({
      state: "unlinked",
    });
    expect(linkOf([], { tags: tags({ "poolproof:database": 5 }) })).toMatchObject({
      reason: "the tag `poolproof:database` is 5, not a name",
    });
  });

  it("is one of the policy configuration where the tag or a host says its name", () => {
    const declarations = { databases: [{ name: "warehouse", engine: "postgres", maxConnections: 200 }] };
    const tagged = linkOf([], { tags: tags({ "poolproof:database": "warehouse" }) }, declarations);
    const hosted = linkOf(
      [],
      { taskDefinition: task({ DB_HOST: "warehouse.abc.eu-west-1.rds.amazonaws.com" }) },
      declarations,
    );
    expect(tagged).toMatchObject({ state: "linked", via: "tag" });
    expect(hosted).toMatchObject({ state: "linked", via: "name" });
    expect(linkOf([], {}, declarations)).toMatchObject({ database: DATABASE, via: "only database" });
  });
});

describe("a proxy between a client and its database", () => {
  const endpoint = resource(
    "aws:rds/proxyEndpoint:ProxyEndpoint",
    "readers",
    { dbProxyEndpointName: "readers", dbProxyName: "proxy-1234567", endpoint: UNKNOWN },
    { dbProxyName: [PROXY] },
  );
  const ENDPOINT = urn("aws:rds/proxyEndpoint:ProxyEndpoint", "readers");
  const proxies = proxyResources().filter(({ name }) => name !== "host");
  const through = { database: DATABASE, proxied: { state: "known", value: true }, proxy: PROXY };

  it("is there when the host is made from the proxy or from one of its endpoints", () => {
    expect(made(PROXY, proxies)).toMatchObject({ ...through, via: "dependency" });
    expect(made(ENDPOINT, [...proxies, endpoint])).toMatchObject({ ...through, via: "dependency" });
  });

  it.each([
    "proxy-1234567.proxy-abc.eu-west-1.rds.amazonaws.com",
    "readers.endpoint.proxy-abc.eu-west-1.rds.amazonaws.com",
  ])("is there when %s stands in plain text", (host) => {
    expect(named(host, [...proxies, endpoint])).toMatchObject({ ...through, via: "name" });
  });

  it("is not there when the host is the database's own", () => {
    expect(made(DATABASE, proxies)).toMatchObject({
      database: DATABASE,
      proxied: { state: "known", value: false },
      proxy: undefined,
    });
  });

  it("is not known when the settings draw on both, unless the tag names the proxy", () => {
    const both = { ...parameter(PROXY), propertyDependencies: { value: [PROXY, DATABASE] } };
    const sample = { taskDefinition: task({}, true) };
    expect(linkOf([both, ...proxies], sample)).toMatchObject({ proxied: { state: "unknown" } });
    const tagged = { ...sample, tags: tags({ "poolproof:database": "proxy" }) };
    expect(linkOf([both, ...proxies], tagged)).toMatchObject({ ...through, via: "tag" });
  });

  it("does not matter when it stands before another database", () => {
    const elsewhere = proxies.map((each) =>
      each.name === "proxy-target"
        ? resource(
            each.type,
            each.name,
            { dbProxyName: "proxy-1234567", dbClusterIdentifier: "orders-1234567" },
            { dbProxyName: [PROXY], dbClusterIdentifier: [CLUSTER] },
          )
        : each,
    );
    const link = linkOf([...elsewhere, ...cluster], { tags: tags({ "poolproof:database": "db" }) });
    expect(link).toMatchObject({ database: DATABASE, proxied: { state: "known", value: false } });
  });
});

it("the sample itself has one client, linked without a proxy", () => {
  expect(SAFE.extra).toEqual([]);
  expect(linkOf([])).toMatchObject({ proxied: { state: "known", value: false }, proxy: undefined });
});

const MYSQL = { engine: "mysql", engineVersion: "8.0" };
const onMysql = (environment: Sample["environment"], changes: Partial<Sample> = {}) => {
  const [client] = clientsOf(environment, {}, { database: MYSQL, ...changes });
  if (!client) throw new Error("no client");
  return client;
};
const ofLibrary = (library: string) => ({ tags: tags({ "poolproof:pool-library": library }) });

describe("a library that speaks one protocol alone", () => {
  it("is undecided where its database speaks the other, however it was found out", () => {
    const byTag = onMysql({ DB_POOL_MAX: "12" }, ofLibrary("node-postgres"));
    expect(byTag.library).toMatchObject({
      state: "unknown",
      reason:
        "node-postgres, as it is named, does not support db, which is mysql: the behaviour of its pool is not known",
      fix: expect.stringMatching(
        /\(mysql2, knex, (?!.*(?:node-postgres|postgres\.js|asyncpg|npgsql|keycloak))/,
      ),
    });
    const byMark = onMysql({ PG_POOL_MAX: "12" });
    expect(byMark.library).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("node-postgres, recognised by `PG_POOL_MAX`, does not support db"),
    });
    const [pg] = clientsOf({ MYSQL_CONNECTION_LIMIT: "12" });
    expect(pg?.library).toMatchObject({ reason: expect.stringContaining("mysql2, recognised by") });
  });

  it("is said even where every setting of its pool is known", () => {
    const [entry] = judge({ database: MYSQL, ...ofLibrary("node-postgres") }).undecided.filter(
      ({ rule }) => rule === "coverage",
    );
    expect(entry?.reason).toContain("does not support db");
  });

  it("still gives its names to what is set, and its defaults to nothing", () => {
    const { settings } = onMysql({ PG_POOL_MAX: "12" });
    expect(settings.poolMax.reading).toEqual({ state: "known", value: 12 });
    expect(settings.acquireTimeoutMs.reading).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("does not support"),
    });
  });

  it("says nothing where the engine is not known", () => {
    expect(onMysql({ PG_POOL_MAX: "12" }, { database: { engine: "oracle-ee" } }).library).toMatchObject({
      value: "node-postgres",
    });
  });

  it("holds for clients and databases that the policy configuration describes", () => {
    const client = { name: "jobs", poolMax: 2, instances: 1, database: "shop" };
    const clients = (engine: "mysql" | "postgres" | undefined, library: string) => {
      const described = { clients: [{ ...client, library }], databases: [{ name: "shop", engine }] };
      return clientsOf({}, described).find(({ kind }) => kind === "declared");
    };
    expect(clients("mysql", "node-postgres")?.library.state).toBe("unknown");
    expect(clients("mysql", "node-postgres")?.settings.acquireTimeoutMs.reading.state).toBe("unknown");
    expect(clients("mysql", "mysql2")?.library).toEqual({ state: "known", value: "mysql2" });
    expect(clients(undefined, "mysql2")?.library).toEqual({ state: "known", value: "mysql2" });
  });

  it("of several pools in a container is judged by each one's database", () => {
    const settings = {
      databases: [{ name: "legacy", engine: "mysql" }],
      pools: [
        { client: "api", pool: "legacy", database: "legacy", library: "mysql2", values: { poolMax: 2 } },
      ],
    };
    const libraries = clientsOf(pgEnvironment({}), settings).map(({ library }) => library);
    expect(libraries).toMatchObject([{ value: "node-postgres" }, { value: "mysql2" }]);
  });
});

describe("mysql2", () => {
  it("is recognised by its own names, and takes 0 for no limit at all", () => {
    const { library, settings } = onMysql({ MYSQL_CONNECTION_LIMIT: "7", MYSQL_QUEUE_LIMIT: "50" });
    expect(library).toMatchObject({ value: "mysql2", assumed: "recognised by `MYSQL_CONNECTION_LIMIT`" });
    expect(settings.poolMax.reading).toEqual({ state: "known", value: 7 });
    expect(settings.queueMax.reading).toEqual({ state: "known", value: 50 });
    expect(onMysql({ MYSQL_CONNECTION_LIMIT: "0" }).settings.poolMax.reading).toMatchObject({
      state: "malformed",
      shown: "unlimited (`MYSQL_CONNECTION_LIMIT` is 0)",
    });
  });

  it("has fixes that name what it has, and say what it has not", () => {
    const report = judge({ environment: { MYSQL_POOL_SIZE: "12" }, database: MYSQL });
    const [wait] = by(report, "acquire-timeout");
    expect(wait?.fix).toContain("(mysql2 has no option for it, so the program must implement the timeout)");
    const [idle] = by(report, "idle-order");
    expect(idle?.fix).toContain("mysql2's `idleTimeout`, with `maxIdle` below `connectionLimit`");
  });
});

describe("a setting that a secret hides", () => {
  const secret = (name: string): Sample["taskDefinition"] => ({
    containerDefinitions: JSON.stringify([{ name: "api", secrets: [{ name, valueFrom: "arn:x" }] }]),
  });

  it("is fixed by a plain value or the policy configuration", () => {
    const [client] = clientsOf({}, {}, { taskDefinition: secret("DB_POOL_MAX") });
    expect(client?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      fix: "Set `DB_POOL_MAX` as a plain value in the environment, or set `values.poolMax` of the client under `pools` in the policy configuration",
    });
  });

  it("of Prisma's URL by the policy configuration alone, and doing so decides it", () => {
    const changes = { taskDefinition: secret("DATABASE_URL"), ...ofLibrary("prisma-6") };
    const fix =
      "Set `values.poolMax` of the client under `pools` in the policy configuration: a plan shows no part of a hidden URL";
    const [client] = clientsOf({}, {}, changes);
    expect(client?.settings.poolMax.reading).toMatchObject({ state: "unknown", fix });
    expect(by(judge(changes), "undecided").map((finding) => finding.fix)).toContain(fix);
    const pools = [{ client: "api", values: { poolMax: 12 } }];
    expect(clientsOf({}, { pools }, changes)[0]?.settings.poolMax.reading).toMatchObject({ value: 12 });
  });
});
