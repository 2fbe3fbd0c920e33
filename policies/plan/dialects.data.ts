import { type PropertyMap, type PropertyValue, UNKNOWN } from "./plan";
import { isMap, ownEntry } from "./reading";

/** Converts a known value to the shape that the classic provider has; undefined where it has none. */
type Conversion = (value: PropertyValue) => PropertyValue | undefined;

/** What one property is in the classic provider: a property there, and its value's shape where that differs. */
export interface Use {
  readonly as: string;
  readonly by?: Conversion;
}

/** How another provider writes a resource type. A property that is not listed has the same name and shape. */
export interface Spelling {
  /** Type token of the classic provider. */
  readonly type: string;
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** What holds here, unlike in the classic provider, where nothing is set. */
  readonly defaults?: PropertyMap;
  /** Names are those of a Terraform schema, in snake case or in camel case; `uses` has them in camel case. */
  readonly isTerraform?: boolean;
  /** What the classic provider holds in resources of their own and this type in lists. */
  readonly parts?: readonly Part[];
}

/** Resources of their own in the classic provider, one for each item of a list here. */
export interface Part {
  readonly list: string;
  readonly type: string;
  /** The property that the item is, and how. */
  readonly item: Use;
  /** Properties that the part shares with the resource it is written in. */
  readonly shared: readonly string[];
}

type Uses = { readonly [given: string]: string | Use | readonly (string | Use)[] };

const use = (as: string, by: Conversion): Use => ({ as, by });
const usesOf = (uses: Uses): ReadonlyMap<string, readonly Use[]> =>
  new Map(
    Object.entries(uses).map(([given, one]) => [
      given,
      [one].flat().map((each): Use => (typeof each === "string" ? { as: each } : each)),
    ]),
  );

/** An entry inside an object. Any other value stays, and its reader reports it. */
const at =
  (key: string): Conversion =>
  (value) =>
    isMap(value) ? ownEntry(value, key) : value;

/** A list of names and values as an object. A hidden name may be any name, so it hides the whole list. */
const pairs =
  (name: string, value: string): Conversion =>
  (list) => {
    if (!Array.isArray(list)) return list;
    const map: { [key: string]: PropertyValue } = Object.create(null);
    for (const item of list as readonly PropertyValue[]) {
      if (!isMap(item)) return item === UNKNOWN ? UNKNOWN : list;
      const key = ownEntry(item, name);
      if (typeof key !== "string") return key === UNKNOWN ? UNKNOWN : list;
      map[key] = ownEntry(item, value) ?? null;
    }
    return map;
  };

/** One attribute of a load balancer or a target group, which CloudFormation keeps in a list of keys and values. */
const attribute =
  (key: string): Conversion =>
  (list) => {
    const map = pairs("key", "value")(list);
    return isMap(map) ? ownEntry(map, key) : map;
  };

/** An object without the entries that have no value. */
function compact(entries: { readonly [key: string]: PropertyValue | undefined }): PropertyMap {
  const map: { [key: string]: PropertyValue } = {};
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) map[key] = value;
  return map;
}

/** Of each query: `metricStat.metric.…` flat, as in the classic provider. Unset, `returnData` is true (CloudWatch API). */
const metricQueries: Conversion = (list) => {
  if (!Array.isArray(list)) return list;
  return (list as readonly PropertyValue[]).map((query) => {
    if (!isMap(query)) return query;
    const { metricStat: stat, ...rest } = query;
    return compact({ ...rest, returnData: rest.returnData ?? true, metric: isMap(stat) ? flat(stat) : stat });
  });
};

function flat(stat: PropertyMap): PropertyMap {
  const { metric, ...rest } = stat;
  if (metric === UNKNOWN) return { ...rest, namespace: UNKNOWN, metricName: UNKNOWN, dimensions: UNKNOWN };
  if (!isMap(metric)) return rest;
  const { dimensions, ...names } = metric;
  const named = dimensions === undefined ? undefined : pairs("name", "value")(dimensions);
  return compact({ ...rest, ...names, dimensions: named });
}

const parameters: Conversion = (map) =>
  isMap(map) ? Object.entries(map).map(([name, value]) => ({ name, value })) : map;

const jsonText: Conversion = (value) => {
  if (!isMap(value)) return value;
  return holdsUnknown(value) ? UNKNOWN : JSON.stringify(value);
};

const holdsUnknown = (value: PropertyValue): boolean =>
  value === UNKNOWN ||
  (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown));

const TAGS: Uses = { tags: use("tags", pairs("key", "value")) };

/** A row of the table for aws-native. */
const native = (type: string, uses: Uses = {}, more: Partial<Spelling> = {}): Spelling => ({
  ...more,
  type,
  uses: usesOf({ ...TAGS, ...uses }),
});

