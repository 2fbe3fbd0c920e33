import type * as ec2 from "@pulumi/aws/ec2";
import type * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import type { ZonedSubnet } from "./zones";

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
