import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ecs from "@pulumi/aws/ecs";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/stackConfig";
import { arn, type Context } from "../context";
import type { Database } from "../database/database";
import type { EgressPeer } from "../network/egress";
import { MIGRATION_CONNECTIONS, migrationContainers } from "./migrationContainer";
import { MigrationSecurityGroup } from "./migrationSecurityGroup";
import { TaskRoles } from "./taskRoles";

export interface MigrationTaskArgs {
  readonly context: Context;
  readonly config: StackConfig;
  readonly database: Database;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly egressPeers: readonly EgressPeer[];
  readonly clusterName: pulumi.Input<string>;
  /** Key that the master user's secret is encrypted with. */
  readonly dataKeyArn: pulumi.Input<string>;
  readonly logsKeyArn: pulumi.Input<string>;
}

/**
 * The task that brings the database up to date, run by hand or by a pipeline: nothing starts it by itself. It holds one
 * connection, out of those that the budget keeps for operations, which its tag says. It goes to the database itself, also
 * where the service goes through a proxy, and as the master user: it creates the service's role.
 */
export class MigrationTask extends pulumi.ComponentResource {
  /** The command that runs it once. */
  readonly command: pulumi.Output<string>;

  constructor(name: string, args: MigrationTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:MigrationTask", name, {}, opts);
    const { context, config, database } = args;
    const parent = { parent: this };
    const logGroupName = `/auth/${context.name}/migrations`;
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
    const host = this.parameter(name, "host", database.address, context);
    const secret = this.parameter(name, "secret-arn", database.masterSecretArn, context);
    const roles = new TaskRoles(
      `${name}-roles`,
      {
        context,
        image: config.image,
        logGroupArn: logGroup.arn,
        parameterArns: [host.arn, secret.arn],
        may: [
          {
            Sid: "ReadMasterSecret",
            Action: "secretsmanager:GetSecretValue",
            Resource: database.masterSecretArn,
          },
          {
            Sid: "DecryptMasterSecret",
            Action: "kms:Decrypt",
            Resource: args.dataKeyArn,
            Condition: {
              StringEquals: { "kms:ViaService": `secretsmanager.${context.region}.amazonaws.com` },
            },
          },
        ],
      },
      parent,
    );
    const securityGroup = new MigrationSecurityGroup(
      `${name}-sg`,
      {
        context,
        vpcId: args.vpcId,
        databaseGroupId: database.securityGroupId,
        egressPeers: args.egressPeers,
      },
      parent,
    );
    const family = `${context.name}-migrations`;
    new ecs.TaskDefinition(
      name,
      {
        family,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        // The smallest that there is.
        cpu: "256",
        memory: "512",
        runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: config.cpuArchitecture },
        executionRoleArn: roles.executionRoleArn,
        taskRoleArn: roles.taskRoleArn,
        containerDefinitions: migrationContainers({
          settings: config,
          region: context.region,
          hostParameterArn: host.arn,
          secretParameterArn: secret.arn,
          logGroupName,
        }),
        skipDestroy: true,
        tags: { ...context.tags, "poolproof:operations-connections": String(MIGRATION_CONNECTIONS) },
      },
      { parent: this, dependsOn: [host.parameter, secret.parameter, roles] },
    );
    const network = pulumi.jsonStringify({
      awsvpcConfiguration: {
        subnets: [...args.subnetIds],
        securityGroups: [securityGroup.id],
        assignPublicIp: "DISABLED",
      },
    });
    this.command = pulumi.interpolate`aws ecs run-task --region ${context.region} --cluster ${args.clusterName} --task-definition ${family} --launch-type FARGATE --network-configuration '${network}'`;
    this.registerOutputs({ command: this.command });
  }

  /** A parameter whose name, and so its ARN, is known before its value is. */
  private parameter(name: string, what: string, value: pulumi.Input<string>, context: Context) {
    const parameterName = `/auth/${context.name}/migrations/${what}`;
    const parameter = new ssm.Parameter(
      `${name}-${what}`,
      {
        name: parameterName,
        type: "String",
        value,
        description: "Where the migrations find the database; a name, not a secret",
        tags: context.tags,
      },
      { parent: this },
    );
    return { parameter, arn: arn(context, "ssm", `parameter${parameterName}`) };
  }
}
