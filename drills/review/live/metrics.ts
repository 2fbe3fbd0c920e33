import {
  type CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import type { Metric } from "../../../infra/monitoring/alarmSpec";
import { loadBalancer, pool, rds, tasks } from "../../../infra/monitoring/signals";
import type { MetricName, Point, Series } from "./liveState";

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
