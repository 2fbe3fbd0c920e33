import fastify, { type FastifyInstance, type FastifyReply, LogController } from "fastify";
import { z } from "zod";
import type { PasswordHasher } from "../auth/passwordHash";
import { hashOfToken, newToken, sessionCookie, tokenOf } from "../auth/sessionToken";
import { normalizeUsername } from "../auth/username";
import type { LoginMetrics } from "../metrics/loginMetrics";
import type { WriteLine } from "../metrics/reporter";
import type { ConnectionPool } from "../pool/connectionPool";
import { ServiceFailure } from "../pool/failure";
import type { ServiceSettings } from "../settings/serviceSettings";
import { createSession, deleteSession, findSession, SESSION_SECONDS } from "../store/sessions";
import { errorHandler, InvalidRequest } from "./errors";
import type { FailureLog } from "./failureLog";
import type { Readiness } from "./readiness";

/** A name and a password; more is refused before it is read. */
const MAX_BODY_BYTES = 16 * 1024;

/** The HTTP side of the service. */
export function createApp(context: AppContext, writeLine: WriteLine): FastifyInstance {
  const { keepAliveTimeoutMs, requestTimeoutMs } = context.settings.pool;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    // Time to receive a request; answering it has a deadline of its own.
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Requests that arrive while the task drains are answered like any other, and told to come back elsewhere.
    return503OnClosing: false,
    // One line a request would cost more than the request: failures are logged, the load balancer logs them all.
    logController: new LogController({ disableRequestLogging: true }),
    logger: {
      level: "info",
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      stream: { write: writeLine },
      redact: { paths: SECRETS, censor: "[redacted]" },
    },
  });
  // A head must not take longer than an idle connection may last, or Node closes one that a request is under way on.
  app.server.headersTimeout = Math.max(keepAliveTimeoutMs, requestTimeoutMs) + 1_000;

  app.setErrorHandler(errorHandler(context.failures));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "not_found" }));
  app.addHook("onSend", async (_request, reply) => {
    void reply.header("Cache-Control", "no-store");
    if (context.readiness.isDraining) void reply.header("Connection", "close");
  });
  loginRoute(app, context);
  sessionRoutes(app, context);
  healthRoutes(app, context);
  return app;
}

/** No line is meant to carry these; should one do it all the same, they do not leave the process. */
const SECRETS = ["password", "token", "authorization", "cookie"].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/**
 * `GET /healthz`: the process runs its event loop; nothing else, since a task that is restarted because its database is
 * away, or its pool too small, does not help. `GET /readyz`: whether new requests should come here. Neither takes a
 * connection: a starved pool must not make its tasks look dead.
 */
export function healthRoutes(app: FastifyInstance, { readiness }: AppContext): void {
  app.get("/healthz", async () => ({ status: "alive" }));
  app.get("/readyz", async (_request, reply) => {
    const state = readiness.state();
    return reply.code(state === "ready" ? 200 : 503).send({ status: state });
  });
}

/**
 * `GET /session`: whose session it is, by one acquisition; by none where no token came along. `POST /logout`: ends it,
 * by one acquisition.
 */
export function sessionRoutes(app: FastifyInstance, { pool, settings }: AppContext): void {
  const { requestTimeoutMs } = settings.pool;

  app.get("/session", async (request, reply) => {
    const token = tokenOf(request.headers);
    const session =
      token && (await withDeadline(reply, requestTimeoutMs, () => findSession(pool, hashOfToken(token))));
    if (!session) return reply.code(401).send({ error: "no_session" });
    return session;
  });

  app.post("/logout", async (request, reply) => {
    const token = tokenOf(request.headers);
    if (token) await withDeadline(reply, requestTimeoutMs, () => deleteSession(pool, hashOfToken(token)));
    return reply.code(204).header("Set-Cookie", sessionCookie(undefined, 0)).send();
  });
}

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
        // A session that the client never receives would only stay until it expires.
        signal.throwIfAborted();
        const token = newToken();
        const { expiresAt, userId } = await createSession(pool, account.id, hashOfToken(token));
        return { token, expiresAt, userId };
      });
      failed = false;
      // Which of the two was wrong is not disclosed.
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

/** What the routes work with. */
export interface AppContext {
  readonly settings: ServiceSettings;
  readonly pool: ConnectionPool;
  readonly hasher: PasswordHasher;
  readonly logins: LoginMetrics;
  readonly readiness: Readiness;
  readonly failures: FailureLog;
}

/**
 * Answers by the deadline, if only with an error, and tells the work to go no further: at the deadline, and as soon as
 * the client is gone, since an answer without a reader only takes from those who do. What the work is in the middle of
 * is bounded by timeouts of its own.
 *
 * Fastify's `handlerTimeout` does not do here: it stops its clock as soon as the request's body is read, which is
 * before a login's work begins.
 * @throws {ServiceFailure} `request_timeout` or `client_gone`
 */
export async function withDeadline<T>(
  reply: Pick<FastifyReply, "raw">,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const expired = new Promise<never>((_resolve, reject) => {
    abort.signal.addEventListener("abort", () => reject(abort.signal.reason), { once: true });
  });
  const timer = setTimeout(
    () => abort.abort(new ServiceFailure("request_timeout", `no answer within ${limitMs} ms`)),
    limitMs,
  );
  const gone = () => abort.abort(new ServiceFailure("client_gone", "the client closed its connection"));
  reply.raw.once("close", gone);
  try {
    return await Promise.race([work(abort.signal), expired]);
  } finally {
    clearTimeout(timer);
    reply.raw.off("close", gone);
  }
}
