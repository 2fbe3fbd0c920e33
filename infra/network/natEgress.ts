import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { EgressArgs, EgressPeer } from "./egress";
import { type ZonedSubnet, zoneLetter } from "./zones";

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

/** The service reaches any HTTPS address through NAT; nobody reaches the service that way. */
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
