// Writes what a pull request changes in the safe windows of all pools, as Markdown for a comment and a job summary.
//
//     npx tsx tools/ci/pullRequestComment.ts --after DIR [--before DIR] [--preview DIR] --output FILE [--pull-request N]
//
// Each folder holds reports as checkStacks.ts leaves them. `--preview` are those of the real engine, for stacks that were
// previewed with credentials: they know what a deployed stack already has. With `--pull-request` one comment on it is made, or
// brought up to date, which needs `pull-requests: write`.
import { writeFileSync } from "node:fs";
// The pack's own way of making hostile text harmless: names in a report come from the author of the pull request.
import { code, escaped } from "../../policies/reports/markdown";
import {
  type Client,
  command,
  expectedVerdict,
  findMarked,
  fitted,
  gh,
  options,
  type Report,
  readReports,
  Stop,
  type Violation,
} from "./support";

interface Judged {
  readonly stack: string;
  readonly before: Report | undefined;
  readonly after: Report;
  readonly by: "check" | "preview";
}

export const MARK = "<!-- poolproof:verdict -->";

/** Makes the one comment on a pull request, or brings it up to date. */
export function keepComment(pullRequest: number, text: string): "made" | "updated" {
  const body = fitted(`${MARK}\n${text}`, "the summary of the run");
  const issue = `repos/{owner}/{repo}/issues`;
  const own = findMarked(`${issue}/${pullRequest}/comments?per_page=100`, MARK);
  if (!own) {
    gh(["pr", "comment", String(pullRequest), "--body-file", "-"], body);
    return "made";
  }
  gh(["api", "--method", "PATCH", `${issue}/comments/${own.id}`, "--field", "body=@-"], body);
  return "updated";
}

type Reports = ReadonlyMap<string, Report>;

export function commentText(
  after: Reports,
  before: Reports = new Map(),
  preview: Reports = new Map(),
): string {
  if (after.size === 0) throw new Stop("there is no report: no stack was judged");
  const judged: Judged[] = [...after].map(([stack, report]) => ({
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

function windows(judged: readonly Judged[]): string {
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

function verdictOf({ verdict }: Report, stack: string): string {
  const must = expectedVerdict(stack);
  const mark = verdict === must ? "✔" : "✖";
  return `${mark} ${verdict}${must === "rejected" ? (verdict === must ? ", as it must be" : ", must be rejected") : ""}`;
}

function poolsOf(report: Report | undefined): Map<string, Client> {
  const clients = (report?.budgets ?? []).flatMap((budget) => budget.clients);
  return new Map(
    clients.map((client) => {
      const own = client.pool ?? client.container;
      const isOne = clients.filter(({ resource }) => resource === client.resource).length === 1;
      return [isOne || own === null ? nameOf(client.resource) : `${nameOf(client.resource)}/${own}`, client];
    }),
  );
}

const shownSet = ({ poolMax }: Client): string => number(poolMax);
const shownWindow = ({ floor, ceiling }: Client): string =>
  floor !== null && ceiling !== null && floor > ceiling
    ? `none (${floor} > ${ceiling})`
    : `${number(floor)}–${number(ceiling)}`;
const shownFailing = ({ failingShare }: Client): string =>
  failingShare === null
    ? "?"
    : failingShare > 0 && failingShare < 0.005
      ? "< 1 %"
      : `${Math.round(failingShare * 100)} %`;
const number = (value: number | null): string => (value === null ? "?" : String(value));

function changed(before: string | undefined, now: string): string {
  if (before === undefined) return now;
  return before === now ? now : `${before} → **${now}**`;
}

function findings(judged: readonly Judged[]): string[] {
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

const identity = ({ rule, resource }: Violation): string => `${rule}\n${resource}`;

/**
 * What no rule could judge, and what that costs: the rules that said nothing of it.
 */
function undecided(judged: readonly Judged[]): string[] {
  const lines = judged.flatMap(({ stack, after, by }) => {
    const groups = new Map<string, Set<string>>();
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

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

if (process.argv[1] === __filename) {
  command(() => {
    const names = ["after", "before", "preview", "output", "pull-request"];
    const { optional, required } = options(process.argv.slice(2), names);
    const reports = (name: string) => readReports(optional(name) ?? "");
    const text = commentText(readReports(required("after")), reports("before"), reports("preview"));
    writeFileSync(required("output"), text);
    const given = optional("pull-request");
    if (given === undefined) return;
    const pullRequest = Number(given);
    if (!Number.isSafeInteger(pullRequest) || pullRequest < 1) {
      throw new Stop("--pull-request must be its number");
    }
    process.stdout.write(`${keepComment(pullRequest, text)}\n`);
  });
}
