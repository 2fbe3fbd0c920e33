import {
  ALARM_LIMITS,
  BAND_COMPARISONS,
  COMPARISONS,
  isPeriod,
  longestWindow,
} from "../../model/cloudwatch/alarm";
import { parseMetricMath } from "../../model/cloudwatch/metricMath";
import type {
  AlarmAction,
  AlarmReading,
  CompositeAlarmReading,
  MetricAlarmReading,
  QueryReading,
} from "../../plan/alarms/alarmReading";
import { knownValue, type Reading } from "../../plan/reading";
import { count, plain } from "../format";
import { type RuleContext, rule } from "../rule";
import { relevantComposites } from "./composites";
import { checkMetric } from "./metricShape";
import { type RelevantAlarm, relevantAlarms } from "./relevantAlarms";

/**
 * An alarm that is accepted by CloudWatch and watches nothing looks like one that is quiet. Published alarm sets have
 * them: the connections of five minutes added up, no dimension at all, the name of a database that is gone.
 */
export const alarmShape = rule({
  id: "alarm-shape",
  title: "Alarms that watch something",
  severity: "high",
  level: "mandatory",
  description:
    "An alarm on a database, a proxy, a pool or its load balancer names a metric that exists, the dimensions of this resource, a statistic that fits the metric, and a period and window that CloudWatch accepts.",
  remediationSteps:
    "Correct namespace, metric, dimensions, statistic or period as the message says: gauges are averaged or taken at their maximum, counts are summed.",
  check(context) {
    for (const judged of relevantAlarms(context)) checkAlarm(judged, context);
    for (const composite of relevantComposites(context)) checkComposite(composite, context);
  },
});

function checkAlarm(judged: RelevantAlarm, context: RuleContext): void {
  const { alarm, metrics } = judged;
  checkTexts(alarm, context);
  if (alarm.signal.state !== "known") {
    context.cannotDecide(alarm.resource.urn, alarm.signal);
    return;
  }
  for (const metric of metrics) checkMetric(metric, judged, context);
  if (alarm.signal.value.kind === "math") checkQueries(alarm, alarm.signal.value.queries, context);
  checkCondition(alarm, context);
  checkWindow(judged, context);
}

/** Names, descriptions and lists of actions that CloudWatch refuses for their size. */
function checkTexts(alarm: AlarmReading, context: RuleContext): void {
  const tooLong = (what: string, reading: Reading<string>, most: number): void => {
    const { length } = knownValue(reading) ?? "";
    if (length <= most) return;
    context.violation({
      resource: alarm.resource.urn,
      text: `The ${what} of alarm ${alarm.resource.name} has ${length} characters, and CloudWatch accepts at most ${most}: the deployment fails.`,
      fix: `Shorten the ${what}`,
      observed: length,
      allowed: { min: null, max: most },
      unit: "characters",
    });
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
    context.violation({
      resource: alarm.resource.urn,
      text: `\`${property}\` of alarm ${alarm.resource.name} has ${length} entries, and CloudWatch accepts at most ${ALARM_LIMITS.actionsPerState} for each state: the deployment fails.`,
      fix: "Use one SNS topic that notifies all of them",
      observed: length,
      allowed: { min: null, max: ALARM_LIMITS.actionsPerState },
      unit: "actions",
    });
  }
}

