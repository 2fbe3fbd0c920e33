import { DatabaseError } from "pg";

export interface LogSink {
  warn(fields: object): void;
}

/** No more than one line of a kind in this time: in an outage the rest would be the same line, and is counted in it. */
const QUIET_MS = 1_000;

/** Logs what fails, without a flood: the first of a kind at once, then one line a second with how many it stands for. */
export class FailureLog {
  private readonly kinds = new Map<string, { loggedAtMs: number; unlogged: number }>();

  constructor(
    private readonly sink: LogSink,
    private readonly now: () => number = () => performance.now(),
  ) {}

  failed(kind: string, fields: object): void {
    const seen = this.kinds.get(kind) ?? { loggedAtMs: Number.NEGATIVE_INFINITY, unlogged: 0 };
    this.kinds.set(kind, seen);
    if (this.now() - seen.loggedAtMs < QUIET_MS) {
      seen.unlogged++;
      return;
    }
    this.sink.warn({ ...fields, code: kind, alsoSinceLastLine: seen.unlogged });
    seen.loggedAtMs = this.now();
    seen.unlogged = 0;
  }
}

/**
 * What a log may say of an error. PostgreSQL quotes values in its messages and details ("Key (username)=(…)"), so of
 * its errors only the code and what it is about are taken.
 */
export function describeError(error: unknown): { readonly [field: string]: string | undefined } {
  if (error instanceof DatabaseError) {
    return {
      type: "DatabaseError",
      sqlState: error.code,
      severity: error.severity,
      constraint: error.constraint,
    };
  }
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { type: error.name, ...(code && { errorCode: code }), message: error.message };
}
