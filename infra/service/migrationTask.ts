import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as ecs from "@pulumi/aws/ecs";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings";
import type { StackConfig } from "../config/stackConfig";
import { arn, type Context } from "../context";
import type { Database } from "../database/database";
import { DATABASE_NAME, DATABASE_PORT } from "../database/names";
import { type ParametersInput, roleSettings } from "../database/parameters";
import type { EgressPeer } from "../network/egress";
import { containerBase, DATABASE_CERTIFICATES } from "./containerBase";
import { httpsEgress } from "./httpsEgress";
import { permittedWay } from "./serviceTask";
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

export interface MigrationContainerInput {
  readonly settings: Pick<Settings, "image" | "connection"> & ParametersInput;
  readonly region: string;
  /** ARN of the parameter with the host name of the database itself, never of a proxy. */
  readonly hostParameterArn: string;
  /** ARN of the parameter with the ARN of the master user's secret, which no plan knows. */
  readonly secretParameterArn: string;
  readonly logGroupName: string;
}

/** Connections that one run holds: one, and it makes no pool. */
export const MIGRATION_CONNECTIONS = 1;

/**
 * The container that brings the database up to date and ends, as the JSON that ECS takes: the service's image with
 * another command. A plain string, for the same reason as the service's.
 */
export function migrationContainers(input: MigrationContainerInput): string {
  const { settings, region } = input;
  const container = {
    ...containerBase({
      name: "migrate",
      settings,
      region,
      environment: {
        NODE_ENV: "production",
        AWS_REGION: region,
        DB_PORT: DATABASE_PORT,
        DB_NAME: DATABASE_NAME,
        DB_AUTH: "secret",
        DB_SSL_CA: DATABASE_CERTIFICATES,
        // Empty takes the timeouts off the role again.
        DB_ROLE_SETTINGS: roleSettings(settings),
      },
      parameters: { DB_HOST: input.hostParameterArn, DB_SECRET_ARN: input.secretParameterArn },
      logGroupName: input.logGroupName,
    }),
    command: ["node", "service/dist/migrate.js"],
  };
  return JSON.stringify([container]);
}

export interface MigrationSecurityGroupArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  /** Group of the database itself. */
  readonly databaseGroupId: pulumi.Input<string>;
  /** Whom the task may call over HTTPS. */
  readonly egressPeers: readonly EgressPeer[];
}

/** The migrations reach the database and HTTPS as far as egress allows, and nothing reaches them. */
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
