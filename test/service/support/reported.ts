/** All values reported of each metric, in order; of the connections' count by state. */
export interface Reported {
  values(metric: string): readonly number[];
  sum(metric: string): number;
}

interface Document {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[];
  };
  readonly [field: string]: unknown;
}

/** Reads embedded metrics back out of a service's lines. */
export function readEmf(lines: readonly string[]): Reported {
  const found = new Map<string, number[]>();
  for (const line of lines) {
    const parsed = JSON.parse(line) as Document;
    for (const { Metrics } of parsed._aws?.CloudWatchMetrics ?? []) {
      for (const { Name } of Metrics) {
        const known = found.get(Name) ?? [];
        found.set(Name, known);
        known.push(...[parsed[Name]].flat().map(Number));
      }
    }
  }
  const values = (metric: string) => found.get(metric) ?? [];
  return { values, sum: (metric) => values(metric).reduce((total, value) => total + value, 0) };
}
