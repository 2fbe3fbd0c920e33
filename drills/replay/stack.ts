import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { capacityOf } from "../../infra/capacity";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import { formatProblems } from "../../infra/config/problems";
import type { StackConfig } from "../../infra/config/stackConfig";
import {
  type AlarmSpec,
  describe,
  type Metric,
  type MetricAlarmSpec,
} from "../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import { lowSamplePercentiles } from "../../infra/monitoring/render";
import { InputError, reasonOf } from "../../policies/kit/errors";
import { closest } from "../../policies/kit/text";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";
import type { Alarm, MetricStatistic, Signal } from "./alarm";

/** A stack of this repository: its settings as the deployment would have them, and the alarms that it deploys. */

const STACKS = resolve(__dirname, "../../stacks");

/** Names of the stacks that have a file. */
export function stackNames(): readonly string[] {
  return readdirSync(STACKS).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/**
 * A stack's settings from its file.
 * @param overrides Settings that a scenario changes, by name without the namespace.
 * @throws InputError for a stack without a file, and for settings that cannot be read.
 */
export function stackSettings(
  stack: string,
  overrides: { readonly [setting: string]: unknown } = {},
): StackConfig {
  const path = join(STACKS, `Pulumi.${stack}.yaml`);
  if (!/^[\w.-]+$/.test(stack) || !existsSync(path)) {
    const near = closest(stack, stackNames());
    const hint = near === undefined ? `there are ${stackNames().join(", ")}` : `did you mean ${near}?`;
    throw new InputError(`there is no stack ${stack}: ${hint}`);
  }
  const changes = Object.entries(overrides).map(([name, value]) => [`auth:${name}`, value] as const);
  const result = parseStackConfig({ ...configIn(path), ...Object.fromEntries(changes) }, stack);
  if (result.ok) return result.config;
  throw new InputError(`stack ${stack} cannot be used:\n${formatProblems(result.problems)}`);
}

function configIn(path: string): { readonly [key: string]: unknown } {
  try {
    const content: unknown = parse(readFileSync(path, "utf8"));
    const config = isMapping(content) ? content.config : undefined;
    if (isMapping(config)) return config;
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${reasonOf(error)}`);
  }
  throw new InputError(`${path} has no \`config:\` block with settings under it`);
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The alarms that a stack with these settings deploys. */
export function stackAlarms(stack: string, settings: StackConfig): readonly Alarm[] {
  return alarmSpecs({ ...settings, capacity: capacityOf(settings) }).map((spec) => alarmOf(spec, stack));
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

function metricOf({ namespace, name, statistic, dimensions }: Metric): MetricStatistic {
  const roles = Object.entries(dimensions).map(([dimension, value]) => [
    dimension,
    typeof value === "string" ? value : value.of,
  ]);
  return { namespace, metric: name, statistic, dimensions: Object.fromEntries(roles) };
}
