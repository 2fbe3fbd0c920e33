import { ALARM_LIMITS, isPeriod, longestWindow } from "../../policies/model/cloudwatch/alarm";
import { alarmsRead, ruleText } from "../../policies/model/cloudwatch/compositeRule";
import {
  type AlarmSpec,
  type CompositeAlarmSpec,
  describe,
  type Metric,
  type MetricAlarmSpec,
} from "./alarmSpec";
import { alarmName } from "./render";

/**
 * What CloudWatch would refuse, said before anything is deployed: a deployment that fails halfway leaves a stack with
 * half its alarms.
 *
 * Sources: PutMetricAlarm, PutCompositeAlarm and MetricDataQuery in the CloudWatch API reference; CloudWatch User
 * Guide, cloudwatch_limits and AlarmThatSendsEmail.
 * @returns One line for each problem, none if there is none.
 */
export function limitProblems(
  specs: readonly AlarmSpec[],
  names: { readonly stack: string; readonly prefix: string },
): readonly string[] {
  return specs.flatMap((spec) =>
    [
      ...commonProblems(spec, names),
      ...(spec.kind === "metric" ? metricProblems(spec) : compositeProblems(spec, names.prefix, specs)),
    ].map((problem) => `alarm ${spec.id}: ${problem}`),
  );
}

const {
  nameCharacters: MAX_NAME,
  descriptionCharacters: MAX_DESCRIPTION,
  childrenOfComposite: MAX_CHILDREN,
  compositesPerChild: MAX_PARENTS,
  ruleCharacters: MAX_RULE,
  expressionCharacters: MAX_EXPRESSION,
  metricsInMath: MAX_METRICS,
  dimensions: MAX_DIMENSIONS,
} = ALARM_LIMITS;

function commonProblems(
  spec: AlarmSpec,
  names: { readonly stack: string; readonly prefix: string },
): readonly string[] {
  const name = alarmName(names.prefix, spec.id);
  const { length } = describe(spec, names);
  return [
    ...when(
      name.length > MAX_NAME,
      `its name has ${name.length} characters, CloudWatch allows ${MAX_NAME}: shorten it`,
    ),
    ...when(
      length > MAX_DESCRIPTION,
      `its description has ${length} characters, CloudWatch allows ${MAX_DESCRIPTION}: shorten the intent or the advice`,
    ),
  ];
}

function metricProblems(spec: MetricAlarmSpec): readonly string[] {
  const { periodSeconds: period, evaluationPeriods: n, datapointsToAlarm: m, signal, threshold } = spec;
  const longest = longestWindow(period);
  const metrics = signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);
  return [
    ...when(!isPeriod(period), `its period is ${period} s, CloudWatch allows 10, 20, 30 or a multiple of 60`),
    ...when(
      !Number.isInteger(n) || n < 1 || period * n > longest,
      `its window is ${n} × ${period} s, CloudWatch allows at least 1 period and at most ${longest} s`,
    ),
    ...when(
      !Number.isInteger(m) || m < 1 || m > n,
      `${m} of ${n} data points must breach: CloudWatch allows 1 to ${n}`,
    ),
    ...when(!Number.isFinite(threshold.value), `its threshold is ${threshold.value}, which is not a number`),
    ...(signal.kind === "math" ? mathProblems(signal.expression, signal.metrics) : []),
    ...metrics.flatMap(metricNameProblems),
  ];
}

function mathProblems(expression: string, metrics: { readonly [id: string]: Metric }): readonly string[] {
  const ids = Object.keys(metrics);
  const odd = ids.filter((id) => !/^[a-z]\w{0,254}$/.test(id));
  return [
    ...when(
      expression.length > MAX_EXPRESSION,
      `its expression has ${expression.length} characters, CloudWatch allows ${MAX_EXPRESSION}`,
    ),
    ...when(
      ids.length === 0 || ids.length > MAX_METRICS,
      `its expression uses ${ids.length} metrics, CloudWatch allows 1 to ${MAX_METRICS}`,
    ),
    ...odd.map(
      (id) => `the metric id ${id} must begin with a lower-case letter, followed by letters, digits and _`,
    ),
  ];
}

function metricNameProblems({ namespace, name, dimensions }: Metric): readonly string[] {
  const count = Object.keys(dimensions).length;
  return [
    ...when(
      !/^[^:][^\p{C}]{0,254}$/u.test(namespace),
      `the namespace ${JSON.stringify(namespace)} must have 1 to 255 characters and not begin with a colon`,
    ),
    ...when(name.length < 1 || name.length > 255, `the metric name ${name} must have 1 to 255 characters`),
    ...when(count > MAX_DIMENSIONS, `${name} has ${count} dimensions, CloudWatch allows ${MAX_DIMENSIONS}`),
  ];
}

function compositeProblems(
  spec: CompositeAlarmSpec,
  prefix: string,
  all: readonly AlarmSpec[],
): readonly string[] {
  const { length } = ruleText(spec.rule, (id) => alarmName(prefix, id));
  const children = alarmsRead(spec.rule);
  const waits = spec.suppression ? [spec.suppression.waitSeconds, spec.suppression.extensionSeconds] : [];
  return [
    ...when(length > MAX_RULE, `its rule has ${length} characters, CloudWatch allows ${MAX_RULE}`),
    ...when(
      children.length > MAX_CHILDREN,
      `it uses ${children.length} alarms, CloudWatch allows ${MAX_CHILDREN}: move some into a separate composite`,
    ),
    ...children
      .filter((child) => all.filter((other) => reads(other, child)).length > MAX_PARENTS)
      .map((child) => `${child} is used by more than ${MAX_PARENTS} composites`),
    ...waits
      .filter((seconds) => !Number.isInteger(seconds) || seconds < 0)
      .map((seconds) => `it waits for ${seconds} s, which must be a non-negative integer`),
  ];
}

function reads(spec: AlarmSpec, id: string): boolean {
  return spec.kind === "composite" && alarmsRead(spec.rule).includes(id);
}

function when(broken: boolean, problem: string): readonly string[] {
  return broken ? [problem] : [];
}
