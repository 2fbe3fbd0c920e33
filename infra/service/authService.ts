import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ecs from "@pulumi/aws/ecs";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/stackConfig";
import type { Context } from "../context";
import type { EgressPeer } from "../network/egress";
import { CONTAINER_NAME, SERVICE_PORT } from "./containerDefinition";
import { demandTags } from "./demandTags";
import { LoadBalancer } from "./loadBalancer";
import { requestsPerTaskPerMinute, Scaling } from "./scaling";
import { ServiceSecurityGroup } from "./serviceSecurityGroup";
import { ServiceTask } from "./serviceTask";

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
    // Container Insights would make this group itself, without a key, and keep it for ever.
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
