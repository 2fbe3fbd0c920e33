import type { Plan, PlanResource } from "../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../policies/plan/plan";
import { resource, urn } from "./planResource";

/** The ways in which a program may write the AWS resources of one stack. */
export const SPELLINGS = ["classic", "aws-native", "terraform provider", "terraform module"] as const;
export type Spelling = (typeof SPELLINGS)[number];

/** One stack: PostgreSQL with 400 connections, and 8 to 12 tasks behind a load balancer that need it. */
export function spelledStack(spelling: Spelling, poolMax: string): Plan {
  return { resources: STACKS[spelling](poolMax) };
}

const TAGS = {
  "poolproof:peak-requests-per-second": "400",
  "poolproof:db-hold-ms": "90",
  "poolproof:db-acquisitions-per-request": "1.1",
  "poolproof:tasks-at-peak": "8",
};
const tagList = Object.entries(TAGS).map(([key, value]) => ({ key, value }));

const PARAMETERS = {
  max_connections: "400",
  idle_in_transaction_session_timeout: "60000",
  log_connections: "1",
};
const parameterList = (method: "applyMethod" | "apply_method"): PropertyMap[] =>
  Object.entries(PARAMETERS).map(([name, value]) => ({
    name,
    value,
    [method]: name === "max_connections" ? "pending-reboot" : "immediate",
  }));

