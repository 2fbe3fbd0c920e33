import { ALARM_LIMITS, BAND_COMPARISONS, COMPARISONS, isPeriod, longestWindow } from "../model/alarmLimits";
import type {
  AlarmAction,
  AlarmReading,
  CompositeAlarmReading,
  MetricAlarmReading,
} from "../plan/alarmReading";
import { knownValue, type Reading } from "../plan/reading";
import { alarmFinding } from "./alarms/alarmFinding";
import { judgedComposites } from "./alarms/composites";
import { type JudgedAlarm, judgedAlarms } from "./alarms/judgedAlarms";
import { judgeMetric } from "./alarms/metricShape";
import { judgeQueries } from "./alarms/queryShape";
import { count, plain } from "./format";
import { FindingsBuilder, type Rule, runbook } from "./rule";

/**
 * An alarm that is accepted by CloudWatch and watches nothing looks like one that is quiet. Published alarm sets have
 * them: the connections of five minutes added up, no dimension at all, the name of a database that is gone.
 */
export const alarmShape: Rule = {
  id: "alarm-shape",
  title: "Alarms that watch something",
  severity: "high",
  level: "mandatory",
  description:
    "An alarm on a database, a proxy, a pool or what stands before it names a metric that exists, the dimensions of this resource, a statistic that fits the metric, and a period and window that CloudWatch takes.",
  remediationSteps:
    "Correct namespace, metric, dimensions, statistic or period as the message says: gauges are averaged or taken at their maximum, counts are summed.",
  docs: runbook("alarm-shape"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const judged of judgedAlarms(context)) judge(judged, findings);
    for (const composite of judgedComposites(context)) judgeComposite(composite, findings);
    return findings;
  },
};

function judge(judged: JudgedAlarm, findings: FindingsBuilder): void {
  const { alarm, metrics } = judged;
  judgeTexts(alarm, findings);
  if (alarm.signal.state !== "known") {
    findings.cannotDecide(alarm.resource.urn, alarm.signal);
    return;
  }
  for (const metric of metrics) judgeMetric(metric, judged, findings);
  if (alarm.signal.value.kind === "math") judgeQueries(alarm, alarm.signal.value.queries, findings);
  judgeCondition(alarm, findings);
  judgeWindow(judged, findings);
}

/** Names, descriptions and lists of actions that CloudWatch refuses for their size. */
function judgeTexts(alarm: AlarmReading, findings: FindingsBuilder): void {
  const tooLong = (what: string, reading: Reading<string>, most: number): void => {
    const { length } = knownValue(reading) ?? "";
    if (length <= most) return;
    findings.violation(
      alarmFinding(
        alarm,
        `The ${what} of alarm ${alarm.resource.name} has ${length} characters, and CloudWatch takes ${most}: the deployment stops there.`,
        `Shorten the ${what}`,
        { observed: length, allowed: { min: null, max: most }, unit: "characters" },
      ),
    );
  };
  tooLong("name", alarm.name, ALARM_LIMITS.nameCharacters);
  tooLong("description", alarm.description, ALARM_LIMITS.descriptionCharacters);
  const lists = [
    ["alarmActions", alarm.alarmActions],
    ["okActions", alarm.okActions],
    ["insufficientDataActions", alarm.insufficientDataActions],
  ] as const;
  for (const [property, reading] of lists) {
    const length = knownValue<readonly AlarmAction[]>(reading)?.length ?? 0;
    if (length <= ALARM_LIMITS.actionsPerState) continue;
    findings.violation(
      alarmFinding(
        alarm,
        `\`${property}\` of alarm ${alarm.resource.name} has ${length} entries, and CloudWatch takes ${ALARM_LIMITS.actionsPerState} for each state: the deployment stops there.`,
        "Let one SNS topic tell all of them",
        { observed: length, allowed: { min: null, max: ALARM_LIMITS.actionsPerState }, unit: "actions" },
      ),
    );
  }
}

function judgeCondition(alarm: MetricAlarmReading, findings: FindingsBuilder): void {
  const { urn } = alarm.resource;
  const known = [...COMPARISONS, ...BAND_COMPARISONS] as readonly string[];
  const comparison = knownValue(alarm.comparison);
  if (comparison === undefined)
    findings.cannotDecide(urn, needed(alarm.comparison, "one of its comparisons"));
  else if (!known.includes(comparison)) {
    findings.violation(
      alarmFinding(
        alarm,
        `\`comparisonOperator\` of alarm ${alarm.resource.name} is "${comparison}", which CloudWatch does not know: the deployment stops there.`,
        `Set it to one of ${COMPARISONS.join(", ")}`,
        { observed: comparison },
      ),
    );
  }
  const isBand = (BAND_COMPARISONS as readonly (string | undefined)[]).includes(comparison);
  const { threshold, thresholdMetricId } = alarm;
  if (thresholdMetricId.state !== "unset") return;
  findings.cannotDecide(
    urn,
    isBand
      ? needed(thresholdMetricId, "the id of the query that is the band")
      : needed(threshold, "a number"),
  );
}

