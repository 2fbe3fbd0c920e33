import {
  type CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import type { Metric } from "../../../infra/monitoring/alarmSpec";
import { loadBalancer, pool, rds, tasks } from "../../../infra/monitoring/metrics";
import { InputError } from "../../../policies/kit/errors";
import { utcMinute } from "../../../policies/kit/text";
import type { Expected } from "../expected";
import { type Clients, Looks } from "./aws";
import {
  accountOf,
  databaseFrom,
  describeAlarms,
  describeDatabase,
  describeParameters,
  describePolicies,
  describeService,
  describeTarget,
  describeTask,
  findServices,
  scalingFrom,
  serviceFrom,
} from "./describe";
import {
  ABSENT,
  HIDDEN,
  type LiveScaling,
  type LiveService,
  type LiveState,
  type Look,
  METRICS,
  type MetricName,
  type Point,
  type Series,
  seen,
  seenValue,
} from "./liveState";

interface Span {
  readonly since: Date;
  readonly until: Date;
}

/**
 * Everything a review reads from AWS, one question after another: ten or so, and nothing is in a hurry.
 * @throws InputError without credentials, without a network, and where nothing of the stack is deployed.
 */
export async function collect(clients: Clients, expected: Expected, span: Span): Promise<LiveState> {
  const looks = new Looks();
  const { rds, cloudwatch } = clients;
  const instance = await looks.at("the database", "rds:DescribeDBInstances", () =>
    describeDatabase(rds, expected.database.identifier),
  );
  const database = instance.state === "seen" ? seen(databaseFrom(instance.value)) : instance;
  const group = seenValue(database)?.parameterGroup;
  const parameters =
    group === undefined
      ? HIDDEN
      : await looks.at("the database parameters", "rds:DescribeDBParameters", () =>
          describeParameters(rds, group),
        );
  const service = await lookAtService(clients, looks, expected);
  if (database.state === "absent" && service.state === "absent") throw nothingDeployed(expected);
  const definition = seenValue(service)?.taskDefinition;
  const task =
    definition === undefined
      ? HIDDEN
      : await looks.at("the environment of the tasks", "ecs:DescribeTaskDefinition", () =>
          describeTask(clients.ecs, definition, expected.service.container),
        );
  const scaling = await lookAtScaling(clients, looks, expected, seenValue(service));
  const alarms = await looks.at("the alarms", "cloudwatch:DescribeAlarms", () =>
    describeAlarms(cloudwatch, `${expected.name}-`),
  );
  const names = {
    loadBalancer: seenValue(scaling)?.loadBalancer,
    service: seenValue(service)?.name,
  };
  const metrics = await lookAtMetrics(clients, looks, expected, names, span);
  return {
    ...span,
    account: instance.state === "seen" ? accountOf(instance.value) : undefined,
    database,
    parameters,
    service,
    task,
    scaling,
    alarms,
    metrics,
    notReviewed: looks.notReviewed,
  };
}

async function lookAtService({ ecs }: Clients, looks: Looks, expected: Expected): Promise<Look<LiveService>> {
  const arns = await looks.at("the service", "ecs:ListServices", () =>
    findServices(ecs, expected.name, expected.service.name),
  );
  if (arns.state !== "seen") return arns;
  if (arns.value.length === 0) return ABSENT;
  const service = await looks.at("the service", "ecs:DescribeServices", () =>
    describeService(ecs, expected.name, arns.value),
  );
  return service.state === "seen" ? seen(serviceFrom(service.value)) : service;
}

async function lookAtScaling(
  { autoscaling }: Clients,
  looks: Looks,
  expected: Expected,
  service: LiveService | undefined,
): Promise<Look<LiveScaling>> {
  if (service === undefined) return HIDDEN;
  const resourceId = `service/${expected.name}/${service.name}`;
  const target = await looks.at("autoscaling", "application-autoscaling:DescribeScalableTargets", () =>
    describeTarget(autoscaling, resourceId),
  );
  const policies = await looks.at(
    "what autoscaling follows",
    "application-autoscaling:DescribeScalingPolicies",
    () => describePolicies(autoscaling, resourceId),
  );
  return target.state === "seen" ? seen(scalingFrom(target.value, seenValue(policies) ?? [])) : target;
}

/** What each metric is called where it could not be read. */
const METRIC_WORDS: { readonly [metric in MetricName]: string } = {
  requests: "requests",
  tasks: "running tasks",
  connections: "open connections",
  holds: "acquisitions",
  holdSeconds: "hold times",
  used: "connections in use",
  limit: "the pools' maximum",
  waitP99: "waits for a connection",
  timeouts: "acquire timeouts",
  proxyLimit: "what the proxy may open",
};

async function lookAtMetrics(
  { cloudwatch }: Clients,
  looks: Looks,
  expected: Expected,
  known: { readonly loadBalancer: string | undefined; readonly service: string | undefined },
  { since, until }: Span,
): Promise<LiveState["metrics"]> {
  const asked = questions({
    database: expected.database.identifier,
    pool: expected.service.pool.name,
    proxy: expected.proxy?.name,
    cluster: expected.name,
    ...known,
  });
  const found: { [metric in MetricName]?: Look<Series> } = {};
  for (const metric of METRICS) {
    const question = asked[metric];
    if (question !== undefined) {
      found[metric] = await looks.at(METRIC_WORDS[metric], "cloudwatch:GetMetricData", () =>
        metricData(cloudwatch, question, since, until),
      );
    } else found[metric] = metric === "requests" ? withoutLoadBalancer(looks) : ABSENT;
  }
  const metrics = found as LiveState["metrics"];
  if (seenValue(metrics.requests)?.points.length === 0) {
    looks.leaveOut(
      "the demand",
      `no request was reported since ${utcMinute(since)}`,
      "Review the stack again once it is in use",
    );
  }
  return metrics;
}

function withoutLoadBalancer(looks: Looks): Look<Series> {
  return looks.leaveOut(
    "requests",
    "the load balancer that counts them is not known: its name comes from the scaling policy that follows it",
    "Allow application-autoscaling:DescribeScalingPolicies, or deploy the stack again where the policy is gone",
  );
}

function nothingDeployed({ region, database, name, stack }: Expected): InputError {
  return new InputError(
    `${region} has neither a database ${database.identifier} nor a service in a cluster ${name}: is ${stack} deployed, in this account and region?`,
  );
}

/** One metric of one resource, cut into periods. */
interface Question extends Omit<Metric, "statistic" | "dimensions"> {
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly dimensions: { readonly [name: string]: string };
}

/** Names of what is measured; undefined where they could not be found out. */
interface MetricResources {
  readonly database: string;
  readonly pool: string;
  /** `app/NAME/ID`. */
  readonly loadBalancer: string | undefined;
  readonly proxy: string | undefined;
  readonly cluster: string;
  /** With Pulumi's suffix. */
  readonly service: string | undefined;
}

const MINUTE = 60;
const FIVE_MINUTES = 300;

/** Of `max_connections`, the share that a proxy may open, as a number (RDS User Guide, rds-proxy.monitoring). */
const PROXY_LIMIT: Metric = {
  namespace: "AWS/RDS",
  name: "MaxDatabaseConnectionsAllowed",
  statistic: "Maximum",
  dimensions: { ProxyName: { of: "proxy" } },
};

/** What a review asks of CloudWatch: `undefined` where it does not know whom about. */
export function questions(of: MetricResources): { readonly [metric in MetricName]: Question | undefined } {
  const ask = (metric: Metric, periodSeconds: number, statistic: string = metric.statistic) => {
    const dimensions = dimensionsOf(metric, of);
    return dimensions && { ...metric, statistic, periodSeconds, dimensions };
  };
  return {
    requests: ask(loadBalancer.requests, MINUTE),
    tasks: ask(tasks.running, MINUTE),
    connections: ask(rds.connections, MINUTE),
    holds: ask(pool.releases, MINUTE),
    holdSeconds: ask(pool.hold, MINUTE, "Sum"),
    used: ask(pool.used, FIVE_MINUTES),
    limit: ask(pool.max, FIVE_MINUTES, "Maximum"),
    waitP99: ask(pool.waitP99, FIVE_MINUTES),
    timeouts: ask(pool.timeouts, FIVE_MINUTES),
    proxyLimit: ask(PROXY_LIMIT, MINUTE),
  };
}

function dimensionsOf({ dimensions }: Metric, of: MetricResources): Question["dimensions"] | undefined {
  const names: { readonly [resource: string]: string | undefined } = { ...of };
  const found: { [dimension: string]: string } = {};
  for (const [dimension, value] of Object.entries(dimensions)) {
    const name = typeof value === "string" ? value : names[value.of];
    if (name === undefined) return undefined;
    found[dimension] = name;
  }
  return found;
}

/**
 * The answer to one question, over every page: two weeks by the minute are 20,160 points.
 *
 * One question a call, so that one that fails leaves the others. CloudWatch keeps minutes for 15 days and only whole
 * ones, so the span is cut to them (AWS, GetMetricData).
 */
export async function metricData(
  cloudwatch: CloudWatchClient,
  question: Question,
  since: Date,
  until: Date,
): Promise<Series> {
  const period = question.periodSeconds * 1000;
  const aligned = (date: Date): Date => new Date(Math.floor(date.getTime() / period) * period);
  const points: Point[] = [];
  for await (const { MetricDataResults = [] } of paginateGetMetricData(
    { client: cloudwatch },
    {
      StartTime: aligned(since),
      EndTime: aligned(until),
      ScanBy: "TimestampAscending",
      MetricDataQueries: [queryOf(question)],
    },
  )) {
    for (const { Timestamps = [], Values = [] } of MetricDataResults) {
      for (const [index, timestamp] of Timestamps.entries()) {
        const value = Values[index];
        if (value !== undefined) points.push({ time: timestamp.getTime(), value });
      }
    }
  }
  return { periodSeconds: question.periodSeconds, points };
}

function queryOf({ namespace, name, statistic, periodSeconds, dimensions }: Question): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: namespace, MetricName: name, Dimensions };
  return { Id: "answer", MetricStat: { Metric, Period: periodSeconds, Stat: statistic } };
}
