import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { stackBudget } from "../../../policies/budget/budget";
import { foundIn } from "../../../policies/init/detected";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { installedCommand } from "../command";
import { GROUP, samplePlan, withProperties } from "../samplePlan";

const { folder, run } = installedCommand();

/** A service with a database, whose size and tags a stack sets. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const aws = { ecs: require("@pulumi/aws/ecs"), rds: require("@pulumi/aws/rds") };
const config = new pulumi.Config();
const params = new aws.rds.ParameterGroup("params", {
  family: "postgres17",
  parameters: [
    ...(config.get("limit") ? [{ name: "max_connections", value: config.require("limit"), applyMethod: "pending-reboot" }] : []),
    { name: "rds.force_ssl", value: "1" },
    { name: "idle_in_transaction_session_timeout", value: "30000" },
  ],
});
new aws.rds.Instance("db", { engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.large", parameterGroupName: params.name });
const definition = new aws.ecs.TaskDefinition("api", {
  family: "api",
  containerDefinitions: JSON.stringify([{
    name: "api", image: "api:1", stopTimeout: 60,
    environment: [
      { name: "DB_POOL_MAX", value: config.require("pool") },
      { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
      { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
      { name: "DB_QUERY_TIMEOUT_MS", value: "3000" },
      { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
      { name: "REQUEST_TIMEOUT_MS", value: "10000" },
    ],
  }]),
});
new aws.ecs.Service("api", {
  taskDefinition: definition.arn, desiredCount: 4, deploymentMaximumPercent: 200, deploymentMinimumHealthyPercent: 100,
  tags: config.getBoolean("tagged")
    ? { "poolproof:peak-requests-per-second": "100", "poolproof:db-hold-ms": "20" }
    : {},
});`;

const stackFile = (settings: { readonly [key: string]: string | number | boolean }): string =>
  `config:\n${Object.entries(settings)
    .map(([key, value]) => `  shop:${key}: ${JSON.stringify(value)}\n`)
    .join("")}`;

const project = () =>
  folder({
    "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
    "index.js": PROGRAM,
    "Pulumi.good.yaml": stackFile({ limit: "200", pool: "10", tagged: true }),
    "Pulumi.starved.yaml": stackFile({ limit: "200", pool: "1", tagged: true }),
    "Pulumi.silent.yaml": stackFile({ pool: "10", tagged: false }),
  });

const read = (cwd: string, file = "poolproof.json") =>
  JSON.parse(readFileSync(path.join(cwd, file), "utf8")) as {
    readonly [policy: string]: unknown;
    readonly "poolproof-settings": { readonly [setting: string]: unknown };
  };

describe("poolproof init", () => {
  it("keeps every rule that finds nothing as a gate: what is too small tomorrow is rejected", async () => {
    const cwd = project();
    const { code, stdout, stderr } = await run(["init", "--stack", "good"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Object.keys(read(cwd))).toEqual(["poolproof-settings"]);
    expect(read(cwd)["poolproof-settings"].undecided).toBe("reject");
    expect(stdout).toContain("✔ good: accepted");
    expect(stdout).not.toContain("to do");
    const later = await run(["check", "starved", "--policy-config", "poolproof.json"], { cwd });
    expect(later.code).toBe(1);
    expect(later.stdout).toContain("✖ pool-floor");
  });

  it("lets a rule that finds something warn, and that rule alone", async () => {
    const cwd = project();
    const { stdout } = await run(["init", "starved", "--output", "policy.json"], { cwd });
    const { "poolproof-settings": _, ...levels } = read(cwd, "policy.json");
    expect(levels).toEqual({ "pool-floor": "advisory" });
    expect(stdout.replace(/\s+/g, " ")).toContain("fix the 1 finding of pool-floor");
    expect(stdout).toContain("check --stack starved --policy-config policy.json");
  });

  it("writes entries for what people must add, with what they add in a note, and marks what it assumes", async () => {
    const cwd = project();
    const { stdout } = await run(["init", "silent"], { cwd });
    const { demand, databases, notes } = read(cwd)["poolproof-settings"];
    expect(demand).toEqual([
      {
        service: "api",
        note: "to do: `peakRequestsPerSecond` (or the tag `poolproof:peak-requests-per-second`) and `holdMs` (or the tag `poolproof:db-hold-ms`), measured at the peak",
      },
    ]);
    expect(databases).toEqual([
      { name: "db", note: "to do: `maxConnections`, the result of `SHOW max_connections`" },
    ]);
    const marked = notes as readonly string[];
    expect(marked).toContainEqual(expect.stringMatching(/^found: client api: node-postgres, pool of 10 × 8/));
    expect(marked).toContainEqual(expect.stringMatching(/^assumed: db: \d+ connections are an estimate/));
    expect(marked).toContainEqual(
      expect.stringMatching(/^assumed: api: node-postgres .*recognised by `DB_POOL_ACQUIRE_TIMEOUT_MS`/),
    );
    expect(marked).toContainEqual(
      expect.stringMatching(/^assumed: api: it uses db, because the stack has no other/),
    );
    for (const line of marked.filter((each) => each.startsWith("assumed: "))) {
      expect(stdout.replace(/\s+/g, " ")).toContain(line.replace("assumed: ", ""));
    }
  });

  it("counts what is then filled in: the demand gives a floor, the limit is confirmed", async () => {
    const cwd = project();
    await run(["init", "silent"], { cwd });
    const written = read(cwd);
    const settings = written["poolproof-settings"];
    const completed = {
      "poolproof-settings": {
        ...settings,
        demand: [{ service: "api", peakRequestsPerSecond: 100, holdMs: 20, note: "measured on a Monday" }],
        databases: [{ name: "db", maxConnections: 333 }],
      },
    };
    writeFileSync(path.join(cwd, "poolproof.json"), JSON.stringify(completed));
    const args = ["check", "silent", "--policy-config", "poolproof.json", "--format", "json"];
    const { code, stdout } = await run(args, { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).budgets[0]).toMatchObject({
      maxConnections: 333,
      maxConnectionsSource: "confirmed",
      clients: [{ floor: 2, poolMax: 10 }],
    });
  });

  it("says which values stand in for a pool that no preview shows, and counts them once they are given", async () => {
    const hidden = PROGRAM.replace("new aws.rds.Instance", "const db = new aws.rds.Instance")
      .replace("JSON.stringify([{", "db.address.apply((host) => JSON.stringify([{")
      .replace("  }]),", "  }])),");
    const cwd = folder({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "index.js": hidden,
      "Pulumi.good.yaml": stackFile({ limit: "200", pool: "10", tagged: true }),
    });
    const { stdout } = await run(["init", "good"], { cwd });
    const entry =
      /declare the settings of api's pool that a preview does not show: add (\{.*\}) to `pools`/.exec(
        stdout.replace(/\s+/g, " "),
      );
    const values: { readonly [setting: string]: number } = {
      poolMax: 10,
      processesPerTask: 1,
      acquireTimeoutMs: 1_000,
      statementTimeoutMs: 2_000,
      queryTimeoutMs: 3_000,
      lockTimeoutMs: 1_000,
      requestTimeoutMs: 10_000,
    };
    const given = JSON.parse(
      (entry?.[1] ?? "").replace(
        /"(\w+)": …/g,
        (_all, name: string) => `"${name}": ${values[name] ?? 30_000}`,
      ),
    );
    const pools = [{ ...given, stopTimeoutSeconds: 60 }];
    writeFileSync(
      path.join(cwd, "poolproof.json"),
      JSON.stringify({ "poolproof-settings": { undecided: "reject", pools } }),
    );
    const args = ["check", "good", "--policy-config", "poolproof.json", "--format", "json"];
    const { code, stdout: report } = await run(args, { cwd });
    const { verdict, undecided, budgets } = JSON.parse(report);
    expect({ code, verdict, undecided }).toEqual({ code: 0, verdict: "accepted", undecided: [] });
    expect(budgets[0].clients).toMatchObject([{ floor: 2, poolMax: 10 }]);
  });

  it("reads a state where a program cannot be run, and says the command that judges the same", async () => {
    const type = "aws:rds/instance:Instance";
    const inputs = { engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.large" };
    const urn = `urn:pulumi:live::shop::${type}::db`;
    const db = { urn, type, custom: true, id: "db", inputs, outputs: inputs };
    const cwd = folder({ "now.json": JSON.stringify({ version: 3, deployment: { resources: [db] } }) });
    const { code, stdout, stderr } = await run(["init", "--state", "now.json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("npx poolproof analyze --state now.json --policy-config poolproof.json");
    expect(read(cwd)["poolproof-settings"].notes).toContain("written by `poolproof init` for the stack live");
    const args = ["analyze", "--state", "now.json", "--policy-config", "poolproof.json"];
    expect((await run(args, { cwd })).code).toBe(0);
  });

  it("writes over a file only when it is told to", async () => {
    const cwd = project();
    const file = path.join(cwd, "poolproof.json");
    writeFileSync(file, "mine");
    const refused = await run(["init", "good"], { cwd });
    expect(refused).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: poolproof.json already exists: overwrite it with `--force`, or use another file with `--output FILE`\n",
    });
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect((await run(["init", "good", "--force"], { cwd })).code).toBe(0);
    expect(read(cwd)["poolproof-settings"].undecided).toBe("reject");
  });

  it("says of a stack without a database what it did not find, and where to describe it", async () => {
    const cwd = folder({ "Pulumi.yaml": "name: empty\nruntime: nodejs\n", "index.js": "" });
    const { code, stdout } = await run(["init", "--stack", "dev"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("no database and no pool that poolproof reads");
  });

  it.each([
    ["no stack", ["init"], /^error: which stack\? .*\n$/],
    [
      "a stack that does not exist",
      ["init", "god"],
      /^error: there is no stack "god".*did you mean good\?.*\n$/,
    ],
    ["an option of another command", ["init", "good", "--format", "json"], /^error: option '--format' .*\n$/],
    [
      "a folder for a file",
      ["init", "good", "--output", "."],
      /^error: --output: \. is a folder; name a file in it\n$/,
    ],
    [
      "an export together with a program",
      ["init", "--state", "now.json", "--cwd", "."],
      /^error: --state stands for the program: .*\n$/,
    ],
    [
      "a file that cannot be written",
      ["init", "good", "--output", "index.js/policy.json"],
      /^error: --output: .*index\.js is not a folder.*\n$/,
    ],
  ])("refuses %s in one line, and writes nothing", async (_what, args, expected) => {
    const { code, stdout, stderr } = await run(args, { cwd: project() });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(expected);
  });
});

interface Program {
  readonly image?: string;
  readonly command?: string;
  readonly environment?: { readonly [name: string]: string };
  readonly engine?: "mysql";
}

/** The library that `init` names for a service of which nothing but image, command and variables speaks. */
function namedFor({ image = "example/api:1", command, environment = {}, engine }: Program): string {
  const container = {
    name: "api",
    image,
    environment: Object.entries({ DB_HOST: "db.internal", ...environment }).map(([name, value]) => ({
      name,
      value,
    })),
    ...(command && { command: command.split(" ") }),
  };
  const plan = samplePlan({
    taskDefinition: { containerDefinitions: JSON.stringify([container]) },
    ...(engine && { database: { engine, engineVersion: "8.0" } }),
  });
  const lines = foundIn(
    stackBudget(
      readStack(engine ? withProperties(plan, GROUP, { family: "mysql8.0" }) : plan),
      DEFAULT_SETTINGS,
    ),
  );
  return /^client api: ([^,]+),/m.exec(lines.join("\n"))?.[1] ?? "";
}