const DB_COMMON: Uses = {
  enableCloudwatchLogsExports: "enabledCloudwatchLogsExports",
  enableIamDatabaseAuthentication: "iamDatabaseAuthenticationEnabled",
  enablePerformanceInsights: "performanceInsightsEnabled",
};

/** `DbInstance` with a `dbClusterIdentifier`: the classic provider has a type of its own for it. */
export const NATIVE_CLUSTER_INSTANCE = native(
  "aws:rds/clusterInstance:ClusterInstance",
  {
    ...DB_COMMON,
    dbInstanceIdentifier: "identifier",
    dbInstanceClass: "instanceClass",
    dbClusterIdentifier: "clusterIdentifier",
  },
  { defaults: { applyImmediately: true } },
);

/**
 * CloudFormation's schemas as `@pulumi/aws-native` 1.79.0 (15 September 2026) declares them in its `.d.ts`, by the type
 * token without the provider's name.
 */
export const NATIVE: { readonly [type: string]: Spelling } = {
  "rds:DbInstance": native(
    "aws:rds/instance:Instance",
    {
      ...DB_COMMON,
      dbInstanceIdentifier: "identifier",
      dbInstanceClass: "instanceClass",
      dbParameterGroupName: "parameterGroupName",
      sourceDbInstanceIdentifier: "replicateSourceDb",
      sourceDbClusterIdentifier: "replicateSourceDb",
    },
    { defaults: { applyImmediately: true } },
  ),
  "rds:DbCluster": native("aws:rds/cluster:Cluster", {
    ...DB_COMMON,
    dbClusterIdentifier: "clusterIdentifier",
    serverlessV2ScalingConfiguration: "serverlessv2ScalingConfiguration",
  }),
  "rds:DbParameterGroup": native("aws:rds/parameterGroup:ParameterGroup", {
    dbParameterGroupName: "name",
    parameters: use("parameters", parameters),
  }),
  "rds:DbClusterParameterGroup": native("aws:rds/clusterParameterGroup:ClusterParameterGroup", {
    dbClusterParameterGroupName: "name",
    parameters: use("parameters", parameters),
  }),
  "rds:DbProxy": native("aws:rds/proxy:Proxy", { dbProxyName: "name" }),
  "rds:DbProxyTargetGroup": native(
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    { connectionPoolConfigurationInfo: "connectionPoolConfig" },
    {
      parts: ["dbInstanceIdentifier", "dbClusterIdentifier"].map((as) => ({
        list: `${as}s`,
        type: "aws:rds/proxyTarget:ProxyTarget",
        item: { as },
        shared: ["dbProxyName", "targetGroupName"],
      })),
    },
  ),
  "rds:DbProxyEndpoint": native("aws:rds/proxyEndpoint:ProxyEndpoint"),
  "ecs:Cluster": native("aws:ecs/cluster:Cluster", { clusterName: "name" }),
  "ecs:TaskDefinition": native("aws:ecs/taskDefinition:TaskDefinition"),
  "ecs:TaskSet": native("aws:ecs/taskSet:TaskSet"),
  "ecs:Service": native("aws:ecs/service:Service", {
    serviceName: "name",
    capacityProviderStrategy: "capacityProviderStrategies",
    deploymentConfiguration: [
      "deploymentConfiguration",
      use("deploymentMaximumPercent", at("maximumPercent")),
      use("deploymentMinimumHealthyPercent", at("minimumHealthyPercent")),
    ],
    networkConfiguration: use("networkConfiguration", at("awsvpcConfiguration")),
  }),
  "lambda:Function": native("aws:lambda/function:Function", { functionName: "name" }),
  "lambda:EventSourceMapping": native("aws:lambda/eventSourceMapping:EventSourceMapping"),
  "lambda:Permission": native("aws:lambda/permission:Permission", { functionName: "function" }),
  "lambda:Url": native("aws:lambda/functionUrl:FunctionUrl", { targetFunctionArn: "functionName" }),
  "applicationautoscaling:ScalableTarget": native(
    "aws:appautoscaling/target:Target",
    {},
    {
      parts: [
        {
          list: "scheduledActions",
          type: "aws:appautoscaling/scheduledAction:ScheduledAction",
          item: use("scalableTargetAction", at("scalableTargetAction")),
          shared: ["resourceId", "serviceNamespace", "scalableDimension"],
        },
      ],
    },
  ),
  "elasticloadbalancingv2:LoadBalancer": native("aws:lb/loadBalancer:LoadBalancer", {
    type: "loadBalancerType",
    loadBalancerArn: "arn",
    loadBalancerFullName: "arnSuffix",
    loadBalancerAttributes: use("idleTimeout", attribute("idle_timeout.timeout_seconds")),
  }),
  "elasticloadbalancingv2:TargetGroup": native("aws:lb/targetGroup:TargetGroup", {
    targetGroupArn: "arn",
    targetGroupFullName: "arnSuffix",
    targetGroupAttributes: use("deregistrationDelay", attribute("deregistration_delay.timeout_seconds")),
  }),
  "elasticloadbalancingv2:Listener": native("aws:lb/listener:Listener"),
  "elasticloadbalancingv2:ListenerRule": native("aws:lb/listenerRule:ListenerRule"),
  "ssm:Parameter": native("aws:ssm/parameter:Parameter"),
  // Its `secretString` is what the classic provider keeps in a version; links are followed from either.
  "secretsmanager:Secret": native("aws:secretsmanager/secret:Secret"),
  // It writes a database's host and port into the secret.
  "secretsmanager:SecretTargetAttachment": native("aws:secretsmanager/secretVersion:SecretVersion"),
  "cloudwatch:Alarm": native("aws:cloudwatch/metricAlarm:MetricAlarm", {
    alarmName: "name",
    metrics: use("metricQueries", metricQueries),
    dimensions: use("dimensions", pairs("name", "value")),
  }),
  "cloudwatch:CompositeAlarm": native("aws:cloudwatch/compositeAlarm:CompositeAlarm", {
    actionsSuppressor: use("actionsSuppressor", (alarm) => ({ alarm })),
  }),
  "sns:Topic": native("aws:sns/topic:Topic", { topicName: "name" }),
  "events:Rule": native(
    "aws:cloudwatch/eventRule:EventRule",
    { eventPattern: use("eventPattern", jsonText) },
    {
      parts: [
        {
          list: "targets",
          type: "aws:cloudwatch/eventTarget:EventTarget",
          item: use("ecsTarget", at("ecsParameters")),
          shared: [],
        },
      ],
    },
  ),
  "scheduler:Schedule": native("aws:scheduler/schedule:Schedule"),
  "stepfunctions:StateMachine": native("aws:sfn/stateMachine:StateMachine", {
    stateMachineName: "name",
    definition: use("definition", jsonText),
    definitionString: "definition",
    definitionSubstitutions: use("definition", () => undefined),
  }),
  // Of these only what they are made from is read.
  "apprunner:Service": native("aws:apprunner/service:Service"),
  "autoscaling:LaunchConfiguration": native("aws:ec2/launchConfiguration:LaunchConfiguration"),
  "batch:JobDefinition": native("aws:batch/jobDefinition:JobDefinition"),
  "dms:Endpoint": native("aws:dms/endpoint:Endpoint"),
  "ec2:Instance": native("aws:ec2/instance:Instance"),
  "ec2:LaunchTemplate": native("aws:ec2/launchTemplate:LaunchTemplate"),
  "elasticbeanstalk:Environment": native("aws:elasticbeanstalk/environment:Environment"),
  "glue:Connection": native("aws:glue/connection:Connection"),
  "lightsail:Container": native(
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
  ),
  "quicksight:DataSource": native("aws:quicksight/dataSource:DataSource"),
};

