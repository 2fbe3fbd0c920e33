import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";

/** Both halves of one permitted way from a security group to another. */
export function permittedWay(
  name: string,
  from: pulumi.Input<string>,
  to: pulumi.Input<string>,
  port: number,
  opts: pulumi.CustomResourceOptions,
): void {
  const ports = { ipProtocol: "tcp", fromPort: port, toPort: port };
  new vpc.SecurityGroupEgressRule(
    `${name}-out`,
    {
      ...ports,
      securityGroupId: from,
      referencedSecurityGroupId: to,
      description: "To the one group it serves",
    },
    opts,
  );
  new vpc.SecurityGroupIngressRule(
    `${name}-in`,
    {
      ...ports,
      securityGroupId: to,
      referencedSecurityGroupId: from,
      description: "From the one group it serves",
    },
    opts,
  );
}
