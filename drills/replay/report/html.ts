import { alarmsRead, parseCompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import type { Alarm } from "../alarm";
import type { ScenarioResult } from "../run";
import { clockTime, type Trace } from "../trace";
import { seriesChart, stateRows } from "./chart";
import {
  escaped,
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

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --quiet: #667085; --paper: #fff; --rail: #d5dae3; --alarm: #c62828; --line: #1565c0; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #98a2b3; --paper: #14181f; --rail: #39414f; --alarm: #ff6b6b; --line: #64b5f6; --good: #81c784; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 980px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid var(--rail); } th { color: var(--quiet); font-weight: 500; }
.passed { color: var(--good); } .failed { color: var(--alarm); } .quiet { color: var(--quiet); }
svg { width: 100%; height: auto; display: block; margin: .4rem 0; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.name { text-anchor: end; } svg .note { text-anchor: end; fill: var(--quiet); font-size: 11px; } svg .tick { fill: var(--quiet); font-size: 11px; }
.rail { stroke: var(--rail); } .threshold { stroke: var(--alarm); stroke-dasharray: 5 4; } .series { fill: none; stroke: var(--line); stroke-width: 1.4; stroke-linejoin: round; }
rect.ALARM { fill: var(--alarm); } rect.INSUFFICIENT_DATA { fill: var(--rail); }
ol { list-style: none; padding: 0; } time { display: inline-block; min-width: 6.5rem; color: var(--quiet); font-variant-numeric: tabular-nums; } .PAGE, .TICKET { font-weight: 600; } .PAGE { color: var(--alarm); }
section { margin-top: 3rem; }
`;

/** Lines of a timeline on the page; the states are drawn in full. */
const MAX_TIMELINE_LINES = 200;

/** The report as one page that needs nothing else: series against their thresholds, states, who was notified of what. */
export function toHtml(results: readonly ScenarioResult[]): string {
  const rows = results.map((result) => {
    const [name = "", ...more] = tableRow(result).map(escaped);
    const cells = [`<a href="#${name}">${name}</a>`, OUTCOME[outcomeOf(result)], ...more];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const head = ["scenario", "", "minutes to detect", "minutes to cause", "cause", "wrong causes", "pages"];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Alarm replay</title><style>${STYLE}</style></head>
<body><h1>Alarm replay</h1>
<table><tr>${head.map((cell) => `<th>${cell}</th>`).join("")}</tr>${rows.join("\n")}</table>
${notJudged(results)}
${results.map(section).join("\n")}
</body></html>
`;
}

function notJudged(results: readonly ScenarioResult[]): string {
  const alarms = excludedAlarms(results);
  if (alarms.length === 0) return "";
  const items = alarms.map(
    (alarm) =>
      `<li>${escaped(sentenceOf(alarm))}<br><span class="quiet">→ ${escaped(alarm.whatToDo)}</span></li>`,
  );
  return `<h2>Not judged</h2><ul>${items.join("\n")}</ul>`;
}

function section(result: ScenarioResult): string {
  const { scenario, simulation, verdict, differing } = result;
  const { trace } = scenario;
  const shown = drawn(result);
  const problems = [
    ...verdict.problems,
    ...differing.map(({ name, problems: [first] }) => `where ${name}: ${first ?? "other alarms page"}`),
  ];
  const entries = timelineOf(result);
  const lines = entries
    .slice(0, MAX_TIMELINE_LINES)
    .map(
      ({ atSeconds, kind, text, alarm }) =>
        `<li class="${kind}"><time>${clockTime(atSeconds, trace)}</time>${kind === "event" || kind === "failure" ? "" : `${kind} `}${escaped(kind === "PAGE" ? (alarm ?? text) : text)}</li>`,
    );
  const left = entries.length - lines.length;
  return `<section id="${escaped(scenario.name)}"><h2>${escaped(scenario.name)} ${OUTCOME[outcomeOf(result)]}</h2>
<p class="quiet">Alarms of ${escaped(ownerOf(scenario))}</p>
${pageList(pagesOf(result), trace)}
${problems.map((problem) => `<p class="failed">${escaped(problem)}</p>`).join("")}
<p>${escaped(scenario.about)}</p>
${stateRows(
  shown.map(({ id }) => id),
  simulation.transitions,
  trace,
)}
<details open><summary>Series and thresholds</summary>${shown
    .map((alarm) => (alarm.kind === "metric" ? seriesChart(alarm, trace) : ""))
    .join("")}</details>
<details><summary>What happened</summary><ol>${lines.join("\n")}</ol>${left > 0 ? `<p class="quiet">… and ${left} more</p>` : ""}</details>
</section>`;
}

/** Each page, with the words that the person on call reads. */
function pageList({ shown, left }: Pages, trace: Trace): string {
  if (shown.length === 0) return "<p>Woke nobody.</p>";
  const pages = shown.map((page) => {
    const lines = [headOf(page), ...(page.more ?? [])].map(escaped).join("<br>");
    return `<li><time>${clockTime(page.atSeconds, trace)}</time><span class="PAGE">PAGE</span> ${lines}</li>`;
  });
  return `<ol>${pages.join("")}</ol>${left === 0 ? "" : `<p>… and ${left} more alarms woke somebody</p>`}`;
}

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
  passed: '<span class="passed">✔ passed</span>',
  notPassed: '<span class="failed">✖ not passed</span>',
  replayed: '<span class="quiet">· replayed, nothing was expected</span>',
} as const;
