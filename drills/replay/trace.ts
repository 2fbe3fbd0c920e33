import { z } from "zod";
import { InputError } from "../../policies/kit/errors";
import type { MetricName, MetricStatistic } from "./alarm";
import { firstIssue } from "./input";

/** A metric's values over a stretch of time, one for each period; `null` where nothing was reported. */
export interface TraceSeries extends MetricStatistic {
  readonly values: readonly (number | null)[];
}

/**
 * What was reported to CloudWatch, or would have been: the input of a replay. Value number i of a series covers
 * `startsAt + i × periodSeconds` to the next one.
 */
export interface Trace {
  /** ISO 8601. */
  readonly startsAt: string;
  readonly periodSeconds: number;
  readonly note?: string | undefined;
  /**
   * What a dimension calls a monitored resource, where that is not its role: `{ "database": "prod-db" }` for
   * traces whose `DBInstanceIdentifier` is `prod-db`.
   */
  readonly resources?: { readonly [role: string]: string } | undefined;
  readonly series: readonly TraceSeries[];
}

const traceSchema = z.object({
  startsAt: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), "is not a date and time in ISO 8601"),
  periodSeconds: z.number().int().positive(),
  note: z.string().optional(),
  resources: z.record(z.string(), z.string()).optional(),
  series: z
    .array(
      z.object({
        namespace: z.string().min(1),
        metric: z.string().min(1),
        dimensions: z.record(z.string(), z.string()),
        statistic: z.string().regex(/^(Average|Maximum|Minimum|Sum|SampleCount|p(100|\d{1,2}(\.\d+)?))$/, {
          error: "is none of Average, Maximum, Minimum, Sum, SampleCount, p99",
        }),
        values: z.array(z.number().finite().nullable()),
      }),
    )
    .min(1),
});

/**
 * Reads a trace from JSON's or YAML's data.
 * @param origin Named in the message: the file.
 * @throws InputError naming the first thing that makes it no trace.
 */
export function parseTrace(data: unknown, origin: string): Trace {
  const result = traceSchema.safeParse(data);
  if (!result.success) throw new InputError(`${origin} is not a trace: ${firstIssue(result.error)}`);
  const trace = result.data;
  const lengths = trace.series.map(({ values }) => values.length);
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  if (shortest < longest) {
    const short = trace.series.find(({ values }) => values.length === shortest);
    throw new InputError(
      `${origin} is not a trace: ${short?.metric} ${short?.statistic} has ${shortest} values and others ${longest}; write null for what was not reported`,
    );
  }
  const known = new Set<string>();
  for (const series of trace.series) {
    const key = `${metricKey(series)} ${series.statistic}`;
    if (known.has(key)) throw new InputError(`${origin} is not a trace: it has ${key} twice`);
    known.add(key);
  }
  return trace;
}

/** A metric's whole identity as text: namespace, name and sorted dimensions. */
export function metricKey({ namespace, metric, dimensions }: MetricName): string {
  const sorted = Object.entries(dimensions)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([dimension, value]) => `${dimension}=${value}`)
    .join(",");
  return `${namespace} ${metric} {${sorted}}`;
}

/** Periods that the trace covers. */
export function lengthOf(trace: Trace): number {
  return trace.series[0]?.values.length ?? 0;
}

/**
 * The role of the resource that a dimension names. A replay is about one service with one database, so a dimension's
 * name says which one it is; its value says it only to CloudWatch.
 */
const ROLES: { readonly [dimension: string]: string } = {
  DBInstanceIdentifier: "database",
  LoadBalancer: "loadBalancer",
  TargetGroup: "targetGroup",
  ClusterName: "cluster",
  ServiceName: "service",
  ProxyName: "proxy",
  "db.client.connection.pool.name": "pool",
  service: "pool",
};

/** A metric whose dimensions name roles, as specifications do: `database`, not `auth-prod`. */
export function byRole<T extends MetricName>(metric: T): T {
  return withDimensions(metric, (value, dimension) => ROLES[dimension] ?? value);
}

/**
 * A trace whose dimensions name roles. Where it maps roles to names itself, only those names are replaced: other series
 * may be of another database.
 */
export function traceByRole(trace: Trace): Trace {
  const { resources } = trace;
  if (resources === undefined) return { ...trace, series: trace.series.map(byRole) };
  const roles = new Map(Object.entries(resources).map(([role, name]) => [name, role]));
  const series = trace.series.map((one) => withDimensions(one, (value) => roles.get(value) ?? value));
  return { ...trace, series };
}

/** Namespaces that each stack has to itself, by appending its name (`Auth/Database/auth-prod`). */
const PER_STACK = /^(Auth\/Database)\/.+$/;

function withDimensions<T extends MetricName>(
  metric: T,
  roleOf: (value: string, dimension: string) => string,
): T {
  const dimensions = Object.entries(metric.dimensions).map(([name, value]) => [name, roleOf(value, name)]);
  return {
    ...metric,
    namespace: metric.namespace.replace(PER_STACK, "$1"),
    dimensions: Object.fromEntries(dimensions),
  };
}

type Start = Pick<Trace, "startsAt">;

const MINUTES_PER_DAY = 24 * 60;

function midnightOf({ startsAt }: Start): number {
  const start = new Date(startsAt);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate());
}

/**
 * Minutes from the start of a trace to a time of day: `02:15` on the first day, `day 3 02:15` on the third. `undefined`
 * for a text that is no such time.
 */
export function minuteOf(text: string, start: Start): number | undefined {
  const [, day = "1", hour, minute] = /^(?:day (\d{1,3}) )?([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const sinceMidnight = (Number(day) - 1) * MINUTES_PER_DAY + Number(hour) * 60 + Number(minute);
  return sinceMidnight - (Date.parse(start.startsAt) - midnightOf(start)) / 60_000;
}

/** A time of the trace as people write it: `02:15`, with the day before it where it is not the first. */
export function clockTime(seconds: number, start: Start): string {
  const time = Date.parse(start.startsAt) + seconds * 1000;
  const day = Math.floor((time - midnightOf(start)) / (MINUTES_PER_DAY * 60_000)) + 1;
  const clock = new Date(time).toISOString().slice(11, 16);
  return day === 1 ? clock : `day ${day} ${clock}`;
}
