import { describe, expect, it } from "vitest";
import type { DatabaseEngine } from "../../../policies/model/engines";
import { lookUpParameter, postgresNames } from "../../../policies/model/parameters";

const lookUp = (name: string, version = "17", engine: DatabaseEngine = "postgres") =>
  lookUpParameter(engine, version, name);

describe("PostgreSQL's parameters", () => {
  it.each([
    [13, 324],
    [14, 338],
    [15, 343],
    [16, 354],
    [17, 369],
    [18, 388],
  ])("of version %i number %i, with RDS's own and what pg_settings hides", (major, count) => {
    expect(postgresNames(major)).toHaveLength(count);
  });

  it.each([
    ["statement_timeout", "dynamic", "integer", 0, 2_147_483_647, "ms"],
    ["tcp_keepalives_idle", "dynamic", "integer", 0, 2_147_483_647, "s"],
    ["authentication_timeout", "dynamic", "integer", 1, 600, "s"],
    ["work_mem", "dynamic", "integer", 64, 2_147_483_647, "kB"],
    ["max_worker_processes", "static", "integer", 0, 262_143, undefined],
    ["random_page_cost", "dynamic", "real", 0, 1.79769e308, undefined],
    ["rds.log_retention_period", "dynamic", "integer", 1440, 10_080, "min"],
  ])("%s is %s", (name, apply, type, min, max, unit) => {
    const found = lookUp(name);
    expect(found).toMatchObject({ state: "known", definition: { apply, type, min, max, unit } });
  });

  it("have RDS's range where it is narrower than the server's", () => {
    expect(lookUp("max_connections")).toMatchObject({
      definition: { min: 6, max: 262_143, apply: "static" },
    });
  });

  it.each([
    "superuser_reserved_connections",
    "wal_level",
    "port",
    "listen_addresses",
    "data_directory",
    "archive_command",
    "ssl_key_file",
    "Unix_Socket_Directories",
  ])("include %s, which RDS keeps to itself in every version", (name) => {
    for (const version of ["13", "15", "18"])
      expect(lookUp(name, version)).toMatchObject({ definition: { isModifiable: false } });
  });

  it("leave everything about connections and logging to the parameter group", () => {
    for (const name of [
      "max_connections",
      "statement_timeout",
      "log_connections",
      "max_wal_senders",
      "work_mem",
    ])
      expect(lookUp(name)).not.toMatchObject({ definition: { isModifiable: false } });
  });

  it.each([
    ["reserved_connections", "15", "no-such"],
    ["reserved_connections", "16", "known"],
    ["transaction_timeout", "16", "no-such"],
    ["transaction_timeout", "17.4", "known"],
    ["idle_session_timeout", "13", "no-such"],
    ["idle_session_timeout", "14", "known"],
    ["wal_keep_segments", "13", "no-such"],
    ["vacuum_defer_cleanup_age", "15", "known"],
    ["vacuum_defer_cleanup_age", "16", "no-such"],
  ])("%s in version %s is %s", (name, version, state) => {
    expect(lookUp(name, version).state).toBe(state);
  });

  it("change their kind with the version", () => {
    expect(lookUp("autovacuum_max_workers", "17")).toMatchObject({ definition: { apply: "static" } });
    expect(lookUp("autovacuum_max_workers", "18")).toMatchObject({ definition: { apply: "dynamic" } });
    expect(lookUp("log_connections", "17")).toMatchObject({ definition: { type: "bool" } });
    expect(lookUp("log_connections", "18")).toMatchObject({ definition: { type: "string" } });
  });

  it("say in which versions a name exists that this one lacks", () => {
    expect(lookUp("transaction_timeout", "15")).toMatchObject({ versions: "17 and later" });
    expect(lookUp("vacuum_defer_cleanup_age", "18")).toMatchObject({ versions: "15 and earlier" });
    expect(lookUp("statment_timeout")).toEqual({
      state: "no-such",
      similar: "statement_timeout",
      versions: undefined,
    });
    expect(lookUp("xyzzy")).toMatchObject({ state: "no-such", similar: undefined });
  });

  it("are found whatever the case of their letters, and never by an inherited name", () => {
    expect(lookUp("timezone")).toMatchObject({ definition: { name: "TimeZone" } });
    expect(lookUp("Statement_Timeout").state).toBe("known");
    expect(lookUp("constructor").state).toBe("no-such");
  });

  it.each([
    ["auto_explain.log_min_duration", "17", "postgres"],
    ["rds.something_new", "17", "postgres"],
    ["apg_plan_mgmt_x", "16", "aurora-postgresql"],
    ["anything", "12", "postgres"],
    ["anything", "19", "postgres"],
    ["anything", "", "postgres"],
    ["innodb_buffer_pool_size", "8.0", "mysql"],
    ["max_execution_time", "10.11", "mariadb"],
    ["__proto__", "8.0", "mysql"],
  ] as const)("and others leave %s of version %s of %s alone", (name, version, engine) => {
    expect(lookUp(name, version, engine).state).toBe("not-covered");
  });
});

describe("MySQL's and MariaDB's parameters", () => {
  it.each([
    ["wait_timeout", "mysql", 1, 31_536_000],
    ["wait_timeout", "mariadb", 0, 31_536_000],
    ["connect_timeout", "mysql", 2, 31_536_000],
    ["max_user_connections", "mysql", 0, 4_294_967_295],
    ["max_user_connections", "mariadb", -1, 4_294_967_295],
    ["innodb_lock_wait_timeout", "aurora-mysql", 1, 1_073_741_824],
    ["max_statement_time", "mariadb", 0, 31_536_000],
  ] as const)("%s of %s is from %i to %i, and dynamic", (name, engine, min, max) => {
    expect(lookUp(name, "8.0", engine)).toMatchObject({ definition: { min, max, apply: "dynamic" } });
  });
});
