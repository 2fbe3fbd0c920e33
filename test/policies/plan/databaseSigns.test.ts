import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readContainers } from "../../../policies/plan/clients/containers";
import { dataSources, looksLikePool } from "../../../policies/plan/clients/databaseSigns";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { knownValue } from "../../../policies/plan/reading";
import { readStack } from "../../../policies/plan/stack";
import { by, judge } from "../rules/judge";
import { resource, SAFE, SERVICE, samplePlan } from "../samplePlan";

const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x";

/** A container with these variables; `null` stands for one that comes from a secret. */
function container(variables: { readonly [name: string]: string | null }, more: PropertyMap = {}) {
  const entries = Object.entries(variables);
  const definition = {
    name: "web",
    environment: entries.flatMap(([name, value]) => (value === null ? [] : [{ name, value }])),
    secrets: entries.flatMap(([name, value]) => (value === null ? [{ name, valueFrom: SECRET }] : [])),
    ...more,
  };
  const task = resource("aws:ecs/taskDefinition:TaskDefinition", "t", {
    containerDefinitions: JSON.stringify([definition]),
  });
  const [found] = knownValue(readContainers(task)) ?? [];
  if (!found) throw new Error("no container");
  return found;
}

const prefixes = (variables: { readonly [name: string]: string | null }) =>
  dataSources(container(variables)).map(({ prefix }) => prefix);
const hosts = (text: string) =>
  dataSources(container({ ANYTHING: text })).flatMap((each) =>
    each.hosts.map(({ kind, identifier }) => [kind, identifier]),
  );

