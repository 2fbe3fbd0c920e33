import {
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  ModifyDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import type { Expected, ExpectedAlarm } from "../../../../drills/review/expected";
import type { Clients } from "../../../../drills/review/live/aws";
import type { Gaps } from "./moto";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
export const LOAD_BALANCER = "app/auth-lb-1234567/50dc6c495c0c9188";
const TARGET_GROUP = "targetgroup/auth-lb-tg-1234567/6d0ecf831eec9f09";

/** What runs: the program's own numbers, unless a drift is planted. */
export interface Account {
  readonly expected: Expected;
  readonly instanceClass: string;
  readonly multiAz: boolean;
  readonly parameterGroup: string;
  readonly parameters: { readonly [name: string]: string };
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly desired: number;
  readonly suspended: boolean;
  readonly hasScaling: boolean;
  readonly environment: { readonly [name: string]: string };
  readonly tags: { readonly [name: string]: string };
  readonly alarms: readonly PlantedAlarm[];
  readonly metrics: PlantedMetrics;
  readonly gaps: Gaps;
}

export interface PlantedAlarm extends ExpectedAlarm {
  readonly state?: "OK" | "ALARM" | "INSUFFICIENT_DATA";
}

/** Of one busy minute, and of the five minutes around it. */
export interface PlantedMetrics {
  readonly requestsPerSecond: number;
  readonly tasks: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly connections: number;
  readonly used: number;
  readonly timeouts: number;
  /** Names that nobody reports. */
  readonly silent: readonly string[];
}

/** The account of a stack on which nobody has laid a hand, and which is used as it was declared. */
export function cleanAccount(expected: Expected, now: number): Account {
  const { service, database, demand } = expected;
  return {
    expected,
    instanceClass: database.instanceClass,
    multiAz: database.multiAz ?? false,
    parameterGroup: `${database.parameterGroup}-0123abc`,
    parameters: Object.fromEntries(database.parameters.map(({ name, value }) => [name, value])),
    minTasks: service.minTasks,
    maxTasks: service.maxTasks,
    desired: service.minTasks,
    suspended: false,
    hasScaling: true,
    environment: service.environment,
    tags: service.tags,
    alarms: expected.alarms,
    metrics: {
      requestsPerSecond: demand.peakRequestsPerSecond * 0.9,
      tasks: demand.tasksAtPeak ?? service.minTasks,
      holdMs: demand.holdMs * 0.9,
      acquisitionsPerRequest: demand.acquisitionsPerRequest,
      connections: service.maxTasks * 3,
      used: 1,
      timeouts: 0,
      silent: [],
    },
    gaps: {
      waitP99: [{ time: fiveMinutes(now), value: 0.004 }],
      compositeAlarms: expected.alarms.filter(({ kind }) => kind === "composite").map(compositeAlarm),
      applyStatus: "in-sync",
      deployment: {
        maximumPercent: service.maximumPercent,
        minimumHealthyPercent: service.minimumHealthyPercent,
      },
      pendingXml: "",
    },
  };
}

/** As CloudWatch describes one. */
export function compositeAlarm({
  name,
  settings,
  hasActions,
}: ExpectedAlarm): Gaps["compositeAlarms"][number] {
  return {
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
    ...settings,
    ActionsEnabled: true,
    AlarmActions: hasActions ? [TOPIC] : [],
    OKActions: [],
    InsufficientDataActions: [],
    StateValue: "OK",
    StateUpdatedTimestamp: 1_790_000_000,
  };
}

/** Makes an account in moto, through the API that a deployment uses too. */
export async function make(clients: Clients, account: Account, now: number): Promise<void> {
  await makeDatabase(clients, account);
  await makeService(clients, account);
  await makeAlarms(clients, account);
  await report(clients, account, now);
}

async function makeDatabase({ rds }: Clients, account: Account): Promise<void> {
  const { database } = account.expected;
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: account.parameterGroup,
      DBParameterGroupFamily: `postgres${database.engineVersion.split(".")[0]}`,
      Description: "limits",
    }),
  );
  await rds.send(
    new ModifyDBParameterGroupCommand({
      DBParameterGroupName: account.parameterGroup,
      Parameters: Object.entries(account.parameters).map(([ParameterName, ParameterValue]) => ({
        ParameterName,
        ParameterValue,
        ApplyMethod: "pending-reboot" as const,
      })),
    }),
  );
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: database.identifier,
      DBInstanceClass: account.instanceClass,
      Engine: database.engine,
      EngineVersion: database.engineVersion,
      DBParameterGroupName: account.parameterGroup,
      AllocatedStorage: database.storageGib ?? 20,
      MultiAZ: account.multiAz,
      MasterUsername: "root",
      ManageMasterUserPassword: true,
    }),
  );
}

