import type { FastifyInstance } from "fastify";
import type { AppContext } from "./context";

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