describe("a database that a container names", () => {
  it.each([
    [
      "an RDS endpoint, whatever the variable is called",
      { X: "orders.c9akciq32abc.eu-west-1.rds.amazonaws.com" },
    ],
    ["a URL", { X: "postgres://app:pw@db.corp.internal/shop" }],
    ["a URL of a driver", { X: "postgresql+asyncpg://app@db/shop" }],
    ["a JDBC URL", { X: "jdbc:aws-wrapper:postgresql://db:5432/shop" }],
    ["an R2DBC URL", { X: "r2dbc:pool:mysql://db/shop" }],
    [
      "a connection string of .NET",
      { ConnectionStrings__Shop: "Server=db;Database=shop;User Id=app;Password=x" },
    ],
    ["a libpq string", { X: "host=db user=app dbname=shop" }],
    ["a DSN of Go", { X: "app:pw@tcp(db:3306)/shop" }],
    ["a host and a password of one prefix", { LEDGER_HOST: "ledger.internal", LEDGER_PASSWORD: null }],
    ["a host and a password that are both hidden", { LEDGER_HOST: null, LEDGER_PASSWORD: null }],
    ["a database's host", { WORDPRESS_DB_HOST: "db.corp.internal" }],
    ["libpq's variables", { PGHOST: "db.corp.internal", PGUSER: "app" }],
    ["a hidden URL by its name", { DATABASE_URL: null }],
    ["a hidden connection string by its name", { ConnectionStrings__Shop: null }],
    ["a password alone, of a database", { DB_PASSWORD: null }],
    ["the ARN of a database's secret", { DB_SECRET_ARN: SECRET }],
  ])("is seen by %s", (_, variables) => {
    expect(dataSources(container(variables))).toHaveLength(1);
  });

  it.each([
    ["a cache's host and password", { REDIS_HOST: "cache", REDIS_PASSWORD: null }],
    ["a mail server's", { SMTP_HOST: "mail", SMTP_PASSWORD: null }],
    ["a document store's", { MONGODB_HOST: "m", MONGODB_PASSWORD: null }],
    ["a web address", { API_URL: "https://db.example.com", DATABASE_DOCS_URL: "https://docs.example.com" }],
    ["a file", { DATABASE_URL: "file:./dev.db" }],
    ["a database in the process", { X: "jdbc:h2:mem:test", Y: "jdbc:sqlite:x.db" }],
    ["an empty host", { DB_HOST: "" }],
    ["a host without a password", { LEDGER_HOST: "ledger.internal" }],
  ])("is not %s", (_, variables) => {
    expect(dataSources(container(variables))).toEqual([]);
  });

  it("is seen in the command and the entry point", () => {
    expect(dataSources(container({}, { command: ["migrate", "--url=postgres://db/x"] }))).toHaveLength(1);
    expect(
      dataSources(
        container({}, { entryPoint: ["sh", "-c", "psql -h a.b1234567890c.eu-west-1.rds.amazonaws.com"] }),
      ),
    ).toHaveLength(1);
  });

  it.each([
    ["postgres://app:p@ss:w0rd@db.corp.internal:5432/shop", [["host", "db.corp.internal"]]],
    ["postgres:///shop?host=/var/run/postgresql", [["host", ""]]],
    ["postgres://app@[::1]:5432/shop", [["host", "::1"]]],
    [
      "postgres://a:1,b:2/shop",
      [
        ["host", "a"],
        ["host", "b"],
      ],
    ],
    ["mysql://app@orders.c9akciq32abc.eu-west-1.rds.amazonaws.com/x", [["database", "orders"]]],
    ["postgres://", [["host", ""]]],
  ])("is read out of %s", (text, expected) => {
    expect(hosts(text)).toEqual(expected);
  });

  it("is one for each prefix, with the usual words left out", () => {
    expect(
      prefixes({ DB_HOST: "a", DB_PASSWORD: null, DATABASE_URL: null, SPRING_DATASOURCE_URL: null }),
    ).toEqual([""]);
    expect(prefixes({ DB_HOST: "a", AUDIT_DB_HOST: "b", AUDIT_DB_PASSWORD: null }).sort()).toEqual([
      "",
      "AUDIT",
    ]);
    expect(prefixes({ DB1_HOST: "a", DB2_HOST: "b" }).sort()).toEqual(["1", "2"]);
  });

  it("is found in any text in time, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, value) => {
        expect(Array.isArray(dataSources(container({ [name]: value })))).toBe(true);
      }),
      { numRuns: 500 },
    );
    const long = `${"a.".repeat(50_000)}rds.amazonaws.com jdbc:${"x:".repeat(50_000)}`;
    const began = performance.now();
    dataSources(container({ X: long }));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("a variable that looks like a pool's or a server's", () => {
  const looks = (name: string, value: string | null = "5") =>
    looksLikePool(name, container({ [name]: value }));

  it("is one by the JSON that it holds", () => {
    expect(looks("NODE_CONFIG", '{"db":{"pool":{"max":60}}}')).toBe(true);
    expect(looks("NODE_CONFIG", '{"db":{"host":"db.internal"}}')).toBe(false);
    expect(looks("REDIS_CONFIG", '{"pool":{"max":60}}')).toBe(false);
    expect(looks("SPRING_APPLICATION_JSON", '{"pool":{"max":60}}')).toBe(false);
  });

  it("is none by the name of workers where the program has threads and does not fork", () => {
    const of = (name: string) => looksLikePool(name, container({ [name]: "5" }), false);
    expect(["QUEUE_CONCURRENCY", "WORKER_THREADS", "AUDIT_POOL_MAX"].map(of)).toEqual([false, false, true]);
  });

  it.each([
    "DB_AUDIT_POOL_MAX",
    "SPRING_DATASOURCE_READ_HIKARI_MAXIMUMPOOLSIZE",
    "KC_DB_POOL_MAX_SIZE",
    "PGX_MAX_CONNS",
    "GUNICORN_CMD_ARGS",
    "SIDEKIQ_CONCURRENCY",
    "RAILS_MAX_THREADS",
    "PHP_FPM_MAX_CHILDREN",
    "DATABASE_MAX_CONNECTIONS",
    "PG_MAX_CLIENTS",
    "DB_CONNECTIONS",
    "DW_DATABASE_MAXSIZE",
  ])("is one by its name: %s", (name) => {
    expect(looks(name)).toBe(true);
    expect(looks(name, null)).toBe(true);
  });

  it.each([
    "REDIS_POOL_SIZE",
    "SERVER_TOMCAT_THREADS_MAX",
    "SPRING_TASK_EXECUTION_POOL_MAX_SIZE",
    "NGINX_WORKER_PROCESSES",
    "GF_DATABASE_MAX_IDLE_CONN",
    "HTTP_MAX_CONNECTIONS",
    "UV_THREADPOOL_SIZE",
    "DB_POOL_MIN",
    "DB_POOL_TIMEOUT",
    "WORKER_QUEUE",
    "PORT",
  ])("is none: %s", (name) => expect(looks(name, "jobs")).toBe(false));

  it("makes its client undecided until the policy configuration says what it is", () => {
    const environment = { ...SAFE.environment, AUDIT_POOL_SIZE: "20" };
    const undecided = (settings = {}) =>
      judge({ environment }, settings).undecided.map(({ rule, property }) => [rule, property]);
    expect(undecided()).toEqual([["coverage", "AUDIT_POOL_SIZE"]]);
    expect(undecided({ pools: [{ client: "api", ignoredVariables: ["AUDIT_*"] }] })).toEqual([]);
    const audit = {
      client: "api",
      pool: "audit",
      library: "node-postgres",
      database: "db",
      variables: { poolMax: ["AUDIT_POOL_SIZE"] },
    };
    expect(undecided({ pools: [audit] }).filter(([, property]) => property === "AUDIT_POOL_SIZE")).toEqual(
      [],
    );
  });

  it("does not take a violation away", () => {
    const environment = { ...SAFE.environment, DB_POOL_MAX: "3", AUDIT_POOL_SIZE: "20" };
    expect(by(judge({ environment }), "pool-floor")).toHaveLength(1);
  });
});

