import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import type { Egress } from "../config/stackConfig";
import type { Context } from "../context";
import { assumedBy, policyDocument } from "../security/policy";
import { type EgressPeer, EndpointEgress, NatEgress, S3Endpoint } from "./egress";
import { type ZonedSubnet, zoneLetter } from "./zones";

export interface NetworkArgs {
  readonly context: Context;
  /** Address block of the VPC, /16 to /24. */
  readonly cidrBlock: string;
  /** Names of the availability zones to use, two or three. */
  readonly zones: readonly string[];
  /** How the service reaches the world outside. The database's subnets never do. */
  readonly egress: Egress;
  /** Encrypts the flow logs. */
  readonly logsKeyArn: pulumi.Input<string>;
  readonly logRetentionDays: number;
}

/**
 * A VPC with three tiers over two or three zones: public subnets for the load balancer alone, private ones for
 * the service, and private ones without any route out for the database.
 *
 * The network ACLs stay as AWS makes them: security groups name who may talk to whom, and a second list of the
 * same rules by address is what drifts.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: readonly pulumi.Output<string>[];
  readonly serviceSubnetIds: readonly pulumi.Output<string>[];
  readonly databaseSubnetIds: readonly pulumi.Output<string>[];
  /** Whom the service may call over HTTPS, for the rules of its security group. */
  readonly egressPeers: readonly EgressPeer[];
  /** What has to stand before a task can fetch its image. */
  readonly waysOut: readonly pulumi.Resource[];
  /** What has to stand before anything with a public address: AWS refuses it in a VPC without an internet gateway. */
  readonly publicRoutes: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:Network", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const vpc = new ec2.Vpc(
      name,
      {
        cidrBlock: args.cidrBlock,
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: { ...context.tags, Name: context.name },
      },
      parent,
    );
    this.vpcId = vpc.id;

    // Whatever is started without a security group of its own gets this one: it lets nothing in or out.
    new ec2.DefaultSecurityGroup(
      `${name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: context.tags },
      parent,
    );

    const subnets = this.subnets(name, args);
    const gateway = new ec2.InternetGateway(
      `${name}-internet`,
      { vpcId: vpc.id, tags: context.tags },
      parent,
    );
    this.publicRoutes = subnets.public.map((zoned) => {
      const table = this.routeTable(name, "public", zoned, context);
      return new ec2.Route(
        `${name}-public-${zoneLetter(zoned.zone)}-out`,
        { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
        parent,
      );
    });
    const serviceTables = subnets.service.map((zoned) => this.routeTable(name, "service", zoned, context));
    // The database's tables have the route inside the VPC that every table has, and no other.
    for (const zoned of subnets.database) this.routeTable(name, "database", zoned, context);

    const serviceSide = { context, vpcId: vpc.id, subnets: subnets.service, routeTables: serviceTables };
    const s3 = new S3Endpoint(
      `${name}-s3`,
      { ...serviceSide, imageLayersOnly: args.egress.kind === "endpoints" },
      parent,
    );
    const way =
      args.egress.kind === "nat"
        ? new NatEgress(
            `${name}-nat`,
            { ...serviceSide, publicSubnets: subnets.public, gateway, perZone: args.egress.perZone },
            parent,
          )
        : new EndpointEgress(`${name}-endpoints`, { ...serviceSide, cidrBlock: args.cidrBlock }, parent);
    this.waysOut = [way, s3];
    this.egressPeers = [...way.peers, { label: "s3", prefixListId: s3.prefixListId }];

    new FlowLogs(
      `${name}-flow-logs`,
      { context, vpcId: vpc.id, keyArn: args.logsKeyArn, retentionDays: args.logRetentionDays },
      parent,
    );

    const ids = (tier: Tier) => subnets[tier].map(({ subnet }) => subnet.id);
    this.publicSubnetIds = ids("public");
    this.serviceSubnetIds = ids("service");
    this.databaseSubnetIds = ids("database");
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private subnets(name: string, { context, cidrBlock, zones }: NetworkArgs): Record<Tier, ZonedSubnet[]> {
    const subnets: Record<Tier, ZonedSubnet[]> = { public: [], service: [], database: [] };
    for (const planned of subnetPlan(cidrBlock, zones)) {
      const label = `${planned.tier}-${zoneLetter(planned.zone)}`;
      const subnet = new ec2.Subnet(
        `${name}-${label}`,
        {
          vpcId: this.vpcId,
          availabilityZone: planned.zone,
          cidrBlock: planned.cidrBlock,
          // The load balancer brings its own addresses; nothing else gets a public one by being put here.
          mapPublicIpOnLaunch: false,
          tags: { ...context.tags, Name: `${context.name}-${label}` },
        },
        { parent: this },
      );
      subnets[planned.tier].push({ zone: planned.zone, subnet });
    }
    return subnets;
  }

  private routeTable(name: string, tier: Tier, zoned: ZonedSubnet, context: Context): ec2.RouteTable {
    const label = `${name}-${tier}-${zoneLetter(zoned.zone)}`;
    const parent = { parent: this };
    const table = new ec2.RouteTable(
      `${label}-routes`,
      { vpcId: this.vpcId, tags: { ...context.tags, Name: `${context.name}-${tier}-${zoned.zone}` } },
      parent,
    );
    new ec2.RouteTableAssociation(
      `${label}-association`,
      { subnetId: zoned.subnet.id, routeTableId: table.id },
      parent,
    );
    return table;
  }
}

/** What a subnet is for. A tier is a band of the VPC's address block. */
export type Tier = "public" | "service" | "database";

export interface SubnetPlan {
  readonly tier: Tier;
  readonly zone: string;
  readonly cidrBlock: string;
}

/** Each tier has room for four zones, so that a zone can be added without renumbering the others. */
const BLOCKS_PER_TIER = 4;
const TIERS: readonly Tier[] = ["public", "service", "database"];
/** The block is cut into 16: three tiers of four, and four to spare. */
const BITS_PER_SUBNET = 4;

/**
 * Cuts a VPC's address block into one subnet per tier and zone.
 * @param cidrBlock - The VPC's block, /16 to /24 (a subnet of AWS is /28 at least).
 * @param zones - Availability zones, at most four.
 * @throws RangeError when the block is no such block or there are more zones than bands.
 * @example subnetPlan("10.20.0.0/16", ["eu-west-1a"])[1] // { tier: "service", zone: "eu-west-1a", cidrBlock: "10.20.64.0/20" }
 */
export function subnetPlan(cidrBlock: string, zones: readonly string[]): readonly SubnetPlan[] {
  const { address, prefix } = parseCidr(cidrBlock);
  if (zones.length < 1 || zones.length > BLOCKS_PER_TIER) {
    throw new RangeError(`a network has 1 to ${BLOCKS_PER_TIER} zones, not ${zones.length}`);
  }
  const subnetPrefix = prefix + BITS_PER_SUBNET;
  const size = 2 ** (32 - subnetPrefix);
  return TIERS.flatMap((tier, band) =>
    zones.map((zone, index) => ({
      tier,
      zone,
      cidrBlock: `${formatAddress(address + (band * BLOCKS_PER_TIER + index) * size)}/${subnetPrefix}`,
    })),
  );
}

function parseCidr(cidrBlock: string): { readonly address: number; readonly prefix: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidrBlock);
  const numbers = match?.slice(1).map(Number) ?? [];
  const octets = numbers.slice(0, 4);
  const prefix = numbers[4];
  if (prefix === undefined || prefix < 16 || prefix > 24 || octets.some((octet) => octet > 255)) {
    throw new RangeError(`${cidrBlock} is not an IPv4 block of /16 to /24`);
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (address % 2 ** (32 - prefix) !== 0) {
    throw new RangeError(`${cidrBlock} does not start at a boundary of a /${prefix}`);
  }
  return { address, prefix };
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

export interface FlowLogsArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  /** Encrypts the log group. */
  readonly keyArn: pulumi.Input<string>;
  readonly retentionDays: number;
}

/** Records every connection into, out of and inside the VPC, accepted or refused. */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:FlowLogs", name, {}, opts);
    const { context } = args;
    const logGroup = new cloudwatch.LogGroup(
      name,
      {
        name: `/auth/${context.name}/flow-logs`,
        kmsKeyId: args.keyArn,
        retentionInDays: args.retentionDays,
        tags: context.tags,
      },
      { parent: this },
    );
    const role = new iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: assumedBy(context, "vpc-flow-logs.amazonaws.com", {
          service: "ec2",
          resource: "vpc-flow-log/*",
        }),
        tags: context.tags,
      },
      { parent: this },
    );
    new iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: policyDocument([
          {
            Action: [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
              "logs:DescribeLogGroups",
              "logs:DescribeLogStreams",
            ],
            Resource: pulumi.interpolate`${logGroup.arn}:*`,
          },
        ]),
      },
      { parent: this },
    );
    new ec2.FlowLog(
      `${name}-flow-log`,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: logGroup.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags: context.tags,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
