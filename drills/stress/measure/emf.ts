/** One document of CloudWatch's embedded metric format, as a task's log carries it. */
export interface MetricDocument {
  readonly namespace: string;
  readonly dimensions: { readonly [name: string]: string };
  /** When it was flushed, in ms of Unix time. */
  readonly atMs: number;
  readonly metrics: { readonly [name: string]: readonly number[] };
}

/** Reads a log line: undefined when it is no metric document, or not one that CloudWatch would take. */
export function metricDocument(line: unknown): MetricDocument | undefined {
  if (!isRecord(line) || !isRecord(line._aws)) return undefined;
  const { Timestamp: atMs, CloudWatchMetrics: directives } = line._aws;
  const directive: unknown = Array.isArray(directives) ? directives[0] : undefined;
  if (typeof atMs !== "number" || !isRecord(directive) || typeof directive.Namespace !== "string")
    return undefined;
  const names = listOf(directive.Metrics).flatMap((each) =>
    isRecord(each) && typeof each.Name === "string" ? [each.Name] : [],
  );
  const dimensions = listOf(listOf(directive.Dimensions)[0]).filter((name) => typeof name === "string");
  return {
    namespace: directive.Namespace,
    atMs,
    dimensions: Object.fromEntries(dimensions.map((name) => [name, String(line[name])])),
    metrics: Object.fromEntries(names.map((name) => [name, numbersIn(line[name])])),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const numbersIn = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "number");

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
