import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ecs from "@pulumi/aws/ecs";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings";
import type { StackConfig } from "../config/stackConfig";
import type { Context } from "../context";
import type { EgressPeer } from "../network/egress";
import { CONTAINER_NAME, SERVICE_PORT } from "./containerDefinition";
import { LoadBalancer } from "./loadBalancer";
import { ServiceSecurityGroup, ServiceTask } from "./serviceTask";

/** Where the service finds its database: the instance itself, or a proxy in front of it. */
export interface DatabaseAccess {
  readonly host: pulumi.Input<string>;
  /** What IAM calls it: `db-…` or `prx-…`. */
  readonly resourceId: pulumi.Input<string>;
  readonly securityGroupId: pulumi.Input<string>;
  /** The instance behind it, for the tag that names the service's database. */
  readonly instanceIdentifier: string;
}

export interface AuthServiceArgs {
  readonly context: Context;
  readonly config: StackConfig;
  readonly vpcId: pulumi.Input<string>;
  /** Where the load balancer stands. */
  readonly publicSubnetIds: readonly pulumi.Input<string>[];
  /** Where the tasks run. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Whom the tasks may call over HTTPS. */
  readonly egressPeers: readonly EgressPeer[];
  /** What has to stand before a task can fetch its image. */
  readonly waysOut: readonly pulumi.Resource[];
  /** What has to stand before the load balancer gets its public addresses. */
  readonly publicRoutes: readonly pulumi.Resource[];
  readonly database: DatabaseAccess;
  readonly logsKeyArn: pulumi.Input<string>;
}

/** The auth service: Fargate tasks behind a load balancer, which hold the connection pools. */
export class AuthService extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly loadBalancer: LoadBalancer;
  readonly clusterName: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: AuthServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:AuthService", name, {}, opts);
    const { context, config } = args;
    const parent = { parent: this };

    this.loadBalancer = new LoadBalancer(
      `${name}-lb`,
      {
        context,
        vpcId: args.vpcId,
        subnetIds: args.publicSubnetIds,
        publicRoutes: args.publicRoutes,
        ingressCidrs: config.ingressCidrs,
        listening: config.listening,
        idleTimeoutSeconds: config.albIdleTimeoutSeconds,
        deregistrationDelaySeconds: config.deregistrationDelaySeconds,
        production: config.production,
        accessLogRetentionDays: config.logRetentionDays,
      },
      parent,
    );
    const securityGroup = new ServiceSecurityGroup(
      `${name}-sg`,
      {
        context,
        vpcId: args.vpcId,
        loadBalancerGroupId: this.loadBalancer.securityGroupId,
        databaseGroupId: args.database.securityGroupId,
        egressPeers: args.egressPeers,
      },
      parent,
    );
    const task = new ServiceTask(
      `${name}-task`,
      {
        context,
        config,
        databaseHost: args.database.host,
        databaseResourceId: args.database.resourceId,
        logsKeyArn: args.logsKeyArn,
      },
      parent,
    );
    const cluster = this.cluster(name, args);
    const service = new ecs.Service(
      name,
      {
        cluster: cluster.arn,
        taskDefinition: task.taskDefinitionArn,
        launchType: "FARGATE",
        platformVersion: "LATEST",
        desiredCount: config.minTasks,
        networkConfiguration: {
          subnets: [...args.subnetIds],
          securityGroups: [securityGroup.id],
          assignPublicIp: false,
        },
        loadBalancers: [
          {
            targetGroupArn: this.loadBalancer.targetGroup.arn,
            containerName: CONTAINER_NAME,
            containerPort: SERVICE_PORT,
          },
        ],
        healthCheckGracePeriodSeconds: 60,

        // Both revisions hold pools during a deployment: how many tasks that makes is part of the budget.
        deploymentMaximumPercent: config.maximumPercent,
        deploymentMinimumHealthyPercent: config.minimumHealthyPercent,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        waitForSteadyState: true,

        // A shell in a running task reads its tokens; logs and metrics have to do.
        enableExecuteCommand: false,
        enableEcsManagedTags: true,
        propagateTags: "SERVICE",
        tags: { ...context.tags, ...demandTags(config, args.database.instanceIdentifier) },
      },
      {
        parent: this,
        dependsOn: [this.loadBalancer.listener, securityGroup, ...args.waysOut],
        // Autoscaling sets it from then on.
        ignoreChanges: ["desiredCount"],
      },
    );
    new Scaling(
      `${name}-scaling`,
      {
        clusterName: cluster.name,
        serviceName: service.name,
        minTasks: config.minTasks,
        maxTasks: config.maxTasks,
        cpuPercent: config.scaleAtCpuPercent,
        requestsPerTaskPerMinute: requestsPerTaskPerMinute(config.peakRequestsPerSecond, config.tasksAtPeak),
        requestCountLabel: pulumi.interpolate`${this.loadBalancer.arnSuffix}/${this.loadBalancer.targetGroup.arnSuffix}`,
      },
      parent,
    );

    this.url = this.loadBalancer.url;
    this.clusterName = cluster.name;
    this.serviceName = service.name;
    this.registerOutputs({ url: this.url, serviceName: this.serviceName });
  }

  private cluster(name: string, { context, config, logsKeyArn }: AuthServiceArgs): ecs.Cluster {
    // Container Insights would make this group itself, without a key, and never delete it.
    const insights = new cloudwatch.LogGroup(
      `${name}-insights`,
      {
        name: `/aws/ecs/containerinsights/${context.name}/performance`,
        kmsKeyId: logsKeyArn,
        retentionInDays: Math.min(config.logRetentionDays, 30),
        tags: context.tags,
      },
      { parent: this },
    );
    return new ecs.Cluster(
      `${name}-cluster`,
      {
        name: context.name,
        settings: [{ name: "containerInsights", value: "enhanced" }],
        tags: context.tags,
      },
      { parent: this, dependsOn: [insights] },
    );
  }
}

