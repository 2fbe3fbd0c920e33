/** How a request ended, in classes that say which limit was met. */
export const OUTCOMES = [
  /** Answered as it should be: a right login with a session, a wrong one with 401. */
  "ok",
  "pool_timeout",
  "queue_refused",
  "connect_timeout",
  /** A new connection was refused or broke. */
  "connect_failed",
  /** PostgreSQL's 53300. */
  "too_many_connections",
  "statement_timeout",
  "lock_timeout",
  "query_timeout",
  "connection_lost",
  "request_timeout",
  /** A server error of another kind. */
  "5xx",
  /** No answer: the task refused or dropped the connection. */
  "unreachable",
  /** No answer by the client's deadline. */
  "abandoned",
  /** Answered, and not as it should be: a right password refused, a wrong one let in, another user's session. */
  "wrong_answer",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

const NAMED: ReadonlySet<string> = new Set(OUTCOMES);

/** What came back, as far as it matters. */
export interface Answer {
  readonly status: number;
  /** The body, parsed; undefined when it is not JSON. */
  readonly body: unknown;
}

/** @param expected - Whether the answer is right, once it is known to be one and not a failure. */
export function outcomeOf(answer: Answer, isRight: (answer: Answer) => boolean): Outcome {
  if (answer.status < 500) return isRight(answer) ? "ok" : "wrong_answer";
  const error = errorOf(answer.body);
  return error !== undefined && NAMED.has(error) && error !== "ok" ? (error as Outcome) : "5xx";
}

function errorOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  return typeof body.error === "string" ? body.error : undefined;
}
