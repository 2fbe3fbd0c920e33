import { readFileSync } from "node:fs";
import { InputError, messageOf } from "../kit/errors";
import type { Plan } from "../plan/plan";
import { stackAndProject } from "../plan/planIndex";
import { planFromState } from "./planFromState";

/** Names stdin, as in `pulumi stack export | poolproof analyze --state -`. */
const STDIN = "-";

/** What names an export: an option of the command, or the variable that the pack reads. */
export type StateOption = "--state" | "--base" | "POOLPROOF_BASE";

/**
 * Reads a `pulumi stack export` from a file, or from stdin.
 * @param option - What named it, for messages.
 * @throws InputError in one line, which quotes nothing of the file: it may hold secrets in clear.
 */
export async function readState(file: string, option: StateOption): Promise<Plan> {
  const text = file === STDIN ? await readStdin(option) : readText(file, option);
  const shown = file === STDIN ? "what stdin holds" : file;
  const refuse = (what: string): never => {
    throw new InputError(`${option}: ${shown} ${what}; write one with \`pulumi stack export --file FILE\``);
  };
  if (text.trim() === "") return refuse("is empty, not a stack export");
  const exported = parse(text);
  if (exported === undefined) return refuse("is not JSON, so not a stack export");
  try {
    const plan = planFromState(exported);
    // A base may be empty: then everything is new.
    if (plan.resources.length > 0 || option !== "--state") return plan;
  } catch (error) {
    return refuse(`is not a stack export: it ${messageOf(error)}`);
  }
  throw new InputError(`${option}: ${shown} has no resources: nothing is deployed that could be judged`);
}

/**
 * Of another stack nothing would be found again, and what judges the change would have nothing to say.
 * @throws InputError where the base is of another stack than the plan
 */
export function ofSameStack(base: Plan, plan: Plan, option: StateOption): Plan {
  if (base.resources.length === 0 || plan.resources.length === 0) return base;
  const [before, after] = [stackAndProject(base), stackAndProject(plan)];
  if (before.stack === after.stack && before.project === after.project) return base;
  const [was, is] = [before, after].map(({ stack, project }) => `${project}/${stack}`);
  throw new InputError(
    `${option} holds the stack ${was}, and ${is} is judged: export that one, \`pulumi stack export --stack ${after.stack}\``,
  );
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${option}: ${file} cannot be read: ${messageOf(error)}`);
  }
}

async function readStdin(option: string): Promise<string> {
  if (process.stdin.isTTY) {
    throw new InputError(`${option} - reads stdin: \`pulumi stack export | poolproof analyze --state -\``);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined for what is not JSON: the parser's own message quotes the text. */
function parse(text: string): unknown {
  try {
    // PowerShell's `>` puts a byte order mark first.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
