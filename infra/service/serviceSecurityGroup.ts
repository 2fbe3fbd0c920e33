import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { DATABASE_PORT } from "../database/names";
import type { EgressPeer } from "../network/egress";
import { SERVICE_PORT } from "./containerDefinition";
import { httpsEgress } from "./httpsEgress";
import { permittedWay } from "./permittedWay";

export interface ServiceSecurityGroupArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  readonly loadBalancerGroupId: pulumi.Input<string>;
  /** Group of the database or of the proxy in front of it. */
  readonly databaseGroupId: pulumi.Input<string>;
  /** Whom the tasks may call over HTTPS. */
  readonly egressPeers: readonly EgressPeer[];
}

/** Who may talk to whom: the load balancer to the tasks, the tasks to the database, and HTTPS as far as egress allows. */
export class ServiceSecurityGroup extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;

  constructor(name: string, args: ServiceSecurityGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:ServiceSecurityGroup", name, {}, opts);
    const parent = { parent: this };
    const group = new ec2.SecurityGroup(
      name,
      { vpcId: args.vpcId, description: "Tasks of the auth service", tags: args.context.tags },
      parent,
    );
    permittedWay(`${name}-balancer-to-task`, args.loadBalancerGroupId, group.id, SERVICE_PORT, parent);
    permittedWay(`${name}-task-to-database`, group.id, args.databaseGroupId, DATABASE_PORT, parent);
    httpsEgress(name, group.id, args.egressPeers, parent);
    this.id = group.id;
    this.registerOutputs({ id: this.id });
  }
}