const CS = "ConnectionStrings__Default";

describe("the library that `init` names", () => {
  it.each<[string, string, Program]>([
    [
      "Rails on Puma",
      "active-record",
      { command: "bundle exec puma", environment: { RAILS_ENV: "production" } },
    ],
    ["Sidekiq", "active-record", { command: "bundle exec sidekiq" }],
    [
      "Django",
      "django",
      { command: "gunicorn shop.wsgi", environment: { DJANGO_SETTINGS_MODULE: "shop.settings" } },
    ],
    [
      "pgxpool by its URL",
      "pgxpool",
      { environment: { DATABASE_URL: "postgres://a@db/shop?pool_max_conns=8" } },
    ],
    ["postgres.js by its variables", "postgres.js", { environment: { PGMAX: "8" } }],
    ["Directus, and Knex by its options", "knex", { environment: { DB_POOL__MAX: "8" } }],
    ["TypeORM", "typeorm", { environment: { TYPEORM_HOST: "db", TYPEORM_DATABASE: "shop" } }],
    ["Sequelize by its options", "sequelize", { environment: { SEQUELIZE_POOL_MAX: "8" } }],
    ["asyncpg by its options", "asyncpg", { environment: { ASYNCPG_POOL_MAX_SIZE: "8" } }],
    ["psycopg_pool by its options", "psycopg-pool", { environment: { PSYCOPG_POOL_MAX_SIZE: "8" } }],
    [
      "Npgsql, as the database is PostgreSQL",
      "npgsql",
      { environment: { [CS]: "Host=db;Maximum Pool Size=8" } },
    ],
    [
      "MySqlConnector, as it is MySQL",
      "mysqlconnector",
      { engine: "mysql", environment: { [CS]: "Server=db;Maximum Pool Size=8" } },
    ],
    ["PHP-FPM", "php", { command: "php-fpm", environment: { PHP_MEMORY_LIMIT: "256M" } }],
    ["Quarkus", "agroal", { environment: { QUARKUS_DATASOURCE_JDBC_URL: "jdbc:postgresql://db/shop" } }],
    ["Spring", "hikaricp", { environment: { SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop" } }],
    [
      "Tomcat's pool by Spring's type",
      "tomcat-jdbc",
      { environment: { SPRING_DATASOURCE_TYPE: "org.apache.tomcat.jdbc.pool.DataSource" } },
    ],
    ["Spring WebFlux", "r2dbc-pool", { environment: { SPRING_R2DBC_URL: "r2dbc:postgresql://db/shop" } }],
    ["Phoenix", "ecto", { environment: { PHX_SERVER: "true", POOL_SIZE: "8" } }],
    ["sqlx by its options", "sqlx", { environment: { SQLX_MAX_CONNECTIONS: "8" } }],
    ["deadpool", "deadpool", { environment: { PG__HOST: "db" } }],
    [
      "the mariadb connector by its options",
      "mariadb",
      { engine: "mysql", environment: { MARIADB_CONNECTION_LIMIT: "8" } },
    ],
    [
      "Prisma by its URL, its version open",
      "prisma",
      { environment: { DATABASE_URL: "postgres://a@db/shop?connection_limit=8" } },
    ],
    ["Keycloak", "keycloak", { image: "quay.io/keycloak/keycloak:26.0" }],
    ["Hasura", "hasura", { image: "hasura/graphql-engine:v2.44.0" }],
    ["Airflow", "airflow", { image: "apache/airflow:2.10.0" }],
    ["n8n", "n8n", { image: "n8nio/n8n:1.80.0" }],
    ["Metabase", "metabase", { image: "metabase/metabase:v0.52" }],
    ["Grafana", "grafana", { image: "grafana/grafana-oss:11.4.0" }],
    ["Miniflux", "miniflux", { image: "ghcr.io/miniflux/miniflux:2.2.4" }],
    ["WordPress", "wordpress", { engine: "mysql", image: "wordpress:6.7-apache" }],
  ])("is right for %s", (_, library, program) => {
    expect(namedFor(program)).toBe(library);
  });

  it.each<[string, Program]>([
    ["a size that programs on every library set", { environment: { DB_POOL_MAX: "8" } }],
    ["Celery, whose tasks use any library", { command: "celery -A shop worker -c 4" }],
    ["an image of one's own", { image: "example/grafana-like-thing:1" }],
  ])("is left open by %s", (_, program) => {
    expect(namedFor(program)).toBe("library not known");
  });
});
