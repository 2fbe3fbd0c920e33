// Keeps one issue for what a scheduled run found: opened by the first finding, updated by the next, closed when there is none.
//
//     npx tsx tools/ci/findingIssue.ts --topic review --title "…" --code N --body FILE --run URL
//
// A body that ends in .txt is what a command said, and is shown as it is, from its end. `--code` is the exit code of the run:
// 0 found nothing, 1 findings, anything else that it could not judge, which is a finding as well. Needs `issues: write`.
import { existsSync, readFileSync } from "node:fs";
import { command, findMarked, fitted, gh, options, Stop } from "./support";

export const markOf = (topic: string): string => `<!-- poolproof:finding:${topic} -->`;

const MAX_OUTPUT = 30_000;

/** What a run left, as Markdown: output between fences longer than any in it, its end rather than its beginning. */
export function reportOf(file: string): string {
  if (!existsSync(file)) return "It left no report.";
  const text = readFileSync(file, "utf8").trim();
  if (!file.endsWith(".txt")) return text;
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const cut = text.length > MAX_OUTPUT ? `…${text.slice(-MAX_OUTPUT)}` : text;
  return `${fence}\n${cut}\n${fence}`;
}

export interface Found {
  readonly topic: string;
  readonly title: string;
  readonly code: number;
  readonly report: string;
  /** Address of the run. */
  readonly run: string;
}

/** @returns what was done, in words */
export function keepIssue({ topic, title, code, report, run }: Found): string {
  const mark = markOf(topic);
  const open = findMarked("repos/{owner}/{repo}/issues?state=open&per_page=100", mark);
  if (code === 0) {
    if (!open) return "nothing was found and nothing is open";
    gh(["issue", "close", String(open.number), "--comment", `Nothing is found any more: ${run}`]);
    return `#${open.number} is closed: nothing is found any more`;
  }
  const why = code === 1 ? "" : "The run ended without a verdict, so nothing is known to be well.\n\n";
  const body = fitted(`${mark}\n${why}${report}\n\nFound by ${run}`, run);
  if (open) {
    gh(["issue", "edit", String(open.number), "--body-file", "-"], body);
    return `#${open.number} is updated`;
  }
  return `${gh(["issue", "create", "--title", title, "--body-file", "-"], body).trim()} is opened`;
}

if (process.argv[1] === __filename) {
  command(() => {
    const { required } = options(process.argv.slice(2), ["topic", "title", "code", "body", "run"]);
    const topic = required("topic");
    if (!/^[a-z-]+$/.test(topic)) throw new Stop("--topic is made of small letters and hyphens");
    const code = Number(required("code"));
    if (!Number.isSafeInteger(code)) throw new Stop("--code must be an exit code");
    const report = reportOf(required("body"));
    const found = { topic, title: required("title"), code, report, run: required("run") };
    process.stdout.write(`${keepIssue(found)}\n`);
  });
}
