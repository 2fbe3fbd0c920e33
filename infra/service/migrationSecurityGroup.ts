import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { DATABASE_PORT } from "../database/names";
import type { EgressPeer } from "../network/egress";
import { httpsEgress } from "./httpsEgress";
import { permittedWay } from "./permittedWay";

export interface MigrationSecurityGroupArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  /** Group of the database itself. */
  readonly databaseGroupId: pulumi.Input<string>;
  /** Whom the task may call over HTTPS. */
  readonly egressPeers: readonly EgressPeer[];
}

/** The migrations reach the database and HTTPS as far as egress allows, and nobody reaches them. */
export class MigrationSecurityGroup extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: MigrationSecurityGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:MigrationSecurityGroup", name, {}, opts);
    const parent = { parent: this };
    const group = new ec2.SecurityGroup(
      name,
      { vpcId: args.vpcId, description: "Migrations of the auth database", tags: args.context.tags },
      parent,
    );
    permittedWay(`${name}-to-database`, group.id, args.databaseGroupId, DATABASE_PORT, parent);
    httpsEgress(name, group.id, args.egressPeers, parent);
    this.id = group.id;
    this.registerOutputs({ id: this.id });
  }
}
