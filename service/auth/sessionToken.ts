import { createHash, randomBytes } from "node:crypto";

/** 256 bits from the system's generator: it cannot be guessed. */
const TOKEN_BYTES = 32;

/** A new token, as the client carries it: 43 characters that need no quoting anywhere. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** What is stored in its place. A plain hash is enough: there is no dictionary of random tokens. */
export function hashOfToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Name of the cookie. `__Host-` binds it to this host, to HTTPS and to the whole site (RFC 6265bis). */
export const SESSION_COOKIE = "__Host-session";

/**
 * The token that a request carries: as a bearer token (RFC 6750), else in the cookie. What cannot be a token is taken
 * for none, so that it never costs a connection.
 */
export function tokenOf(headers: {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
}): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  const token = bearer ?? cookieValue(headers.cookie ?? "", SESSION_COOKIE);
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const [key = "", value] = pair.split("=", 2);
    if (key.trim() === name) return value?.trim();
  }
  return undefined;
}

/** The header that hands the token to a browser, or takes it away (`token` undefined). */
export function sessionCookie(token: string | undefined, maxAgeSeconds: number): string {
  const age = token === undefined ? 0 : maxAgeSeconds;
  return `${SESSION_COOKIE}=${token ?? ""}; Path=/; Max-Age=${age}; HttpOnly; Secure; SameSite=Lax`;
}