function checkCondition(alarm: MetricAlarmReading, context: RuleContext): void {
  const { urn } = alarm.resource;
  const known = [...COMPARISONS, ...BAND_COMPARISONS] as readonly string[];
  const comparison = knownValue(alarm.comparison);
  if (comparison === undefined) context.cannotDecide(urn, needed(alarm.comparison, "one of its comparisons"));
  else if (!known.includes(comparison)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `\`comparisonOperator\` of alarm ${alarm.resource.name} is "${comparison}", which CloudWatch does not know: the deployment fails.`,
      fix: `Set it to one of ${COMPARISONS.join(", ")}`,
      observed: comparison,
    });
  }
  const isBand = (BAND_COMPARISONS as readonly (string | undefined)[]).includes(comparison);
  const { threshold, thresholdMetricId } = alarm;
  if (thresholdMetricId.state !== "unset") return;
  context.cannotDecide(
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

function checkWindow({ alarm, metrics }: RelevantAlarm, context: RuleContext): void {
  const { urn, name } = alarm.resource;
  const evaluated = needed(alarm.evaluationPeriods, "a whole number from 1");
  const periods = metrics.map(({ reading }) =>
    needed(reading.periodSeconds, "10, 20, 30 or a multiple of 60"),
  );
  for (const reading of [evaluated, alarm.datapointsToAlarm, ...periods]) {
    if (reading.state !== "unset") context.cannotDecide(urn, reading);
  }
  for (const period of new Set(periods.flatMap((reading) => knownValue(reading) ?? []))) {
    if (isPeriod(period)) continue;
    context.violation({
      resource: alarm.resource.urn,
      text: `The period of alarm ${name} is ${plain(period)} s, and CloudWatch accepts 10, 20, 30 or a multiple of 60: the deployment fails.`,
      fix: "Set `period` to 60",
      observed: period,
      unit: "s",
    });
  }
  const of = knownValue(evaluated);
  if (of === undefined) return;
  if (!Number.isSafeInteger(of) || of < 1) {
    context.violation({
      resource: alarm.resource.urn,
      text: `\`evaluationPeriods\` of alarm ${name} is ${plain(of)}, not a whole number from 1: the deployment fails.`,
      fix: "Set `evaluationPeriods` to a whole number",
      observed: of,
      allowed: { min: 1, max: null },
    });
    return;
  }
  const needs = knownValue(alarm.datapointsToAlarm);
  if (needs !== undefined && (!Number.isSafeInteger(needs) || needs < 1 || needs > of)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${name} waits for ${plain(needs)} of ${count(of, "data point")}: CloudWatch accepts a whole number from 1 to ${of}, so the deployment fails.`,
      fix: `Set \`datapointsToAlarm\` to ${of} at most, or raise \`evaluationPeriods\``,
      observed: needs,
      allowed: { min: 1, max: of },
      unit: "data points",
    });
  }
  const period = Math.max(0, ...periods.flatMap((reading) => knownValue(reading) ?? []));
  const longest = longestWindow(period);
  if (period * of <= longest) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${name} looks back over ${count(of, "period")} of ${plain(period)} s, ${plain(period * of)} s in total: CloudWatch accepts at most ${longest} s with such a period, so the deployment fails.`,
    fix:
      period > longest
        ? `Set \`period\` to ${longest} at most`
        : `Set \`evaluationPeriods\` to ${Math.floor(longest / period)} at most`,
    observed: period * of,
    allowed: { min: null, max: longest },
    unit: "s",
  });
}

