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

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** A type, the classic one that it is read as, what a program writes, and what the readers look for where that is not the same. */
type Row = readonly [type: string, classic: string, given?: PropertyMap, read?: PropertyMap];
const rows = (written: readonly Row[], otherwise: (given: PropertyMap) => PropertyMap) =>
  written.map(([type, classic, given = {}, read = otherwise(given)]) => {
    const [, name = ""] = classic.split("/");
    return [type, `aws:${classic}:${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, given, read] as const;
  });

/** Each row of the table for aws-native. */
const NATIVE_ROWS = rows(
  [
    [
      "rds:DbInstance",
      "rds/instance",
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
      "rds/cluster",
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
      "rds/parameterGroup",
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
      "rds/clusterParameterGroup",
      { dbClusterParameterGroupName: "g", parameters: { max_connections: 400 } },
      { name: "g", parameters: [{ name: "max_connections", value: 400 }] },
    ],
    ["rds:DbProxy", "rds/proxy", { dbProxyName: "p", requireTls: true }, { name: "p", requireTls: true }],
    [
      "rds:DbProxyTargetGroup",
      "rds/proxyDefaultTargetGroup",
      { dbProxyName: "p", connectionPoolConfigurationInfo: { maxConnectionsPercent: 90 } },
      { dbProxyName: "p", connectionPoolConfig: { maxConnectionsPercent: 90 } },
    ],
    ["rds:DbProxyEndpoint", "rds/proxyEndpoint", { dbProxyEndpointName: "e", dbProxyName: "p" }],
    ["ecs:Cluster", "ecs/cluster", { clusterName: "main" }, { name: "main" }],
    [
      "ecs:TaskDefinition",
      "ecs/taskDefinition",
      { family: "f", containerDefinitions: [{ name: "a" }], tags: [{ key: "k", value: "v" }] },
      { family: "f", containerDefinitions: [{ name: "a" }], tags: { k: "v" } },
    ],
    ["ecs:TaskSet", "ecs/taskSet", { taskDefinition: "f:1" }],
    [
      "ecs:Service",
      "ecs/service",
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
      "lambda/function",
      { functionName: "f", environment: { variables: { DB_POOL_MAX: "1" } }, timeout: 30 },
      { name: "f", environment: { variables: { DB_POOL_MAX: "1" } }, timeout: 30 },
    ],
    [
      "lambda:EventSourceMapping",
      "lambda/eventSourceMapping",
      { functionName: "f", scalingConfig: { maximumConcurrency: 5 } },
    ],
    ["lambda:Permission", "lambda/permission", { functionName: "f" }, { function: "f" }],
    ["lambda:Url", "lambda/functionUrl", { targetFunctionArn: "f" }, { functionName: "f" }],
    [
      "applicationautoscaling:ScalableTarget",
      "appautoscaling/target",
      { resourceId: "service/main/s", minCapacity: 2, maxCapacity: 4 },
    ],
    [
      "elasticloadbalancingv2:LoadBalancer",
      "lb/loadBalancer",
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
      "lb/targetGroup",
      {
        targetGroupArn: "arn:tg",
        targetGroupFullName: "targetgroup/a/1",
        targetGroupAttributes: [{ key: "deregistration_delay.timeout_seconds", value: UNKNOWN }],
      },
      { arn: "arn:tg", arnSuffix: "targetgroup/a/1", deregistrationDelay: UNKNOWN },
    ],
    [
      "elasticloadbalancingv2:Listener",
      "lb/listener",
      { loadBalancerArn: "arn:lb", defaultActions: [{ targetGroupArn: "arn:tg" }] },
    ],
    ["elasticloadbalancingv2:ListenerRule", "lb/listenerRule", { listenerArn: "arn:l", actions: [] }],
    ["ssm:Parameter", "ssm/parameter", { name: "/a", tags: { k: "v" } }],
    ["secretsmanager:Secret", "secretsmanager/secret", { name: "a" }],
    ["secretsmanager:SecretTargetAttachment", "secretsmanager/secretVersion", { secretId: "a" }],
    [
      "cloudwatch:Alarm",
      "cloudwatch/metricAlarm",
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
      "cloudwatch/compositeAlarm",
      { alarmName: "a", alarmRule: "ALARM(b)", actionsSuppressor: "c" },
      { alarmName: "a", alarmRule: "ALARM(b)", actionsSuppressor: { alarm: "c" } },
    ],
    ["sns:Topic", "sns/topic", { topicName: "t" }, { name: "t" }],
    [
      "events:Rule",
      "cloudwatch/eventRule",
      { name: "r", eventPattern: { "detail-type": ["CloudWatch Alarm State Change"] } },
      { name: "r", eventPattern: '{"detail-type":["CloudWatch Alarm State Change"]}' },
    ],
    ["scheduler:Schedule", "scheduler/schedule", { name: "s" }],
    [
      "stepfunctions:StateMachine",
      "sfn/stateMachine",
      { stateMachineName: "m", definitionString: "{}" },
      { name: "m", definition: "{}" },
    ],
    ["apprunner:Service", "apprunner/service"],
    ["autoscaling:LaunchConfiguration", "ec2/launchConfiguration"],
    ["batch:JobDefinition", "batch/jobDefinition"],
    ["dms:Endpoint", "dms/endpoint"],
    ["ec2:Instance", "ec2/instance"],
    ["ec2:LaunchTemplate", "ec2/launchTemplate"],
    ["elasticbeanstalk:Environment", "elasticbeanstalk/environment"],
    ["glue:Connection", "glue/connection"],
    ["lightsail:Container", "lightsail/containerServiceDeploymentVersion"],
    ["quicksight:DataSource", "quicksight/dataSource"],
  ],
  (given) => given,
);

/** Each row of the table for Terraform, whose names are the classic ones in snake case unless the row says otherwise. */
const TERRAFORM_ROWS = rows(
  [
    [
      "aws_db_instance",
      "rds/instance",
      {
        identifier: "a",
        db_name: "d",
        instance_class: "db.m7g.large",
        replicate_source_db: "b",
        tags: { a_b: "c" },
      },
    ],
    [
      "aws_rds_cluster",
      "rds/cluster",
      { cluster_identifier: "c", serverlessv2_scaling_configuration: [{ min_capacity: 1, max_capacity: 2 }] },
    ],
    [
      "aws_rds_cluster_instance",
      "rds/clusterInstance",
      { cluster_identifier: "c", db_parameter_group_name: "g" },
    ],
    ["aws_rds_cluster_endpoint", "rds/clusterEndpoint", { cluster_endpoint_identifier: "e" }],
    [
      "aws_db_parameter_group",
      "rds/parameterGroup",
      { parameter: [{ name: "a_b", value: "1", apply_method: "immediate" }] },
      { parameters: [{ name: "a_b", value: "1", applyMethod: "immediate" }] },
    ],
    [
      "aws_rds_cluster_parameter_group",
      "rds/clusterParameterGroup",
      { parameter: { name: "a_b", value: UNKNOWN } },
      { parameters: [{ name: "a_b", value: UNKNOWN }] },
    ],
    ["aws_db_proxy", "rds/proxy", { idle_client_timeout: 60 }],
    [
      "aws_db_proxy_default_target_group",
      "rds/proxyDefaultTargetGroup",
      { connection_pool_config: [{ max_connections_percent: 90 }] },
    ],
    ["aws_db_proxy_target", "rds/proxyTarget", { db_instance_identifier: "a" }],
    ["aws_db_proxy_endpoint", "rds/proxyEndpoint", { db_proxy_name: "p" }],
    ["aws_ecs_cluster", "ecs/cluster", { name: "main" }],
    [
      "aws_ecs_service",
      "ecs/service",
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
    ["aws_ecs_task_definition", "ecs/taskDefinition", { container_definitions: "[]" }],
    ["aws_ecs_task_set", "ecs/taskSet", { task_definition: "f" }],
    [
      "aws_lambda_function",
      "lambda/function",
      { function_name: "f", environment: [{ variables: { db_pool: "1" } }] },
      { name: "f", environment: [{ variables: { db_pool: "1" } }] },
    ],
    [
      "aws_lambda_event_source_mapping",
      "lambda/eventSourceMapping",
      { function_name: "f", scaling_config: [{ maximum_concurrency: 5 }] },
    ],
    ["aws_lambda_permission", "lambda/permission", { function_name: "f" }, { function: "f" }],
    ["aws_lambda_function_url", "lambda/functionUrl", { function_name: "f" }],
    ["aws_appautoscaling_target", "appautoscaling/target", { min_capacity: 1 }],
    [
      "aws_appautoscaling_scheduled_action",
      "appautoscaling/scheduledAction",
      { scalable_target_action: [{ min_capacity: "1" }] },
    ],
    ...["aws_lb", "aws_alb"].flatMap((prefix): Row[] => [
      [prefix, "lb/loadBalancer", { load_balancer_type: "network" }],
      [`${prefix}_target_group`, "lb/targetGroup", { deregistration_delay: 5 }],
      [
        `${prefix}_listener`,
        "lb/listener",
        { load_balancer_arn: "a", default_action: { target_group_arn: "b" } },
        { loadBalancerArn: "a", defaultActions: [{ targetGroupArn: "b" }] },
      ],
      [
        `${prefix}_listener_rule`,
        "lb/listenerRule",
        { listener_arn: "a", action: [{ target_group_arn: "b" }] },
        { listenerArn: "a", actions: [{ targetGroupArn: "b" }] },
      ],
    ]),
    [
      "aws_cloudwatch_metric_alarm",
      "cloudwatch/metricAlarm",
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
      "cloudwatch/compositeAlarm",
      { alarm_name: "a", actions_suppressor: [{ alarm: "b" }] },
    ],
    ["aws_sns_topic", "sns/topic", { name: "t" }],
    ["aws_ssm_parameter", "ssm/parameter", { name: "p" }],
    ["aws_secretsmanager_secret", "secretsmanager/secret", { name: "s" }],
    ["aws_secretsmanager_secret_version", "secretsmanager/secretVersion", { secret_id: "s" }],
    ["aws_cloudwatch_event_rule", "cloudwatch/eventRule", { event_pattern: "{}" }],
    ["aws_cloudwatch_event_target", "cloudwatch/eventTarget", { ecs_target: [{ task_definition_arn: "a" }] }],
    ["aws_scheduler_schedule", "scheduler/schedule", { target: [{ arn: "a" }] }],
    ["aws_sfn_state_machine", "sfn/stateMachine", { definition: "{}" }],
    ["aws_apprunner_service", "apprunner/service"],
    ["aws_batch_job_definition", "batch/jobDefinition"],
    ["aws_codebuild_project", "codebuild/project"],
    ["aws_dms_endpoint", "dms/endpoint"],
    ["aws_elastic_beanstalk_environment", "elasticbeanstalk/environment"],
    ["aws_glue_connection", "glue/connection"],
    ["aws_instance", "ec2/instance"],
    ["aws_launch_configuration", "ec2/launchConfiguration"],
    ["aws_launch_template", "ec2/launchTemplate"],
    ["aws_lightsail_container_service_deployment_version", "lightsail/containerServiceDeploymentVersion"],
    ["aws_quicksight_data_source", "quicksight/dataSource"],
    ["aws_spot_instance_request", "ec2/spotInstanceRequest"],
  ],
  inCamelCase,
);

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
