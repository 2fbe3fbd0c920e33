import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones";
import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime";
import { parseStackConfig } from "./config/parseStackConfig";
import { formatProblems } from "./config/problems";
import type { StackConfig } from "./config/stackConfig";
import { type Context, currentContext } from "./context";
import { Database } from "./database/database";
import { DatabaseProxy } from "./database/databaseProxy";
import { alarmSpecs } from "./monitoring/alarms";
import { Monitoring } from "./monitoring/monitoring";
import { Network } from "./network/network";
import { EncryptionKey, logsGrant } from "./security/encryptionKey";
import { AuthService, type DatabaseAccess } from "./service/authService";
import { MigrationTask } from "./service/migrationTask";

/** The stack: configuration, network, database, service, alarms. What it returns are the stack's outputs. */
export async function program(): Promise<pulumi.Inputs> {
  const config = programConfig();
  const context = await currentContext(config.region);

  const dataKey = new EncryptionKey("data-key", { context, description: "Data of the auth database" });
  const logsKey = new EncryptionKey("logs-key", {
    context,
    description: "Logs of the auth service",
    grants: logsGrant(context, [`/auth/${context.name}/`, "/aws/rds/", "/aws/ecs/containerinsights/"]),
  });
  const logs = { logsKeyArn: logsKey.arn, logRetentionDays: config.logRetentionDays };

  const network = new Network("network", {
    context,
    cidrBlock: config.vpcCidr,
    zones: await zoneNames(config.zones),
    egress: config.egressChoice,
    ...logs,
  });

  const database = new Database("database", {
    context,
    vpcId: network.vpcId,
    subnetIds: network.databaseSubnetIds,
    dataKeyArn: dataKey.arn,
    parameters: config,
    instanceClass: config.instanceClass,
    storageGib: config.storageGib,
    maxStorageGib: config.maxStorageGib,
    backupRetentionDays: config.backupRetentionDays,
    production: config.production,
    ...logs,
  });
  const access = databaseAccess(context, config, network, database, logs);

  const service = new AuthService("auth", {
    context,
    config,
    vpcId: network.vpcId,
    publicSubnetIds: network.publicSubnetIds,
    subnetIds: network.serviceSubnetIds,
    egressPeers: network.egressPeers,
    waysOut: network.waysOut,
    publicRoutes: network.publicRoutes,
    database: access,
    logsKeyArn: logsKey.arn,
  });

  const migrations = new MigrationTask("migrations", {
    context,
    config,
    database,
    vpcId: network.vpcId,
    subnetIds: network.serviceSubnetIds,
    egressPeers: network.egressPeers,
    clusterName: service.clusterName,
    dataKeyArn: dataKey.arn,
    logsKeyArn: logsKey.arn,
  });

  const topicArn = monitoring(context, config, database, access.proxyName, service);

  return {
    url: service.url,
    databaseIdentifier: database.identifier,
    clusterName: service.clusterName,
    serviceName: service.serviceName,
    // Run once after the first deployment, and whenever a release brings new migrations.
    migrateCommand: migrations.command,
    ...(topicArn && { alarmTopicArn: topicArn }),
  };
}

/** The first zones of the region that every account has. */
async function zoneNames(count: number): Promise<readonly string[]> {
  const { names } = await getAvailabilityZones({
    state: "available",
    // Local and wavelength zones have to be opted into; they have no RDS.
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
  if (names.length >= count) return [...names].sort().slice(0, count);
  throw new pulumi.RunError(
    `The region has ${names.length} availability zones (${names.join(", ")}), but auth:zones asks for ${count}. ` +
      `Fix it with: pulumi config set auth:zones ${names.length} --stack ${pulumi.getStack()}`,
  );
}

/** The database itself, or a proxy in front of it, as the stack chooses. */
function databaseAccess(
  context: Context,
  config: StackConfig,
  network: Network,
  database: Database,
  logs: { readonly logsKeyArn: pulumi.Input<string>; readonly logRetentionDays: number },
): DatabaseAccess & { readonly proxyName?: pulumi.Output<string> } {
  if (config.connectionChoice.kind === "direct") {
    return {
      host: database.address,
      resourceId: database.resourceId,
      securityGroupId: database.securityGroupId,
      instanceIdentifier: context.name,
    };
  }
  const proxy = new DatabaseProxy("database-proxy", {
    context,
    database,
    vpcId: network.vpcId,
    subnetIds: network.databaseSubnetIds,
    pool: config.capacity.proxy,
    clientIdleTimeoutMs: config.idleTimeoutMs,
    ...logs,
  });
  return {
    host: proxy.endpoint,
    resourceId: proxy.resourceId,
    securityGroupId: proxy.securityGroupId,
    instanceIdentifier: context.name,
    proxyName: proxy.name,
  };
}

/** The alarms, unless the stack says why it has none. */
function monitoring(
  context: Context,
  config: StackConfig,
  database: Database,
  proxyName: pulumi.Output<string> | undefined,
  service: AuthService,
): pulumi.Output<string> | undefined {
  if (config.alarmSwitch.disabled) {
    void pulumi.log.warn(`This stack has no alarms: ${config.alarmSwitch.reason}`);
    return undefined;
  }
  return new Monitoring("monitoring", {
    context,
    settings: config,
    alarms: alarmSpecs(config),
    resources: {
      database: database.identifier,
      loadBalancer: service.loadBalancer.arnSuffix,
      targetGroup: service.loadBalancer.targetGroup.arnSuffix,
      pool: context.name,
      cluster: service.clusterName,
      service: service.serviceName,
      ...(proxyName && { proxy: proxyName }),
    },
    databaseLogGroupName: database.logGroupName,
    subscriptions: config.alarmSwitch.subscriptions,
  }).topicArn;
}

/**
 * The configuration of the stack that Pulumi runs the program for.
 * @throws pulumi.RunError naming every problem; Pulumi prints its message without a stack trace.
 */
export function programConfig(): StackConfig {
  const stack = pulumi.getStack();
  const result = parseStackConfig(allConfig(), stack);
  if (result.ok) return result.config;
  throw new pulumi.RunError(
    `The configuration of stack ${stack} cannot be used:\n${formatProblems(result.problems)}`,
  );
}
