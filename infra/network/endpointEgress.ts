import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { EgressArgs, EgressPeer } from "./s3Endpoint";

export interface EndpointEgressArgs extends EgressArgs {
  /** Address block of the VPC: who may use the endpoints. */
  readonly cidrBlock: string;
}

/**
 * What a Fargate task calls: the image registry (its API and the registry itself), its log stream, and the
 * parameter that holds the database's address. IAM database tokens are signed inside the task, without a call.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 */
export const ENDPOINT_SERVICES = ["ecr.api", "ecr.dkr", "logs", "ssm"] as const;

/**
 * No way out but AWS's own services: a stolen process has nowhere to send what it took. About 8 USD a month for
 * each of the four services in each zone, and the image has to be in ECR.
 */
export class EndpointEgress extends pulumi.ComponentResource {
  readonly peers: readonly EgressPeer[];

  constructor(name: string, args: EndpointEgressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:EndpointEgress", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const group = new ec2.SecurityGroup(
      `${name}-sg`,
      { vpcId: args.vpcId, description: "AWS services, from inside the VPC", tags: context.tags },
      parent,
    );
    new vpc.SecurityGroupIngressRule(
      `${name}-https-in`,
      {
        securityGroupId: group.id,
        description: "HTTPS from inside the VPC",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: args.cidrBlock,
      },
      parent,
    );
    for (const service of ENDPOINT_SERVICES) {
      new ec2.VpcEndpoint(
        `${name}-${service.replace(".", "-")}`,
        {
          vpcId: args.vpcId,
          serviceName: `com.amazonaws.${context.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: args.subnets.map(({ subnet }) => subnet.id),
          securityGroupIds: [group.id],
          tags: { ...context.tags, Name: `${context.name}-${service}` },
        },
        parent,
      );
    }
    this.peers = [{ label: "aws-endpoints", referencedSecurityGroupId: group.id }];
    this.registerOutputs({});
  }
}
