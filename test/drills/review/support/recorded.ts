import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { METRICS } from "../../../../drills/review/live/liveState";

export interface TestServer {
  readonly url: string;
  stop(): void;
}

/** An HTTP server on a free port of the loopback, told each request with its body. */
export async function testServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void | Promise<void>,
): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  const { url, stop } = await testServer(() => {});
  stop();
  return Number(new URL(url).port);
}

/** What one question gets: by hand, in the shapes that AWS's API reference documents. */
export interface Answer {
  readonly status?: number;
  readonly body: string | object;
}

/** `rds:DescribeDBInstances` and the like, and the question's body, where a page or a metric matters. */
export type Script = (action: string, body: string) => Answer | undefined;

export interface Recorded extends TestServer {
  /** Every question so far, as IAM calls it. */
  readonly asked: string[];
  script: Script;
}

/** The SDK signs for `monitoring` what IAM calls `cloudwatch`. */
const IAM_PREFIX: { readonly [signed: string]: string } = { monitoring: "cloudwatch" };

/** A server that answers as AWS does for the sample stack, unless the script knows otherwise. */
export async function recordedAws(): Promise<Recorded> {
  const server = await testServer((request, body, response) => {
    const action = actionOf(request, body);
    recorded.asked.push(action);
    const { status = 200, body: content } = recorded.script(action, body) ?? clean(action, body);
    const isXml = typeof content === "string";
    response.writeHead(status, { "content-type": isXml ? "text/xml" : "application/x-amz-json-1.1" });
    response.end(isXml ? content : JSON.stringify(content));
  });
  const recorded: Recorded = { ...server, asked: [], script: () => undefined };
  return recorded;
}

function actionOf({ headers }: IncomingMessage, body: string): string {
  const signed =
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization))?.[1] ?? "unsigned";
  const name =
    String(headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1) || new URLSearchParams(body).get("Action");
  return `${IAM_PREFIX[signed] ?? signed}:${name}`;
}

/** An error in the form of the protocol that a service speaks. */
export function failure(action: string, code: string, message: string, status = 400): Answer {
  return action.startsWith("rds:")
    ? {
        status,
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      }
    : { status, body: { __type: `com.amazonaws#${code}`, message } };
}

export const denied = (action: string): Answer =>
  failure(
    action,
    action.startsWith("rds:") ? "AccessDenied" : "AccessDeniedException",
    `User: arn:aws:iam::123456789012:user/reviewer is not authorized to perform: ${action}`,
    action.startsWith("rds:") ? 403 : 400,
  );

export const rds = (action: string, result: string): string =>
  `<${action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`;

export const parameterXml = (name: string, value: string, source = "user"): string =>
  `<Parameter><ParameterName>${name}</ParameterName><ParameterValue>${value}</ParameterValue><Source>${source}</Source><ApplyType>static</ApplyType><DataType>integer</DataType><IsModifiable>true</IsModifiable></Parameter>`;

export const instanceXml = (
  group = "database-parameters-0123abc",
  status = "in-sync",
  pending = "",
): string =>
  `<DBInstances><DBInstance><DBInstanceIdentifier>auth-prod</DBInstanceIdentifier><DBInstanceClass>db.m7g.large</DBInstanceClass><Engine>postgres</Engine><EngineVersion>17.4</EngineVersion><DBInstanceStatus>available</DBInstanceStatus><AllocatedStorage>20</AllocatedStorage><MultiAZ>true</MultiAZ><DBInstanceArn>arn:aws:rds:eu-west-1:123456789012:db:auth-prod</DBInstanceArn><DBParameterGroups><DBParameterGroup><DBParameterGroupName>${group}</DBParameterGroupName><ParameterApplyStatus>${status}</ParameterApplyStatus></DBParameterGroup></DBParameterGroups><PendingModifiedValues>${pending}</PendingModifiedValues></DBInstance></DBInstances>`;

