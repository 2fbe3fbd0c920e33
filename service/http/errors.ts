import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { ServiceFailure } from "../pool/failure";

/** A request that cannot be understood; the message is for whoever wrote the client. */
export class InvalidRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InvalidRequest";
  }
}

/** The body of every answer that is an error. */
export interface ErrorBody {
  /** For programs. */
  readonly error: string;
  /** For people, where there is more to say. */
  readonly message?: string;
}

/** Seconds after which a client may try again: a queue of this length is gone by then, or the pool is too small. */
const RETRY_AFTER_SECONDS = 1;

/** Answers an error: what the client did wrong as 4xx, what the service could not do for now as 503. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof ServiceFailure) {
    request.log.warn({ event: "request_failed", code: error.code, route: request.routeOptions.url });
    void reply
      .code(503)
      .header("Retry-After", RETRY_AFTER_SECONDS)
      .send({ error: error.code } satisfies ErrorBody);
    return;
  }
  if (error instanceof InvalidRequest) {
    void reply.code(400).send({ error: "invalid_request", message: error.message } satisfies ErrorBody);
    return;
  }
  const status = statusOf(error);
  if (status < 500) {
    void reply
      .code(status)
      .send({ error: status === 413 ? "too_large" : "invalid_request" } satisfies ErrorBody);
    return;
  }
  request.log.error({ event: "request_crashed", err: error, route: request.routeOptions.url });
  void reply.code(500).send({ error: "internal_error" } satisfies ErrorBody);
}

/** The status that Fastify gives its own refusals: bodies too large, malformed or of another type. */
function statusOf(error: unknown): number {
  const { statusCode } = error as Partial<FastifyError>;
  return typeof statusCode === "number" && statusCode >= 400 ? statusCode : 500;
}
