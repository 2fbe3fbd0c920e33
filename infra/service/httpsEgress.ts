import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import type { EgressPeer } from "../network/egress";

/** Lets a security group call these over HTTPS, and nothing else. */
export function httpsEgress(
  name: string,
  securityGroupId: pulumi.Input<string>,
  peers: readonly EgressPeer[],
  opts: pulumi.CustomResourceOptions,
): void {
  for (const { label, ...peer } of peers) {
    new vpc.SecurityGroupEgressRule(
      `${name}-to-${label}`,
      {
        ...peer,
        securityGroupId,
        description: `HTTPS: ${label}`,
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
      },
      opts,
    );
  }
}
