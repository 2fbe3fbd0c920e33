import type { ParameterDefinition } from "./parameterDefinition";
import data from "./postgresSettings.data.json";

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
 * What RDS says otherwise than PostgreSQL, or adds to it (`describe-db-parameters` of aurora-postgresql14; Amazon
 * RDS User Guide, CHAP_Limits; hashicorp/terraform issue 8018 for how RDS refuses).
 */
const RDS: readonly ParameterDefinition[] = [
  { name: "max_connections", type: "integer", apply: "static", min: 6, max: 262_143 },
  { name: "superuser_reserved_connections", type: "integer", apply: "static", isModifiable: false },
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

export const hasPostgresVersion = (major: number): boolean =>
  major >= VERSIONS.first && major <= VERSIONS.last;

/** The parameter of that name in that major version, letter case aside. */
export function postgresParameter(name: string, major: number): ParameterDefinition | undefined {
  const rows = entries().get(name.toLowerCase()) ?? [];
  return rows.find(({ from, to }) => from <= major && major <= to)?.definition;
}

/** Names of every parameter of a major version, in lower case. */
export function postgresNames(major: number): string[] {
  return [...entries()].flatMap(([name, rows]) =>
    rows.some(({ from, to }) => from <= major && major <= to) ? [name] : [],
  );
}
