import {
  type AlarmSpec,
  describe,
  type Metric,
  type MetricAlarmSpec,
  type Role,
  type Severity,
  type Suppression,
} from "../../infra/monitoring/alarmSpec";
import { lowSamplePercentiles } from "../../infra/monitoring/render";
import { InputError } from "../../policies/kit/errors";
import { type AlarmCondition, InvalidAlarmError } from "../../policies/model/cloudwatch/alarm";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";

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

/** Id of the result of an alarm's one expression. */
const RESULT = "result";

/**
 * The alarm that a specification deploys, by the ids and roles of the specification instead of names in AWS.
 * @param stack - Named in what the message says to paste.
 */
export function alarmOf(spec: AlarmSpec, stack: string): Alarm {
  const { id, intent, severity, role } = spec;
  const [, ...whatToDo] = describe(spec, { stack, prefix: `auth-${stack}` }).split("\n");
  const text = { id, intent, severity, role, cause: role === "cause" ? id : undefined, whatToDo };
  if (spec.kind === "composite") {
    const { suppression } = spec;
    return { kind: "composite", ...text, rule: ruleText(spec.rule, (name) => name), suppression };
  }
  const metric = spec.signal.kind === "metric" ? spec.signal.metric : undefined;
  return {
    kind: "metric",
    ...text,
    statistic: metric?.statistic ?? "Expression",
    periodSeconds: spec.periodSeconds,
    evaluationPeriods: spec.evaluationPeriods,
    datapointsToAlarm: spec.datapointsToAlarm,
    comparison: spec.comparison,
    threshold: spec.threshold.value,
    unit: spec.threshold.unit,
    treatMissingData: spec.missingData.treatAs,
    signal: signalOf(spec),
    ignoreLowSamples: metric !== undefined && lowSamplePercentiles(metric) === "ignore",
  };
}

function signalOf({ signal }: MetricAlarmSpec): Signal {
  if (signal.kind === "metric") return { kind: "metric", metric: metricOf(signal.metric) };
  const metrics = Object.entries(signal.metrics).map(([id, metric]) => [id, metricOf(metric)]);
  return {
    kind: "math",
    metrics: Object.fromEntries(metrics),
    expressions: { [RESULT]: signal.expression },
    returns: RESULT,
  };
}

/** A metric of a specification, by the roles of the resources that it is about. */
export function metricOf({ namespace, name, statistic, dimensions }: Metric): MetricStatistic {
  const roles = Object.entries(dimensions).map(([dimension, value]) => [
    dimension,
    typeof value === "string" ? value : value.of,
  ]);
  return { namespace, metric: name, statistic, dimensions: Object.fromEntries(roles) };
}

/** @throws InputError naming the alarm, for what of it cannot be evaluated. */
export function forAlarm<T>(id: string, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof InvalidAlarmError)) throw error;
    throw new InputError(`alarm ${id}: ${error.message}`);
  }
}
