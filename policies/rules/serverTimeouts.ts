/** Families of engines by the parameters they understand; Aurora's are those of the engine it speaks for. */
export type Dialect = "postgres" | "mysql" | "mariadb";

/** The dialect of an RDS engine name (`aurora-mysql`); PostgreSQL's where it is not known. */
export function dialectOf(engine: string | undefined): Dialect {
  if (engine?.includes("mariadb")) return "mariadb";
  // `aurora` alone was Aurora MySQL 5.6.
  return engine === "aurora" || engine?.includes("mysql") ? "mysql" : "postgres";
}

/** Parameters that bound a lock wait and a statement on the server. */
export interface ServerTimeouts {
  readonly lock: ServerParameter;
  readonly statement: ServerParameter;
}

interface ServerParameter {
  readonly name: string;
  readonly unit: "ms" | "s";
  /** The server's own value where nothing sets one; 0 never ends. */
  readonly fallback: number;
}

/**
 * - PostgreSQL: `lock_timeout` and `statement_timeout` are off (documentation, "Client Connection Defaults").
 * - MySQL: a row lock is waited for 50 s (reference manual, "InnoDB Startup Options"); `max_execution_time` is off
 *   and ends SELECT statements only (reference manual, "Server System Variables").
 * - MariaDB: the same 50 s (knowledge base, "InnoDB System Variables"); `max_statement_time` is off, counts seconds
 *   and ends every statement (knowledge base, "Aborting Statements").
 *
 * `lock_wait_timeout` of both, a day or a year, is for metadata locks, which only changes of the schema hold for long.
 */
export const SERVER_TIMEOUTS: { readonly [dialect in Dialect]: ServerTimeouts } = {
  postgres: {
    lock: { name: "lock_timeout", unit: "ms", fallback: 0 },
    statement: { name: "statement_timeout", unit: "ms", fallback: 0 },
  },
  mysql: {
    lock: { name: "innodb_lock_wait_timeout", unit: "s", fallback: 50 },
    statement: { name: "max_execution_time", unit: "ms", fallback: 0 },
  },
  mariadb: {
    lock: { name: "innodb_lock_wait_timeout", unit: "s", fallback: 50 },
    statement: { name: "max_statement_time", unit: "s", fallback: 0 },
  },
};

/** Whose default stands in, for messages. */
export const SERVER_DEFAULTS: { readonly [dialect in Dialect]: string } = {
  postgres: "PostgreSQL's default",
  mysql: "MySQL's default",
  mariadb: "MariaDB's default",
};
