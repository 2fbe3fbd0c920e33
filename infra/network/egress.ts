import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { policyDocument } from "../security/policy";
import { type ZonedSubnet, zoneLetter } from "./zones";

/** The subnets that need a way out, each with its route table, in the same order. */
export interface EgressArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  readonly subnets: readonly ZonedSubnet[];
  readonly routeTables: readonly ec2.RouteTable[];
}

/** One destination of an outgoing HTTPS rule: exactly one of the three. */
export type EgressPeer = { readonly label: string } & (
  | { readonly cidrIpv4: pulumi.Input<string> }
  | { readonly referencedSecurityGroupId: pulumi.Input<string> }
  | { readonly prefixListId: pulumi.Input<string> }
);

export interface NatEgressArgs extends EgressArgs {
  /** Where the gateways stand, one zone each, in the order of the service's subnets. */
  readonly publicSubnets: readonly ZonedSubnet[];
  readonly gateway: ec2.InternetGateway;
  /**
   * A gateway in each zone: the loss of a zone takes no other zone's way out with it, at about 35 USD a month
   * for each. With one gateway alone, its zone is everybody's.
   */
  readonly perZone: boolean;
}

/** The service reaches any HTTPS address through NAT; nothing reaches the service that way. */
export class NatEgress extends pulumi.ComponentResource {
  readonly peers: readonly EgressPeer[] = [{ label: "https-anywhere", cidrIpv4: "0.0.0.0/0" }];

  constructor(name: string, args: NatEgressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:NatEgress", name, {}, opts);
    const gateways = args.publicSubnets
      .slice(0, args.perZone ? undefined : 1)
      .map((zoned) => this.natGateway(name, zoned, args));
    for (const [index, zoned] of args.subnets.entries()) {
      const table = args.routeTables[index];
      const nat = gateways[args.perZone ? index : 0];
      if (table === undefined || nat === undefined) continue;
      new ec2.Route(
        `${name}-${zoneLetter(zoned.zone)}-out`,
        { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.id },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }

  private natGateway(name: string, { zone, subnet }: ZonedSubnet, { context, gateway }: NatEgressArgs) {
    const label = `${name}-${zoneLetter(zone)}`;
    const tags = { ...context.tags, Name: `${context.name}-nat-${zone}` };
    const address = new ec2.Eip(`${label}-address`, { domain: "vpc", tags }, { parent: this });
    return new ec2.NatGateway(
      label,
      { subnetId: subnet.id, allocationId: address.id, tags },
      { parent: this, dependsOn: [gateway] },
    );
  }
}

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
 * process cannot use the endpoints with another account's credentials. What it has left is the VPC's name server,
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

export interface S3EndpointArgs extends EgressArgs {
  /**
   * Lets nothing through but image layers of ECR. Not beside NAT, where S3 can be reached anyway and a registry
   * other than ECR may keep its own layers there.
   */
  readonly imageLayersOnly: boolean;
}

/** The way to S3, where ECR keeps image layers. A gateway endpoint costs nothing and spares the NAT its bytes. */
export class S3Endpoint extends pulumi.ComponentResource {
  readonly prefixListId: pulumi.Output<string>;

  constructor(name: string, args: S3EndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:S3Endpoint", name, {}, opts);
    const endpoint = new ec2.VpcEndpoint(
      name,
      {
        vpcId: args.vpcId,
        serviceName: `com.amazonaws.${args.context.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: args.routeTables.map((table) => table.id),
        ...(args.imageLayersOnly && { policy: imageLayers(args.context) }),
        tags: args.context.tags,
      },
      { parent: this },
    );
    this.prefixListId = endpoint.prefixListId;
    this.registerOutputs({ prefixListId: this.prefixListId });
  }
}

/**
 * Reads the bucket in which ECR keeps this region's layers, and nothing else. Any principal: the layers come by
 * links that ECR has signed, not by the task's own credentials.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
 */
function imageLayers({ partition, region }: Context): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "ReadImageLayers",
      Principal: "*",
      Action: "s3:GetObject",
      Resource: `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
    },
  ]);
}
