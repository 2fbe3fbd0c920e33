import {
  type ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
  type ScalableTarget,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  paginateListServices,
  type Service,
  type Tag,
} from "@aws-sdk/client-ecs";
import type { LiveScaling, LiveService, LiveTask } from "./liveState";

/** Most services that one DescribeServices takes. */
const SERVICES_A_CALL = 10;
const ECS = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" } as const;

/** The ARNs of a cluster's services whose name is a logical name with Pulumi's suffix. */
export async function findServices(
  ecs: ECSClient,
  cluster: string,
  logicalName: string,
): Promise<readonly string[]> {
  const own = new RegExp(`^${logicalName}(-[0-9a-f]{7})?$`);
  const found: string[] = [];
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs }, { cluster })) {
    found.push(...serviceArns.filter((arn) => own.test(arn.split("/").at(-1) ?? "")));
  }
  return found;
}

/** The one of them that is deployed: a service that was replaced stays listed as inactive or draining for a while. */
export async function describeService(
  ecs: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<Service | undefined> {
  const found: Service[] = [];
  for (let from = 0; from < arns.length; from += SERVICES_A_CALL) {
    const services = arns.slice(from, from + SERVICES_A_CALL);
    const answer = await ecs.send(new DescribeServicesCommand({ cluster, services, include: ["TAGS"] }));
    found.push(...(answer.services ?? []));
  }
  return found.find(({ status }) => status === "ACTIVE");
}

export function serviceFrom(service: Service): LiveService {
  const { deploymentConfiguration: deployment } = service;
  const targetGroupArn = service.loadBalancers?.[0]?.targetGroupArn;
  return {
    name: service.serviceName ?? "unknown",
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    maximumPercent: deployment?.maximumPercent ?? 200,
    minimumHealthyPercent: deployment?.minimumHealthyPercent ?? 100,
    taskDefinition: service.taskDefinition ?? "",
    targetGroup: targetGroupArn?.split(":").at(-1),
    tags: tagsOf(service.tags),
  };
}

const tagsOf = (tags: readonly Tag[] = []): LiveService["tags"] =>
  Object.fromEntries(tags.map(({ key = "", value = "" }) => [key, value]));

/** The environment of one container of a task definition. Secrets have a place of their own, which is not read. */
export async function describeTask(
  ecs: ECSClient,
  taskDefinition: string,
  container: string,
): Promise<LiveTask | undefined> {
  const { taskDefinition: found } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  if (found === undefined) return undefined;
  const own = found.containerDefinitions?.find(({ name }) => name === container);
  return {
    revision: `${found.family}:${found.revision}`,
    environment: Object.fromEntries(
      (own?.environment ?? []).map(({ name = "", value = "" }) => [name, value]),
    ),
  };
}

export async function describeTarget(
  autoscaling: ApplicationAutoScalingClient,
  resourceId: string,
): Promise<ScalableTarget | undefined> {
  const question = { ...ECS, ResourceIds: [resourceId] };
  for await (const { ScalableTargets = [] } of paginateDescribeScalableTargets(
    { client: autoscaling },
    question,
  )) {
    if (ScalableTargets[0] !== undefined) return ScalableTargets[0];
  }
  return undefined;
}

export async function describePolicies(
  autoscaling: ApplicationAutoScalingClient,
  resourceId: string,
): Promise<readonly ScalingPolicy[]> {
  const found: ScalingPolicy[] = [];
  const question = { ...ECS, ResourceId: resourceId };
  for await (const { ScalingPolicies = [] } of paginateDescribeScalingPolicies(
    { client: autoscaling },
    question,
  )) {
    found.push(...ScalingPolicies);
  }
  return found;
}

export function scalingFrom(target: ScalableTarget, policies: readonly ScalingPolicy[]): LiveScaling {
  const { DynamicScalingInSuspended, DynamicScalingOutSuspended, ScheduledScalingSuspended } =
    target.SuspendedState ?? {};
  return {
    minTasks: target.MinCapacity ?? 0,
    maxTasks: target.MaxCapacity ?? 0,
    suspended: [
      ...(DynamicScalingOutSuspended === true ? ["scaling out"] : []),
      ...(DynamicScalingInSuspended === true ? ["scaling in"] : []),
      ...(ScheduledScalingSuspended === true ? ["scheduled scaling"] : []),
    ],
    policies: policies.map(({ PolicyName }) => PolicyName ?? ""),
    loadBalancer: loadBalancerIn(policies),
  };
}

/**
 * `app/NAME/ID` of the load balancer, from the policy that follows its requests: its label is
 * `app/NAME/ID/targetgroup/NAME/ID`. One service less to ask than looking the load balancer up.
 */
function loadBalancerIn(policies: readonly ScalingPolicy[]): string | undefined {
  for (const { TargetTrackingScalingPolicyConfiguration: follow } of policies) {
    const label = follow?.PredefinedMetricSpecification?.ResourceLabel;
    const found = /^(app\/[^/]+\/[^/]+)\/targetgroup\//.exec(label ?? "")?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
