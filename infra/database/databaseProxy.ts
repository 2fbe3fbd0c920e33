import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Context } from "../context";
import { assumedBy, policyDocument } from "../security/policy";
import type { Database } from "./database";
import { DATABASE_PORT, DATABASE_ROLE } from "./names";
import { idleClientTimeoutSeconds, type ProxyPool } from "./proxyPool";

export interface DatabaseProxyArgs {
  readonly context: Context;
  readonly database: Database;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly pool: ProxyPool;
  /** After this time the clients close unused connections themselves, in milliseconds. */
  readonly clientIdleTimeoutMs: number;
  readonly logsKeyArn: pulumi.Input<string>;
  readonly logRetentionDays: number;
}

/**
 * An RDS Proxy in front of the database: many clients share few connections. About 0.018 USD an hour for each vCPU
 * of the instance.
 *
 * IAM from end to end: clients log in with a token, the proxy does the same, and no secret exists. TLS on both
 * sides. The proxy refuses start-up parameters, so the role carries the timeouts (`DB_ROLE_SETTINGS` of the migrations).
 */
export class DatabaseProxy extends pulumi.ComponentResource {
  readonly endpoint: pulumi.Output<string>;
  /** What its metrics are told apart by. Known at preview. */
  readonly name: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;
  /** What an IAM policy calls the proxy: `prx-ABCDEFGHIJKL01234`. */
  readonly resourceId: pulumi.Output<string>;

  constructor(name: string, args: DatabaseProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:database:DatabaseProxy", name, {}, opts);
    const { context, database } = args;
    const parent = { parent: this };

    const securityGroup = new ec2.SecurityGroup(
      `${name}-sg`,
      { vpcId: args.vpcId, description: "The proxy of the auth database", tags: context.tags },
      parent,
    );
    const toDatabase = { ipProtocol: "tcp", fromPort: DATABASE_PORT, toPort: DATABASE_PORT };
    new vpc.SecurityGroupEgressRule(
      `${name}-to-database`,
      {
        ...toDatabase,
        securityGroupId: securityGroup.id,
        referencedSecurityGroupId: database.securityGroupId,
        description: "To the database",
      },
      parent,
    );
    new vpc.SecurityGroupIngressRule(
      `${name}-into-database`,
      {
        ...toDatabase,
        securityGroupId: database.securityGroupId,
        referencedSecurityGroupId: securityGroup.id,
        description: "From the proxy",
      },
      parent,
    );
    const logGroup = new cloudwatch.LogGroup(
      `${name}-log`,
      {
        name: `/aws/rds/proxy/${context.name}`,
        kmsKeyId: args.logsKeyArn,
        retentionInDays: args.logRetentionDays,
        tags: context.tags,
      },
      parent,
    );
    const proxy = new rds.Proxy(
      name,
      {
        name: context.name,
        engineFamily: "POSTGRESQL",
        defaultAuthScheme: "IAM_AUTH",
        requireTls: true,
        roleArn: this.role(name, args).arn,
        vpcSubnetIds: [...args.subnetIds],
        vpcSecurityGroupIds: [securityGroup.id],
        idleClientTimeout: idleClientTimeoutSeconds(args.clientIdleTimeoutMs),
        // Would write the text of every statement into the log.
        debugLogging: false,
        tags: context.tags,
      },
      { parent: this, dependsOn: [logGroup] },
    );
    const targetGroup = new rds.ProxyDefaultTargetGroup(
      `${name}-pool`,
      {
        dbProxyName: proxy.name,
        connectionPoolConfig: {
          maxConnectionsPercent: args.pool.maxConnectionsPercent,
          maxIdleConnectionsPercent: args.pool.maxIdleConnectionsPercent,
          connectionBorrowTimeout: args.pool.borrowTimeoutSeconds,
        },
      },
      parent,
    );
    new rds.ProxyTarget(
      `${name}-target`,
      {
        dbProxyName: proxy.name,
        targetGroupName: targetGroup.name,
        dbInstanceIdentifier: database.identifier,
      },
      parent,
    );

    this.endpoint = proxy.endpoint;
    this.name = proxy.name;
    this.securityGroupId = securityGroup.id;
    // arn:aws:rds:REGION:ACCOUNT:db-proxy:prx-…
    this.resourceId = proxy.arn.apply((proxyArn) => proxyArn.slice(proxyArn.lastIndexOf(":") + 1));
    this.registerOutputs({ endpoint: this.endpoint });
  }

  /** The proxy may log in to this one database, as this one role. */
  private role(name: string, { context, database }: DatabaseProxyArgs): iam.Role {
    const role = new iam.Role(
      `${name}-role`,
      { assumeRolePolicy: assumedBy(context, "rds.amazonaws.com"), tags: context.tags },
      { parent: this },
    );
    const user = database.resourceId.apply((id) => arn(context, "rds-db", `dbuser:${id}/${DATABASE_ROLE}`));
    new iam.RolePolicy(
      `${name}-policy`,
      { role: role.name, policy: policyDocument([{ Action: "rds-db:connect", Resource: user }]) },
      { parent: this },
    );
    return role;
  }
}
