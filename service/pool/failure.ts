import { DatabaseError } from "pg";

/** Why a request could not be served, in words that a client, a lab and an alarm can tell apart. */
export type FailureCode =
  /** As many requests wait as may; this one was not let in. */
  | "queue_refused"
  /** Every connection stayed busy for longer than a request may wait. */
  | "pool_timeout"
  /** A new connection was not open in time. */
  | "connect_timeout"
  /** A new connection was refused or broke. */
  | "connect_failed"
  /** PostgreSQL has no connection left (SQLSTATE 53300). */
  | "too_many_connections"
  | "statement_timeout"
  | "lock_timeout"
  /** The service gave up waiting for an answer; the statement may still run. */
  | "query_timeout"
  /** The connection broke while it was used. */
  | "connection_lost"
  /** The service as a whole did not answer in time. */
  | "request_timeout"
  /** Nobody waits for the answer any more. */
  | "client_gone";

/** A request that failed for a reason of the server's own, and may be tried again. */
export class ServiceFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ServiceFailure";
  }
}

/** SQLSTATEs that say which limit was hit (PostgreSQL documentation, appendix A). */
const BY_SQLSTATE: { readonly [sqlState: string]: FailureCode } = {
  "53300": "too_many_connections",
  "57014": "statement_timeout",
  "55P03": "lock_timeout",
  // Ended by an administrator, by a crash, or not up yet
  "57P01": "connection_lost",
  "57P02": "connection_lost",
  "57P03": "connect_failed",
  "25P03": "connection_lost",
};

/** node-postgres gives these no code of their own (packages/pg-pool/index.js, packages/pg/lib/client.js). */
const QUEUE_TIMEOUT = "timeout exceeded when trying to connect";
const CONNECT_TIMEOUT = "Connection terminated due to connection timeout";
const READ_TIMEOUT = "Query read timeout";

/** Names what went wrong while a connection was waited for. */
export function acquireFailure(error: unknown): ServiceFailure {
  const message = messageOf(error);
  if (message === QUEUE_TIMEOUT) return failure("pool_timeout", error);
  if (message === CONNECT_TIMEOUT) return failure("connect_timeout", error);
  const named = bySqlState(error);
  return failure(named === "too_many_connections" ? named : "connect_failed", error);
}

/** Names what went wrong while a connection was used; what is no limit or break of a connection stays itself. */
export function useFailure(error: unknown): unknown {
  if (error instanceof ServiceFailure) return error;
  if (messageOf(error) === READ_TIMEOUT) return failure("query_timeout", error);
  if (error instanceof DatabaseError) {
    const named = bySqlState(error);
    return named === undefined ? error : failure(named, error);
  }
  return isBrokenConnection(error) ? failure("connection_lost", error) : error;
}

/**
 * Whether the connection can serve the next request after this error: only after one that the server itself reported
 * and that ended nothing but the statement. After a read timeout the statement may still run.
 */
export function leavesConnectionUsable(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === "ERROR";
}

function bySqlState(error: unknown): FailureCode | undefined {
  return error instanceof DatabaseError && error.code !== undefined ? BY_SQLSTATE[error.code] : undefined;
}

function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.message.startsWith("Connection terminated") ||
    error.message.startsWith("Client has encountered a connection error") ||
    ("syscall" in error && "code" in error)
  );
}

function failure(code: FailureCode, cause: unknown): ServiceFailure {
  return new ServiceFailure(code, messageOf(cause), { cause });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
