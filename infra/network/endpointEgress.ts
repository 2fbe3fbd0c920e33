import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { policyDocument } from "../security/policy";
import type { EgressArgs, EgressPeer } from "./egress";

export interface EndpointEgressArgs extends EgressArgs {
  /** Address block of the VPC: who may use the endpoints. */
  readonly cidrBlock: string;
}

const PULL_ACTIONS = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:GetAuthorizationToken",
  "ecr:GetDownloadUrlForLayer",
];

/**
 * What a Fargate task calls, and for what: the image registry (its API and the registry itself), its log stream,
 * the parameters that hold the database's address, and for the migrations the master user's secret. IAM database
 * tokens are signed inside the task, without a call.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 */
export const ENDPOINT_SERVICES: readonly (readonly [service: string, actions: readonly string[]])[] = [
  ["ecr.api", PULL_ACTIONS],
  ["ecr.dkr", PULL_ACTIONS],
  ["logs", ["logs:CreateLogStream", "logs:PutLogEvents"]],
  ["ssm", ["ssm:GetParameters"]],
  ["secretsmanager", ["secretsmanager:GetSecretValue"]],
];

/**
 * No way out but AWS's own services, and these only for what a task does and in this account's name: a stolen
 * process cannot use the endpoints with somebody else's credentials. What it has left is the VPC's name server,
 * which passes on any query; only a DNS firewall closes that. About 8 USD a month for each of the five services
 * in each zone, and the image has to be in ECR.
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
    for (const [service, actions] of ENDPOINT_SERVICES) {
      new ec2.VpcEndpoint(
        `${name}-${service.replace(".", "-")}`,
        {
          vpcId: args.vpcId,
          serviceName: `com.amazonaws.${context.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: args.subnets.map(({ subnet }) => subnet.id),
          securityGroupIds: [group.id],
          policy: thisAccountAlone(context, actions),
          tags: { ...context.tags, Name: `${context.name}-${service}` },
        },
        parent,
      );
    }
    this.peers = [{ label: "aws-endpoints", referencedSecurityGroupId: group.id }];
    this.registerOutputs({});
  }
}

/**
 * AWS's own policy of an endpoint lets anybody's credentials through. Which resources these actions may touch is
 * in the task's roles; an image may come from another account's ECR.
 */
function thisAccountAlone({ accountId }: Context, actions: readonly string[]): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "ThisAccountAlone",
      Principal: "*",
      Action: actions,
      Resource: "*",
      Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
    },
  ]);
}
