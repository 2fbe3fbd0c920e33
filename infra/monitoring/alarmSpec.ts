/**
 * An alarm as data: the one definition from which the alarm is deployed, listed in the docs and replayed against
 * a trace. It names resources by what they are; their names in AWS are filled in when it is rendered.
 */
export interface AlarmSpec {
  /** Lower-case words with hyphens; the runbook is named like it. */
  readonly id: string;
  /** One sentence for the person it wakes: what it means that this fires. */
  readonly intent: string;
  readonly signal: Signal;
  readonly periodSeconds: number;
  /** The window: N periods … */
  readonly evaluationPeriods: number;
  /** … of which M have to breach. */
  readonly datapointsToAlarm: number;
  readonly comparison: Comparison;
  readonly threshold: Threshold;
  /** What the absence of data means, and why it means that. */
  readonly missingData: {
    readonly treatAs: "breaching" | "notBreaching" | "ignore" | "missing";
    readonly reason: string;
  };
  readonly severity: Severity;
  /** Path in this repository. */
  readonly runbook: string;
}

/** `page` wakes somebody; `ticket` waits for the morning. */
export type Severity = "page" | "ticket";

/** CloudWatch's own words. */
export type Comparison = "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
export type Statistic = "Average" | "Maximum" | "Minimum" | "Sum" | `p${number}`;

/** A number, and how it came about: never typed in. */
export interface Threshold {
  readonly value: number;
  readonly unit: string;
  /** In the names of `inputs`. */
  readonly formula: string;
  readonly inputs: { readonly [name: string]: number | string };
}

/** What a dimension may name besides a fixed value: a resource whose name only the deployment knows. */
export type MonitoredResource = "database" | "loadBalancer" | "targetGroup" | "pool";

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: Statistic;
  readonly dimensions: { readonly [dimension: string]: string | { readonly of: MonitoredResource } };
}

export type Signal =
  | { readonly kind: "metric"; readonly metric: Metric }
  | {
      readonly kind: "math";
      /** CloudWatch metric math over the ids of `metrics`. */
      readonly expression: string;
      /** What the result is, for whoever looks at the graph. */
      readonly label: string;
      readonly metrics: { readonly [id: string]: Metric };
    };

/** Where the runbook of an alarm is. */
export function runbookOf(id: string): string {
  return `docs/runbooks/${id}.md`;
}

/** CloudWatch's limit for an alarm's description, in characters. */
const LONGEST_DESCRIPTION = 1024;

/** What a person reads in the message: meaning, the number and where it comes from, what to do. */
export function describe(spec: AlarmSpec): string {
  const { threshold } = spec;
  const inputs = Object.entries(threshold.inputs)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
  const description = [
    spec.intent,
    `Limit: ${threshold.value} ${threshold.unit} (${threshold.formula}; ${inputs}).`,
    `Runbook: ${spec.runbook}`,
  ].join("\n");
  if (description.length <= LONGEST_DESCRIPTION) return description;
  throw new RangeError(
    `alarm ${spec.id}: its description has ${description.length} characters, CloudWatch takes 1024`,
  );
}
