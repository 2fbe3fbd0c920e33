import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { hashOfToken, newToken, sessionCookie } from "../auth/sessionToken";
import { normalizeUsername } from "../auth/username";
import type { ConnectionPool } from "../pool/connectionPool";
import { ServiceFailure } from "../pool/failure";
import { createSession, SESSION_SECONDS } from "../store/sessions";
import type { AppContext } from "./context";
import { withDeadline } from "./deadline";
import { InvalidRequest } from "./errors";

const LoginBody = z.strictObject({
  // PostgreSQL's texts cannot hold a NUL.
  username: z
    .string()
    .regex(/^[^\0]+$/)
    .transform(normalizeUsername)
    .pipe(z.string().min(1).max(254)),
  // Long ones are hashed like short ones; the bound keeps the body small.
  password: z.string().min(1).max(1024),
});

/**
 * `POST /login`: two acquisitions, the account's and the session's. The password is verified between them with no
 * connection in hand: a hash takes as long as ten queries.
 */
export function loginRoute(app: FastifyInstance, { pool, hasher, settings, logins }: AppContext): void {
  app.post("/login", async (request, reply) => {
    const startedAtMs = performance.now();
    let failed = true;
    try {
      const { username, password } = read(request.body);
      const session = await withDeadline(reply, settings.pool.requestTimeoutMs, async (signal) => {
        const account = await findAccount(pool, username);
        const isRight = await hasher.verify(password, account?.passwordHash, signal);
        if (!isRight || account === undefined) return undefined;
        // A session that nobody is told of would only lie about until it expires.
        signal.throwIfAborted();
        const token = newToken();
        const { expiresAt, userId } = await createSession(pool, account.id, hashOfToken(token));
        return { token, expiresAt, userId };
      });
      failed = false;
      // Which of the two was wrong is nobody's business.
      if (session === undefined) return reply.code(401).send({ error: "invalid_credentials" });
      return reply.header("Set-Cookie", sessionCookie(session.token, SESSION_SECONDS)).send(session);
    } catch (error) {
      if (error instanceof InvalidRequest || isGone(error)) failed = false;
      throw error;
    } finally {
      logins.answered(performance.now() - startedAtMs, failed);
    }
  });
}

const isGone = (error: unknown): boolean => error instanceof ServiceFailure && error.code === "client_gone";

/** @throws {InvalidRequest} naming the field; never with what was in it */
function read(body: unknown): z.infer<typeof LoginBody> {
  const read = LoginBody.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "body";
  throw new InvalidRequest(
    `${field}: expected { "username": text of 1 to 254 characters, "password": text of 1 to 1024 characters }`,
  );
}

export interface Account {
  readonly id: string;
  readonly passwordHash: string;
}

/**
 * The account of that name, in its one spelling; one acquisition. Statements have no name on purpose: a named one pins a session of an RDS
 * Proxy to its connection.
 */
export async function findAccount(pool: ConnectionPool, username: string): Promise<Account | undefined> {
  const { rows } = await pool.use((client) =>
    client.query<{ id: string; password_hash: string }>(
      "SELECT id, password_hash FROM users WHERE username = $1",
      [username],
    ),
  );
  const [found] = rows;
  return found && { id: found.id, passwordHash: found.password_hash };
}
