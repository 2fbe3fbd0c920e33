import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Report as PackReport, ReportedClient, ReportedViolation } from "../../policies/reports/report";

/** What stops a command of this folder: one line that says what is wrong, and how to fix it. */
export class Stop extends Error {
  /** @param exitCode 1: a finding, 2: input that cannot be used */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 2,
  ) {
    super(message);
  }
}

/** Runs a command's body and sets the exit code; what it throws is said in one line. */
export function command(body: () => void): void {
  try {
    body();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}\n`);
    process.exitCode = error instanceof Stop ? error.exitCode : 2;
  }
}

/**
 * The `--name value` pairs of a command line.
 * @param names those that may be there
 */
export function options(argv: readonly string[], names: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
  });
  return {
    optional: (name: string): string | undefined => values[name],
    required(name: string): string {
      const value = values[name];
      if (!value) throw new Stop(`--${name} is missing`);
      return value;
    },
  };
}

/**
 * GitHub's command line with the job's own token (GH_TOKEN); `{owner}` and `{repo}` in an API path are this repository's
 * (GH_REPO). https://cli.github.com/manual/gh_api
 * @returns what it printed
 */
export function gh(args: readonly string[], input?: string): string {
  const ended = spawnSync("gh", [...args], { encoding: "utf8", input, maxBuffer: 1 << 28 });
  if (ended.status === 0) return ended.stdout;
  const reason = ended.error?.message ?? ended.stderr.trim().split("\n").at(-1);
  throw new Stop(`gh ${args.slice(0, 2).join(" ")} failed: ${reason}`);
}

/** The account that a workflow's own token writes as. */
const OWN_ACCOUNT = "github-actions[bot]";

interface Item {
  readonly id: number;
  readonly number: number;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly pull_request?: unknown;
}

/**
 * The comment or issue that begins with a mark, which readers do not see. Only those of the job's own account are taken for it,
 * so that no other file can take its place.
 * @param path of a list in GitHub's API
 */
export function findMarked(path: string, mark: string): Item | undefined {
  const pages = JSON.parse(gh(["api", "--paginate", "--slurp", path])) as readonly (readonly Item[])[];
  return pages
    .flat()
    .find(
      ({ body, user, pull_request }) =>
        user?.login === OWN_ACCOUNT && pull_request === undefined && body?.startsWith(mark),
    );
}

/** A comment or an issue holds 65,536 characters. */
export const MAX_CHARACTERS = 65_536;

/** Room for what a cut has to close: a fence and a few folds. */
const CLOSING = 200;

/**
 * The text, cut at the end of a line where it is too long, which it then says.
 * @param where the whole is to be found
 */
export function fitted(text: string, where: string, max = MAX_CHARACTERS): string {
  if (text.length <= max) return text;
  const note = `\n\n_Cut here: the whole is in ${where}._\n`;
  const kept = text.slice(0, max - note.length - CLOSING);
  const cut = kept.slice(0, Math.max(kept.lastIndexOf("\n"), 0) || kept.length);
  // A fold or a fence that was open would swallow the note.
  const fences = cut.split("\n").flatMap((each) => /^`{3,}/.exec(each)?.[0] ?? []);
  const folds = cut.split("<details>").length - cut.split("</details>").length;
  const fence = fences.length % 2 === 1 ? `\n${fences.at(-1)}` : "";
  return `${cut}${fence}${"\n\n</details>".repeat(Math.max(0, folds))}${note}`;
}

/** The part of poolproof's report that these commands read. */
export interface Report extends Pick<PackReport, "schemaVersion" | "stack" | "verdict" | "undecided"> {
  readonly violations: readonly Violation[];
  readonly budgets: readonly { readonly database: string | null; readonly clients: readonly Client[] }[];
}
export type Violation = Pick<ReportedViolation, "rule" | "level" | "resource" | "message">;
export type Client = Pick<
  ReportedClient,
  "resource" | "container" | "pool" | "poolMax" | "floor" | "ceiling" | "failingShare"
>;

export function readReport(file: string): Report {
  if (!existsSync(file)) {
    throw new Stop(`there is no report ${file}: the policy pack did not run, so nothing was judged`, 1);
  }
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Stop(`${file} is not a whole report of poolproof: it is not JSON`, 1);
  }
  const isReport =
    report?.schemaVersion === 1 &&
    typeof report.stack === "string" &&
    (report.verdict === "accepted" || report.verdict === "rejected") &&
    [report.violations, report.undecided, report.budgets].every(Array.isArray);
  if (!isReport) throw new Stop(`${file} is not a report of poolproof: its verdict cannot be read`, 1);
  return report;
}

/** The reports of a folder, by stack; an empty map where the folder is not there. */
export function readReports(folder: string): Map<string, Report> {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".json")) : [];
  return new Map(files.sort().map((file) => [file.replace(/\.json$/, ""), readReport(join(folder, file))]));
}

/** The verdict a stack must have: a stack that replays an outage has to be rejected, or the gate is open. */
export const expectedVerdict = (stack: string): Report["verdict"] =>
  stack.startsWith("incident-") ? "rejected" : "accepted";
