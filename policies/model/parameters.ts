import { closest } from "../kit/text";
import { type DatabaseEngine, isPostgres, majorVersion } from "./engines";
import { evaluateParameterFormula, ParameterFormulaError } from "./formulas";
import { rdsVariablesOf } from "./instanceClasses";
import data from "./postgresSettings.data.json";

export type ParameterLookup =
  | { readonly state: "known"; readonly definition: ParameterDefinition }
  /** No version of the engine, or not this one, has it. */
  | { readonly state: "no-such"; readonly similar: string | undefined; readonly versions: string | undefined }
  /** Outside what the tables cover: an extension's, an engine's or a version's that they do not hold. */
  | { readonly state: "not-covered" };

const NOT_COVERED: ParameterLookup = { state: "not-covered" };

/** Aurora's own parameters, of which AWS publishes no complete list. */
const AURORA_OWN = /^(apg|aurora)_/;

/** Looks a parameter up, letter case aside: for PostgreSQL 13 to 18 every one, for MySQL and MariaDB a few. */
export function lookUpParameter(
  engine: DatabaseEngine,
  version: string | undefined,
  name: string,
): ParameterLookup {
  if (!isPostgres(engine)) {
    const definition = mysqlParameter(engine, name.toLowerCase());
    return definition === undefined ? NOT_COVERED : { state: "known", definition };
  }
  const major = majorVersion(version);
  if (major === undefined || !hasPostgresVersion(major)) return NOT_COVERED;
  const definition = postgresParameter(name, major);
  if (definition !== undefined) return { state: "known", definition };
  // Of names with a dot the tables hold RDS's own; the rest belong to extensions.
  if (name.includes(".") || AURORA_OWN.test(name.toLowerCase())) return NOT_COVERED;
  const versions = versionsWith(name);
  const similar = versions === undefined ? closest(name.toLowerCase(), postgresNames(major)) : undefined;
  return { state: "no-such", similar, versions };
}

const MAJORS = [13, 14, 15, 16, 17, 18];

/** The PostgreSQL versions that have a parameter, in words: "16 and later". */
function versionsWith(name: string): string | undefined {
  const having = MAJORS.filter((major) => postgresParameter(name, major) !== undefined);
  const first = having[0];
  const last = having.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (last === MAJORS.at(-1)) return `${first} and later`;
  return first === MAJORS[0] ? `${last} and earlier` : `${first} to ${last}`;
}

/** What is known of one server parameter in one version. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: "bool" | "integer" | "real" | "string" | "enum";
  /** The server reads a static one at start-up only. */
  readonly apply: "static" | "dynamic";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Such as `ms`, `kB`, `8kB`: what a number without a unit counts. */
  readonly unit?: string | undefined;
  /** Values of an enum. */
  readonly values?: readonly string[] | undefined;
  /** Whether RDS lets a parameter group set it. @default true */
  readonly isModifiable?: boolean | undefined;
  /** What sets it instead where a parameter group cannot, as the end of a sentence. */
  readonly setBy?: string | undefined;
}

/** Words a server takes for a Boolean, `on` and `off` among them (PostgreSQL manual, 20.1.1). */
const BOOLEAN = new Set(["1", "0", "on", "off", "true", "false", "yes", "no"]);

