import type { Role, Severity, Suppression } from "../../infra/monitoring/alarmSpec";
import type { AlarmCondition } from "../../policies/model/cloudwatch/alarm";

/** Alarms as the replay evaluates them, wherever a definition came from. */
export type Alarm = MetricAlarm | CompositeAlarm;

export interface MetricAlarm extends AlarmText, AlarmCondition {
  readonly kind: "metric";
  readonly signal: Signal;
  /** `Average`, `Maximum`, `Minimum`, `Sum`, `SampleCount`, a percentile such as `p99`, or `Expression`. */
  readonly statistic: string;
  readonly periodSeconds: number;
  /** Of its values and its threshold, where its definition says so. */
  readonly unit?: string | undefined;
  /**
   * Whether a percentile of too few samples leaves the state as it is (`EvaluateLowSampleCountPercentile: ignore`).
   * @default false
   */
  readonly ignoreLowSamples?: boolean | undefined;
}

export interface CompositeAlarm extends AlarmText {
  readonly kind: "composite";
  /** In CloudWatch's words: `ALARM("a") AND NOT ALARM("b")`. */
  readonly rule: string;
  /** While alarm `by` is in ALARM, the composite changes its state but takes no action. */
  readonly suppression?: Omit<Suppression, "reason"> | undefined;
}

/** What an alarm says of itself. */
interface AlarmText {
  readonly id: string;
  readonly severity: Severity;
  readonly role: Role;
  /** The cause that it names, where its role is that; its id may have more to it. */
  readonly cause?: string | undefined;
  /** One sentence for the person on call. */
  readonly intent: string;
  /** What to do, in lines that follow it. */
  readonly whatToDo?: readonly string[] | undefined;
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

/** A metric by its whole identity: another set of dimensions is another metric. */
export interface MetricName {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: { readonly [dimension: string]: string };
}

export interface MetricStatistic extends MetricName {
  readonly statistic: string;
}

/** Metrics that an alarm reads. */
export function metricsOf({ signal }: MetricAlarm): readonly MetricStatistic[] {
  return signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);
}

/** An alarm that is not replayed, since what CloudWatch would make of it could only be guessed. */
export interface ExcludedAlarm {
  readonly alarm: string;
  /** Completes the sentence "it was not judged: …". */
  readonly why: string;
  /** How to have it judged, or that there is nothing to do. */
  readonly whatToDo: string;
}

/** Alarms of a file: those that can be replayed, and those that cannot. */
export interface AlarmSet {
  readonly alarms: readonly Alarm[];
  readonly excluded: readonly ExcludedAlarm[];
}
