/** Units that CloudWatch takes, as far as they are used here. */
export type Unit = "Count" | "Seconds" | "Milliseconds";

/** One metric over one flush: a number, or one value for each sample. */
export interface MetricValues {
  readonly name: string;
  readonly unit: Unit;
  readonly values: readonly number[];
}

/** What is reported together: same namespace, same dimensions. */
export interface MetricGroup {
  readonly namespace: string;
  readonly dimensions: { readonly [name: string]: string };
  readonly metrics: readonly MetricValues[];
}

/** Most values of one metric in one document (embedded metric format, "Target members"). */
export const MAX_VALUES = 100;

/**
 * The documents that report a group: one, and one more for every hundred samples of its busiest metric. A metric
 * without samples is left out: CloudWatch takes no empty array.
 * @param atMs - Unix time in milliseconds.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfDocuments(group: MetricGroup, atMs: number): readonly object[] {
  const most = Math.max(0, ...group.metrics.map(({ values }) => values.length));
  return Array.from({ length: Math.ceil(most / MAX_VALUES) }, (_, index) => {
    const from = index * MAX_VALUES;
    const parts = group.metrics
      .map((metric) => ({ ...metric, values: metric.values.slice(from, from + MAX_VALUES) }))
      .filter(({ values }) => values.length > 0);
    return document(group, parts, atMs);
  });
}

function document(
  { namespace, dimensions }: MetricGroup,
  metrics: readonly MetricValues[],
  atMs: number,
): object {
  return {
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit, StorageResolution: 60 })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(
      metrics.map(({ name, values }) => [name, values.length === 1 ? values[0] : values]),
    ),
  };
}
