import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import type { ZonedSubnet } from "./network";

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

/** The way to S3, where ECR keeps image layers. A gateway endpoint costs nothing and spares the NAT its bytes. */
export class S3Endpoint extends pulumi.ComponentResource {
  readonly prefixListId: pulumi.Output<string>;

  constructor(name: string, args: EgressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:S3Endpoint", name, {}, opts);
    const endpoint = new ec2.VpcEndpoint(
      name,
      {
        vpcId: args.vpcId,
        serviceName: `com.amazonaws.${args.context.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: args.routeTables.map((table) => table.id),
        tags: args.context.tags,
      },
      { parent: this },
    );
    this.prefixListId = endpoint.prefixListId;
    this.registerOutputs({ prefixListId: this.prefixListId });
  }
}
