import { describe, expect, it } from "vitest";
import { stackBudget } from "../../../policies/budget/budget";
import { foundIn } from "../../../policies/init/detected";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { resource, samplePlan } from "../samplePlan";

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
  const resources = plan.resources.map((each) =>
    engine && each.type === "aws:rds/parameterGroup:ParameterGroup"
      ? resource(each.type, each.name, { ...each.properties, family: "mysql8.0" })
      : each,
  );
  const lines = foundIn(stackBudget(readStack({ resources }), DEFAULT_SETTINGS));
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
