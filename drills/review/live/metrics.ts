import {
  type CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import { POOL_NAMESPACE } from "../../../infra/monitoring/alarms";
import type { MetricName, Point, Series } from "./liveState";

/** One metric of one resource, cut into periods. */
export interface Question {
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly dimensions: { readonly [name: string]: string };
}

export interface MetricResources {
  readonly database: string;
  readonly pool: string;
  /** `app/NAME/ID`; undefined where it could not be found out. */
  readonly loadBalancer: string | undefined;
  readonly proxy: string | undefined;
}

const MINUTE = 60;
const FIVE_MINUTES = 300;

/** What a review asks of CloudWatch: `undefined` where it does not know whom about. */
export function questions(of: MetricResources): { readonly [metric in MetricName]: Question | undefined } {
  const pool = (metric: string, statistic: string, periodSeconds: number, state?: string): Question => ({
    namespace: POOL_NAMESPACE,
    metric: `db.client.connection.${metric}`,
    statistic,
    periodSeconds,
    dimensions: {
      "db.client.connection.pool.name": of.pool,
      ...(state !== undefined && { "db.client.connection.state": state }),
    },
  });
  const rds = (metric: string, dimensions: { readonly [name: string]: string }): Question => ({
    namespace: "AWS/RDS",
    metric,
    statistic: "Maximum",
    periodSeconds: MINUTE,
    dimensions,
  });
  return {
    requests: of.loadBalancer === undefined ? undefined : requestsOf(of.loadBalancer),
    connections: rds("DatabaseConnections", { DBInstanceIdentifier: of.database }),
    holds: pool("use_time", "SampleCount", MINUTE),
    holdSeconds: pool("use_time", "Sum", MINUTE),
    used: pool("count", "Average", FIVE_MINUTES, "used"),
    limit: pool("max", "Maximum", FIVE_MINUTES),
    waitP99: pool("wait_time", "p99", FIVE_MINUTES),
    timeouts: pool("timeouts", "Sum", FIVE_MINUTES),
    proxyLimit:
      of.proxy === undefined ? undefined : rds("MaxDatabaseConnectionsAllowed", { ProxyName: of.proxy }),
  };
}

const requestsOf = (loadBalancer: string): Question => ({
  namespace: "AWS/ApplicationELB",
  metric: "RequestCount",
  statistic: "Sum",
  periodSeconds: MINUTE,
  dimensions: { LoadBalancer: loadBalancer },
});

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

function queryOf({ namespace, metric, statistic, periodSeconds, dimensions }: Question): MetricDataQuery {
  return {
    Id: "answer",
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}
