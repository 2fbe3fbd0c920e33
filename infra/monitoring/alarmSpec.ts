import type { Comparison, MissingDataTreatment, Statistic } from "../../policies/model/cloudwatch/alarm";
import type { CompositeRule } from "../../policies/model/cloudwatch/compositeRule";
import type { Capacity } from "../capacity";
import type { Settings } from "../config/settings";

/**
 * An alarm as data: the one definition from which the alarm is deployed, listed in the docs and replayed against
 * a trace. It names resources by what they are; their names in AWS are filled in when it is rendered.
 */
export type AlarmSpec = MetricAlarmSpec | CompositeAlarmSpec;

/** What every alarm says of itself. */
interface AnyAlarmSpec {
  /** Lower-case words with hyphens; the runbook is named like it. */
  readonly id: string;
  /** One sentence for the person on call: what it means that this fires. */
  readonly intent: string;
  readonly severity: Severity;
  readonly role: Role;
  /** Path in this repository. */
  readonly runbook: string;
  /** What the message says further: the setting in question and how to fix it. */
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
  /** While this alarm is in ALARM, no notification is sent. */
  readonly by: string;
  /** How long it waits for that alarm to go into ALARM before it tells. */
  readonly waitSeconds: number;
  /** How long it still keeps quiet after that alarm has ended. */
  readonly extensionSeconds: number;
  readonly reason: string;
}

/** `page`: pages on-call; `ticket`: next working day; `signal`: notifies no one by itself, composites read it. */
export type Severity = "page" | "ticket" | "signal";

/** A cause names what to fix; a symptom is what users feel; capacity runs out slowly; a signal is read by composites. */
export type Role = "cause" | "symptom" | "capacity" | "signal";

/**
 * What the person on call can do without looking anything up. `STACK` stands for the stack's name, `NAME`
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
  /** What a healthy stack always reports, whatever its load: a replay then needs no model of it. */
  readonly atRest?: number;
}

export type Signal =
  | { readonly kind: "metric"; readonly metric: Metric }
  | {
      readonly kind: "math";
      /** CloudWatch metric math over the ids of `metrics`. */
      readonly expression: string;
      /** What the result is, for the graph. */
      readonly label: string;
      readonly metrics: { readonly [id: string]: Metric };
    };

/** Where the runbook of an alarm is. */
export function runbookOf(id: string): string {
  return `docs/runbooks/${id}.md`;
}

/**
 * What a person reads in the message: meaning, the number and where it comes from or the setting in question, what
 * to do, where to read on. `limitProblems` says which are too long for CloudWatch.
 * @param names - `STACK` and `NAME` in an advice stand for them: the stack, and what its resources are called.
 */
export function describe(
  spec: AlarmSpec,
  names: { readonly stack: string; readonly prefix: string },
): string {
  const { advice } = spec;
  const filled = (line: string) => line.replace(/\bSTACK\b/g, names.stack).replace(/\bNAME\b/g, names.prefix);
  return [
    spec.intent,
    ...(spec.kind === "metric" ? [limitOf(spec.threshold)] : []),
    ...(advice ? [advice.present, advice.fix, ...(advice.command ? [advice.command] : [])].map(filled) : []),
    `Runbook: ${spec.runbook}`,
  ].join("\n");
}

function limitOf({ value, unit, formula, inputs }: Threshold): string {
  const given = Object.entries(inputs).map(([name, input]) => `${name} = ${input}`);
  return `Limit: ${value} ${unit} (${[formula, given.join(", ")].filter((part) => part !== "").join("; ")}).`;
}

/** What the alarms of a stack follow from: its settings, and what the capacity model says of them. */
export type AlarmInput = Pick<
  Settings,
  | "peakRequestsPerSecond"
  | "dbHoldMs"
  | "dbAcquisitionsPerRequest"
  | "tasksAtPeak"
  | "zoneLoss"
  | "poolMax"
  | "processesPerTask"
  | "queueMax"
  | "acquireTimeoutMs"
  | "idleTimeoutMs"
  | "maxLifetimeMs"
  | "idleInTransactionTimeoutMs"
  | "queryTimeoutMs"
  | "lockTimeoutMs"
  | "minTasks"
  | "maxTasks"
  | "minimumHealthyPercent"
  | "instanceClass"
  | "maxConnections"
  | "storageGib"
  | "maxStorageGib"
  | "connection"
  | "toleratedFailurePercent"
  | "toleratedLatencyMs"
> & { readonly capacity: Capacity };
