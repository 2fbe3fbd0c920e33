import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECSClient } from "@aws-sdk/client-ecs";
import { RDSClient } from "@aws-sdk/client-rds";
import { InputError, messageOf } from "../../../policies/kit/errors";
import { printable } from "../../../policies/kit/text";
import { ABSENT, HIDDEN, type Look, type NotReviewed, seen } from "./liveState";
import type { Action } from "./permissions";

/** The services that a review asks. */
export interface Clients {
  readonly rds: RDSClient;
  readonly ecs: ECSClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  readonly cloudwatch: CloudWatchClient;
}

/** Times that the SDK tries a call that is throttled or that AWS fails to answer. */
const MAX_ATTEMPTS = 6;

/**
 * Clients with the SDK's own chain of credentials. `adaptive` retries slow down by themselves when AWS throttles, which
 * accounts that many tools look at do.
 * @param endpoint - Instead of AWS: moto's server, LocalStack.
 */
export function awsClients(region: string, endpoint: string | undefined): Clients {
  const options = {
    region,
    retryMode: "adaptive",
    maxAttempts: MAX_ATTEMPTS,
    ...(endpoint !== undefined && { endpoint }),
  };
  return {
    rds: new RDSClient(options),
    ecs: new ECSClient(options),
    autoscaling: new ApplicationAutoScalingClient(options),
    cloudwatch: new CloudWatchClient(options),
  };
}

/** Closes the connections that the clients keep open, so that the process can end. */
export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}

const named = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/));

/** Errors that end the whole review: who asks is not known, or no longer. */
const CREDENTIALS = named(`
  AuthFailure CredentialsProviderError ExpiredToken ExpiredTokenException IncompleteSignature InvalidClientTokenId
  InvalidIdentityToken InvalidSignatureException MissingAuthenticationToken MissingAuthenticationTokenException
  OptInRequired RequestExpired SignatureDoesNotMatch TokenProviderError UnrecognizedClientException`);
const DENIED = named("AccessDenied AccessDeniedException AuthorizationError UnauthorizedOperation");
const THROTTLED = named(`
  PriorRequestNotComplete RequestLimitExceeded Throttling ThrottlingException ThrottledException
  TooManyRequestsException`);
const ABSENCE = named(`
  ClusterNotFoundException DBInstanceNotFound DBInstanceNotFoundFault DBParameterGroupNotFound
  DBParameterGroupNotFoundFault ObjectNotFoundException ServiceNotFoundException`);
const NETWORK = named("EAI_AGAIN ECONNREFUSED ECONNRESET ENOTFOUND EHOSTUNREACH ETIMEDOUT TimeoutError");

/** What of an SDK error says what happened. */
interface AwsError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
  readonly errors?: readonly unknown[];
}

/** Collects what could not be looked at. */
export class Looks {
  readonly notReviewed: NotReviewed[] = [];

  /**
   * Asks AWS one thing. A missing permission, throttling that does not end, and an answer that cannot be read leave it
   * out, with the reason; only what makes the whole review pointless is thrown.
   * @param what - In words for a report: "the alarms".
   * @throws InputError without credentials, or where AWS cannot be reached.
   */
  async at<T>(what: string, action: Action, ask: () => Promise<T | undefined>): Promise<Look<T>> {
    try {
      const value = await ask();
      return value === undefined ? ABSENT : seen(value);
    } catch (error) {
      const { name = "", code = "", errors = [] } = error as AwsError;
      const names = [name, code, ...errors.map((each) => (each as AwsError).code ?? "")];
      const is = (set: ReadonlySet<string>): boolean => names.some((each) => set.has(each));
      if (is(ABSENCE)) return ABSENT;
      if (is(CREDENTIALS)) throw new InputError(credentials(name, messageOf(error)));
      if (is(NETWORK)) throw new InputError(`AWS cannot be reached: ${oneLine(messageOf(error) || code)}`);
      this.notReviewed.push({ what, action, ...why(error as AwsError, action, is) });
      return HIDDEN;
    }
  }

  leaveOut(what: string, reason: string, fix: string): typeof HIDDEN {
    this.notReviewed.push({ what, action: undefined, reason, fix });
    return HIDDEN;
  }
}

function why(
  error: AwsError,
  action: Action,
  is: (set: ReadonlySet<string>) => boolean,
): Pick<NotReviewed, "reason" | "fix"> {
  const { $metadata: { httpStatusCode: status = 0 } = {}, $retryable } = error;
  if (is(DENIED)) {
    return {
      reason: `${action} is not allowed`,
      fix: `Allow ${action}: \`npm run review -- STACK --print-iam-policy\` prints the whole policy`,
    };
  }
  if (is(THROTTLED) || $retryable?.throttling === true || status === 429) {
    return {
      reason: `AWS throttled ${action} ${MAX_ATTEMPTS} times, in spite of growing pauses`,
      fix: "Run the review again when fewer requests reach this account",
    };
  }
  if (error instanceof SyntaxError || status >= 500) {
    const shown = status < 500 ? "" : ` (status ${status})`;
    return {
      reason: `${action} got an answer that is not in AWS's format${shown}`,
      fix: "Run the review again",
    };
  }
  return {
    reason: `${action} failed: ${oneLine(messageOf(error))}`,
    fix: "Fix what the message names and run the review again",
  };
}

function credentials(name: string, message: string): string {
  const what =
    name === "CredentialsProviderError" || name === "TokenProviderError"
      ? "there are no AWS credentials"
      : `AWS does not accept the credentials (${name})`;
  const detail = name === "CredentialsProviderError" ? "" : `: ${oneLine(message)}`;
  return `${what}${detail}; log in first (\`aws sso login\`, AWS_PROFILE, or a role in CI), \`aws sts get-caller-identity\` shows who asks`;
}

/** The first line of a message that is not ours, cut short. */
function oneLine(text: string): string {
  const line = printable(text.split("\n", 1)[0] ?? "").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
