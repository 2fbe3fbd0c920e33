// @ts-check
// Writes what a pull request changes in the safe windows of all pools, as Markdown for a comment and a job summary.
//
//     node tools/ci/pullRequestComment.mjs --after DIR [--before DIR] [--preview DIR] --output FILE
//
// Each folder holds reports as checkStacks.mjs leaves them. `--preview` are those of the real engine, for stacks that were
// previewed with credentials: they know what a deployed stack already has.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { command, options, required, Stop } from "./command.mjs";
import { expectedVerdict, readReports } from "./reports.mjs";

// The pack's own way of making hostile text harmless: names in a report come from whoever wrote the pull request.
const { code, escaped } = createRequire(import.meta.url)("../../policies/dist/reports/markdown.js");

/** @typedef {import("./reports.mjs").Report} Report */
/** @typedef {{ stack: string; before: Report | undefined; after: Report; by: string }} Judged */

/**
 * @param {Map<string, Report>} after
 * @param {Map<string, Report>} before
 * @param {Map<string, Report>} preview
 */
export function commentText(after, before = new Map(), preview = new Map()) {
  if (after.size === 0) throw new Stop("there is no report: no stack was judged");
  /** @type {Judged[]} */
  const judged = [...after].map(([stack, report]) => ({
    stack,
    before: before.get(stack),
    after: report,
    by: "check",
  }));
  for (const [stack, report] of preview) {
    judged.push({ stack, before: before.get(stack), after: report, by: "preview" });
  }
  const wrong = judged.filter(({ stack, after: { verdict } }) => verdict !== expectedVerdict(stack));
  const headline =
    wrong.length === 0
      ? "### ✔ poolproof: every stack has the verdict it must have"
      : `### ✖ poolproof: ${wrong.map(({ stack, after: { verdict } }) => `${escaped(stack)} is ${verdict}`).join(", ")}`;
  const removed = [...before.keys()].filter((stack) => !after.has(stack));
  return `${[
    headline,
    windows(judged),
    ...removed.map((stack) => `${code(stack)} is no longer a stack of this repository.`),
    ...findings(judged),
    ...undecided(judged),
  ].join("\n\n")}\n`;
}

/** @param {Judged[]} judged */
function windows(judged) {
  const head = [
    "| stack | verdict | pool | set | safe window | requests that fail |",
    "|---|---|---|---:|---:|---:|",
  ];
  const rows = judged.flatMap(({ stack, before, after, by }) => {
    const was = poolsOf(before);
    const name = by === "check" ? code(stack) : `${code(stack)} (preview)`;
    const verdict = changed(before && verdictOf(before, stack), verdictOf(after, stack));
    const pools = [...poolsOf(after)];
    if (pools.length === 0) return [`| ${name} | ${verdict} | no pool | | | |`];
    return pools.map(([pool, now]) => {
      const then = was.get(pool);
      const cells = [shownSet, shownWindow, shownFailing].map((show) =>
        changed(then && show(then), show(now)),
      );
      return `| ${name} | ${verdict} | ${code(pool)} | ${cells.join(" | ")} |`;
    });
  });
  return [...head, ...rows].join("\n");
}

/**
 * @param {Report} report
 * @param {string} stack
 */
function verdictOf({ verdict }, stack) {
  const must = expectedVerdict(stack);
  const mark = verdict === must ? "✔" : "✖";
  return `${mark} ${verdict}${must === "rejected" ? (verdict === must ? ", as it must be" : ", must be rejected") : ""}`;
}

/**
 * @param {Report | undefined} report
 * @returns {Map<string, import("./reports.mjs").Client>}
 */
function poolsOf(report) {
  const clients = (report?.budgets ?? []).flatMap((budget) => budget.clients);
  return new Map(
    clients.map((client) => {
      const own = client.pool ?? client.container;
      const isOne = clients.filter(({ resource }) => resource === client.resource).length === 1;
      return [isOne || own === null ? nameOf(client.resource) : `${nameOf(client.resource)}/${own}`, client];
    }),
  );
}

/** @param {import("./reports.mjs").Client} client */
const shownSet = ({ poolMax }) => number(poolMax);
/** @param {import("./reports.mjs").Client} client */
const shownWindow = ({ floor, ceiling }) =>
  floor !== null && ceiling !== null && floor > ceiling
    ? `none (${floor} > ${ceiling})`
    : `${number(floor)}–${number(ceiling)}`;
/** @param {import("./reports.mjs").Client} client */
const shownFailing = ({ failingShare }) =>
  failingShare === null
    ? "?"
    : failingShare > 0 && failingShare < 0.005
      ? "< 1 %"
      : `${Math.round(failingShare * 100)} %`;
/** @param {number | null} value */
const number = (value) => (value === null ? "?" : String(value));

/**
 * @param {string | undefined} before
 * @param {string} now
 */
function changed(before, now) {
  if (before === undefined) return now;
  return before === now ? now : `${before} → **${now}**`;
}

/** @param {Judged[]} judged */
function findings(judged) {
  return judged.flatMap(({ stack, before, after, by }) => {
    if (expectedVerdict(stack) === "rejected") return [];
    const known = new Set((before?.violations ?? []).map(identity));
    const shown = after.violations.filter((each) => each.level === "mandatory" || !known.has(identity(each)));
    return shown.map((each) => {
      const mark = each.level === "mandatory" ? "✖" : "⚠";
      const isNew = before !== undefined && !known.has(identity(each)) ? " (new)" : "";
      const where = by === "check" ? code(stack) : `${code(stack)} (preview)`;
      return `${mark} ${where} **${escaped(each.rule)}**${isNew} on ${code(nameOf(each.resource))}: ${escaped(each.message)}`;
    });
  });
}

/** @param {import("./reports.mjs").Violation} violation */
const identity = ({ rule, resource }) => `${rule}\n${resource}`;

/**
 * What no rule could judge, and what that costs: the rules that said nothing of it.
 * @param {Judged[]} judged
 */
function undecided(judged) {
  const lines = judged.flatMap(({ stack, after, by }) => {
    /** @type {Map<string, Set<string>>} */
    const groups = new Map();
    for (const { rule, resource, property, reason } of after.undecided) {
      const what = `${code(property)} of ${code(nameOf(resource))}: ${escaped(reason)}`;
      groups.set(what, (groups.get(what) ?? new Set()).add(rule));
    }
    const rejects = after.violations.some(({ rule, level }) => rule === "undecided" && level === "mandatory");
    const cost = rejects ? "so the stack is rejected" : "so nothing bounds it before the deployment";
    return [...groups].map(
      ([what, rules]) =>
        `- ${code(stack)}${by === "check" ? "" : " (preview)"}: ${what}. Not judged: ${[...rules].join(", ")}, ${cost}`,
    );
  });
  if (lines.length === 0) return ["Nothing was left undecided."];
  return [
    `<details><summary>Not decided, and what it costs (${lines.length})</summary>\n\n${lines.join("\n")}\n\n</details>`,
  ];
}

/** @param {string} urn */
const nameOf = (urn) => urn.split("::").pop() ?? urn;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await command(() => {
    const given = options(process.argv.slice(2), ["after", "before", "preview", "output"]);
    const reports = (/** @type {string} */ name) => readReports(given[name] ?? "");
    const after = readReports(required(given, "after"));
    writeFileSync(required(given, "output"), commentText(after, reports("before"), reports("preview")));
  });
}
