import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as ecs from "@pulumi/aws/ecs";
import * as ssm from "@pulumi/aws/ssm";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/stackConfig";
import { arn, type Context } from "../context";
import { DATABASE_PORT, DATABASE_ROLE } from "../database/names";
import type { EgressPeer } from "../network/egress";
import { containerDefinitions, SERVICE_PORT } from "./containerDefinition";
import { httpsEgress } from "./httpsEgress";
import { TaskRoles } from "./taskRoles";

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

/** Both halves of one permitted way from a security group to another. */
export function permittedWay(
  name: string,
  from: pulumi.Input<string>,
  to: pulumi.Input<string>,
  port: number,
  opts: pulumi.CustomResourceOptions,
): void {
  const ports = { ipProtocol: "tcp", fromPort: port, toPort: port };
  new vpc.SecurityGroupEgressRule(
    `${name}-out`,
    {
      ...ports,
      securityGroupId: from,
      referencedSecurityGroupId: to,
      description: "To the one group it serves",
    },
    opts,
  );
  new vpc.SecurityGroupIngressRule(
    `${name}-in`,
    {
      ...ports,
      securityGroupId: to,
      referencedSecurityGroupId: from,
      description: "From the one group it serves",
    },
    opts,
  );
}

export interface ServiceTaskArgs {
  readonly context: Context;
  readonly config: StackConfig;
  /** Host name of the database or of the proxy in front of it. */
  readonly databaseHost: pulumi.Input<string>;
  /** What IAM calls it: `db-…` or `prx-…`. */
  readonly databaseResourceId: pulumi.Input<string>;
  readonly logsKeyArn: pulumi.Input<string>;
}

/** One task of the service: its definition, its roles, its log, and the parameter that tells it the database's host. */
export class ServiceTask extends pulumi.ComponentResource {
  readonly taskDefinitionArn: pulumi.Output<string>;

  constructor(name: string, args: ServiceTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:ServiceTask", name, {}, opts);
    const { context, config } = args;
    const parent = { parent: this };
    const logGroupName = `/auth/${context.name}/service`;
    const hostParameterName = `/auth/${context.name}/database/host`;
    const hostParameterArn = arn(context, "ssm", `parameter${hostParameterName}`);

    const logGroup = new cloudwatch.LogGroup(
      `${name}-log`,
      {
        name: logGroupName,
        kmsKeyId: args.logsKeyArn,
        retentionInDays: config.logRetentionDays,
        tags: context.tags,
      },
      parent,
    );
    const hostParameter = new ssm.Parameter(
      `${name}-database-host`,
      {
        name: hostParameterName,
        type: "String",
        value: args.databaseHost,
        description: "Host name of the auth database; a name, not a secret",
        tags: context.tags,
      },
      parent,
    );
    const databaseUser = pulumi
      .output(args.databaseResourceId)
      .apply((id) => arn(context, "rds-db", `dbuser:${id}/${DATABASE_ROLE}`));
    const roles = new TaskRoles(
      `${name}-roles`,
      {
        context,
        image: config.image,
        logGroupArn: logGroup.arn,
        parameterArns: hostParameterArn,
        may: [{ Sid: "LogInToDatabase", Action: "rds-db:connect", Resource: databaseUser }],
      },
      parent,
    );
    const definition = new ecs.TaskDefinition(
      name,
      {
        family: context.name,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: String(config.taskCpu),
        memory: String(config.taskMemoryMib),
        runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: config.cpuArchitecture },
        executionRoleArn: roles.executionRoleArn,
        taskRoleArn: roles.taskRoleArn,
        containerDefinitions: containerDefinitions({
          settings: config,
          region: context.region,
          poolName: context.name,
          hostParameterArn,
          logGroupName,
        }),
        // A deployment that is rolled back needs the revision before.
        skipDestroy: true,
        tags: context.tags,
      },
      // A task needs the parameter and the roles' policies as it starts, though it does not name them.
      { parent: this, dependsOn: [hostParameter, roles] },
    );
    this.taskDefinitionArn = definition.arn;
    this.registerOutputs({ taskDefinitionArn: this.taskDefinitionArn });
  }
}
