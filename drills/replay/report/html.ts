import { chartHtml, type Mark, shareOf, timeTicks, type XAxis, xAxisHtml } from "../../../policies/kit/chart";
import { escapeXml, htmlPage, htmlTable, inlineCode, type Page } from "../../../policies/kit/markup";
import { list } from "../../../policies/kit/text";
import type { AlarmState } from "../../../policies/model/cloudwatch/alarm";
import { alarmsRead, parseCompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import type { Alarm, MetricAlarm } from "../alarm";
import { Datapoints, wholeSeries } from "../datapoints";
import type { ScenarioResult } from "../run";
import type { Transition } from "../simulate";
import { clockTime, lengthOf, type Trace } from "../trace";
import {
  countOf,
  excludedAlarms,
  headOf,
  outcomeOf,
  ownerOf,
  type Pages,
  pagesOf,
  sentenceOf,
  tableRow,
  timelineOf,
} from "./summary";

/** Lines of a timeline on the page; the states are drawn in full. */
const MAX_TIMELINE_LINES = 200;

/**
 * The report as one page that needs nothing else: series against their thresholds, states, who was notified of what.
 * @param facts - When and of which commit.
 */
export function toHtml(results: readonly ScenarioResult[], facts: Page["facts"]): string {
  const head = ["scenario", "", "minutes to detect", "minutes to cause", "cause", "wrong causes", "pages"];
  const rows = results.map((result) => {
    const [name = "", ...more] = tableRow(result).map(escapeXml);
    return [`<a href="#${name}">${name}</a>`, OUTCOME[outcomeOf(result)], ...more];
  });
  const owners = [...new Set(results.map(({ scenario }) => ownerOf(scenario)))];
  return htmlPage({
    title: `Alarm replay: ${countOf(results)}`,
    passed: results.every(({ verdict }) => verdict.passed),
    facts: [...facts, ["alarms of", list(owners)]],
    body: [htmlTable([head, ...rows], (markup) => markup), notJudged(results), ...results.map(section)],
  });
}

function notJudged(results: readonly ScenarioResult[]): string {
  const alarms = excludedAlarms(results);
  if (alarms.length === 0) return "";
  const items = alarms.map(
    (alarm) =>
      `<li>${escapeXml(sentenceOf(alarm))}<br><span class="quiet">→ ${escapeXml(alarm.whatToDo)}</span></li>`,
  );
  return `<h2>Not judged</h2><ul>${items.join("\n")}</ul>`;
}

function section(result: ScenarioResult): string {
  const { scenario, simulation, verdict, differing } = result;
  const { trace } = scenario;
  const shown = drawn(result);
  const marks = marksOf(result);
  const problems = [
    ...verdict.problems,
    ...differing.map(({ name, problems: [first] }) => `where ${name}: ${first ?? "other alarms page"}`),
  ];
  const entries = timelineOf(result);
  const lines = entries
    .slice(0, MAX_TIMELINE_LINES)
    .map(
      ({ atSeconds, kind, text, alarm }) =>
        `<li class="${kind}"><time>${clockTime(atSeconds, trace)}</time>${kind === "event" || kind === "failure" ? "" : `${kind} `}${escapeXml(kind === "PAGE" ? (alarm ?? text) : text)}</li>`,
    );
  const left = entries.length - lines.length;
  return `<section id="${escapeXml(scenario.name)}"><h2>${escapeXml(scenario.name)} ${OUTCOME[outcomeOf(result)]}</h2>
<p class="quiet">Alarms of ${escapeXml(ownerOf(scenario))}</p>
${pageList(pagesOf(result), trace)}
${problems.map((problem) => `<p class="bad">${escapeXml(problem)}</p>`).join("")}
<p>${inlineCode(scenario.about)}</p>
${stateRows(
  shown.map(({ id }) => id),
  simulation.transitions,
  trace,
)}
<details open><summary>Series and thresholds</summary>${shown
    .map((alarm) => (alarm.kind === "metric" ? seriesChart(alarm, trace, marks) : ""))
    .join("")}</details>
<details><summary>What happened</summary><ol class="timeline">${lines.join("\n")}</ol>${left > 0 ? `<p class="quiet">… and ${left} more</p>` : ""}</details>
</section>`;
}

/** Each page, with the words that the person on call reads. */
function pageList({ shown, left }: Pages, trace: Trace): string {
  if (shown.length === 0) return "<p>Paged no one.</p>";
  const pages = shown.map((page) => {
    const lines = [headOf(page), ...(page.more ?? [])].map(asCommand).map(inlineCode).join("<br>");
    return `<li><time>${clockTime(page.atSeconds, trace)}</time><span class="PAGE">PAGE</span> ${lines}</li>`;
  });
  return `<ol class="timeline">${pages.join("")}</ol>${left === 0 ? "" : `<p>… and ${left} more alarms paged</p>`}`;
}

/** A line that is a command, to be shown as code. */
const asCommand = (line: string): string => (/^(?:pulumi|npm|npx|aws) /.test(line) ? `\`${line}\`` : line);

/** Alarms worth drawing: whatever fired, those that name causes, and what the expected cause reads. */
function drawn({ scenario, simulation }: ScenarioResult): readonly Alarm[] {
  const fired = new Set(simulation.transitions.filter(({ to }) => to === "ALARM").map(({ alarm }) => alarm));
  const expected = scenario.expected?.cause;
  const read = scenario.alarms.flatMap((alarm) =>
    alarm.kind === "composite" && alarm.cause !== undefined && alarm.cause === expected
      ? alarmsRead(parseCompositeRule(alarm.rule))
      : [],
  );
  return scenario.alarms.filter(
    ({ id, role }) => fired.has(id) || read.includes(id) || role === "cause" || role === "symptom",
  );
}

const OUTCOME = {
  passed: '<span class="good">✔ passed</span>',
  notPassed: '<span class="bad">✖ not passed</span>',
  replayed: '<span class="quiet">· replayed, nothing was expected</span>',
} as const;

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
function marksOf({ scenario, verdict }: ScenarioResult): readonly Mark[] {
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
function stateRows(alarms: readonly string[], transitions: readonly Transition[], trace: Trace): string {
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

/** What the values are: their unit where it is known, and `Maximum of ConnectionsPending` or the expression. */
function unitOf({ signal, unit }: MetricAlarm): string {
  const what =
    signal.kind === "metric"
      ? `${signal.metric.statistic} of ${signal.metric.metric}`
      : (signal.expressions[signal.returns] ?? signal.returns);
  return unit === undefined ? what : `${unit}: ${what}`;
}

/** What a metric alarm compares, and the threshold it compares it with. */
function seriesChart(alarm: MetricAlarm, trace: Trace, marks: readonly Mark[]): string {
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
