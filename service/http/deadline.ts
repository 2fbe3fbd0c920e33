import { ServiceFailure } from "../pool/failure";

/**
 * Answers by the deadline, if only with an error. What the work still holds is bounded by timeouts of its own.
 *
 * Fastify's `handlerTimeout` does not do here: it stops its clock as soon as the request's body is read, which is
 * before a login's work begins.
 * @throws {ServiceFailure} `request_timeout`
 */
export async function withDeadline<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new ServiceFailure("request_timeout", `no answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