/** What an alarm cannot do without: left out, it is as wrong as mistyped. */
function needed<T>(reading: Reading<T>, expected: string): Reading<T> {
  if (reading.state !== "unset") return reading;
  return { state: "malformed", property: reading.property, shown: "not set", observed: null, expected };
}

function judgeWindow({ alarm, metrics }: JudgedAlarm, findings: FindingsBuilder): void {
  const { urn, name } = alarm.resource;
  const evaluated = needed(alarm.evaluationPeriods, "a whole number from 1");
  const periods = metrics.map(({ reading }) =>
    needed(reading.periodSeconds, "10, 20, 30 or a multiple of 60"),
  );
  for (const reading of [evaluated, alarm.datapointsToAlarm, ...periods]) {
    if (reading.state !== "unset") findings.cannotDecide(urn, reading);
  }
  for (const period of new Set(periods.flatMap((reading) => knownValue(reading) ?? []))) {
    if (isPeriod(period)) continue;
    findings.violation(
      alarmFinding(
        alarm,
        `The period of alarm ${name} is ${plain(period)} s, and CloudWatch takes 10, 20, 30 or a multiple of 60: the deployment stops there.`,
        "Set `period` to 60",
        { observed: period, unit: "s" },
      ),
    );
  }
  const of = knownValue(evaluated);
  if (of === undefined) return;
  if (!Number.isSafeInteger(of) || of < 1) {
    findings.violation(
      alarmFinding(
        alarm,
        `\`evaluationPeriods\` of alarm ${name} is ${plain(of)}, not a whole number from 1: the deployment stops there.`,
        "Set `evaluationPeriods` to a whole number",
        { observed: of, allowed: { min: 1, max: null } },
      ),
    );
    return;
  }
  const needs = knownValue(alarm.datapointsToAlarm);
  if (needs !== undefined && (!Number.isSafeInteger(needs) || needs < 1 || needs > of)) {
    findings.violation(
      alarmFinding(
        alarm,
        `Alarm ${name} waits for ${plain(needs)} of ${count(of, "data point")}: CloudWatch takes a whole number from 1 to ${of}, so the deployment stops there.`,
        `Set \`datapointsToAlarm\` to ${of} at most, or raise \`evaluationPeriods\``,
        { observed: needs, allowed: { min: 1, max: of }, unit: "data points" },
      ),
    );
  }
  const period = Math.max(0, ...periods.flatMap((reading) => knownValue(reading) ?? []));
  const longest = longestWindow(period);
  if (period * of <= longest) return;
  findings.violation(
    alarmFinding(
      alarm,
      `Alarm ${name} looks back over ${count(of, "period")} of ${plain(period)} s, ${plain(period * of)} s together: CloudWatch takes ${longest} s with such a period, so the deployment stops there.`,
      period > longest
        ? `Set \`period\` to ${longest} at most`
        : `Set \`evaluationPeriods\` to ${Math.floor(longest / period)} at most`,
      { observed: period * of, allowed: { min: null, max: longest }, unit: "s" },
    ),
  );
}

function judgeComposite(alarm: CompositeAlarmReading, findings: FindingsBuilder): void {
  judgeTexts(alarm, findings);
  const { rule, children, resource } = alarm;
  // What a rule is made from says which alarms it reads; its length only the deployment tells.
  if (rule.state === "malformed" || rule.state === "unset") {
    findings.cannotDecide(resource.urn, needed(rule, "a rule over the states of alarms"));
    return;
  }
  const length = knownValue(rule)?.length ?? 0;
  if (length > ALARM_LIMITS.ruleCharacters) {
    findings.violation(
      alarmFinding(
        alarm,
        `The rule of composite alarm ${resource.name} has ${length} characters, and CloudWatch takes ${ALARM_LIMITS.ruleCharacters}: the deployment stops there.`,
        "Split it into composites that a further one reads",
        { observed: length, allowed: { min: null, max: ALARM_LIMITS.ruleCharacters }, unit: "characters" },
      ),
    );
  }
  const read = new Set(knownValue(children)?.map(({ name, urn }) => name ?? urn)).size;
  if (read <= ALARM_LIMITS.childrenOfComposite) return;
  findings.violation(
    alarmFinding(
      alarm,
      `Composite alarm ${resource.name} reads ${read} alarms, and CloudWatch takes ${ALARM_LIMITS.childrenOfComposite}: the deployment stops there.`,
      "Split it into composites that a further one reads",
      { observed: read, allowed: { min: null, max: ALARM_LIMITS.childrenOfComposite }, unit: "alarms" },
    ),
  );
}
