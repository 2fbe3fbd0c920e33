import { describe, expect, it } from "vitest";
import type { Plan } from "../../../../policies/plan/plan";
import { POOL_PROFILES } from "../../../../policies/plan/pools/libraries";
import { knownValue } from "../../../../policies/plan/reading";
import { readStack } from "../../../../policies/plan/stack";
import { connectionBudget } from "../../../../policies/rules/pools/connectionBudget";
import { poolFloor } from "../../../../policies/rules/pools/poolFloor";
import { DATABASE, GROUP, SERVICE, samplePlan, tags, withProperties } from "../../samplePlan";
import { findings } from "../judge";

type Variables = { readonly [name: string]: string };

/** A service in a library's usual style. The sample's demand needs 11 connections of each of 8 tasks, and its database lets 19. */
interface Program {
  readonly library: string;
  /** What it sets where it leaves its pool alone. */
  readonly plain?: Variables;
  /** How it sets a pool of this size. */
  readonly sized: (n: number) => Variables;
  readonly command?: (n: number | undefined) => string;
  readonly image?: string;
  readonly engine?: "mysql";
  /** Nothing in it names the library when its pool is left alone: its tag does. */
  readonly tagged?: "when plain" | "always";
  /** What its defaults come to. */
  readonly plainIs: Verdict;
  /** What no plan shows of it, whatever its size: its verdict then. */
  readonly alwaysOpen?: true;
}

type Verdict = "too small" | "right" | "too large" | "open" | "unlimited";

const one = (name: string, more: Variables = {}) => ({
  plain: more,
  sized: (n: number): Variables => ({ ...more, [name]: String(n) }),
});
const url =
  (query: (n: number) => string, scheme = "postgres") =>
  (n: number) => ({
    DATABASE_URL: `${scheme}://app@db.internal/shop?${query(n)}`,
  });
const UVICORN = () => "uvicorn app:app --host 0.0.0.0";
const ado = (text: string) => (n: number) => ({
  ConnectionStrings__Default: `${text};Maximum Pool Size=${n};Timeout=5`,
});

const program = (
  library: string,
  how: Pick<Program, "plain" | "sized">,
  more: Partial<Program> = {},
): Program => ({ library, plainIs: "too small", ...how, ...more });
const TAGGED = { tagged: "when plain" } as const;
const MYSQL = { engine: "mysql" } as const;

