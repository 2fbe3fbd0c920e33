import { ALARM_LIMITS } from "../../model/cloudwatch/alarm";
import { parseMetricMath } from "../../model/cloudwatch/metricMath";
import type { MetricAlarmReading, QueryReading } from "../../plan/alarmReading";
import { knownValue } from "../../plan/reading";
import type { RuleContext } from "../rule";

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
      text: `${text}, so the deployment stops there.`,
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
      `Alarm ${name} has ${queries.length} queries with ${metrics} metrics, and CloudWatch takes ${ALARM_LIMITS.queries} and ${ALARM_LIMITS.metricsInMath}`,
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
        `An expression of alarm ${name} has ${text.length} characters, and CloudWatch takes ${ALARM_LIMITS.expressionCharacters}`,
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
    const stranger = parsed.ids.find((id) => !ids.has(id));
    if (stranger === undefined) continue;
    reject(
      `An expression of alarm ${name} reads \`${stranger.slice(0, 40)}\`, and no query has that id`,
      `Add a query with the id \`${stranger.slice(0, 40)}\`, or correct the expression`,
    );
  }
}