/** A row of the table for Terraform's types: its classic token, and the names that are not those of Terraform's schema. */
const row = (type: string, uses: Uses = {}): Spelling => ({
  type,
  uses: usesOf({ ...SINGLE_BLOCKS, ...uses }),
  isTerraform: true,
});

/** Blocks that may stand once: a bridge that is not told so makes lists of them, with a name in the plural. */
const SINGLE_BLOCKS: Uses = Object.fromEntries(
  [
    "actionsSuppressor",
    "connectionPoolConfig",
    "deploymentConfiguration",
    "deploymentController",
    "ecsTarget",
    "environment",
    "networkConfiguration",
    "scalableTargetAction",
    "scalingConfig",
    "serverlessv2ScalingConfiguration",
  ].map((block) => [`${block}s`, block]),
);

/** Blocks that may stand several times are a list in the classic provider, under a name in the plural. */
function several(block: string, blocks: string): Uses {
  const asList = use(blocks, (value) => (isMap(value) ? [value] : value));
  return { [block]: asList, [blocks]: asList };
}

/**
 * Types of Terraform's `hashicorp/aws` and what `@pulumi/aws` 7.48.0 calls them. Properties have the names of Terraform's
 * schema in camel case; listed are those that the classic provider renames, by their names in camel case.
 */
