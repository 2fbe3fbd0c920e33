import { describe, expect, it } from "vitest";
import { POOL_PROFILES } from "../../../policies/plan/pools/libraries";
import type { SettingSource } from "../../../policies/plan/pools/library";
import MEASURED from "../../../policies/plan/pools/poolDefaults.data.json";
import { clientOf } from "./clientsOf";

/** What a profile takes for granted when nothing is set, with what is opened beyond the size. */
function assumed({ default: own, plus }: SettingSource): unknown {
  const value = own !== undefined && "value" in own ? own.value : undefined;
  return value === undefined || plus === undefined ? value : value + Number(assumed(plus));
}

describe("the defaults of pool libraries, as the libraries themselves say them", () => {
  it.each(Object.entries(MEASURED))("%s", (library, { values }) => {
    const settings = POOL_PROFILES.get(library)?.settings;
    const taken = Object.fromEntries(
      (["poolMax", "acquireTimeoutMs", "idleTimeoutMs", "maxLifetimeMs"] as const).map((name) => [
        name,
        settings && assumed(settings[name]),
      ]),
    );
    expect(taken).toEqual(values);
  });

  it("are measured for the libraries that registries serve", () => {
    expect(Object.keys(MEASURED)).toEqual([
      "aiomysql",
      "asyncpg",
      "dbcp2",
      "hikaricp",
      "knex",
      "mariadb",
      "mysql2",
      "node-postgres",
      "pgxpool",
      "postgres.js",
      "psycopg-pool",
      "r2dbc-pool",
      "sequelize",
      "sqlalchemy",
      "sqlx",
      "tomcat-jdbc",
    ]);
  });
});

describe("programs whose pools depend on what no plan shows", () => {
  it.each([
    ["metabase", "MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE"],
    ["hasura", "HASURA_GRAPHQL_PG_CONNECTIONS"],
  ])("%s is open, whether its size is set or not", (library, size) => {
    for (const variables of [{ REQUEST_TIMEOUT_MS: "1000" }, { [size]: "20" }]) {
      const { settings } = clientOf(variables, library);
      expect([settings.poolMax.reading.state, settings.acquireTimeoutMs.reading.state]).toEqual([
        "unknown",
        "unknown",
      ]);
    }
  });
});
