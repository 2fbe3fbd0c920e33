import { chartHtml, type Mark, shareOf, timeTicks, type XAxis, xAxisHtml } from "../../../policies/kit/chart";
import { escapeXml } from "../../../policies/kit/markup";
import type { AlarmState } from "../../../policies/model/cloudwatch/alarm";
import type { MetricAlarm } from "../alarm";
import { Datapoints, wholeSeries } from "../datapoints";
import type { ScenarioResult } from "../run";
import type { Transition } from "../simulate";
import { clockTime, lengthOf, type Trace } from "../trace";

/** A series is drawn with no more columns than this; of each column its lowest and highest value. */
const MAX_COLUMNS = 500;
/** Marks beyond these would hide the series: pages that repeat. */
const MAX_PAGE_MARKS = 4;

const secondsOf = (trace: Trace): number => lengthOf(trace) * trace.periodSeconds;

/** The time of a trace, by the clock. */
const axisOf = (trace: Trace): XAxis => ({
  from: 0,
  to: secondsOf(trace),
  ticks: timeTicks(secondsOf(trace), (seconds) => clockTime(seconds, trace)),
});

/** What happened at a moment that every series is read against: events, the first failure, the pages. */
export function marksOf({ scenario, verdict }: ScenarioResult): readonly Mark[] {
  const clock = (seconds: number) => clockTime(seconds, scenario.trace);
  const first = verdict.failed ? verdict.firstFailureSeconds : undefined;
  const pages = verdict.pages.slice(0, MAX_PAGE_MARKS);
  return [
    ...scenario.events.map(({ atSeconds: x, title }) => ({ x, color: 5, label: `${clock(x)} ${title}` })),
    ...(first === undefined ? [] : [{ x: first, color: 1, label: `${clock(first)} first failed request` }]),
    ...pages.map(({ atSeconds: x, alarm }) => ({ x, color: 4, label: `${clock(x)} page: ${alarm}` })),
  ];
}

/** The states of some alarms as bars, a row each, with a time axis below. */
export function stateRows(
  alarms: readonly string[],
  transitions: readonly Transition[],
  trace: Trace,
): string {
  const axis = axisOf(trace);
  const at = (seconds: number): number => 1000 * shareOf(axis, seconds);
  const rows = alarms.map((alarm) => {
    const bars = spells(alarm, transitions, secondsOf(trace))
      .filter(({ state }) => state !== "OK")
      .map(({ state, from, to }) => {
        const title = `${alarm} ${state} ${clockTime(from, trace)} to ${clockTime(to, trace)}`;
        const width = Math.max(2, at(to) - at(from)).toFixed(1);
        return `<rect class="${state}" x="${at(from).toFixed(1)}" y="0" width="${width}" height="10"><title>${escapeXml(title)}</title></rect>`;
      });
    return `<span>${escapeXml(alarm)}</span><svg viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${escapeXml(`states of ${alarm}`)}">${bars.join("")}</svg>`;
  });
  return `<figure><figcaption>States of the alarms</figcaption><div class="states">${rows.join("")}${xAxisHtml(axis)}</div></figure>`;
}

interface Spell {
  readonly state: AlarmState;
  readonly from: number;
  readonly to: number;
}

function spells(alarm: string, transitions: readonly Transition[], end: number): readonly Spell[] {
  const own = transitions.filter((one) => one.alarm === alarm);
  return own.map(({ atSeconds, to }, index) => ({
    state: to,
    from: Math.min(atSeconds, end),
    to: Math.min(own[index + 1]?.atSeconds ?? end, end),
  }));
}

/** What the values are: `Maximum of ConnectionsPending`, or the expression. */
const unitOf = ({ signal }: MetricAlarm): string =>
  signal.kind === "metric"
    ? `${signal.metric.statistic} of ${signal.metric.metric}`
    : (signal.expressions[signal.returns] ?? signal.returns);

/** What a metric alarm compares, and the threshold it compares it with. */
export function seriesChart(alarm: MetricAlarm, trace: Trace, marks: readonly Mark[]): string {
  const values = wholeSeries(alarm, new Datapoints(trace), alarm.periodSeconds / trace.periodSeconds);
  if (values.every((value) => Number.isNaN(value))) return "";
  const axis = axisOf(trace);
  const perColumn = Math.max(1, Math.ceil(values.length / MAX_COLUMNS));
  const points = Array.from({ length: Math.ceil(values.length / perColumn) }, (_, index) => {
    const x = (index + 0.5) * perColumn * trace.periodSeconds;
    const column = values
      .subarray(index * perColumn, (index + 1) * perColumn)
      .filter((value) => !Number.isNaN(value));
    if (column.length === 0) return [{ x, y: null }];
    const [low, high] = [Math.min(...column), Math.max(...column)];
    return low === high
      ? [{ x, y: high }]
      : [
          { x, y: high },
          { x, y: low },
        ];
  });
  const { threshold: y } = alarm;
  return chartHtml({
    title: alarm.id,
    unit: unitOf(alarm),
    x: axis,
    lines: [
      { label: "value", color: 0, points: points.flat() },
      {
        label: `threshold ${y}`,
        color: 1,
        dashed: true,
        points: [axis.from, axis.to].map((x) => ({ x, y })),
      },
    ],
    marks,
  });
}
