import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical, parts } from "../../../policies/plan/dialects";
import { NATIVE, TERRAFORM } from "../../../policies/plan/dialects.data";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { leftToAws, readText } from "../../../policies/plan/reading";
import { resource, urn } from "../planResource";

const asNative = (type: string, properties: PropertyMap, made: PlanResource["propertyDependencies"] = {}) =>
  canonical(resource(`aws-native:${type}`, "it", properties, made));

/** Each row of the table for aws-native: what a program writes, and what the readers look for. */
const NATIVE_ROWS: readonly (readonly [
  type: string,
  classic: string,
  given: PropertyMap,
  read: PropertyMap,
])[] = [
  [
    "rds:DbInstance",
    "aws:rds/instance:Instance",
    {
      dbInstanceIdentifier: "a",
      dbInstanceClass: "db.m7g.large",
      dbParameterGroupName: "g",
      sourceDbInstanceIdentifier: "b",
      enableCloudwatchLogsExports: ["postgresql"],
      enableIamDatabaseAuthentication: true,
      applyImmediately: false,
      engine: "postgres",
      engineVersion: "17",
    },
    {
      identifier: "a",
      instanceClass: "db.m7g.large",
      parameterGroupName: "g",
      replicateSourceDb: "b",
      enabledCloudwatchLogsExports: ["postgresql"],
      iamDatabaseAuthenticationEnabled: true,
      applyImmediately: false,
      engine: "postgres",
      engineVersion: "17",
    },
  ],
  [
    "rds:DbCluster",
    "aws:rds/cluster:Cluster",
    {
      dbClusterIdentifier: "c",
      dbClusterParameterGroupName: "g",
      dbClusterInstanceClass: "db.r7g.large",
      serverlessV2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 4 },
      enableCloudwatchLogsExports: ["postgresql"],
    },
    {
      clusterIdentifier: "c",
      dbClusterParameterGroupName: "g",
      dbClusterInstanceClass: "db.r7g.large",
      serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 4 },
      enabledCloudwatchLogsExports: ["postgresql"],
    },
  ],
  [
    "rds:DbParameterGroup",
    "aws:rds/parameterGroup:ParameterGroup",
    {
      dbParameterGroupName: "g",
      family: "postgres17",
      parameters: { max_connections: "400", work_mem: UNKNOWN },
    },
    {
      name: "g",
      family: "postgres17",
      parameters: [
        { name: "max_connections", value: "400" },
        { name: "work_mem", value: UNKNOWN },
      ],
    },
  ],
  [
    "rds:DbClusterParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    { dbClusterParameterGroupName: "g", parameters: { max_connections: 400 } },
    { name: "g", parameters: [{ name: "max_connections", value: 400 }] },
  ],
  [
    "rds:DbProxy",
    "aws:rds/proxy:Proxy",
    { dbProxyName: "p", requireTls: true },
    { name: "p", requireTls: true },
  ],
  [
    "rds:DbProxyTargetGroup",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    { dbProxyName: "p", connectionPoolConfigurationInfo: { maxConnectionsPercent: 90 } },
    { dbProxyName: "p", connectionPoolConfig: { maxConnectionsPercent: 90 } },
  ],
  [
    "rds:DbProxyEndpoint",
    "aws:rds/proxyEndpoint:ProxyEndpoint",
    { dbProxyEndpointName: "e", dbProxyName: "p" },
    { dbProxyEndpointName: "e", dbProxyName: "p" },
  ],
  ["ecs:Cluster", "aws:ecs/cluster:Cluster", { clusterName: "main" }, { name: "main" }],
  [
    "ecs:TaskDefinition",
    "aws:ecs/taskDefinition:TaskDefinition",
    { family: "f", containerDefinitions: [{ name: "a" }], tags: [{ key: "k", value: "v" }] },
    { family: "f", containerDefinitions: [{ name: "a" }], tags: { k: "v" } },
  ],
  ["ecs:TaskSet", "aws:ecs/taskSet:TaskSet", { taskDefinition: "f:1" }, { taskDefinition: "f:1" }],
  [
    "ecs:Service",
    "aws:ecs/service:Service",
    {
      serviceName: "s",
      name: UNKNOWN,
      capacityProviderStrategy: [{ capacityProvider: "FARGATE" }],
      deploymentConfiguration: {
        maximumPercent: 150,
        minimumHealthyPercent: UNKNOWN,
        strategy: "BLUE_GREEN",
      },
      networkConfiguration: { awsvpcConfiguration: { subnets: ["a", "b"] } },
    },
    {
      name: "s",
      capacityProviderStrategies: [{ capacityProvider: "FARGATE" }],
      deploymentConfiguration: {
        maximumPercent: 150,
        minimumHealthyPercent: UNKNOWN,
        strategy: "BLUE_GREEN",
      },
      deploymentMaximumPercent: 150,
      deploymentMinimumHealthyPercent: UNKNOWN,
      networkConfiguration: { subnets: ["a", "b"] },
    },
  ],
  [
    "lambda:Function",
    "aws:lambda/function:Function",
    { functionName: "f", environment: { variables: { DB_POOL_MAX: "1" } }, timeout: 30 },
    { name: "f", environment: { variables: { DB_POOL_MAX: "1" } }, timeout: 30 },
  ],
  [
    "lambda:EventSourceMapping",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    { functionName: "f", scalingConfig: { maximumConcurrency: 5 } },
    { functionName: "f", scalingConfig: { maximumConcurrency: 5 } },
  ],
  ["lambda:Permission", "aws:lambda/permission:Permission", { functionName: "f" }, { function: "f" }],
  ["lambda:Url", "aws:lambda/functionUrl:FunctionUrl", { targetFunctionArn: "f" }, { functionName: "f" }],
  [
    "applicationautoscaling:ScalableTarget",
    "aws:appautoscaling/target:Target",
    { resourceId: "service/main/s", minCapacity: 2, maxCapacity: 4 },
    { resourceId: "service/main/s", minCapacity: 2, maxCapacity: 4 },
  ],
  [
    "elasticloadbalancingv2:LoadBalancer",
    "aws:lb/loadBalancer:LoadBalancer",
    {
      type: "network",
      loadBalancerArn: "arn:lb",
      loadBalancerFullName: "net/a/1",
      loadBalancerAttributes: [
        { key: "deletion_protection.enabled", value: "true" },
        { key: "idle_timeout.timeout_seconds", value: "90" },
      ],
    },
    { loadBalancerType: "network", arn: "arn:lb", arnSuffix: "net/a/1", idleTimeout: "90" },
  ],
  [
    "elasticloadbalancingv2:TargetGroup",
    "aws:lb/targetGroup:TargetGroup",
    {
      targetGroupArn: "arn:tg",
      targetGroupFullName: "targetgroup/a/1",
      targetGroupAttributes: [{ key: "deregistration_delay.timeout_seconds", value: UNKNOWN }],
    },
    { arn: "arn:tg", arnSuffix: "targetgroup/a/1", deregistrationDelay: UNKNOWN },
  ],
  [
    "elasticloadbalancingv2:Listener",
    "aws:lb/listener:Listener",
    { loadBalancerArn: "arn:lb", defaultActions: [{ targetGroupArn: "arn:tg" }] },
    { loadBalancerArn: "arn:lb", defaultActions: [{ targetGroupArn: "arn:tg" }] },
  ],
  [
    "elasticloadbalancingv2:ListenerRule",
    "aws:lb/listenerRule:ListenerRule",
    { listenerArn: "arn:l", actions: [] },
    { listenerArn: "arn:l", actions: [] },
  ],
  [
    "ssm:Parameter",
    "aws:ssm/parameter:Parameter",
    { name: "/a", tags: { k: "v" } },
    { name: "/a", tags: { k: "v" } },
  ],
  ["secretsmanager:Secret", "aws:secretsmanager/secret:Secret", { name: "a" }, { name: "a" }],
  [
    "secretsmanager:SecretTargetAttachment",
    "aws:secretsmanager/secretVersion:SecretVersion",
    { secretId: "a" },
    { secretId: "a" },
  ],
  [
    "cloudwatch:Alarm",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
      alarmName: "a",
      dimensions: [{ name: "DBInstanceIdentifier", value: "db" }],
      metrics: [
        { id: "e", expression: "m1 * 2" },
        {
          id: "m1",
          returnData: false,
          metricStat: {
            metric: {
              namespace: "AWS/RDS",
              metricName: "CPUUtilization",
              dimensions: [{ name: "D", value: UNKNOWN }],
            },
            period: 60,
            stat: "Average",
          },
        },
      ],
    },
    {
      name: "a",
      dimensions: { DBInstanceIdentifier: "db" },
      metricQueries: [
        // Left out, it is true for CloudWatch, unlike for the classic provider.
        { id: "e", expression: "m1 * 2", returnData: true },
        {
          id: "m1",
          returnData: false,
          metric: {
            namespace: "AWS/RDS",
            metricName: "CPUUtilization",
            dimensions: { D: UNKNOWN },
            period: 60,
            stat: "Average",
          },
        },
      ],
    },
  ],
  [
    "cloudwatch:CompositeAlarm",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    { alarmName: "a", alarmRule: "ALARM(b)", actionsSuppressor: "c" },
    { alarmName: "a", alarmRule: "ALARM(b)", actionsSuppressor: { alarm: "c" } },
  ],
  ["sns:Topic", "aws:sns/topic:Topic", { topicName: "t" }, { name: "t" }],
  [
    "events:Rule",
    "aws:cloudwatch/eventRule:EventRule",
    { name: "r", eventPattern: { "detail-type": ["CloudWatch Alarm State Change"] } },
    { name: "r", eventPattern: '{"detail-type":["CloudWatch Alarm State Change"]}' },
  ],
  ["scheduler:Schedule", "aws:scheduler/schedule:Schedule", { name: "s" }, { name: "s" }],
  [
    "stepfunctions:StateMachine",
    "aws:sfn/stateMachine:StateMachine",
    { stateMachineName: "m", definitionString: "{}" },
    { name: "m", definition: "{}" },
  ],
  ["apprunner:Service", "aws:apprunner/service:Service", {}, {}],
  ["autoscaling:LaunchConfiguration", "aws:ec2/launchConfiguration:LaunchConfiguration", {}, {}],
  ["batch:JobDefinition", "aws:batch/jobDefinition:JobDefinition", {}, {}],
  ["dms:Endpoint", "aws:dms/endpoint:Endpoint", {}, {}],
  ["ec2:Instance", "aws:ec2/instance:Instance", {}, {}],
  ["ec2:LaunchTemplate", "aws:ec2/launchTemplate:LaunchTemplate", {}, {}],
  ["elasticbeanstalk:Environment", "aws:elasticbeanstalk/environment:Environment", {}, {}],
  ["glue:Connection", "aws:glue/connection:Connection", {}, {}],
  [
    "lightsail:Container",
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
    {},
    {},
  ],
  ["quicksight:DataSource", "aws:quicksight/dataSource:DataSource", {}, {}],
];

