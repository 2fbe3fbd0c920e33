import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { ECSClient } from "@aws-sdk/client-ecs";
import { RDSClient } from "@aws-sdk/client-rds";
import { MAX_ATTEMPTS } from "./failures";

/** The services that a review asks. */
export interface Clients {
  readonly rds: RDSClient;
  readonly ecs: ECSClient;
  readonly autoscaling: ApplicationAutoScalingClient;
  readonly cloudwatch: CloudWatchClient;
}

export interface ClientOptions {
  readonly region: string;
  /** Instead of AWS: moto's server, LocalStack. */
  readonly endpoint?: string | undefined;
}

/**
 * Clients with the SDK's own chain of credentials. `adaptive` retries slow down by themselves when AWS throttles, which
 * accounts that many tools look at do.
 */
export function awsClients({ region, endpoint }: ClientOptions): Clients {
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
