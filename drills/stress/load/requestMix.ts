import { LabError } from "../labError";
import type { Random } from "./random";

/** What a request is. The last two are right to be refused, and show whether they are. */
export type RequestKind = "login" | "session" | "wrong-password" | "unknown-session";

export const REQUEST_KINDS: readonly RequestKind[] = [
  "login",
  "session",
  "wrong-password",
  "unknown-session",
];

/** Connections that a request of a kind takes, one after another. */
export const ACQUISITIONS: { readonly [kind in RequestKind]: number } = {
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
 * @throws LabError when no such mix gives that number.
 */
export function declaredMix(acquisitionsPerRequest: number): RequestMix {
  const loginShare = acquisitionsPerRequest - 1;
  if (loginShare >= 0 && loginShare <= 1) return { loginShare, wrongShare: 0 };
  throw new LabError(
    `the stack declares ${acquisitionsPerRequest} acquisitions a request; logins take 2 and session checks 1, so the lab can make 1 to 2`,
  );
}

/** Mean acquisitions of a request of this mix. */
export function acquisitionsOf({ loginShare, wrongShare }: RequestMix): number {
  return 1 + loginShare * (1 - wrongShare);
}

export function chooseKind(random: Random, { loginShare, wrongShare }: RequestMix): RequestKind {
  const isLogin = random() < loginShare;
  const isWrong = random() < wrongShare;
  if (isLogin) return isWrong ? "wrong-password" : "login";
  return isWrong ? "unknown-session" : "session";
}
