import type { MetricName } from "./alarm";
import type { Trace } from "./trace";

/**
 * Which resource a dimension names. A replay is about one service with one database, so a dimension's name says which
 * one it is; its value says it only to CloudWatch.
 */
const RESOURCE_OF: { readonly [dimension: string]: string } = {
  DBInstanceIdentifier: "database",
  LoadBalancer: "loadBalancer",
  TargetGroup: "targetGroup",
  ClusterName: "cluster",
  ServiceName: "service",
  ProxyName: "proxy",
  "db.client.connection.pool.name": "pool",
  service: "pool",
};

/** Namespaces that each stack has to itself, by appending its name (`Auth/Database/auth-prod`). */
const PER_STACK = /^(Auth\/Database)\/.+$/;

/** A metric with its resources named by the words that specifications use: `database`, not `auth-prod`. */
export function inWords<T extends MetricName>(metric: T): T {
  const dimensions = Object.entries(metric.dimensions).map(([name, value]) => [
    name,
    RESOURCE_OF[name] ?? value,
  ]);
  return {
    ...metric,
    namespace: metric.namespace.replace(PER_STACK, "$1"),
    dimensions: Object.fromEntries(dimensions),
  };
}

/**
 * A trace with its resources named by their words. Where it maps words to names itself, only those names are replaced:
 * other series may be of another database.
 */
export function traceInWords(trace: Trace): Trace {
  const { resources } = trace;
  if (resources === undefined) return { ...trace, series: trace.series.map(inWords) };
  const words = new Map(Object.entries(resources).map(([word, name]) => [name, word]));
  return {
    ...trace,
    series: trace.series.map((series) => ({
      ...series,
      namespace: series.namespace.replace(PER_STACK, "$1"),
      dimensions: Object.fromEntries(
        Object.entries(series.dimensions).map(([name, value]) => [name, words.get(value) ?? value]),
      ),
    })),
  };
}