const containers = (poolMax: string): readonly PropertyMap[] => [
  {
    name: "api",
    image: "example/api:1",
    stopTimeout: 60,
    environment: [
      { name: "DB_POOL_MAX", value: poolMax },
      { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
      { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
      { name: "DB_LOCK_TIMEOUT_MS", value: "1500" },
      { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
      { name: "REQUEST_TIMEOUT_MS", value: "8000" },
      { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "95000" },
      { name: "DB_HOST", value: "orders.abc.eu-west-1.rds.amazonaws.com" },
    ],
  },
];

const ACCOUNT = "eu-west-1:123456789012";
const ARN = {
  balancer: `arn:aws:elasticloadbalancing:${ACCOUNT}:loadbalancer/app/orders/1`,
  group: `arn:aws:elasticloadbalancing:${ACCOUNT}:targetgroup/orders/1`,
  listener: `arn:aws:elasticloadbalancing:${ACCOUNT}:listener/app/orders/1/2`,
  topic: `arn:aws:sns:${ACCOUNT}:orders-alarms`,
};

const ALARM = {
  alarmDescription: "Connections run out. Runbook: docs/runbooks/connections.md",
  comparisonOperator: "GreaterThanThreshold",
  evaluationPeriods: 5,
  datapointsToAlarm: 3,
  threshold: 300,
  treatMissingData: "notBreaching",
};

/** Names made from each other, as a program writes them that takes each from its resource: `uses(property, of)`. */
function stackIn(types: { readonly [name: string]: string }) {
  return (
    name: string,
    properties: PropertyMap,
    made: { readonly [property: string]: string } = {},
  ): PlanResource => {
    const of = (each: string): string => urn(types[each] ?? "", each);
    return resource(
      types[name] ?? "",
      name,
      properties,
      Object.fromEntries(Object.entries(made).map(([property, each]) => [property, [of(each)]])),
    );
  };
}

function classic(poolMax: string): readonly PlanResource[] {
  const one = stackIn({
    parameters: "aws:rds/parameterGroup:ParameterGroup",
    database: "aws:rds/instance:Instance",
    balancer: "aws:lb/loadBalancer:LoadBalancer",
    group: "aws:lb/targetGroup:TargetGroup",
    listener: "aws:lb/listener:Listener",
    task: "aws:ecs/taskDefinition:TaskDefinition",
    service: "aws:ecs/service:Service",
    scaling: "aws:appautoscaling/target:Target",
    topic: "aws:sns/topic:Topic",
    alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  });
  return [
    one("parameters", {
      name: "orders-pg17",
      family: "postgres17",
      parameters: parameterList("applyMethod"),
    }),
    one(
      "database",
      {
        identifier: "orders",
        engine: "postgres",
        engineVersion: "17",
        instanceClass: "db.m7g.4xlarge",
        parameterGroupName: "orders-pg17",
        enabledCloudwatchLogsExports: ["postgresql"],
      },
      { parameterGroupName: "parameters" },
    ),
    one("balancer", { arn: UNKNOWN, idleTimeout: 90, loadBalancerType: "application" }),
    one("group", { arn: UNKNOWN, deregistrationDelay: 90 }),
    one(
      "listener",
      { defaultActions: [{ type: "forward", targetGroupArn: UNKNOWN }], loadBalancerArn: UNKNOWN },
      { defaultActions: "group", loadBalancerArn: "balancer" },
    ),
    one("task", { family: "orders", containerDefinitions: JSON.stringify(containers(poolMax)) }),
    one(
      "service",
      {
        name: "orders",
        cluster: "main",
        taskDefinition: UNKNOWN,
        desiredCount: 8,
        deploymentMaximumPercent: 150,
        deploymentMinimumHealthyPercent: 100,
        deploymentConfiguration: { strategy: "ROLLING" },
        networkConfiguration: { subnets: ["subnet-a", "subnet-b"] },
        loadBalancers: [{ targetGroupArn: UNKNOWN, containerName: "api", containerPort: 8080 }],
        tags: TAGS,
      },
      { taskDefinition: "task", loadBalancers: "group" },
    ),
    one(
      "scaling",
      { resourceId: "service/main/orders", serviceNamespace: "ecs", minCapacity: 8, maxCapacity: 12 },
      { resourceId: "service" },
    ),
    one("topic", { name: "orders-alarms", arn: UNKNOWN }),
    one(
      "alarm",
      {
        ...ALARM,
        name: "orders-connections",
        namespace: "AWS/RDS",
        metricName: "DatabaseConnections",
        statistic: "Maximum",
        period: 60,
        dimensions: { DBInstanceIdentifier: "orders" },
        alarmActions: [UNKNOWN],
      },
      { dimensions: "database", alarmActions: "topic" },
    ),
  ];
}

function native(poolMax: string): readonly PlanResource[] {
  const one = stackIn({
    parameters: "aws-native:rds:DbParameterGroup",
    database: "aws-native:rds:DbInstance",
    balancer: "aws-native:elasticloadbalancingv2:LoadBalancer",
    group: "aws-native:elasticloadbalancingv2:TargetGroup",
    listener: "aws-native:elasticloadbalancingv2:Listener",
    task: "aws-native:ecs:TaskDefinition",
    service: "aws-native:ecs:Service",
    scaling: "aws-native:applicationautoscaling:ScalableTarget",
    topic: "aws-native:sns:Topic",
    alarm: "aws-native:cloudwatch:Alarm",
  });
  return [
    one("parameters", {
      dbParameterGroupName: "orders-pg17",
      description: "orders",
      family: "postgres17",
      parameters: PARAMETERS,
    }),
    one(
      "database",
      {
        dbInstanceIdentifier: "orders",
        engine: "postgres",
        engineVersion: "17",
        dbInstanceClass: "db.m7g.4xlarge",
        dbParameterGroupName: "orders-pg17",
        enableCloudwatchLogsExports: ["postgresql"],
        dbInstanceArn: UNKNOWN,
      },
      { dbParameterGroupName: "parameters" },
    ),
    one("balancer", {
      loadBalancerArn: UNKNOWN,
      type: "application",
      loadBalancerAttributes: [{ key: "idle_timeout.timeout_seconds", value: "90" }],
    }),
    one("group", {
      targetGroupArn: UNKNOWN,
      targetGroupAttributes: [{ key: "deregistration_delay.timeout_seconds", value: "90" }],
    }),
    one(
      "listener",
      { defaultActions: [{ type: "forward", targetGroupArn: UNKNOWN }], loadBalancerArn: UNKNOWN },
      { defaultActions: "group", loadBalancerArn: "balancer" },
    ),
    one("task", { family: "orders", containerDefinitions: containers(poolMax) }),
    one(
      "service",
      {
        serviceName: "orders",
        name: UNKNOWN,
        cluster: "main",
        taskDefinition: UNKNOWN,
        desiredCount: 8,
        deploymentConfiguration: { maximumPercent: 150, minimumHealthyPercent: 100, strategy: "ROLLING" },
        networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-a", "subnet-b"] } },
        loadBalancers: [{ targetGroupArn: UNKNOWN, containerName: "api", containerPort: 8080 }],
        tags: tagList,
      },
      { taskDefinition: "task", loadBalancers: "group" },
    ),
    one(
      "scaling",
      { resourceId: "service/main/orders", serviceNamespace: "ecs", minCapacity: 8, maxCapacity: 12 },
      { resourceId: "service" },
    ),
    one("topic", { topicName: "orders-alarms", topicArn: UNKNOWN }),
    one(
      "alarm",
      {
        ...ALARM,
        alarmName: "orders-connections",
        namespace: "AWS/RDS",
        metricName: "DatabaseConnections",
        statistic: "Maximum",
        period: 60,
        dimensions: [{ name: "DBInstanceIdentifier", value: "orders" }],
        alarmActions: [UNKNOWN],
      },
      { dimensions: "database", alarmActions: "topic" },
    ),
  ];
}

function bridged(poolMax: string): readonly PlanResource[] {
  const one = stackIn({
    parameters: "aws:index/dbParameterGroup:DbParameterGroup",
    database: "aws:index/dbInstance:DbInstance",
    balancer: "aws:index/lb:Lb",
    group: "aws:index/lbTargetGroup:LbTargetGroup",
    listener: "aws:index/lbListener:LbListener",
    task: "aws:index/ecsTaskDefinition:EcsTaskDefinition",
    service: "aws:index/ecsService:EcsService",
    scaling: "aws:index/appautoscalingTarget:AppautoscalingTarget",
    topic: "aws:index/snsTopic:SnsTopic",
    alarm: "aws:index/cloudwatchMetricAlarm:CloudwatchMetricAlarm",
  });
  return classic(poolMax).map(({ name, properties, propertyDependencies }) => {
    const { name: called, ...others } = properties;
    const isAlarm = name === "alarm";
    const made = Object.entries(propertyDependencies).map(
      ([property, urns]) => [property, String(urns[0]).split("::").pop() ?? ""] as const,
    );
    return one(
      name,
      isAlarm ? { ...others, alarmName: called ?? null } : properties,
      Object.fromEntries(made),
    );
  });
}

/** A module's resources name nothing that they are made from: their names are known, as they are once it is deployed. */
function ofModule(poolMax: string): readonly PlanResource[] {
  const one = (name: string, type: string, properties: PropertyMap): PlanResource =>
    resource(`orders:tf:${type}`, name, properties);
  const none: PropertyValue = [];
  return [
    one("parameters", "aws_db_parameter_group", {
      name: "orders-pg17",
      family: "postgres17",
      parameter: parameterList("apply_method"),
    }),
    one("database", "aws_db_instance", {
      identifier: "orders",
      engine: "postgres",
      engine_version: "17",
      instance_class: "db.m7g.4xlarge",
      parameter_group_name: "orders-pg17",
      replicate_source_db: "",
      enabled_cloudwatch_logs_exports: ["postgresql"],
      iam_database_authentication_enabled: false,
    }),
    one("balancer", "aws_lb", { arn: ARN.balancer, idle_timeout: 90, load_balancer_type: "application" }),
    one("group", "aws_lb_target_group", { arn: ARN.group, deregistration_delay: "90" }),
    one("listener", "aws_lb_listener", {
      arn: ARN.listener,
      load_balancer_arn: ARN.balancer,
      default_action: [{ type: "forward", target_group_arn: ARN.group, forward: none }],
    }),
    one("task", "aws_ecs_task_definition", {
      family: "orders",
      container_definitions: JSON.stringify(containers(poolMax)),
    }),
    one("service", "aws_ecs_service", {
      name: "orders",
      cluster: `arn:aws:ecs:${ACCOUNT}:cluster/main`,
      task_definition: `arn:aws:ecs:${ACCOUNT}:task-definition/orders:3`,
      desired_count: 8,
      deployment_maximum_percent: 150,
      deployment_minimum_healthy_percent: 100,
      deployment_controller: none,
      deployment_configuration: [{ strategy: "ROLLING" }],
      network_configuration: [{ subnets: ["subnet-a", "subnet-b"], assign_public_ip: false }],
      load_balancer: [{ target_group_arn: ARN.group, container_name: "api", container_port: 8080 }],
      tags: TAGS,
    }),
    one("scaling", "aws_appautoscaling_target", {
      resource_id: "service/main/orders",
      service_namespace: "ecs",
      min_capacity: 8,
      max_capacity: 12,
    }),
    one("topic", "aws_sns_topic", { name: "orders-alarms", arn: ARN.topic }),
    one("alarm", "aws_cloudwatch_metric_alarm", {
      alarm_name: "orders-connections",
      alarm_description: ALARM.alarmDescription,
      comparison_operator: ALARM.comparisonOperator,
      evaluation_periods: ALARM.evaluationPeriods,
      datapoints_to_alarm: ALARM.datapointsToAlarm,
      threshold: ALARM.threshold,
      treat_missing_data: ALARM.treatMissingData,
      namespace: "AWS/RDS",
      metric_name: "DatabaseConnections",
      statistic: "Maximum",
      extended_statistic: "",
      period: 60,
      dimensions: { DBInstanceIdentifier: "orders" },
      metric_query: none,
      alarm_actions: [ARN.topic],
    }),
  ];
}

const STACKS: { readonly [spelling in Spelling]: (poolMax: string) => readonly PlanResource[] } = {
  classic,
  "aws-native": native,
  "terraform provider": bridged,
  "terraform module": ofModule,
};