const PROGRAMS: readonly Program[] = [
  program("node-postgres", one("PG_POOL_MAX"), TAGGED),
  program("mysql2", one("MYSQL_CONNECTION_LIMIT"), { ...TAGGED, ...MYSQL }),
  program("postgres.js", one("PGMAX"), TAGGED),
  program("knex", one("KNEX_POOL_MAX", { KNEX_POOL_MIN: "2" })),
  program("typeorm", one("TYPEORM_POOL_SIZE", { TYPEORM_HOST: "db.internal" })),
  program("sequelize", one("SEQUELIZE_POOL_MAX"), TAGGED),
  program(
    "prisma",
    { sized: url((n) => `connection_limit=${n}`) },
    { ...TAGGED, plainIs: "open", alwaysOpen: true },
  ),
  program("prisma-6", { sized: url((n) => `connection_limit=${n}`) }, { tagged: "always", plainIs: "open" }),
  program("mariadb", one("MARIADB_CONNECTION_LIMIT"), { ...TAGGED, ...MYSQL }),
  program("mysql", one("DB_CONNECTION_LIMIT"), { ...MYSQL, tagged: "always" }),
  program("slonik", one("SLONIK_MAXIMUM_POOL_SIZE"), TAGGED),
  program("n8n", one("DB_POSTGRESDB_POOL_SIZE"), { image: "n8nio/n8n:1.80.0" }),
  program(
    "hikaricp",
    one("SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", {
      SPRING_DATASOURCE_URL: "jdbc:postgresql://db.internal/shop",
    }),
  ),
  program(
    "tomcat-jdbc",
    one("SPRING_DATASOURCE_TOMCAT_MAX_ACTIVE", {
      SPRING_DATASOURCE_TYPE: "org.apache.tomcat.jdbc.pool.DataSource",
    }),
    { plainIs: "too large" },
  ),
  program(
    "dbcp2",
    one("SPRING_DATASOURCE_DBCP2_MAX_TOTAL", {
      SPRING_DATASOURCE_TYPE: "org.apache.commons.dbcp2.BasicDataSource",
    }),
  ),
  program(
    "r2dbc-pool",
    one("SPRING_R2DBC_POOL_MAX_SIZE", { SPRING_R2DBC_URL: "r2dbc:postgresql://db.internal/shop" }),
  ),
  program(
    "agroal",
    one("QUARKUS_DATASOURCE_JDBC_MAX_SIZE", {
      QUARKUS_DATASOURCE_JDBC_URL: "jdbc:postgresql://db.internal/shop",
    }),
    { plainIs: "open" },
  ),
  program("keycloak", one("KC_DB_POOL_MAX_SIZE", { KC_DB: "postgres" }), {
    image: "quay.io/keycloak/keycloak:26.0",
    plainIs: "too large",
  }),
  program("metabase", one("MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE", { MB_DB_TYPE: "postgres" }), {
    image: "metabase/metabase:v0.52",
    plainIs: "open",
    alwaysOpen: true,
  }),
  program(
    "sqlalchemy",
    {
      plain: { SQLALCHEMY_DATABASE_URI: "postgresql://app@db.internal/shop" },
      sized: (n) => ({ SQLALCHEMY_POOL_SIZE: String(n), SQLALCHEMY_MAX_OVERFLOW: "0" }),
    },
    { command: UVICORN, plainIs: "right" },
  ),
  program(
    "django",
    {
      plain: { DJANGO_SETTINGS_MODULE: "shop.settings" },
      sized: () => ({ DJANGO_SETTINGS_MODULE: "shop.settings" }),
    },
    { command: (n) => `gunicorn shop.wsgi${n === undefined ? "" : ` -w ${n}`}` },
  ),
  program("psycopg-pool", one("PSYCOPG_POOL_MAX_SIZE"), { ...TAGGED, command: UVICORN }),
  program("asyncpg", one("ASYNCPG_POOL_MAX_SIZE"), { ...TAGGED, command: UVICORN }),
  program("aiomysql", one("AIOMYSQL_POOL_MAXSIZE"), { ...TAGGED, command: UVICORN, ...MYSQL }),
  program(
    "airflow",
    {
      sized: (n) => ({
        AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE: String(n),
        AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW: "0",
      }),
    },
    { image: "apache/airflow:2.10.0", plainIs: "right" },
  ),
  program("go-database-sql", one("DB_MAX_OPEN_CONNS", { DB_CONN_MAX_LIFETIME: "5m" }), {
    plainIs: "unlimited",
  }),
  program("pgxpool", { sized: url((n) => `pool_max_conns=${n}`) }, { ...TAGGED, plainIs: "open" }),
  program(
    "active-record",
    {
      plain: { RAILS_ENV: "production" },
      sized: (n) => ({ RAILS_ENV: "production", RAILS_MAX_THREADS: String(n) }),
    },
    { command: () => "bundle exec puma" },
  ),
  program("php", one("PHP_FPM_PM_MAX_CHILDREN", { PHP_MEMORY_LIMIT: "256M" }), { command: () => "php-fpm" }),
  program("wordpress", one("APACHE_MAX_REQUEST_WORKERS", { WORDPRESS_DB_HOST: "db.internal" }), {
    image: "wordpress:6.7-apache",
    ...MYSQL,
    plainIs: "too large",
  }),
  program(
    "npgsql",
    { sized: ado("Host=db.internal;Database=shop") },
    { tagged: "always", plainIs: "too large" },
  ),
  program(
    "mysqlconnector",
    { sized: ado("Server=db.internal;Database=shop") },
    { ...MYSQL, tagged: "always", plainIs: "too large" },
  ),
  program("ecto", one("POOL_SIZE", { PHX_SERVER: "true" })),
  program("sqlx", one("SQLX_MAX_CONNECTIONS", { SQLX_OFFLINE: "true" })),
  program("deadpool", one("PG__POOL__MAX_SIZE", { PG__HOST: "db.internal" }), { plainIs: "open" }),
  program("hasura", one("HASURA_GRAPHQL_PG_CONNECTIONS"), {
    image: "hasura/graphql-engine:v2.44.0",
    plainIs: "open",
    alwaysOpen: true,
  }),
  program("grafana", one("GF_DATABASE_MAX_OPEN_CONN", { GF_DATABASE_TYPE: "postgres" }), {
    image: "grafana/grafana-oss:11.4.0",
    plainIs: "unlimited",
  }),
  program("miniflux", one("DATABASE_MAX_CONNS"), { image: "miniflux/miniflux:2.2.4", plainIs: "too large" }),
  program("pgbouncer", one("PGBOUNCER_DEFAULT_POOL_SIZE", { PGBOUNCER_POOL_MODE: "transaction" }), {
    image: "edoburu/pgbouncer:1.23",
    plainIs: "too large",
  }),
];

