import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { DatabaseError } from "pg";
import { ServiceFailure } from "../pool/failure";
import { describeError, type FailureLog } from "./failureLog";

/** A request that cannot be understood; the message is for the client's developer. */
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
export function errorHandler(failures: FailureLog) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (error instanceof ServiceFailure) {
      failures.failed(error.code, {
        event: "request_failed",
        route: request.routeOptions.url,
        cause: describeError(error.cause ?? error),
      });
      const body: ErrorBody = { error: error.code };
      void reply.code(503).header("Retry-After", RETRY_AFTER_SECONDS).send(body);
      return;
    }
    if (error instanceof InvalidRequest) {
      const body: ErrorBody = { error: "invalid_request", message: error.message };
      void reply.code(400).send(body);
      return;
    }
    const status = statusOf(error);
    if (status < 500) {
      const body: ErrorBody = { error: status === 413 ? "too_large" : "invalid_request" };
      void reply.code(status).send(body);
      return;
    }
    const stack = error instanceof Error && !(error instanceof DatabaseError) ? error.stack : undefined;
    request.log.error({
      event: "request_crashed",
      route: request.routeOptions.url,
      ...describeError(error),
      stack,
    });
    const body: ErrorBody = { error: "internal_error" };
    void reply.code(500).send(body);
  };
}

/** The status that Fastify gives its own refusals: bodies too large, malformed or of another type. */
function statusOf(error: unknown): number {
  const { statusCode } = error as Partial<FastifyError>;
  return typeof statusCode === "number" && statusCode >= 400 ? statusCode : 500;
}
