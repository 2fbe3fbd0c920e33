import type { Comparison, MissingDataTreatment, Statistic } from "../../policies/model/cloudwatch/alarm";
import type { CompositeRule } from "../../policies/model/cloudwatch/compositeRule";

/**
 * An alarm as data: the one definition from which the alarm is deployed, listed in the docs and replayed against
 * a trace. It names resources by what they are; their names in AWS are filled in when it is rendered.
 */
export type AlarmSpec = MetricAlarmSpec | CompositeAlarmSpec;

/** What every alarm says of itself. */
interface AnyAlarmSpec {
  /** Lower-case words with hyphens; the runbook is named like it. */
  readonly id: string;
  /** One sentence for the person it wakes: what it means that this fires. */
  readonly intent: string;
  readonly severity: Severity;
  readonly role: Role;
  /** Path in this repository. */
  readonly runbook: string;
  /** What the message needs besides: the setting in question and what mends it. */
  readonly advice?: Advice;
}

/** An alarm on one metric, or on one expression over several. */
export interface MetricAlarmSpec extends AnyAlarmSpec {
  readonly kind: "metric";
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
    readonly treatAs: MissingDataTreatment;
    readonly reason: string;
  };
}

/** An alarm on the states of other alarms. */
export interface CompositeAlarmSpec extends AnyAlarmSpec {
  readonly kind: "composite";
  readonly rule: CompositeRule;
  readonly suppression?: Suppression;
}

/** When a composite keeps to itself what it has to say. Only composites can (CloudWatch, actions suppressor). */
export interface Suppression {
  /** While this alarm is in ALARM, nobody is told. */
  readonly by: string;
  /** How long it waits for that alarm to go into ALARM before it tells. */
  readonly waitSeconds: number;
  /** How long it still keeps quiet after that alarm has ended. */
  readonly extensionSeconds: number;
  readonly reason: string;
}

/** `page` wakes somebody; `ticket` waits for the morning; `signal` tells nobody by itself, composites read it. */
export type Severity = "page" | "ticket" | "signal";

/** A cause names what to mend; a symptom is what users feel; capacity runs out slowly; a signal is read by composites. */
export type Role = "cause" | "symptom" | "capacity" | "signal";

/**
 * What someone woken by the message can do without looking anything up. `STACK` stands for the stack's name, `NAME`
 * for what its resources are called.
 */
export interface Advice {
  /** The setting in question, its present value and its bounds: one sentence. */
  readonly present: string;
  /** What to do about it: one sentence. */
  readonly fix: string;
  /** To paste. */
  readonly command?: string;
}

/** A number, and how it came about: never typed in. */
export interface Threshold {
  readonly value: number;
  readonly unit: string;
  /** In the names of `inputs`. */
  readonly formula: string;
  readonly inputs: { readonly [name: string]: number | string };
}

/** What a dimension may name besides a fixed value: a resource whose name only the deployment knows. */
export type MonitoredResource =
  | "database"
  | "loadBalancer"
  | "targetGroup"
  | "pool"
  | "proxy"
  | "cluster"
  | "service";

export interface Metric {
  readonly namespace: string;
  /**
   * Metrics that a filter counts in a log of plain text can have no dimension of ours. So each stack gets a
   * namespace of its own: its name is appended, `Auth/Database/auth-prod`.
   */
  readonly namespacePerStack?: true;
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
