import * as appautoscaling from "@pulumi/aws/appautoscaling";
import * as pulumi from "@pulumi/pulumi";

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
