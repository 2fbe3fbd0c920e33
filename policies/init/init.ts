import { existsSync } from "node:fs";
import * as path from "node:path";
import { planProject } from "../check/planProject";
import type { InitArguments } from "../command/commandLine";
import { deliver, destination } from "../command/deliver";
import { InputError, messageOf } from "../command/inputError";
import { parsePolicyConfig } from "../command/policyConfig";
import type { Plan } from "../plan/plan";
import { readStack } from "../plan/readStack";
import { assess } from "../reports/assess";
import { printable } from "../reports/names";
import { writeReport } from "../reports/writeReport";
import { stackBudget } from "../rules/budget";
import { DEFAULT_SETTINGS } from "../rules/settings";
import { assumedIn } from "./assumed";
import { foundIn } from "./found";
import { startingConfig } from "./startingConfig";
import { todoFor, withoutEntry } from "./todo";
import { type Introduction, introductionToText } from "./toText";

/** Writes a policy configuration to begin with. Returns the exit code, which is 0. @throws InputError */
export async function init(options: InitArguments): Promise<number> {
  // In full before the program runs, which may change folders.
  const file = path.resolve(options.output);
  if (existsSync(file) && !options.force) {
    throw new InputError(
      `${options.output} exists already: \`--force\` writes over it, \`--output FILE\` names another`,
    );
  }
  const to = destination(undefined);
  const planned = await planProject(options, { positions: false });
  if ("exitCode" in planned) return planned.exitCode;
  const introduction = await introductionOf(planned.plan, planned.stack, options);
  write(file, `${JSON.stringify(introduction.beginning.file, null, 2)}\n`);
  deliver(introductionToText(introduction, to), to);
  return 0;
}

async function introductionOf(plan: Plan, stackName: string, options: InitArguments): Promise<Introduction> {
  const stack = readStack(plan);
  const budget = stackBudget(stack, DEFAULT_SETTINGS);
  const todo = todoFor(stack, budget);
  const found = foundIn(budget);
  const assumed = assumedIn(budget, DEFAULT_SETTINGS);
  const notes = [
    `written by \`poolproof init\` for the stack ${stackName}`,
    ...found.map((line) => `found: ${line}`),
    ...assumed.map((line) => `assumed: ${line}`),
    ...withoutEntry(todo).map((line) => `to do: ${line}`),
  ].map(printable);
  const beginning = await startingConfig(
    todo,
    notes,
    (content) => parsePolicyConfig(content, options.output),
    ({ settings, levels }) => assess(plan, settings, levels, stackName),
  );
  return { output: options.output, project: projectFlags(options), found, assumed, todo, beginning };
}

/** The same project and stack on another command line. */
function projectFlags({ cwd, stack, config }: InitArguments): string {
  const folder = cwd === undefined ? [] : ["--cwd", cwd];
  const set = config.flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  return [...folder, "--stack", stack, ...set].map(quoted).join(" ");
}

const quoted = (word: string): string =>
  /^[\w./:=@+-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;

function write(file: string, text: string): void {
  try {
    writeReport(file, text);
  } catch (error) {
    throw new InputError(`--output: the policy config cannot be written to ${file}: ${messageOf(error)}`);
  }
}
