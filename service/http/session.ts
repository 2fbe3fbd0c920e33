import type { FastifyInstance } from "fastify";
import { hashOfToken, sessionCookie, tokenOf } from "../auth/sessionToken";
import { deleteSession, findSession } from "../store/sessions";
import type { AppContext } from "./context";
import { withDeadline } from "./deadline";

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
