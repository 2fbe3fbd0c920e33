import type { DatabaseEngine } from "./engines";
import type { ParameterDefinition } from "./parameterDefinition";

type Range = Omit<ParameterDefinition, "name" | "apply">;

const YEAR_SECONDS = 31_536_000;
const UINT32 = 4_294_967_295;

const seconds = (min: number, max = YEAR_SECONDS): Range => ({ type: "integer", min, max, unit: "s" });

/** MySQL 8 Reference Manual, 7.1.8 "Server System Variables", and 17.14 for InnoDB's own. All are dynamic. */
const MYSQL: { readonly [name: string]: Range } = {
  connect_timeout: seconds(2),
  innodb_lock_wait_timeout: seconds(1, 1_073_741_824),
  interactive_timeout: seconds(1),
  lock_wait_timeout: seconds(1),
  max_execution_time: { type: "integer", min: 0, max: UINT32, unit: "ms" },
  max_user_connections: { type: "integer", min: 0, max: UINT32 },
  require_secure_transport: { type: "bool" },
  wait_timeout: seconds(1),
};

/** MariaDB Server documentation, "Server System Variables" and "InnoDB System Variables"; the widest range of all versions. */
const MARIADB: { readonly [name: string]: Range } = {
  connect_timeout: seconds(2),
  innodb_lock_wait_timeout: seconds(0, 1_073_741_824),
  interactive_timeout: seconds(1),
  lock_wait_timeout: seconds(0),
  max_statement_time: { type: "real", min: 0, max: YEAR_SECONDS, unit: "s" },
  max_user_connections: { type: "integer", min: -1, max: UINT32 },
  require_secure_transport: { type: "bool" },
  wait_timeout: seconds(0),
};

/** The few parameters that decide about connections; `undefined` for every other, which is not judged. */
export function mysqlParameter(engine: DatabaseEngine, name: string): ParameterDefinition | undefined {
  const ranges = engine === "mariadb" ? MARIADB : MYSQL;
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
  return range && { name, apply: "dynamic", ...range };
}
