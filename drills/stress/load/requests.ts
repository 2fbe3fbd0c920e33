import { InputError } from "../../../policies/kit/errors";
import type { Random } from "../../../policies/kit/random";

/** What a request is. The last two are right to be refused, and show whether they are. */
export const REQUEST_KINDS = ["login", "session", "wrong-password", "unknown-session"] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** Connections that a request of a kind takes, one after another. */
const ACQUISITIONS: { readonly [kind in RequestKind]: number } = {
  login: 2,
  session: 1,
  "wrong-password": 1,
  "unknown-session": 1,
};

/** Shares of all requests, from 0 to 1. */
export interface RequestMix {
  readonly loginShare: number;
  /** Of the logins and session checks each, so many carry a wrong password or an unknown token. */
  readonly wrongShare: number;
}

/**
 * The mix that the declaration means: a login takes two connections and a session check one, so 1.1 acquisitions a
 * request are one login in ten.
 * @throws InputError when no such mix gives that number.
 */
export function declaredMix(acquisitionsPerRequest: number): RequestMix {
  const loginShare = acquisitionsPerRequest - 1;
  if (loginShare >= 0 && loginShare <= 1) return { loginShare, wrongShare: 0 };
  throw new InputError(
    `the stack declares ${acquisitionsPerRequest} acquisitions a request; logins take 2 and session checks 1, so the lab can make 1 to 2`,
  );
}

export function chooseKind(random: Random, { loginShare, wrongShare }: RequestMix): RequestKind {
  const isLogin = random() < loginShare;
  const isWrong = random() < wrongShare;
  if (isLogin) return isWrong ? "wrong-password" : "login";
  return isWrong ? "unknown-session" : "session";
}

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

/** What came back, as far as it matters. */
export interface Answer {
  readonly status: number;
  /** The body, parsed; undefined when it is not JSON. */
  readonly body: unknown;
}

/** @param isRight - Whether the answer is right, once it is known to be one and not a failure. */
export function outcomeOfAnswer(answer: Answer, isRight: (answer: Answer) => boolean): Outcome {
  if (answer.status < 500) return isRight(answer) ? "ok" : "wrong_answer";
  const error = fieldOf(answer.body, "error");
  return OUTCOMES.find((outcome) => outcome === error && outcome !== "ok") ?? "5xx";
}

/** A text in the body of an answer. */
export function fieldOf(body: unknown, field: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value: unknown = Reflect.get(body, field);
  return typeof value === "string" ? value : undefined;
}

/** One request, as it went: small, since a run has a hundred thousand of them. */
export interface RequestRecord {
  /** When it should have been sent, in ms of Unix time. */
  readonly intendedMs: number;
  /** From then to the answer's last byte. */
  readonly latencyMs: number;
  /** By how much it was sent late. */
  readonly lagMs: number;
  readonly target: number;
  /** Index into `REQUEST_KINDS`. */
  readonly kind: number;
  /** Index into `OUTCOMES`. */
  readonly outcome: number;
}

export const outcomeOf = ({ outcome }: RequestRecord): Outcome => OUTCOMES[outcome] ?? "5xx";

export const hasFailed = (request: RequestRecord): boolean => outcomeOf(request) !== "ok";

/** Connections that a request takes when nothing goes wrong. */
export const acquisitionsOf = ({ kind }: RequestRecord): number =>
  ACQUISITIONS[REQUEST_KINDS[kind] ?? "session"];

/** How many requests ended in which way, in the order of `OUTCOMES`; those that did not happen are left out. */
export function countOutcomes(requests: readonly RequestRecord[]): { [outcome in Outcome]?: number } {
  const counts = OUTCOMES.map(() => 0);
  for (const { outcome } of requests) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return Object.fromEntries(
    OUTCOMES.flatMap((name, index) => (counts[index] ? [[name, counts[index]]] : [])),
  );
}
