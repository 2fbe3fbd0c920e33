import { z } from "zod";
import { ReplayInputError } from "./inputError";

/** A metric's values over a stretch of time, one for each period; `null` where nothing was reported. */
export interface TraceSeries {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: { readonly [dimension: string]: string };
  /** `Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, or a percentile such as `p99`. */
  readonly statistic: string;
  readonly values: readonly (number | null)[];
}

/**
 * What CloudWatch was told, or would have been: the input of a replay. Value number i of a series covers
 * `startsAt + i × periodSeconds` to the next one.
 */
export interface Trace {
  /** ISO 8601. */
  readonly startsAt: string;
  readonly periodSeconds: number;
  readonly note?: string | undefined;
  /**
   * What a dimension calls a monitored resource, where that is not the word itself: `{ "database": "prod-db" }` for
   * traces whose `DBInstanceIdentifier` is `prod-db`.
   */
  readonly resources?: { readonly [resource: string]: string } | undefined;
  readonly series: readonly TraceSeries[];
}

const value = z.number().finite().nullable();

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
        values: z.array(value),
      }),
    )
    .min(1),
});

/**
 * Reads a trace from JSON's or YAML's data.
 * @param origin Named in the message: the file.
 * @throws ReplayInputError naming the first thing that makes it no trace.
 */
export function parseTrace(data: unknown, origin: string): Trace {
  const result = traceSchema.safeParse(data);
  if (!result.success) throw new ReplayInputError(`${origin} is no trace: ${firstIssue(result.error)}`);
  const trace = result.data;
  const lengths = new Set(trace.series.map((series) => series.values.length));
  if (lengths.size > 1) {
    const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
    const short = trace.series.find((series) => series.values.length === shortest);
    throw new ReplayInputError(
      `${origin} is no trace: ${short?.metric} ${short?.statistic} has ${shortest} values and others ${longest}; write null for what was not reported`,
    );
  }
  const known = new Set<string>();
  for (const series of trace.series) {
    const key = `${metricKey(series)} ${series.statistic}`;
    if (known.has(key)) throw new ReplayInputError(`${origin} is no trace: it has ${key} twice`);
    known.add(key);
  }
  return trace;
}

/** Where, and what is wrong there. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return "it has another shape";
  const at = issue.path.map(String).join(".");
  return `${at === "" ? "" : `\`${at}\` `}${issue.message.replace(/^Invalid input: /, "")}`;
}

/** A metric's whole identity as text: namespace, name and sorted dimensions. */
export function metricKey(name: {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: { readonly [dimension: string]: string };
}): string {
  const dimensions = Object.entries(name.dimensions)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([dimension, value]) => `${dimension}=${value}`)
    .join(",");
  return `${name.namespace} ${name.metric} {${dimensions}}`;
}

/** Periods that the trace covers. */
export function lengthOf(trace: Trace): number {
  return trace.series[0]?.values.length ?? 0;
}
