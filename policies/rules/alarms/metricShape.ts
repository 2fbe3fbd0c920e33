import { namesInNamespace, namespaceMeant, namespacesOf } from "../../model/cloudwatch/metrics";
import { closest } from "../../model/nearestName";
import { knownValue, type Reading } from "../../plan/reading";
import type { RuleContext } from "../rule";
import { checkDimensions } from "./dimensionShape";
import { type JudgedAlarm, type JudgedMetric, metricInWords } from "./judgedAlarms";
import { checkStatistic } from "./statisticShape";

/** Whether a metric of an alarm exists, is the one of a resource of this stack, and is read by a fitting statistic. */
export function checkMetric(metric: JudgedMetric, judged: JudgedAlarm, context: RuleContext): void {
  const { urn } = judged.alarm.resource;
  const readings: readonly Reading<unknown>[] = [
    metric.reading.namespace,
    metric.reading.name,
    metric.reading.dimensions,
  ];
  for (const reading of readings) {
    context.cannotDecide(urn, needed(reading));
  }
  checkName(metric, judged, context);
  checkDimensions(metric, judged, context);
  checkStatistic(metric, judged, context);
  checkPeriod(metric, judged, context);
}

const needed = <T>(reading: Reading<T>): Reading<T> =>
  reading.state === "unset"
    ? { state: "malformed", property: reading.property, shown: "not set", observed: null, expected: "a text" }
    : reading;

function checkName(metric: JudgedMetric, { alarm }: JudgedAlarm, context: RuleContext): void {
  const namespace = knownValue(metric.reading.namespace);
  const name = knownValue(metric.reading.name);
  if (namespace === undefined || name === undefined || metric.pool) return;
  const meant = namespaceMeant(namespace);
  const nothing = "no data ever arrives, and the alarm is quiet for good";
  if (meant !== undefined && meant !== namespace) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} watches the namespace "${namespace}", and AWS publishes ${name} in ${meant}: ${nothing}.`,
      fix: `Set \`namespace\` to "${meant}"`,
      observed: namespace,
    });
    return;
  }
  if (metric.aws) return;
  const elsewhere = namespacesOf(name)[0];
  const near = closest(name, namesInNamespace(namespace));
  if (elsewhere !== undefined || near !== undefined) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} watches ${name.slice(0, 60)} in ${namespace}, where there is no such metric: ${nothing}.`,
      fix:
        elsewhere === undefined ? `Set \`metricName\` to "${near}"` : `Set \`namespace\` to "${elsewhere}"`,
      observed: name.slice(0, 60),
    });
  } else if (meant !== undefined) {
    context.cannotDecide(alarm.resource.urn, {
      property: "metricName",
      reason: `${name.slice(0, 60)} is not among the metrics of ${namespace} that poolproof knows`,
      fix: `Check with \`aws cloudwatch list-metrics --namespace ${namespace}\` that the metric exists, and accept the finding with an exception`,
    });
  }
}

/** AWS's own metrics come once a minute: a shorter period finds data in some of its windows and none in the others. */
function checkPeriod(metric: JudgedMetric, { alarm }: JudgedAlarm, context: RuleContext): void {
  const period = knownValue(metric.reading.periodSeconds);
  if (metric.aws === undefined || period === undefined || ![10, 20, 30].includes(period)) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${alarm.resource.name} looks at ${metricInWords(metric)} every ${period} s, and AWS publishes it once a minute: of ${60 / period} periods, ${60 / period - 1} have no data.`,
    fix: "Set `period` to 60",
    observed: period,
    allowed: { min: 60, max: null },
    unit: "s",
  });
}
