// @ts-check
// Keeps one issue for what a scheduled run found: opened by the first finding, updated by the next, closed when there is none.
//
//     node tools/ci/findingIssue.mjs --topic review --title "…" --code N --body FILE --run URL
//
// A body that ends in .txt is what a command said, and is shown as it is, from its end. `--code` is the exit code of the run: 0 found nothing, 1 findings, anything else that it could not judge, which is a finding
// as well. Needs `issues: write`.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { command, options, required, Stop } from "./command.mjs";
import { everyPage, fitted, repositoryApi } from "./github.mjs";

const OWN_ACCOUNT = "github-actions[bot]";

/** @param {string} topic */
export const markOf = (topic) => `<!-- poolproof:finding:${topic} -->`;

const MOST_OUTPUT = 30_000;

/**
 * What a run left, as Markdown: output between fences longer than any in it, its end rather than its beginning.
 * @param {string} file
 */
export function reportOf(file) {
  if (!existsSync(file)) return "It left no report.";
  const text = readFileSync(file, "utf8").trim();
  if (!file.endsWith(".txt")) return text;
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const cut = text.length > MOST_OUTPUT ? `…${text.slice(-MOST_OUTPUT)}` : text;
  return `${fence}\n${cut}\n${fence}`;
}

/**
 * @param {import("./github.mjs").Api} call
 * @param {{ topic: string; title: string; code: number; report: string; run: string }} found
 * @returns {Promise<string>} what was done, in words
 */
export async function keepIssue(call, { topic, title, code, report, run }) {
  const mark = markOf(topic);
  const open = await openIssue(call, mark);
  if (code === 0) {
    if (!open) return "nothing was found and nothing is open";
    await call("POST", `issues/${open.number}/comments`, { body: `Nothing is found any more: ${run}` });
    await call("PATCH", `issues/${open.number}`, { state: "closed", state_reason: "completed" });
    return `#${open.number} is closed: nothing is found any more`;
  }
  const why = code === 1 ? "" : "The run ended without a verdict, so nothing is known to be well.\n\n";
  const body = fitted(`${mark}\n${why}${report}\n\nFound by ${run}`, run);
  if (open) {
    await call("PATCH", `issues/${open.number}`, { body });
    return `#${open.number} is updated`;
  }
  const made = await call("POST", "issues", { title, body });
  return `#${made.number} is opened`;
}

/**
 * @param {import("./github.mjs").Api} call
 * @param {string} mark
 */
async function openIssue(call, mark) {
  for await (const issue of everyPage(call, "issues?state=open")) {
    const isOurs = issue.user?.login === OWN_ACCOUNT && issue.pull_request === undefined;
    if (isOurs && issue.body?.startsWith(mark)) return issue;
  }
  return undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await command(async () => {
    const given = options(process.argv.slice(2), ["topic", "title", "code", "body", "run"]);
    const topic = required(given, "topic");
    if (!/^[a-z-]+$/.test(topic)) throw new Stop("--topic is made of small letters and hyphens");
    const code = Number(required(given, "code"));
    if (!Number.isSafeInteger(code)) throw new Stop("--code must be an exit code");
    const report = reportOf(required(given, "body"));
    const found = { topic, title: required(given, "title"), code, report, run: required(given, "run") };
    process.stdout.write(`${await keepIssue(repositoryApi(process.env), found)}\n`);
  });
}