function planOf(program: Program, size: number | undefined): Plan {
  const { library, plain = {}, sized, command, image = "example/api:1", engine, tagged } = program;
  const isTagged = tagged === "always" || (tagged === "when plain" && size === undefined);
  const environment = { REQUEST_TIMEOUT_MS: "8000", ...(size === undefined ? plain : sized(size)) };
  const container = {
    name: "api",
    image,
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...(command && { command: command(size).split(" ") }),
  };
  const plan = samplePlan({
    taskDefinition: { containerDefinitions: JSON.stringify([container]) },
    tags: tags(isTagged ? { "poolproof:pool-library": library } : {}),
    ...(engine && { database: { engine, engineVersion: "8.0", enabledCloudwatchLogsExports: ["error"] } }),
  });
  return engine ? withProperties(plan, GROUP, { family: "mysql8.0" }) : plan;
}

function verdict(plan: Plan): Verdict {
  const floor = findings(poolFloor, plan);
  const budget = findings(connectionBudget, plan);
  const ofPool = floor.violations.filter(({ resource: urn }) => urn === SERVICE);
  if (ofPool.some(({ observed }) => observed === null)) return "unlimited";
  if (ofPool.length > 0) return "too small";
  if (budget.violations.some(({ resource: urn }) => [SERVICE, DATABASE].includes(urn))) return "too large";
  const open = [...floor.undecided, ...budget.undecided];
  return open.length > 0 ? "open" : "right";
}

describe("a program of each library", () => {
  it("stands for every library that is known", () => {
    expect(PROGRAMS.map(({ library }) => library).sort()).toEqual([...POOL_PROFILES.keys()].sort());
  });

  describe.each(PROGRAMS.map((program) => [program.library, program] as const))("%s", (library, program) => {
    it("is recognised, and its pool is the size that it sets", () => {
      for (const size of [undefined, 12]) {
        const [client] = readStack(planOf(program, size)).clients;
        expect(client && knownValue(client.library)).toBe(library);
        if (size === undefined || program.alwaysOpen) continue;
        const each = [client?.settings.poolMax, client?.settings.processesPerTask].map(
          (setting) => setting && knownValue(setting.reading),
        );
        expect((each[0] ?? 0) * (each[1] ?? 0)).toBe(size);
      }
    });

    it.each([
      ["nothing set", undefined, program.plainIs],
      ["3", 3, "too small"],
      ["12", 12, "right"],
      ["60", 60, "too large"],
    ] as const)("with %s is judged", (_, size, expected) => {
      const isOpen = size !== undefined && program.alwaysOpen;
      expect(verdict(planOf(program, size))).toBe(isOpen ? "open" : expected);
    });
  });
});

describe("a pool that stays full behind PgBouncer", () => {
  const budgetOf = (mode: string | undefined, size: number, more: { [name: string]: string } = {}) => {
    const of = (variables: { [name: string]: string }) =>
      Object.entries(variables).map(([name, value]) => ({ name, value }));
    const api = {
      name: "api",
      environment: of({
        SPRING_DATASOURCE_URL: "jdbc:postgresql://127.0.0.1:6432/shop",
        SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: String(size),
        ...more,
      }),
    };
    const pooler = {
      name: "pgbouncer",
      image: "edoburu/pgbouncer:1.23",
      environment: of({ DB_HOST: "db.internal", DEFAULT_POOL_SIZE: "5", ...(mode && { POOL_MODE: mode }) }),
    };
    const plan = samplePlan({ taskDefinition: { containerDefinitions: JSON.stringify([api, pooler]) } });
    return findings(connectionBudget, plan).violations.filter(({ observed }) => observed === size);
  };

  it("takes every session that the pooler has, unless they are lent for a transaction", () => {
    expect(budgetOf("session", 20)).toMatchObject([{ resource: SERVICE, allowed: { min: null, max: 5 } }]);
    expect(budgetOf(undefined, 20)).toHaveLength(1);
    expect(budgetOf("transaction", 20)).toHaveLength(0);
    expect(budgetOf("session", 5)).toHaveLength(0);
    expect(budgetOf("session", 20, { SPRING_DATASOURCE_HIKARI_MINIMUM_IDLE: "2" })).toHaveLength(0);
  });
});

describe("threads that no pool of the database can serve", () => {
  it("are to be lowered to what it allows", () => {
    const environment = [
      { name: "RAILS_ENV", value: "production" },
      { name: "RAILS_MAX_THREADS", value: "5" },
    ];
    const worker = { name: "api", environment, command: ["bundle", "exec", "good_job", "--max-threads=500"] };
    const demand = { "poolproof:peak-requests-per-second": "10", "poolproof:db-hold-ms": "20" };
    const plan = samplePlan({
      taskDefinition: { containerDefinitions: JSON.stringify([worker]) },
      tags: tags(demand),
    });
    const [found] = findings(poolFloor, plan).violations;
    expect(found).toMatchObject({ observed: 5, allowed: { min: 500 } });
    expect(found?.fix).toContain(`lower \`--max-threads of good_job\` to at most ${found?.allowed?.max}`);
  });
});