const BOTH_BALANCERS = (["aws_lb", "aws_alb"] as const).flatMap((prefix) => [
  [
    prefix,
    "aws:lb/loadBalancer:LoadBalancer",
    { load_balancer_type: "network" },
    { loadBalancerType: "network" },
  ],
  [
    `${prefix}_target_group`,
    "aws:lb/targetGroup:TargetGroup",
    { deregistration_delay: 5 },
    { deregistrationDelay: 5 },
  ],
  [
    `${prefix}_listener`,
    "aws:lb/listener:Listener",
    { load_balancer_arn: "a", default_action: { target_group_arn: "b" } },
    { loadBalancerArn: "a", defaultActions: [{ targetGroupArn: "b" }] },
  ],
  [
    `${prefix}_listener_rule`,
    "aws:lb/listenerRule:ListenerRule",
    { listener_arn: "a", action: [{ target_group_arn: "b" }] },
    { listenerArn: "a", actions: [{ targetGroupArn: "b" }] },
  ],
]) as readonly (readonly [string, string, PropertyMap, PropertyMap])[];

/** Each row of the table for Terraform: a module's properties, and what the readers look for. */
const TERRAFORM_ROWS: readonly (readonly [
  type: string,
  classic: string,
  given: PropertyMap,
  read: PropertyMap,
])[] = [
  [
    "aws_db_instance",
    "aws:rds/instance:Instance",
    {
      identifier: "a",
      db_name: "d",
      instance_class: "db.m7g.large",
      replicate_source_db: "b",
      tags: { a_b: "c" },
    },
    {
      identifier: "a",
      dbName: "d",
      instanceClass: "db.m7g.large",
      replicateSourceDb: "b",
      tags: { a_b: "c" },
    },
  ],
  [
    "aws_rds_cluster",
    "aws:rds/cluster:Cluster",
    { cluster_identifier: "c", serverlessv2_scaling_configuration: [{ min_capacity: 1, max_capacity: 2 }] },
    { clusterIdentifier: "c", serverlessv2ScalingConfiguration: [{ minCapacity: 1, maxCapacity: 2 }] },
  ],
  [
    "aws_rds_cluster_instance",
    "aws:rds/clusterInstance:ClusterInstance",
    { cluster_identifier: "c", db_parameter_group_name: "g" },
    { clusterIdentifier: "c", dbParameterGroupName: "g" },
  ],
  [
    "aws_rds_cluster_endpoint",
    "aws:rds/clusterEndpoint:ClusterEndpoint",
    { cluster_endpoint_identifier: "e" },
    { clusterEndpointIdentifier: "e" },
  ],
  [
    "aws_db_parameter_group",
    "aws:rds/parameterGroup:ParameterGroup",
    { parameter: [{ name: "a_b", value: "1", apply_method: "immediate" }] },
    { parameters: [{ name: "a_b", value: "1", applyMethod: "immediate" }] },
  ],
  [
    "aws_rds_cluster_parameter_group",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    { parameter: { name: "a_b", value: UNKNOWN } },
    { parameters: [{ name: "a_b", value: UNKNOWN }] },
  ],
  ["aws_db_proxy", "aws:rds/proxy:Proxy", { idle_client_timeout: 60 }, { idleClientTimeout: 60 }],
  [
    "aws_db_proxy_default_target_group",
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    { connection_pool_config: [{ max_connections_percent: 90 }] },
    { connectionPoolConfig: [{ maxConnectionsPercent: 90 }] },
  ],
  [
    "aws_db_proxy_target",
    "aws:rds/proxyTarget:ProxyTarget",
    { db_instance_identifier: "a" },
    { dbInstanceIdentifier: "a" },
  ],
  [
    "aws_db_proxy_endpoint",
    "aws:rds/proxyEndpoint:ProxyEndpoint",
    { db_proxy_name: "p" },
    { dbProxyName: "p" },
  ],
  ["aws_ecs_cluster", "aws:ecs/cluster:Cluster", { name: "main" }, { name: "main" }],
  [
    "aws_ecs_service",
    "aws:ecs/service:Service",
    {
      load_balancer: { target_group_arn: "a" },
      capacity_provider_strategy: [{ capacity_provider: "FARGATE" }],
      network_configuration: [{ assign_public_ip: false, subnets: ["a"] }],
      deployment_controller: [],
    },
    {
      loadBalancers: [{ targetGroupArn: "a" }],
      capacityProviderStrategies: [{ capacityProvider: "FARGATE" }],
      networkConfiguration: [{ assignPublicIp: false, subnets: ["a"] }],
    },
  ],
  [
    "aws_ecs_task_definition",
    "aws:ecs/taskDefinition:TaskDefinition",
    { container_definitions: "[]" },
    { containerDefinitions: "[]" },
  ],
  ["aws_ecs_task_set", "aws:ecs/taskSet:TaskSet", { task_definition: "f" }, { taskDefinition: "f" }],
  [
    "aws_lambda_function",
    "aws:lambda/function:Function",
    { function_name: "f", environment: [{ variables: { db_pool: "1" } }] },
    { name: "f", environment: [{ variables: { db_pool: "1" } }] },
  ],
  [
    "aws_lambda_event_source_mapping",
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    { function_name: "f", scaling_config: [{ maximum_concurrency: 5 }] },
    { functionName: "f", scalingConfig: [{ maximumConcurrency: 5 }] },
  ],
  ["aws_lambda_permission", "aws:lambda/permission:Permission", { function_name: "f" }, { function: "f" }],
  [
    "aws_lambda_function_url",
    "aws:lambda/functionUrl:FunctionUrl",
    { function_name: "f" },
    { functionName: "f" },
  ],
  ["aws_appautoscaling_target", "aws:appautoscaling/target:Target", { min_capacity: 1 }, { minCapacity: 1 }],
  [
    "aws_appautoscaling_scheduled_action",
    "aws:appautoscaling/scheduledAction:ScheduledAction",
    { scalable_target_action: [{ min_capacity: "1" }] },
    { scalableTargetAction: [{ minCapacity: "1" }] },
  ],
  ...BOTH_BALANCERS,
  [
    "aws_cloudwatch_metric_alarm",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
      alarm_name: "a",
      metric_query: [
        { id: "m", return_data: true, metric: [{ metric_name: "n", dimensions: { my_key: "v" } }] },
      ],
    },
    {
      name: "a",
      metricQueries: [
        { id: "m", returnData: true, metric: [{ metricName: "n", dimensions: { my_key: "v" } }] },
      ],
    },
  ],
  [
    "aws_cloudwatch_composite_alarm",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    { alarm_name: "a", actions_suppressor: [{ alarm: "b" }] },
    { alarmName: "a", actionsSuppressor: [{ alarm: "b" }] },
  ],
  ["aws_sns_topic", "aws:sns/topic:Topic", { name: "t" }, { name: "t" }],
  ["aws_ssm_parameter", "aws:ssm/parameter:Parameter", { name: "p" }, { name: "p" }],
  ["aws_secretsmanager_secret", "aws:secretsmanager/secret:Secret", { name: "s" }, { name: "s" }],
  [
    "aws_secretsmanager_secret_version",
    "aws:secretsmanager/secretVersion:SecretVersion",
    { secret_id: "s" },
    { secretId: "s" },
  ],
  [
    "aws_cloudwatch_event_rule",
    "aws:cloudwatch/eventRule:EventRule",
    { event_pattern: "{}" },
    { eventPattern: "{}" },
  ],
  [
    "aws_cloudwatch_event_target",
    "aws:cloudwatch/eventTarget:EventTarget",
    { ecs_target: [{ task_definition_arn: "a" }] },
    { ecsTarget: [{ taskDefinitionArn: "a" }] },
  ],
  [
    "aws_scheduler_schedule",
    "aws:scheduler/schedule:Schedule",
    { target: [{ arn: "a" }] },
    { target: [{ arn: "a" }] },
  ],
  ["aws_sfn_state_machine", "aws:sfn/stateMachine:StateMachine", { definition: "{}" }, { definition: "{}" }],
  ["aws_apprunner_service", "aws:apprunner/service:Service", {}, {}],
  ["aws_batch_job_definition", "aws:batch/jobDefinition:JobDefinition", {}, {}],
  ["aws_codebuild_project", "aws:codebuild/project:Project", {}, {}],
  ["aws_dms_endpoint", "aws:dms/endpoint:Endpoint", {}, {}],
  ["aws_elastic_beanstalk_environment", "aws:elasticbeanstalk/environment:Environment", {}, {}],
  ["aws_glue_connection", "aws:glue/connection:Connection", {}, {}],
  ["aws_instance", "aws:ec2/instance:Instance", {}, {}],
  ["aws_launch_configuration", "aws:ec2/launchConfiguration:LaunchConfiguration", {}, {}],
  ["aws_launch_template", "aws:ec2/launchTemplate:LaunchTemplate", {}, {}],
  [
    "aws_lightsail_container_service_deployment_version",
    "aws:lightsail/containerServiceDeploymentVersion:ContainerServiceDeploymentVersion",
    {},
    {},
  ],
  ["aws_quicksight_data_source", "aws:quicksight/dataSource:DataSource", {}, {}],
  ["aws_spot_instance_request", "aws:ec2/spotInstanceRequest:SpotInstanceRequest", {}, {}],
];

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** `aws_db_instance` as a package for any Terraform provider has it. */
const bridgedToken = (type: string): string => {
  const name = camel(type.replace("aws_", ""));
  return `aws:index/${name}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
};

describe("resources of other providers", () => {
  it.each(NATIVE_ROWS)("reads aws-native:%s as %s", (type, classic, given, read) => {
    const { type: token, properties } = asNative(type, given);
    expect(token).toBe(classic);
    expect({ ...properties }).toEqual(read);
  });

  it.each(TERRAFORM_ROWS)("reads %s of a module, and of a provider, as %s", (type, classic, given, read) => {
    const ofModule = canonical(resource(`shop:tf:${type}`, "it", given));
    expect([ofModule.type, { ...ofModule.properties }]).toEqual([classic, read]);
    const ofProvider = canonical(resource(bridgedToken(type), "it", inCamelCase(given)));
    expect([ofProvider.type, { ...ofProvider.properties }]).toEqual([classic, read]);
  });

  it("has a test of every row", () => {
    expect(NATIVE_ROWS.map(([type]) => type).sort()).toEqual(Object.keys(NATIVE).sort());
    expect(TERRAFORM_ROWS.map(([type]) => type).sort()).toEqual(Object.keys(TERRAFORM).sort());
  });

  it.each(
    [...NATIVE_ROWS, ...TERRAFORM_ROWS].map(([, classic, , read]) => [classic, Object.keys(read)] as const),
  )("leads to %s, which @pulumi/aws has with %j", (classic, properties) => {
    const [, path = ""] = classic.split(":");
    const file = join("node_modules/@pulumi/aws", `${path}.d.ts`);
    expect(existsSync(file), file).toBe(true);
    const declared = readFileSync(file, "utf8");
    const isDeclared = (property: string): boolean =>
      new RegExp(`^    (readonly )?${property}\\??:`, "m").test(declared);
    expect(properties.filter((property) => !isDeclared(property))).toEqual([]);
  });
});

/** As a bridged provider spells what a module spells in snake case. */
function inCamelCase(given: PropertyMap): PropertyMap {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) =>
        ["tags", "variables", "dimensions"].includes(key) ? [key, item] : [camel(key), inside(item)],
      ),
    );
  };
  return inside(given) as PropertyMap;
}

describe("a resource in another spelling", () => {
  const CLUSTER = urn("aws-native:rds:DbCluster", "aurora");
  const TASK = urn("aws:ecs/taskDefinition:TaskDefinition", "task");

  it("keeps what it is called, and what it was made from under its new names", () => {
    const given = resource(
      "aws-native:ecs:Service",
      "api",
      { deploymentConfiguration: UNKNOWN },
      { deploymentConfiguration: [TASK], serviceName: [CLUSTER], taskDefinition: [TASK] },
    );
    const read = canonical({ ...given, parent: "urn:parent", whyUnknown: { serviceName: "because" } });
    expect([read.urn, read.name, read.parent, read.givenType]).toEqual([
      given.urn,
      "api",
      "urn:parent",
      "aws-native:ecs:Service",
    ]);
    expect(read.propertyDependencies).toEqual({
      deploymentConfiguration: [TASK],
      deploymentMaximumPercent: [TASK],
      deploymentMinimumHealthyPercent: [TASK],
      name: [CLUSTER],
      taskDefinition: [TASK],
    });
    expect(read.whyUnknown).toEqual({ name: "because" });
    expect(readText(read, "name")).toMatchObject({ state: "unknown", reason: "because" });
    expect(readText(read, "deploymentMaximumPercent").state).toBe("unknown");
  });

  it("is returned as it is, and not read, where its type is not in a table", () => {
    const unread = (type: string): PlanResource =>
      Object.defineProperty(resource(type, "it", {}), "properties", {
        get: () => expect.unreachable(`${type} is read`),
      });
    for (const type of [
      "aws:rds/instance:Instance",
      "aws-native:s3:Bucket",
      "aws:index/vpc:Vpc",
      "shop:tf:aws_vpc",
      "shop:tf:constructor",
    ]) {
      const given = unread(type);
      expect(canonical(given)).toBe(given);
      expect(parts(given)).toEqual([]);
    }
    expect(canonical(unread("aws-native:ecs:Service")).type).toBe("aws:ecs/service:Service");
    expect(canonical(unread("shop:tf:aws_ecs_service")).type).toBe("aws:ecs/service:Service");
  });

  it("is an instance of a cluster where it names one", () => {
    const instance = (properties: PropertyMap, made: PlanResource["propertyDependencies"] = {}) =>
      asNative("rds:DbInstance", { dbParameterGroupName: "g", ...properties }, made);
    const types = [
      instance({}),
      instance({ dbClusterIdentifier: "" }),
      instance({ dbClusterIdentifier: UNKNOWN }),
      instance({ dbClusterIdentifier: "aurora" }),
      instance({ dbClusterIdentifier: UNKNOWN }, { dbClusterIdentifier: [CLUSTER] }),
    ].map(({ type }) => type);
    expect(types).toEqual([
      "aws:rds/instance:Instance",
      "aws:rds/instance:Instance",
      "aws:rds/instance:Instance",
      "aws:rds/clusterInstance:ClusterInstance",
      "aws:rds/clusterInstance:ClusterInstance",
    ]);
    const member = instance({ dbClusterIdentifier: "aurora", dbInstanceIdentifier: "aurora-0" });
    expect({ ...member.properties }).toMatchObject({
      clusterIdentifier: "aurora",
      identifier: "aurora-0",
      dbParameterGroupName: "g",
    });
  });

  it("has CloudFormation's default where that is another than the provider's", () => {
    expect(asNative("rds:DbInstance", {}).properties.applyImmediately).toBe(true);
    expect(asNative("rds:DbInstance", { applyImmediately: null }).properties.applyImmediately).toBe(true);
    expect(asNative("rds:DbInstance", { applyImmediately: false }).properties.applyImmediately).toBe(false);
  });

  it("hides a whole list of pairs where one name is hidden, and keeps any other value", () => {
    const tags = (value: PropertyValue) => asNative("ecs:Service", { tags: value }).properties.tags;
    expect(tags([{ key: "a", value: UNKNOWN }])).toEqual({ a: UNKNOWN });
    expect(
      tags([
        { key: "a", value: "b" },
        { key: UNKNOWN, value: "c" },
      ]),
    ).toBe(UNKNOWN);
    expect(tags([{ key: "a", value: "b" }, UNKNOWN])).toBe(UNKNOWN);
    expect(tags(UNKNOWN)).toBe(UNKNOWN);
    expect(tags("a=b")).toBe("a=b");
    expect(tags([{ key: "__proto__", value: "b" }])).toHaveProperty(["__proto__"], "b");
  });

  it("is unknown in what a module does not show", () => {
    const hidden = canonical(resource("shop:tf:aws_db_instance", "db", {}));
    expect(readText(hidden, "parameterGroupName").state).toBe("unknown");
    const planned = canonical(
      resource("shop:tf:aws_db_instance", "db", { parameter_group_name: UNKNOWN, engine: "postgres" }),
    );
    expect(leftToAws(planned, "parameterGroupName", readText(planned, "parameterGroupName")).state).toBe(
      "unknown",
    );
    expect(readText(planned, "engineVersion").state).toBe("unset");
    expect(planned.properties).toBe(planned.properties);
  });
});
