import type { FastifyReply } from "fastify";
import { ServiceFailure } from "../pool/failure";

/**
 * Answers by the deadline, if only with an error, and tells the work to go no further: at the deadline, and as soon as
 * the client is gone, since what nobody waits for only takes from those who do. What the work is in the middle of
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