const INTEGER = /^\s*[+-]?\d+\s*$/;
const REAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const FORMULA = /[{(]/;
const WITH_UNIT = /^\s*[+-]?[\d.]+\s*(us|ms|s|sec|min|h|d|b|kb|mb|gb|tb)\s*$/i;

/**
 * What is wrong with a value, as the end of a sentence ("is …"); `undefined` when RDS would take it, or when only
 * the running instance could tell: texts of any kind, and formulas of the class.
 */
export function valueProblem(definition: ParameterDefinition, text: string): string | undefined {
  switch (definition.type) {
    case "string":
      return undefined;
    case "bool":
      return BOOLEAN.has(text.trim().toLowerCase()) || FORMULA.test(text) ? undefined : "neither 1 nor 0";
    case "enum":
      return enumProblem(definition.values ?? [], text.trim().toLowerCase());
    default:
      return FORMULA.test(text) ? formulaProblem(definition, text) : numberProblem(definition, text);
  }
}

/** What a value may be, in words: "a whole number of ms from 0 to 2147483647". */
export function allowedValues({ type, min, max, unit, values = [] }: ParameterDefinition): string {
  if (type === "bool") return "1 or 0";
  if (type === "enum") return `one of ${values.filter((value) => value !== "").join(", ")}`;
  if (type === "string") return "a text";
  const kind = type === "integer" ? "a whole number" : "a number";
  return `${kind}${unit === undefined ? "" : ` of ${unit}`} from ${min ?? "any"} to ${max ?? "any"}`;
}

function enumProblem(values: readonly string[], text: string): string | undefined {
  const accepted = values.map((value) => value.toLowerCase());
  // Where on and off are values, so are the other ways to write them.
  if (accepted.includes(text) || (accepted.includes("on") && BOOLEAN.has(text))) return undefined;
  return `none of ${values.filter((value) => value !== "").join(", ")}`;
}

function numberProblem({ type, min, max, unit }: ParameterDefinition, text: string): string | undefined {
  if (!(type === "integer" ? INTEGER : REAL).test(text)) {
    if (unit !== undefined && WITH_UNIT.test(text))
      return `not a plain number of ${unit}, the one form RDS takes`;
    return type === "integer" ? "not a whole number" : "not a number";
  }
  const value = Number(text);
  const isInside = value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
  return isInside ? undefined : `outside ${min} to ${max}${unit === undefined ? "" : ` ${unit}`}`;
}

/** A formula must be one; a formula of numbers alone must also give a value in range. */
function formulaProblem(definition: ParameterDefinition, text: string): string | undefined {
  try {
    if (rdsVariablesOf(text).length > 0) return undefined;
    return numberProblem(definition, String(evaluateParameterFormula(text, {})));
  } catch (error) {
    if (!(error instanceof ParameterFormulaError)) throw error;
    return `not a formula RDS takes: ${error.message}`;
  }
}

/**
 * The family a parameter group must have for an engine at a version, such as `postgres17`, `mysql8.0` or
 * `aurora-mysql8.0`; `undefined` when the version does not say enough, as `8` does not for MySQL.
 * (Amazon RDS User Guide, parameter-groups-overview; families as `describe-db-engine-versions` lists them.)
 */
export function parameterFamily(engine: DatabaseEngine, version: string): string | undefined {
  if (engine === "postgres" || engine === "aurora-postgresql") {
    const major = majorVersion(version);
    if (major === undefined) return undefined;
    // Until 9.6 the first two numbers made PostgreSQL's major version.
    return major >= 10 ? `${engine}${major}` : withMinor(engine, version);
  }
  return withMinor(engine, version);
}

function withMinor(engine: DatabaseEngine, version: string): string | undefined {
  const [, major, minor] = /^\s*(\d{1,4})\.(\d{1,4})(?:\D|$)/.exec(version) ?? [];
  return major === undefined || minor === undefined ? undefined : `${engine}${major}.${minor}`;
}

interface ParameterFamily {
  readonly engine: DatabaseEngine;
  /** What follows the engine's name: `17`, `8.0`. */
  readonly version: string;
}

const FAMILY = /^(aurora-postgresql|aurora-mysql|postgres|mysql|mariadb)(\d{1,4}(?:\.\d{1,4})?)$/;

/** Engine and version of a family's name; `undefined` for a name that no family of these engines has. */
export function parseFamily(family: string): ParameterFamily | undefined {
  const [, engine, version] = FAMILY.exec(family.toLowerCase()) ?? [];
  return engine === undefined || version === undefined
    ? undefined
    : { engine: engine as DatabaseEngine, version };
}

const DEFAULT_GROUP = "default.";

/** Whether a group's name is that of one AWS assigns and that cannot be edited: `default.postgres17`. */
export const isDefaultGroup = (name: string): boolean => name.toLowerCase().startsWith(DEFAULT_GROUP);

/** The family that a default group's name ends in; `undefined` for any other group. */
export const familyOfDefaultGroup = (name: string): string | undefined =>
  isDefaultGroup(name) ? name.slice(DEFAULT_GROUP.length) : undefined;

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
function mysqlParameter(engine: DatabaseEngine, name: string): ParameterDefinition | undefined {
  const ranges = engine === "mariadb" ? MARIADB : MYSQL;
  const range = Object.hasOwn(ranges, name) ? ranges[name] : undefined;
  return range && { name, apply: "dynamic", ...range };
}

type Row = readonly [
  name: string,
  from: number,
  to: number,
  type: ParameterDefinition["type"],
  apply: ParameterDefinition["apply"],
  min?: number | null,
  max?: number | null,
  unit?: string | null,
  values?: readonly string[],
];

interface Entry {
  readonly from: number;
  readonly to: number;
  readonly definition: ParameterDefinition;
}

/**
 * Parameters of PostgreSQL that RDS keeps to itself, and what sets them instead where anything does. No package publishes
 * the list: `describe-db-parameters` marks them `IsModifiable: false` (dumps of aurora-postgresql14, of RDS for
 * PostgreSQL's `archive_command`, and of terraform-provider-aws issue 38578 for `port`); `wal_level` follows
 * `rds.logical_replication` (Amazon RDS User Guide, PostgreSQL.Concepts.General.FeatureSupport.LogicalReplication). Files,
 * sockets, addresses, WAL archiving and recovery are the host's, which RDS gives no access to (same guide,
 * Appendix.PostgreSQL.CommonDBATasks).
 */
const NOT_SETTABLE: { readonly [name: string]: string | undefined } = {
  superuser_reserved_connections: undefined,
  wal_level: "`rds.logical_replication` = 1 sets it to `logical`",
  port: "the `port` property of the instance sets it",
  listen_addresses: "security groups and `publiclyAccessible` decide who may connect",
  ...Object.fromEntries(
    [
      ["config_file", "data_directory", "external_pid_file", "hba_file", "ident_file"],
      ["unix_socket_directories", "unix_socket_group", "unix_socket_permissions"],
      ["bonjour", "bonjour_name"],
      [
        "ssl_ca_file",
        "ssl_cert_file",
        "ssl_crl_dir",
        "ssl_crl_file",
        "ssl_key_file",
        "ssl_passphrase_command",
      ],
      ["archive_cleanup_command", "archive_command", "archive_library", "archive_mode"],
      ["primary_conninfo", "primary_slot_name", "promote_trigger_file", "restore_command"],
      ["recovery_end_command", "recovery_target", "recovery_target_action", "recovery_target_inclusive"],
      ["recovery_target_lsn", "recovery_target_name", "recovery_target_time", "recovery_target_timeline"],
      ["recovery_target_xid"],
    ]
      .flat()
      .map((name) => [name, undefined]),
  ),
};

/**
 * What RDS says otherwise than PostgreSQL of what it lets one set, or adds to it (`describe-db-parameters` of aurora-postgresql14; Amazon
 * RDS User Guide, CHAP_Limits; hashicorp/terraform issue 8018 for how RDS refuses).
 */
const RDS: readonly ParameterDefinition[] = [
  { name: "max_connections", type: "integer", apply: "static", min: 6, max: 262_143 },
  { name: "shared_buffers", type: "integer", apply: "static", min: 128, max: 1_073_741_823, unit: "8kB" },
  { name: "max_wal_senders", type: "integer", apply: "static", min: 5, max: 262_143 },
  { name: "rds.rds_superuser_reserved_connections", type: "integer", apply: "static", min: 0, max: 262_143 },
  { name: "rds.force_ssl", type: "bool", apply: "dynamic" },
  { name: "rds.logical_replication", type: "bool", apply: "static" },
  { name: "rds.restrict_password_commands", type: "bool", apply: "static" },
  {
    name: "rds.log_retention_period",
    type: "integer",
    apply: "dynamic",
    min: 1440,
    max: 10_080,
    unit: "min",
  },
];

/**
 * Values that `pg_settings` does not list: names it hides for the sake of old configurations, and algorithms that
 * depend on how the server was built (PostgreSQL manual, 20.5 and 20.11; src/backend/utils/misc/guc_tables.c).
 */
const FURTHER_VALUES: { readonly [name: string]: readonly string[] } = {
  client_min_messages: ["debug", "info"],
  default_toast_compression: ["lz4"],
  io_method: ["io_uring"],
  log_min_error_statement: ["debug"],
  log_min_messages: ["debug"],
  wal_compression: ["lz4", "zstd"],
  wal_level: ["archive", "hot_standby"],
};

/** Accepted and without effect, or of a session alone: `pg_settings` leaves them out. */
const HIDDEN = ["default_with_oids", "ssl_renegotiation_limit", "seed", "role", "session_authorization"];

const VERSIONS = { first: 13, last: 18 } as const;

const table = new Map<string, Entry[]>();

/** Built when it is first needed: most plans set three parameters, and many set none. */
function entries(): ReadonlyMap<string, readonly Entry[]> {
  if (table.size > 0) return table;
  for (const [
    name,
    from,
    to,
    type,
    apply,
    min,
    max,
    unit,
    values,
  ] of data.settings as unknown as readonly Row[]) {
    const definition: ParameterDefinition = {
      name,
      type,
      apply,
      min: min ?? undefined,
      max: max ?? undefined,
      unit: unit ?? undefined,
      values: values && [...values, ...(FURTHER_VALUES[name] ?? [])],
      ...(Object.hasOwn(NOT_SETTABLE, name) ? { isModifiable: false, setBy: NOT_SETTABLE[name] } : {}),
    };
    const key = name.toLowerCase();
    table.set(key, [...(table.get(key) ?? []), { from, to, definition }]);
  }
  const always = { from: VERSIONS.first, to: VERSIONS.last };
  for (const definition of RDS) table.set(definition.name, [{ ...always, definition }]);
  for (const name of HIDDEN)
    table.set(name, [{ ...always, definition: { name, type: "string", apply: "dynamic" } }]);
  return table;
}

const hasPostgresVersion = (major: number): boolean => major >= VERSIONS.first && major <= VERSIONS.last;

/** The parameter of that name in that major version, letter case aside. */
function postgresParameter(name: string, major: number): ParameterDefinition | undefined {
  const rows = entries().get(name.toLowerCase()) ?? [];
  return rows.find(({ from, to }) => from <= major && major <= to)?.definition;
}

/** Names of every parameter of a major version, in lower case. */
export function postgresNames(major: number): string[] {
  return [...entries()].flatMap(([name, rows]) =>
    rows.some(({ from, to }) => from <= major && major <= to) ? [name] : [],
  );
}
