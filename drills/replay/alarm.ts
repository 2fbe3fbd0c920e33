import type { AlarmCondition } from "../../policies/model/cloudwatch/alarm";

/**
 * Alarms as CloudWatch knows them: what the replay evaluates, wherever a definition came from. Values are
 * CloudWatch's own words, so that an alarm of `describe-alarms` reads the same here.
 */

/** A metric by its whole identity: another set of dimensions is another metric. */
export interface MetricName {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: { readonly [dimension: string]: string };
}

export interface MetricStatistic extends MetricName {
  readonly statistic: string;
}

/** What an alarm watches: one metric, or metric math whose result is `returns`. */
export type Signal =
  | { readonly kind: "metric"; readonly metric: MetricStatistic }
  | {
      readonly kind: "math";
      readonly metrics: { readonly [id: string]: MetricStatistic };
      readonly expressions: { readonly [id: string]: string };
      /** Id of the metric or expression that is compared with the threshold. */
      readonly returns: string;
    };

/** `page` wakes somebody, `ticket` waits for the morning, `signal` tells nobody by itself. */
export type Severity = "page" | "ticket" | "signal";

/** What an alarm's going off means: the cause by name, that users suffer, or neither. */
export type Role = "cause" | "symptom" | "signal" | "capacity";

/** What the two kinds of alarm have in common. */
interface Told {
  readonly id: string;
  readonly severity: Severity;
  readonly role: Role;
  /** The cause that it names, where its role is that; its id may have more to it. */
  readonly cause?: string | undefined;
  /** One sentence for whoever is woken. */
  readonly intent: string;
  /** What to do, in lines that follow it. */
  readonly whatToDo?: readonly string[] | undefined;
}

export interface MetricAlarm extends Told, AlarmCondition {
  readonly kind: "metric";
  /** `Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, a percentile such as `p99`, or `Expression`. */
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly signal: Signal;
  /**
   * Whether a percentile of too few samples leaves the state as it is (`EvaluateLowSampleCountPercentile: ignore`).
   * @default false
   */
  readonly ignoreLowSamples?: boolean | undefined;
}

export interface CompositeAlarm extends Told {
  readonly kind: "composite";
  /** In CloudWatch's words: `ALARM("a") AND NOT ALARM("b")`. */
  readonly rule: string;
  readonly suppression?: Suppression | undefined;
}

/** While alarm `by` is in ALARM, the composite changes its state but takes no action. */
export interface Suppression {
  readonly by: string;
  readonly waitSeconds: number;
  readonly extensionSeconds: number;
}

export type Alarm = MetricAlarm | CompositeAlarm;
