import fastify, { type FastifyInstance, LogController } from "fastify";
import { hashOfToken, sessionCookie, tokenOf } from "../auth/sessionToken";
import type { WriteLine } from "../metrics/reporter";
import { deleteSession, findSession } from "../store/sessions";
import type { AppContext } from "./context";
import { withDeadline } from "./deadline";
import { errorHandler } from "./errors";
import { loginRoute } from "./login";

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
 * away, or its pool too small, helps nobody. `GET /readyz`: whether new requests should come here. Neither takes a
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
