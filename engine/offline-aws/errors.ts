import { status } from "@grpc/grpc-js";

/** An error for the person at the terminal: the engine prints its message and nothing else. */
export class OfflineError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

export function unknownType(type: string, urn: string): OfflineError {
  return new OfflineError(
    status.UNIMPLEMENTED,
    `the offline AWS provider does not know the resource type ${type} (${urn}). Add it to ` +
      "policies/plan/semantics and engine/offline-aws/models, or deploy with the real provider.",
  );
}

export function unknownInvoke(token: string): OfflineError {
  return new OfflineError(
    status.UNIMPLEMENTED,
    `the offline AWS provider does not answer ${token}. Add it to policies/plan/provider/invokes.ts, or deploy ` +
      "with the real provider.",
  );
}

export function missingRegion(): OfflineError {
  return new OfflineError(
    status.FAILED_PRECONDITION,
    "the AWS region is not set. Set it with `pulumi config set aws:region eu-west-1`.",
  );
}

export function neverMade(type: string, id: string): OfflineError {
  return new OfflineError(
    status.NOT_FOUND,
    `${type} with the id "${id}" does not exist. The offline AWS provider keeps nothing outside Pulumi's state, so ` +
      "there is nothing to import or look up.",
  );
}
