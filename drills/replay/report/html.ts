import { escapeXml, htmlPage, htmlTable, inlineCode, type Page } from "../../../policies/kit/markup";
import { list } from "../../../policies/kit/text";
import { alarmsRead, parseCompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import type { Alarm } from "../alarm";
import type { ScenarioResult } from "../run";
import { clockTime, type Trace } from "../trace";
import { marksOf, seriesChart, stateRows } from "./chart";
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
