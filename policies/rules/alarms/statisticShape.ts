import { isStatistic } from "../../model/cloudwatch/alarm";
import type { AwsMetric } from "../../model/cloudwatch/metrics";
import { knownValue, type Reading } from "../../plan/reading";
import { count, plain } from "../format";
import type { RuleContext } from "../rule";
import { type JudgedAlarm, type JudgedMetric, metricInWords } from "./judgedAlarms";
import type { PoolSignal } from "./poolMetrics";

/** Whether a metric's samples may be put together in that way: gauges are not added up, counts are. */
export function checkStatistic(metric: JudgedMetric, judged: JudgedAlarm, context: RuleContext): void {
  const { alarm } = judged;
  const { statistic, hasTwoStatistics } = metric.reading;
  const what = `Alarm ${alarm.resource.name} takes`;
  if (hasTwoStatistics) {
    context.violation({
      resource: alarm.resource.urn,
      text: `Alarm ${alarm.resource.name} sets both \`statistic\` and \`extendedStatistic\`, and CloudWatch takes one: the deployment stops there.`,
      fix: "Leave one of them out",
    });
    return;
  }
  const text = knownValue(statistic) ?? "";
  if (!isStatistic(text)) {
    context.cannotDecide(alarm.resource.urn, noStatistic(statistic));
    return;
  }
  const kind = kindOf(metric);
  const named = metricInWords(metric);
  const period = knownValue(metric.reading.periodSeconds) ?? 60;
  if (kind === "gauge" && (text === "Sum" || text === "SampleCount")) {
    if (isRatio(judged) || isProxyMinute(metric, period)) return;
    const samples = Math.max(1, Math.round(period / 60));
    context.violation({
      resource: alarm.resource.urn,
      text:
        text === "Sum"
          ? `${what} the Sum of ${named} over ${plain(period)} s, and that is how much there is at a moment: ${samples > 1 ? `${count(samples, "sample")} add up to ${samples} times as much` : "whatever reports more than one sample a period is counted as often"}, so the threshold is compared with a number that never was.`
          : `${what} the SampleCount of ${named}: how often it was measured, and not what was measured.`,
      fix: "Set `statistic` to Maximum or Average",
      observed: text,
    });
  } else if (kind === "count" && isWrongForCount(metric, text)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} the ${text} of ${named}, which counts events: each sample is one event or what one task counted, so only the Sum says how many there were.`,
      fix: "Set `statistic` to Sum",
      observed: text,
    });
  } else if (kind === "duration" && text === "Sum" && metric.id === undefined) {
    context.violation({
      resource: alarm.resource.urn,
      text: `${what} the Sum of ${named}, which has a sample for each event: it grows with the traffic and not with how long anything took.`,
      fix: "Set `statistic` to Average or `extendedStatistic` to p99",
      observed: text,
    });
  }
}

/** What keeps a metric's statistic from being judged: it is hidden, missing, or none that CloudWatch knows. */
function noStatistic(statistic: Reading<string>): Reading<string> {
  if (statistic.state === "unknown") return statistic;
  const shown = statistic.state === "known" ? JSON.stringify(statistic.value.slice(0, 40)) : "not set";
  return {
    state: "malformed",
    property: "statistic",
    shown: statistic.state === "malformed" ? statistic.shown : shown,
    observed: null,
    expected: "Average, Maximum, Minimum, Sum, SampleCount or a percentile such as p99",
  };
}

/** What its samples are, as AWS's pages and OpenTelemetry's conventions say. */
const kindOf = ({ aws, pool }: JudgedMetric): AwsMetric["kind"] | undefined =>
  aws ? aws.kind : pool && POOL_KINDS[pool.signal];

const POOL_KINDS: { readonly [signal in PoolSignal]: AwsMetric["kind"] | undefined } = {
  saturation: "gauge",
  used: "gauge",
  max: "gauge",
  pending: "gauge",
  timeouts: "count",
  wait: "duration",
  other: undefined,
};

/** A load balancer's samples are single events; a task's sample of its timeouts is a count, whose maximum says something. */
function isWrongForCount({ aws, id }: JudgedMetric, statistic: string): boolean {
  if (statistic === "Sum") return false;
  if (aws) return statistic !== "SampleCount";
  return id === undefined && statistic !== "Maximum" && statistic !== "SampleCount";
}

/** Sums divide into a mean: `Sum(used) / Sum(max)`, `Sum / SampleCount`. */
const isRatio = ({ metrics, expressions }: JudgedAlarm): boolean =>
  expressions.some(({ text }) => (knownValue(text) ?? "").includes("/")) &&
  metrics.filter(({ reading }) => ["Sum", "SampleCount"].includes(knownValue(reading.statistic) ?? ""))
    .length > 1;

/**
 * A proxy's nodes each report once a minute, and AWS advises to add them up over that minute (RDS User Guide, "Monitoring
 * RDS Proxy metrics"). While its dimensions are hidden, a metric may be a proxy's.
 */
function isProxyMinute({ aws, reading }: JudgedMetric, period: number): boolean {
  if (period !== 60) return false;
  const dimensions = knownValue(reading.dimensions);
  return (
    aws?.of === "proxy" || dimensions === undefined || dimensions.some(({ name }) => name === "ProxyName")
  );
}