function checkComposite(alarm: CompositeAlarmReading, context: RuleContext): void {
  checkTexts(alarm, context);
  const { rule, children, resource } = alarm;
  // What a rule is made from says which alarms it reads; its length only the deployment tells.
  if (rule.state === "malformed" || rule.state === "unset") {
    context.cannotDecide(resource.urn, needed(rule, "a rule over the states of alarms"));
    return;
  }
  const length = knownValue(rule)?.length ?? 0;
  if (length > ALARM_LIMITS.ruleCharacters) {
    context.violation({
      resource: alarm.resource.urn,
      text: `The rule of composite alarm ${resource.name} has ${length} characters, and CloudWatch accepts at most ${ALARM_LIMITS.ruleCharacters}: the deployment fails.`,
      fix: "Split it into composites that a further one reads",
      observed: length,
      allowed: { min: null, max: ALARM_LIMITS.ruleCharacters },
      unit: "characters",
    });
  }
  const read = new Set(knownValue(children)?.map(({ name, urn }) => name ?? urn)).size;
  if (read <= ALARM_LIMITS.childrenOfComposite) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Composite alarm ${resource.name} reads ${read} alarms, and CloudWatch accepts at most ${ALARM_LIMITS.childrenOfComposite}: the deployment fails.`,
    fix: "Split it into composites that a further one reads",
    observed: read,
    allowed: { min: null, max: ALARM_LIMITS.childrenOfComposite },
    unit: "alarms",
  });
}

/** What CloudWatch asks of the queries of a metric math alarm (CloudWatch API Reference, `MetricDataQuery`). */
export function checkQueries(
  alarm: MetricAlarmReading,
  queries: readonly QueryReading[],
  context: RuleContext,
): void {
  const { name, urn } = alarm.resource;
  const reject = (text: string, fix: string, observed: number | null = null, most?: number): void =>
    context.violation({
      resource: alarm.resource.urn,
      text: `${text}, so the deployment fails.`,
      fix: fix,
      observed,
      allowed: most === undefined ? null : { min: null, max: most },
    });
  for (const { id, expression, returnData } of queries) {
    context.cannotDecide(urn, id);
    if (expression.state !== "unset") context.cannotDecide(urn, expression);
    context.cannotDecide(urn, returnData);
  }
  const metrics = queries.filter(({ metric }) => metric !== undefined).length;
  if (queries.length > ALARM_LIMITS.queries || metrics > ALARM_LIMITS.metricsInMath) {
    const [observed, most] =
      queries.length > ALARM_LIMITS.queries
        ? [queries.length, ALARM_LIMITS.queries]
        : [metrics, ALARM_LIMITS.metricsInMath];
    reject(
      `Alarm ${name} has ${queries.length} queries with ${metrics} metrics, and CloudWatch accepts at most ${ALARM_LIMITS.queries} and ${ALARM_LIMITS.metricsInMath}`,
      "Split the alarm, and let a composite read its parts",
      observed,
      most,
    );
  }
  const ids = queries.map(({ id }) => knownValue(id));
  const named = ids.filter((id) => id !== undefined);
  const wrong = named.find((id) => !/^[a-z]\w*$/.test(id));
  if (wrong !== undefined) {
    reject(
      `Query "${wrong.slice(0, 40)}" of alarm ${name} has an id that does not begin with a lower-case letter or holds more than letters, digits and underscores`,
      "Rename the query",
    );
  }
  const twice = named.find((id, at) => named.indexOf(id) < at);
  if (twice !== undefined) reject(`Two queries of alarm ${name} have the id ${twice}`, "Rename one of them");
  checkReturned(alarm, queries, reject);
  if (named.length === queries.length) checkExpressions(name, queries, new Set(named), reject);
}

type Reject = (text: string, fix: string, observed?: number | null, most?: number) => void;

/** The band of an anomaly alarm returns data beside the metric that is compared with it. */
function checkReturned(
  { resource: { name }, thresholdMetricId }: MetricAlarmReading,
  queries: readonly QueryReading[],
  reject: Reject,
): void {
  if (thresholdMetricId.state === "unknown") return;
  const band = knownValue(thresholdMetricId);
  const compared = queries.filter(({ id }) => band === undefined || knownValue(id) !== band);
  const isDecided = compared.every(({ returnData }) => returnData.state === "known");
  const returned = compared.filter(({ returnData }) => knownValue(returnData) === true).length;
  if (isDecided && returned !== 1) {
    reject(
      `${returned} queries of alarm ${name} return data, and an alarm compares exactly one`,
      "Set `returnData` to true in the query that is compared with the threshold, and in no other",
      returned,
    );
  }
}

function checkExpressions(
  name: string,
  queries: readonly QueryReading[],
  ids: ReadonlySet<string>,
  reject: Reject,
): void {
  for (const { expression } of queries) {
    const text = knownValue(expression);
    if (text === undefined) continue;
    if (text.length > ALARM_LIMITS.expressionCharacters) {
      reject(
        `An expression of alarm ${name} has ${text.length} characters, and CloudWatch accepts at most ${ALARM_LIMITS.expressionCharacters}`,
        "Split it into several queries",
        text.length,
        ALARM_LIMITS.expressionCharacters,
      );
      continue;
    }
    // Inside another function as well: PutMetricAlarm refuses it wherever it stands.
    if (/\bSEARCH\s*\(/.test(text)) {
      reject(
        `An expression of alarm ${name} is a SEARCH, which gives several series and no alarm may use`,
        "Name the metric with its dimensions",
      );
    }
    const parsed = parseMetricMath(text);
    if ("problem" in parsed) continue;
    const unknown = parsed.ids.find((id) => !ids.has(id));
    if (unknown === undefined) continue;
    reject(
      `An expression of alarm ${name} reads \`${unknown.slice(0, 40)}\`, and no query has that id`,
      `Add a query with the id \`${unknown.slice(0, 40)}\`, or correct the expression`,
    );
  }
}
