import { readFileSync } from "node:fs";
import { InputError, messageOf } from "../check/inputError";
import type { Plan } from "../plan/plan";
import { planFromState } from "./planFromState";

/** Names stdin, as in `pulumi stack export | poolproof analyze --state -`. */
const STDIN = "-";

/**
 * Reads a `pulumi stack export` from a file, or from stdin.
 * @param option - The option that named it, for messages.
 * @throws InputError in one line, which quotes nothing of the file: it may hold secrets in clear.
 */
export async function readState(file: string, option: "--state" | "--base"): Promise<Plan> {
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
    if (plan.resources.length > 0 || option === "--base") return plan;
  } catch (error) {
    return refuse(`is not a stack export: it ${messageOf(error)}`);
  }
  throw new InputError(`${option}: ${shown} holds no resources: nothing is deployed that could be judged`);
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