async function makeService({ ecs, autoscaling }: Clients, account: Account): Promise<void> {
  const { expected } = account;
  const cluster = expected.name;
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: expected.name,
      containerDefinitions: [
        {
          name: expected.service.container,
          image: "auth",
          memory: 512,
          environment: Object.entries(account.environment).map(([name, value]) => ({ name, value })),
        },
      ],
    }),
  );
  const serviceName = `${expected.service.name}-89abcde`;
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName,
      taskDefinition: expected.name,
      desiredCount: account.desired,
      deploymentConfiguration: account.gaps.deployment,
      loadBalancers: [
        {
          targetGroupArn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:${TARGET_GROUP}`,
          containerName: expected.service.container,
          containerPort: 8080,
        },
      ],
      tags: Object.entries(account.tags).map(([key, value]) => ({ key, value })),
    }),
  );
  if (!account.hasScaling) return;
  const target = {
    ServiceNamespace: "ecs",
    ScalableDimension: "ecs:service:DesiredCount",
    ResourceId: `service/${cluster}/${serviceName}`,
  } as const;
  await autoscaling.send(
    new RegisterScalableTargetCommand({
      ...target,
      MinCapacity: account.minTasks,
      MaxCapacity: account.maxTasks,
      SuspendedState: {
        DynamicScalingOutSuspended: account.suspended,
        DynamicScalingInSuspended: false,
        ScheduledScalingSuspended: false,
      },
    }),
  );
  const policy: PutScalingPolicyCommandInput = {
    ...target,
    PolicyName: "requests",
    PolicyType: "TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 6000,
      PredefinedMetricSpecification: {
        PredefinedMetricType: "ALBRequestCountPerTarget",
        ResourceLabel: `${LOAD_BALANCER}/${TARGET_GROUP}`,
      },
    },
  };
  await autoscaling.send(new PutScalingPolicyCommand(policy));
}

async function makeAlarms({ cloudwatch }: Clients, { alarms }: Account): Promise<void> {
  for (const alarm of alarms.filter(({ kind }) => kind === "metric")) {
    const { Period, MetricName, Expression, ...others } = alarm.settings;
    const isDimension = (name: string): boolean => name.startsWith("Dimensions.");
    const settings = Object.fromEntries(Object.entries(others).filter(([name]) => !isDimension(name)));
    const Dimensions = Object.entries(others)
      .filter(([name]) => isDimension(name))
      .map(([name, Value]) => ({ Name: name.slice("Dimensions.".length), Value: String(Value) }));
    const signal =
      MetricName === undefined
        ? { Metrics: [{ Id: "result", Expression: String(Expression), ReturnData: true }] }
        : { MetricName: String(MetricName), Period: Number(Period), Dimensions };
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: alarm.name,
        ...(settings as unknown as { EvaluationPeriods: number; ComparisonOperator: "GreaterThanThreshold" }),
        ...signal,
        ActionsEnabled: alarm.actionsEnabled,
        AlarmActions: alarm.hasActions ? [TOPIC] : [],
      }),
    );
    await cloudwatch.send(
      new SetAlarmStateCommand({
        AlarmName: alarm.name,
        StateValue: alarm.state ?? "OK",
        StateReason: "planted",
      }),
    );
  }
}

const MINUTE_MS = 60_000;
const fiveMinutes = (time: number): number =>
  Math.floor(time / (5 * MINUTE_MS)) * 5 * MINUTE_MS - 20 * MINUTE_MS;

async function report({ cloudwatch }: Clients, account: Account, now: number): Promise<void> {
  const { expected, metrics } = account;
  const Timestamp = new Date(fiveMinutes(now));
  const requests = Math.round(60 * metrics.requestsPerSecond);
  const holds = Math.round(requests * metrics.acquisitionsPerRequest);
  const pool = [{ Name: "db.client.connection.pool.name", Value: expected.service.pool.name }];
  const put = async (
    Namespace: string,
    MetricName: string,
    Dimensions: { readonly Name: string; readonly Value: string }[],
    value: number,
    SampleCount = 1,
  ): Promise<void> => {
    if (metrics.silent.includes(MetricName)) return;
    const Sum = value * SampleCount;
    const StatisticValues = { SampleCount, Sum, Minimum: value, Maximum: value };
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: [{ MetricName, Dimensions, Timestamp, StatisticValues }],
      }),
    );
  };
  await put("AWS/ApplicationELB", "RequestCount", [{ Name: "LoadBalancer", Value: LOAD_BALANCER }], requests);
  const ofService = [
    { Name: "ClusterName", Value: expected.name },
    { Name: "ServiceName", Value: `${expected.service.name}-89abcde` },
  ];
  await put("ECS/ContainerInsights", "RunningTaskCount", ofService, metrics.tasks);
  const instance = [{ Name: "DBInstanceIdentifier", Value: expected.database.identifier }];
  await put("AWS/RDS", "DatabaseConnections", instance, metrics.connections);
  const used = [...pool, { Name: "db.client.connection.state", Value: "used" }];
  await put("Auth/ConnectionPool", "db.client.connection.count", used, metrics.used);
  const limit = Number(account.environment.DB_POOL_MAX);
  await put("Auth/ConnectionPool", "db.client.connection.max", pool, limit);
  await put("Auth/ConnectionPool", "db.client.connection.use_time", pool, metrics.holdMs / 1000, holds);
  await put("Auth/ConnectionPool", "db.client.connection.timeouts", pool, metrics.timeouts);
}