describe("a second database in one container", () => {
  it("is undecided, and settled by a pool of its own", () => {
    const environment = { ...SAFE.environment, AUDIT_DB_HOST: "audit.corp.internal" };
    const undecided = (settings = {}) =>
      judge({ environment }, settings).undecided.filter(({ property }) => property === "AUDIT_DB_HOST");
    const first = { ...environment, DB_HOST: "db1234567.c9akciq32abc.eu-west-1.rds.amazonaws.com" };
    expect(judge({ environment: first }).undecided.map(({ property }) => property)).toContain(
      "AUDIT_DB_HOST",
    );
    expect(
      undecided({
        pools: [
          { client: "api", pool: "audit", database: "db", library: "node-postgres", values: { poolMax: 2 } },
        ],
      }),
    ).toEqual([]);
  });

  it("is never the first of two endpoints in silence", () => {
    const second = resource("aws:rds/instance:Instance", "audit", {
      identifier: "audit",
      engine: "postgres",
      instanceClass: "db.m7g.large",
    });
    const environment = {
      ...SAFE.environment,
      DB_HOST: "db1234567.c9akciq32abc.eu-west-1.rds.amazonaws.com",
      AUDIT_DB_HOST: "audit.c9akciq32abc.eu-west-1.rds.amazonaws.com",
    };
    const [client] = readStack(samplePlan({ environment, extra: [second] })).clients;
    expect(client?.database.state).toBe("unlinked");
    const foreign = { ...environment, AUDIT_DB_HOST: "elsewhere.c9akciq32abc.eu-west-1.rds.amazonaws.com" };
    expect(readStack(samplePlan({ environment: foreign })).clients[0]?.database.state).toBe("unlinked");
  });
});

describe("a service whose containers are hidden", () => {
  const made = (type: string, secret = false) => {
    const source = resource(type, "source", {});
    const plan = samplePlan({ tags: {}, taskDefinition: { containerDefinitions: UNKNOWN }, extra: [source] });
    return {
      resources: plan.resources.map((each) =>
        each.name === "api-task"
          ? {
              ...each,
              propertyDependencies: { containerDefinitions: [source.urn] },
              secretProperties: secret ? ["containerDefinitions"] : [],
            }
          : each,
      ),
    };
  };
  const reading = (type: string, secret = false) => {
    const stack = readStack(made(type, secret));
    const entry = stack.unexamined.find(({ resource: each }) => each === SERVICE);
    return stack.clients.length > 0 ? "client" : entry?.undecided === undefined ? "listed" : "undecided";
  };

  it.each([
    "aws:ecr/repository:Repository",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:lb/loadBalancer:LoadBalancer",
    "awsx:ecr:Image",
    "docker-build:index:Image",
  ])("is no client where they are made from %s alone", (type) => expect(reading(type)).toBe("listed"));

  it.each([
    "pulumi:pulumi:StackReference",
    "acme:index/thing:Thing",
    "aws:secretsmanager/secret:Secret",
  ])("is undecided where they are made from %s", (type) => expect(reading(type)).toBe("undecided"));

  it("is undecided where they hold a secret of the configuration", () => {
    expect(reading("aws:ecr/repository:Repository", true)).toBe("undecided");
  });

  it("is a client where they are made from a database", () => {
    expect(reading("aws:rds/instance:Instance")).toBe("client");
  });

  it("is undecided in a stack without a database as well", () => {
    const { resources } = made("pulumi:pulumi:StackReference");
    const stack = readStack({ resources: resources.filter(({ type }) => !type.startsWith("aws:rds/")) });
    expect(stack.unexamined.filter(({ undecided }) => undecided !== undefined)).toHaveLength(1);
  });
});
