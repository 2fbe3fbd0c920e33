import {
  type ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
  type ScalableTarget,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  paginateListServices,
  type Service,
} from "@aws-sdk/client-ecs";
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  paginateDescribeDBParameters,
  type RDSClient,
} from "@aws-sdk/client-rds";
import type { LiveAlarm, LiveDatabase, LiveParameter, LiveScaling, LiveService, LiveTask } from "./liveState";

/** The instance with this identifier. */
export async function describeDatabase(rds: RDSClient, identifier: string): Promise<DBInstance | undefined> {
  const { DBInstances = [] } = await rds.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
  );
  return DBInstances[0];
}

/** The parts of RDS's description that a review compares. */
export function databaseFrom(instance: DBInstance): LiveDatabase {
  const [group] = instance.DBParameterGroups ?? [];
  return {
    identifier: instance.DBInstanceIdentifier ?? "",
    instanceClass: instance.DBInstanceClass ?? "unknown",
    engine: instance.Engine ?? "unknown",
    engineVersion: instance.EngineVersion ?? "unknown",
    multiAz: instance.MultiAZ,
    parameterGroup: group?.DBParameterGroupName ?? "none",
    applyStatus: group?.ParameterApplyStatus ?? "unknown",
    pending: pendingOf(instance),
  };
}

/** The account, from the instance's own ARN. */
export const accountOf = ({ DBInstanceArn }: DBInstance): string | undefined => DBInstanceArn?.split(":")[4];

/** Named one by one: a new master password waits here too, and must not be read. */
function pendingOf({ PendingModifiedValues: pending = {} }: DBInstance): LiveDatabase["pending"] {
  const values = {
    DBInstanceClass: pending.DBInstanceClass,
    EngineVersion: pending.EngineVersion,
    AllocatedStorage: pending.AllocatedStorage,
    MultiAZ: pending.MultiAZ,
    StorageType: pending.StorageType,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** Every parameter of a group: some hundreds, over several pages. */
export async function describeParameters(
  rds: RDSClient,
  group: string,
): Promise<ReadonlyMap<string, LiveParameter>> {
  const found = new Map<string, LiveParameter>();
  for await (const { Parameters = [] } of paginateDescribeDBParameters(
    { client: rds, pageSize: 100 },
    { DBParameterGroupName: group },
  )) {
    for (const { ParameterName, ParameterValue, Source } of Parameters) {
      if (ParameterName === undefined) continue;
      found.set(ParameterName, { value: ParameterValue, source: Source });
    }
  }
  return found;
}

/** Services that one DescribeServices takes at most. */
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
  return {
    name: service.serviceName ?? "unknown",
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    maximumPercent: deployment?.maximumPercent ?? 200,
    minimumHealthyPercent: deployment?.minimumHealthyPercent ?? 100,
    taskDefinition: service.taskDefinition ?? "",
    tags: Object.fromEntries((service.tags ?? []).map(({ key = "", value = "" }) => [key, value])),
  };
}

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
  const pages = paginateDescribeScalableTargets({ client: autoscaling }, question);
  for await (const { ScalableTargets = [] } of pages) {
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
  const pages = paginateDescribeScalingPolicies({ client: autoscaling }, question);
  for await (const { ScalingPolicies = [] } of pages) found.push(...ScalingPolicies);
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

/** Every alarm whose name starts so, metric and composite ones: the latter are told only to whom asks for them. */
export async function describeAlarms(
  cloudwatch: CloudWatchClient,
  prefix: string,
): Promise<readonly LiveAlarm[]> {
  const found: LiveAlarm[] = [];
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch, pageSize: 100 },
    { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
  )) {
    found.push(...MetricAlarms.map(alarmFrom), ...CompositeAlarms.map(alarmFrom));
  }
  return found;
}

function alarmFrom(alarm: MetricAlarm | CompositeAlarm): LiveAlarm {
  return {
    name: alarm.AlarmName ?? "",
    state: alarm.StateValue ?? "unknown",
    stateSince: alarm.StateUpdatedTimestamp,
    // CloudWatch leaves it out where it is so.
    actionsEnabled: alarm.ActionsEnabled ?? true,
    actions: alarm.AlarmActions?.length ?? 0,
    settings: {
      ...scalarsOf(alarm),
      ...("Dimensions" in alarm || "Metrics" in alarm ? signalOf(alarm) : {}),
    },
  };
}

function scalarsOf(alarm: MetricAlarm | CompositeAlarm): LiveAlarm["settings"] {
  return Object.fromEntries(
    Object.entries(alarm).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
}

/** What a metric alarm looks at, by the names that `expectedStack` gives the same. */
function signalOf({ Dimensions = [], Metrics = [] }: MetricAlarm): LiveAlarm["settings"] {
  const result = Metrics.find(
    ({ ReturnData, Expression }) => ReturnData !== false && Expression !== undefined,
  );
  return {
    ...Object.fromEntries(Dimensions.map(({ Name, Value = "" }) => [`Dimensions.${Name}`, Value])),
    ...(result?.Expression !== undefined && { Expression: result.Expression }),
  };
}
