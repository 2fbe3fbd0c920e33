import fastify, { type FastifyInstance, LogController } from "fastify";
import type { WriteLine } from "../metrics/reporter";
import type { AppContext } from "./context";
import { errorHandler } from "./errors";
import { healthRoutes } from "./health";
import { loginRoute } from "./login";
import { sessionRoutes } from "./session";

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
