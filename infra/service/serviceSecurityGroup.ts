import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { DATABASE_PORT } from "../database/names";
import type { EgressPeer } from "../network/egress";
import { SERVICE_PORT } from "./containerDefinition";

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
    const group = new ec2.SecurityGroup(
      name,
      { vpcId: args.vpcId, description: "Tasks of the auth service", tags: args.context.tags },
      { parent: this },
    );
    this.between(`${name}-balancer-to-task`, args.loadBalancerGroupId, group.id, SERVICE_PORT);
    this.between(`${name}-task-to-database`, group.id, args.databaseGroupId, DATABASE_PORT);
    for (const { label, ...peer } of args.egressPeers) {
      new vpc.SecurityGroupEgressRule(
        `${name}-to-${label}`,
        {
          ...peer,
          securityGroupId: group.id,
          description: `HTTPS: ${label}`,
          ipProtocol: "tcp",
          fromPort: 443,
          toPort: 443,
        },
        { parent: this },
      );
    }
    this.id = group.id;
    this.registerOutputs({ id: this.id });
  }

  /** Both halves of one permitted way. */
  private between(name: string, from: pulumi.Input<string>, to: pulumi.Input<string>, port: number): void {
    const ports = { ipProtocol: "tcp", fromPort: port, toPort: port };
    new vpc.SecurityGroupEgressRule(
      `${name}-out`,
      {
        ...ports,
        securityGroupId: from,
        referencedSecurityGroupId: to,
        description: "To the one group it serves",
      },
      { parent: this },
    );
    new vpc.SecurityGroupIngressRule(
      `${name}-in`,
      {
        ...ports,
        securityGroupId: to,
        referencedSecurityGroupId: from,
        description: "From the one group it serves",
      },
      { parent: this },
    );
  }
}