export const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
export const METRIC_ALARM = {
  AlarmName: "auth-prod-pool-timeouts",
  StateValue: "OK",
  StateUpdatedTimestamp: 1_767_225_600,
  ActionsEnabled: true,
  AlarmActions: [TOPIC],
  Threshold: 0,
  EvaluationPeriods: 3,
};
export const COMPOSITE_ALARM = {
  AlarmName: "auth-prod-pool-starved",
  StateValue: "OK",
  StateUpdatedTimestamp: 1_767_225_600,
  ActionsEnabled: true,
  AlarmActions: [TOPIC],
  AlarmRule: 'ALARM("auth-prod-pool-timeouts")',
  ActionsSuppressor: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:auth-prod-cause-named",
  ActionsSuppressorWaitPeriod: 60,
};

const SERVICE = {
  serviceName: "auth-89abcde",
  serviceArn: "arn:aws:ecs:eu-west-1:123456789012:service/auth-prod/auth-89abcde",
  status: "ACTIVE",
  desiredCount: 8,
  runningCount: 8,
  taskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/auth-prod:7",
  deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100 },
  loadBalancers: [
    { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/auth/1" },
  ],
  tags: [{ key: "poolproof:peak-requests-per-second", value: "400" }],
};

/** Of the metric with this name and statistic, one period. */
const VALUES: { readonly [metric: string]: number } = {
  "RequestCount Sum": 22_800,
  "RunningTaskCount Average": 8,
  "DatabaseConnections Maximum": 70,
  "db.client.connection.use_time SampleCount": 25_080,
  "db.client.connection.use_time Sum": 501.6,
  "db.client.connection.count Average": 1.2,
  "db.client.connection.max Maximum": 8,
  "db.client.connection.wait_time p99": 0.002,
  "db.client.connection.timeouts Sum": 0,
};
export const METRIC_COUNT = METRICS.length - 1;

/** The start of a period three hours ago, in seconds. */
const RECENT = 300 * Math.floor(Date.now() / 300_000) - 10_800;

export function metricAnswer(body: string): object {
  const { MetricDataQueries } = JSON.parse(body) as {
    readonly MetricDataQueries: readonly [
      { readonly MetricStat: { readonly Metric: { readonly MetricName: string }; readonly Stat: string } },
    ];
  };
  const { Metric, Stat } = MetricDataQueries[0].MetricStat;
  const value = VALUES[`${Metric.MetricName} ${Stat}`];
  const found = value === undefined ? [] : [value];
  return {
    MetricDataResults: [
      { Id: "answer", StatusCode: "Complete", Timestamps: found.map(() => RECENT), Values: found },
    ],
  };
}

function clean(action: string, body: string): Answer {
  switch (action) {
    case "rds:DescribeDBInstances":
      return { body: rds("DescribeDBInstances", instanceXml()) };
    case "rds:DescribeDBParameters": {
      const list = parameterXml("max_connections", "400") + parameterXml("lock_timeout", "1500");
      return { body: rds("DescribeDBParameters", `<Parameters>${list}</Parameters>`) };
    }
    case "ecs:ListServices":
      return { body: { serviceArns: [SERVICE.serviceArn] } };
    case "ecs:DescribeServices":
      return { body: { services: [SERVICE], failures: [] } };
    case "ecs:DescribeTaskDefinition": {
      const environment = { DB_POOL_NAME: "auth-prod", DB_POOL_MAX: "8", WEB_CONCURRENCY: "1" };
      const container = {
        name: "auth",
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      };
      return {
        body: { taskDefinition: { family: "auth-prod", revision: 7, containerDefinitions: [container] } },
      };
    }
    case "application-autoscaling:DescribeScalableTargets":
      return { body: { ScalableTargets: [{ MinCapacity: 8, MaxCapacity: 10 }] } };
    case "application-autoscaling:DescribeScalingPolicies": {
      const PredefinedMetricSpecification = {
        PredefinedMetricType: "ALBRequestCountPerTarget",
        ResourceLabel: "app/auth/1/targetgroup/auth/1",
      };
      const policy = {
        PolicyName: "requests",
        TargetTrackingScalingPolicyConfiguration: { TargetValue: 3000, PredefinedMetricSpecification },
      };
      return { body: { ScalingPolicies: [policy] } };
    }
    case "cloudwatch:DescribeAlarms":
      return { body: { MetricAlarms: [METRIC_ALARM], CompositeAlarms: [COMPOSITE_ALARM] } };
    case "cloudwatch:GetMetricData":
      return { body: metricAnswer(body) };
    default:
      return failure(action, "InvalidAction", `nobody recorded ${action}`);
  }
}
