import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { assumedBy } from "../security/policy";
import { parameterGroupFamily } from "./engineVersion";
import { DATABASE_NAME, DATABASE_PORT } from "./names";
import { databaseParameters, type ParametersInput } from "./parameters";

export interface DatabaseArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  /** Subnets without a route out, in at least two zones. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Encrypts storage, backups, the master secret and Performance Insights. */
  readonly dataKeyArn: pulumi.Input<string>;
  readonly logsKeyArn: pulumi.Input<string>;
  readonly logRetentionDays: number;
  /** What the parameter group sets, `max_connections` and the timeouts among them. */
  readonly parameters: ParametersInput;
  readonly instanceClass: string;
  readonly storageGib: number;
  readonly maxStorageGib: number;
  readonly backupRetentionDays: number;
  /** A standby in another zone, deletion protection and a final snapshot; roughly doubles the price. */
  readonly production: boolean;
}

/** Logs that PostgreSQL on RDS exports: its own, upgrades, and failed IAM logins. */
const DATABASE_LOG = "postgresql";
const OTHER_LOGS = ["upgrade", "iam-db-auth-error"];

/**
 * The auth database: one RDS PostgreSQL instance with its own parameter group, encrypted, reachable only from
 * security groups that are let in, with IAM authentication.
 *
 * The master password is made, kept and rotated by RDS in Secrets Manager; the migrations alone read it. The service
 * logs in as a role of its own with a token.
 */
export class Database extends pulumi.ComponentResource {
  /** Known at preview; linked to the instance by its dependencies. */
  readonly identifier: pulumi.Output<string>;
  /** Host name, without the port. */
  readonly address: pulumi.Output<string>;
  /** What an IAM policy calls the instance: `db-ABCDEFGHIJKL01234`. */
  readonly resourceId: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  /** Where PostgreSQL's own log goes. Known at preview. */
  readonly logGroupName: pulumi.Output<string>;
  /** ARN of the secret that RDS keeps and rotates, with the master user's name and password. */
  readonly masterSecretArn: pulumi.Output<string>;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:database:Database", name, {}, opts);
    const { context, production } = args;
    const { tags } = context;
    const parent = { parent: this };
    const { engineVersion } = args.parameters;

    const securityGroup = new ec2.SecurityGroup(
      `${name}-sg`,
      {
        vpcId: args.vpcId,
        description: "The auth database",
        tags: { ...tags, Name: `${context.name}-database` },
      },
      parent,
    );
    const subnetGroup = new rds.SubnetGroup(
      `${name}-subnets`,
      { subnetIds: [...args.subnetIds], description: "Subnets without a route out", tags },
      parent,
    );
    const parameterGroup = new rds.ParameterGroup(
      `${name}-parameters`,
      {
        family: parameterGroupFamily(engineVersion),
        description: "Connection limit, timeouts and logging of the auth database",
        parameters: databaseParameters(args.parameters).map((parameter) => ({ ...parameter })),
        tags,
      },
      parent,
    );
    // Made before the instance, which would otherwise make them without a key and never delete them.
    const logGroup = (log: string) =>
      new cloudwatch.LogGroup(
        `${name}-log-${log}`,
        {
          name: `/aws/rds/instance/${context.name}/${log}`,
          kmsKeyId: args.logsKeyArn,
          retentionInDays: args.logRetentionDays,
          tags,
        },
        parent,
      );
    const databaseLog = logGroup(DATABASE_LOG);
    const logGroups = [databaseLog, ...OTHER_LOGS.map(logGroup)];
    const monitoring = this.monitoringRole(name, context);
    const instance = new rds.Instance(
      name,
      {
        identifier: context.name,
        engine: "postgres",
        engineVersion,
        instanceClass: args.instanceClass,
        dbName: DATABASE_NAME,
        port: DATABASE_PORT,
        parameterGroupName: parameterGroup.name,

        // Who reaches it, and as whom
        dbSubnetGroupName: subnetGroup.name,
        vpcSecurityGroupIds: [securityGroup.id],
        publiclyAccessible: false,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        iamDatabaseAuthenticationEnabled: true,
        username: "auth_admin",
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: args.dataKeyArn,

        // What it keeps
        storageType: "gp3",
        allocatedStorage: args.storageGib,
        maxAllocatedStorage: args.maxStorageGib,
        storageEncrypted: true,
        kmsKeyId: args.dataKeyArn,
        backupRetentionPeriod: args.backupRetentionDays,
        backupWindow: "02:00-03:00",
        copyTagsToSnapshot: true,
        deleteAutomatedBackups: !production,

        // What it survives. Changes of the class and the like wait for the maintenance window in production.
        multiAz: production,
        deletionProtection: production,
        skipFinalSnapshot: !production,
        ...(production && { finalSnapshotIdentifier: `${context.name}-final` }),
        applyImmediately: !production,
        autoMinorVersionUpgrade: true,
        allowMajorVersionUpgrade: false,
        maintenanceWindow: "sun:03:30-sun:04:30",

        // What it tells. Standard Database Insights: seven days of Performance Insights, which are free.
        enabledCloudwatchLogsExports: [DATABASE_LOG, ...OTHER_LOGS],
        databaseInsightsMode: "standard",
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: args.dataKeyArn,
        performanceInsightsRetentionPeriod: 7,
        monitoringInterval: production ? 15 : 60,
        monitoringRoleArn: monitoring.role.arn,

        tags: { ...tags, Name: context.name },
      },
      { parent: this, dependsOn: [...logGroups, monitoring.attachment] },
    );

    this.logGroupName = databaseLog.name;
    this.identifier = instance.identifier;
    this.address = instance.address;
    this.resourceId = instance.resourceId;
    this.masterSecretArn = instance.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? "");
    this.securityGroupId = securityGroup.id;
    this.registerOutputs({ identifier: this.identifier, address: this.address });
  }

  /** Enhanced monitoring reads the operating system and writes it to CloudWatch Logs, through AWS's own policy. */
  private monitoringRole(name: string, context: Context) {
    const role = new iam.Role(
      `${name}-monitoring`,
      {
        assumeRolePolicy: assumedBy(context, "monitoring.rds.amazonaws.com", {
          service: "rds",
          resource: `db:${context.name}`,
        }),
        tags: context.tags,
      },
      { parent: this },
    );
    const attachment = new iam.RolePolicyAttachment(
      `${name}-monitoring-policy`,
      {
        role: role.name,
        policyArn: `arn:${context.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`,
      },
      { parent: this },
    );
    return { role, attachment };
  }
}
