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
  type Series,
  seen,
  seenValue,
} from "./liveState";
import { metricData, questions } from "./metrics";

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
