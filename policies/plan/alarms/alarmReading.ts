import type { PlanResource } from "../plan";
import type { Reading } from "../reading";

/** A CloudWatch alarm of a plan, each field with its state. */
export type AlarmReading = MetricAlarmReading | CompositeAlarmReading;

interface CommonAlarmReading {
  readonly resource: PlanResource;
  /** Its name in CloudWatch. */
  readonly name: Reading<string>;
  readonly description: Reading<string>;
  readonly actionsEnabled: Reading<boolean>;
  readonly alarmActions: Reading<readonly AlarmAction[]>;
  readonly okActions: Reading<readonly AlarmAction[]>;
  readonly insufficientDataActions: Reading<readonly AlarmAction[]>;
}

/** The ARN of what an alarm tells; unknown where it is yet to be made. */
export type AlarmAction = Reading<string>;

export interface MetricAlarmReading extends CommonAlarmReading {
  readonly kind: "metric";
  /** Unset where the alarm names neither a metric nor queries. */
  readonly signal: Reading<AlarmSignal>;
  readonly comparison: Reading<string>;
  readonly threshold: Reading<number>;
  /** Id of the query that stands for the threshold of an anomaly alarm. */
  readonly thresholdMetricId: Reading<string>;
  readonly evaluationPeriods: Reading<number>;
  readonly datapointsToAlarm: Reading<number>;
  readonly treatMissingData: Reading<string>;
}

export interface CompositeAlarmReading extends CommonAlarmReading {
  readonly kind: "composite";
  readonly rule: Reading<string>;
  /** Alarms that its rule reads, as far as the rule is known or made from them. */
  readonly children: Reading<readonly AlarmReference[]>;
  /** The alarm that holds its actions back. */
  readonly suppressor: AlarmReference | undefined;
}

/** An alarm that another one reads: by the name in its rule, or by the URN of what the rule was made from. */
export interface AlarmReference {
  readonly name?: string;
  readonly urn?: string;
  /** Whether the rule asks for `INSUFFICIENT_DATA` of it. */
  readonly asksForMissingData: boolean;
}

/** What is compared with the threshold: one metric, or what queries make of several. */
export type AlarmSignal =
  | { readonly kind: "metric"; readonly metric: MetricReading }
  | {
      readonly kind: "math";
      readonly queries: readonly QueryReading[];
    };

/** One query of a metric math alarm: a metric, or an expression over the ids of others. */
export interface QueryReading {
  readonly id: Reading<string>;
  readonly expression: Reading<string>;
  readonly metric: MetricReading | undefined;
  readonly returnData: Reading<boolean>;
}

export interface MetricReading {
  /** Where it stands in the alarm's properties, for messages. */
  readonly property: string;
  readonly namespace: Reading<string>;
  readonly name: Reading<string>;
  /** `Average`, `Sum`, `p99`, …; unset where neither `statistic` nor `extendedStatistic` is. */
  readonly statistic: Reading<string>;
  readonly hasTwoStatistics: boolean;
  readonly periodSeconds: Reading<number>;
  /** Unknown as a whole where the map is; an empty list where there is none. */
  readonly dimensions: Reading<readonly DimensionReading[]>;
}

export interface DimensionReading {
  readonly name: string;
  readonly value: Reading<string>;
  /** The resource of this plan that the value names. */
  readonly of: NamedResource;
}

/**
 * What a dimension's value stands for. `none`: its name is not one that AWS gives a resource's name to. `other`: the
 * value is known and no resource of the plan has it. `hidden`: it is not known, and what it is made from does not say.
 */
export type NamedResource =
  | { readonly state: "found"; readonly resource: PlanResource }
  | { readonly state: "none" }
  | { readonly state: "other"; readonly value: string; readonly isCertain: boolean }
  | { readonly state: "hidden"; readonly reason: string };

/** An EventBridge rule that hears when alarms go off: all of them, or those with these names. */
export type AlarmListener =
  | "everything"
  | {
      readonly names: readonly string[];
      readonly prefixes: readonly string[];
      /** URNs of what its pattern was made from, where the pattern itself is not known. */
      readonly urns: readonly string[];
    };