export const TERRAFORM: { readonly [type: string]: Spelling } = {
  aws_db_instance: row("aws:rds/instance:Instance"),
  aws_rds_cluster: row("aws:rds/cluster:Cluster"),
  aws_rds_cluster_instance: row("aws:rds/clusterInstance:ClusterInstance"),
  aws_rds_cluster_endpoint: row("aws:rds/clusterEndpoint:ClusterEndpoint"),
  aws_db_parameter_group: row("aws:rds/parameterGroup:ParameterGroup", several("parameter", "parameters")),
  aws_rds_cluster_parameter_group: row(
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    several("parameter", "parameters"),
  ),
  aws_db_proxy: row("aws:rds/proxy:Proxy"),
  aws_db_proxy_default_target_group: row("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"),
  aws_db_proxy_target: row("aws:rds/proxyTarget:ProxyTarget"),
  aws_db_proxy_endpoint: row("aws:rds/proxyEndpoint:ProxyEndpoint"),
  aws_ecs_cluster: row("aws:ecs/cluster:Cluster"),
  aws_ecs_service: row("aws:ecs/service:Service", {
    ...several("loadBalancer", "loadBalancers"),
    ...several("capacityProviderStrategy", "capacityProviderStrategies"),
  }),
  aws_ecs_task_definition: row("aws:ecs/taskDefinition:TaskDefinition"),
  aws_ecs_task_set: row("aws:ecs/taskSet:TaskSet", {
    ...several("loadBalancer", "loadBalancers"),
  }),
  aws_lambda_function: row("aws:lambda/function:Function", { functionName: "name" }),
  aws_lambda_event_source_mapping: row("aws:lambda/eventSourceMapping:EventSourceMapping"),
  aws_lambda_permission: row("aws:lambda/permission:Permission", { functionName: "function" }),
  aws_lambda_function_url: row("aws:lambda/functionUrl:FunctionUrl"),
  aws_appautoscaling_target: row("aws:appautoscaling/target:Target"),
  aws_appautoscaling_scheduled_action: row("aws:appautoscaling/scheduledAction:ScheduledAction"),
  ...balancing("aws_lb"),
  ...balancing("aws_alb"),
  aws_cloudwatch_metric_alarm: row("aws:cloudwatch/metricAlarm:MetricAlarm", {
    alarmName: "name",
    ...several("metricQuery", "metricQueries"),
  }),
  aws_cloudwatch_composite_alarm: row("aws:cloudwatch/compositeAlarm:CompositeAlarm"),
  aws_sns_topic: row("aws:sns/topic:Topic"),
  aws_ssm_parameter: row("aws:ssm/parameter:Parameter"),
  aws_secretsmanager_secret: row("aws:secretsmanager/secret:Secret"),
  aws_secretsmanager_secret_version: row("aws:secretsmanager/secretVersion:SecretVersion"),
  aws_cloudwatch_event_rule: row("aws:cloudwatch/eventRule:EventRule"),
  aws_cloudwatch_event_target: row("aws:cloudwatch/eventTarget:EventTarget"),
  aws_scheduler_schedule: row("aws:scheduler/schedule:Schedule"),
  aws_sfn_state_machine: row("aws:sfn/stateMachine:StateMachine"),
  // Of these only what they are made from is read.
  aws_apprunner_service: row("aws:apprunner/service:Service"),
  aws_batch_job_definition: row("aws:batch/jobDefinition:JobDefinition"),
  aws_codebuild_project: row("aws:codebuild/project:Project"),
  aws_dms_endpoint: row("aws:dms/endpoint:Endpoint"),
  aws_elastic_beanstalk_environment: row("aws:elasticbeanstalk/environment:Environment"),
  aws_glue_connection: row("aws:glue/connection:Connection"),
  aws_instance: row("aws:ec2/instance:Instance"),
  aws_launch_configuration: row("aws:ec2/launchConfiguration:LaunchConfiguration"),
  aws_launch_template: row("aws:ec2/launchTemplate:LaunchTemplate"),
  aws_lightsail_container_service_deployment_version: row(
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
  ),
  aws_quicksight_data_source: row("aws:quicksight/dataSource:DataSource"),
  aws_spot_instance_request: row("aws:ec2/spotInstanceRequest:SpotInstanceRequest"),
};

function balancing(prefix: "aws_lb" | "aws_alb"): { readonly [type: string]: Spelling } {
  return {
    [prefix]: row("aws:lb/loadBalancer:LoadBalancer"),
    [`${prefix}_target_group`]: row("aws:lb/targetGroup:TargetGroup"),
    [`${prefix}_listener`]: row("aws:lb/listener:Listener", several("defaultAction", "defaultActions")),
    [`${prefix}_listener_rule`]: row("aws:lb/listenerRule:ListenerRule", several("action", "actions")),
  };
}