export interface ScalingArgs {
  readonly clusterName: pulumi.Input<string>;
  readonly serviceName: pulumi.Input<string>;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly cpuPercent: number;
  /** Requests a minute that one task should get. */
  readonly requestsPerTaskPerMinute: number;
  /** `app/NAME/ID/targetgroup/NAME/ID`: the load balancer and target group the requests are counted at. */
  readonly requestCountLabel: pulumi.Input<string>;
}

/** A minute out, since a login storm does not wait; five in, since tasks that come and go open and close pools. */
const COOLDOWN = { scaleOutCooldown: 60, scaleInCooldown: 300 };

/**
 * What one task gets at the declared peak, and so what autoscaling should aim for: more requests than that start
 * more tasks. Never below 1, which is the least that AWS takes.
 */
export function requestsPerTaskPerMinute(peakRequestsPerSecond: number, tasksAtPeak: number): number {
  const perTask = Math.round((60 * peakRequestsPerSecond) / tasksAtPeak);
  return Number.isFinite(perTask) ? Math.max(1, perTask) : 1;
}

/** Autoscaling of an ECS service between two numbers of tasks, by CPU and by requests: whichever asks for more. */
export class Scaling extends pulumi.ComponentResource {
  constructor(name: string, args: ScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:Scaling", name, {}, opts);
    const target = new appautoscaling.Target(
      name,
      {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
        minCapacity: args.minTasks,
        maxCapacity: args.maxTasks,
      },
      { parent: this },
    );
    const follow = {
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
    };
    new appautoscaling.Policy(
      `${name}-cpu`,
      {
        ...follow,
        targetTrackingScalingPolicyConfiguration: {
          ...COOLDOWN,
          targetValue: args.cpuPercent,
          predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
        },
      },
      { parent: this },
    );
    new appautoscaling.Policy(
      `${name}-requests`,
      {
        ...follow,
        targetTrackingScalingPolicyConfiguration: {
          ...COOLDOWN,
          targetValue: args.requestsPerTaskPerMinute,
          predefinedMetricSpecification: {
            predefinedMetricType: "ALBRequestCountPerTarget",
            resourceLabel: args.requestCountLabel,
          },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

type Declared =
  | "peakRequestsPerSecond"
  | "dbHoldMs"
  | "dbAcquisitionsPerRequest"
  | "tasksAtPeak"
  | "connection";

/**
 * The declared demand, as the tags from which the policies compute the pool's safe window.
 *
 * Through a proxy the sessions share connections as long as none is pinned to one: the service names no statement,
 * sets nothing in its sessions and takes no advisory lock (AWS: RDS User Guide, "Avoiding pinning an RDS Proxy").
 */
export function demandTags(
  settings: Pick<Settings, Declared>,
  databaseIdentifier: string,
): { readonly [tag: string]: string } {
  return {
    "poolproof:peak-requests-per-second": String(settings.peakRequestsPerSecond),
    "poolproof:db-hold-ms": String(settings.dbHoldMs),
    "poolproof:db-acquisitions-per-request": String(settings.dbAcquisitionsPerRequest),
    "poolproof:tasks-at-peak": String(settings.tasksAtPeak),
    "poolproof:database": databaseIdentifier,
    "poolproof:pool-library": "node-postgres",
    ...(settings.connection === "proxy" ? { "poolproof:proxy-sessions": "multiplexed" } : {}),
  };
}
