import { existsSync } from "node:fs";
import { stackBudget } from "../budget/budget";
import { planFrom } from "../check/planSource";
import type { InitArguments, Source } from "../command/commandLine";
import { deliver, destination, fileFor, save } from "../command/output";
import { type PolicyConfig, parsePolicyConfig } from "../command/policyConfig";
import { InputError } from "../kit/errors";
import { printable } from "../kit/text";
import type { Plan } from "../plan/plan";
import { DEFAULT_SETTINGS } from "../plan/settings";
import { readStack } from "../plan/stack";
import { assess } from "../reports/assess";
import { counted, groupUndecided, headline } from "../reports/headline";
import type { Report } from "../reports/report";
import { painter, wrap } from "../reports/text";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import { undecidedPolicy } from "../rules/undecided";
import { assumedIn, foundIn, type Todo, todoFor, withoutEntry } from "./detected";

/** Writes a policy configuration to begin with. Returns the exit code, which is 0. @throws InputError */
export async function init(options: InitArguments): Promise<number> {
  // In full before the program runs, which may change folders.
  const file = fileFor(options.output, "--output");
  if (existsSync(file) && !options.force) {
    throw new InputError(
      `${options.output} already exists: overwrite it with \`--force\`, or use another file with \`--output FILE\``,
    );
  }
  const to = destination(undefined);
  const planned = await planFrom(options, { positions: false });
  if ("exitCode" in planned) return planned.exitCode;
  const introduction = await introductionOf(planned.plan, planned.stack, options);
  save(file, `${JSON.stringify(introduction.beginning.file, null, 2)}\n`, "--output");
  deliver(introductionToText(introduction, to), to);
  return 0;
}

async function introductionOf(
  plan: Plan,
  stackName: string | undefined,
  options: InitArguments,
): Promise<Introduction> {
  const stack = readStack(plan);
  const budget = stackBudget(stack, DEFAULT_SETTINGS);
  const todo = todoFor(stack, budget);
  const found = foundIn(budget);
  const assumed = assumedIn(budget, DEFAULT_SETTINGS);
  const notes = [
    `written by \`poolproof init\` for the stack ${stackName ?? stack.stack}`,
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
  return { output: options.output, judged: judgedBy(options), found, assumed, todo, beginning };
}

/** The command that judges the same program, plan or export. */
function judgedBy(source: Source): string {
  if ("state" in source) return ["analyze", "--state", source.state].map(quoted).join(" ");
  if ("plan" in source) return ["check", "--plan", source.plan].map(quoted).join(" ");
  const folder = source.cwd === undefined ? [] : ["--cwd", source.cwd];
  const set = (source.config ?? []).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  return ["check", ...folder, "--stack", source.stack, ...set].map(quoted).join(" ");
}

const quoted = (word: string): string =>
  /^[\w./:=@+-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;

/** A policy configuration, as it stands in its file. */
export type ConfigFile = { readonly [policy: string]: unknown };

/** What a stack begins with: the file, and the report that it leads to today. */
export interface Beginning {
  readonly file: ConfigFile;
  readonly report: Report;
  /** Rules that find something today and therefore only warn. */
  readonly lowered: readonly string[];
  readonly undecided: "reject" | "warn";
}

/**
 * The strictest configuration that accepts a stack as it is today: rules that find nothing keep their level and are a
 * gate from now on, those that find something only warn. Lowering one rule may bring up what it stood for in another,
 * so it is judged again until nothing rejects.
 */
export async function startingConfig(
  todo: Todo,
  notes: readonly string[],
  parse: (file: ConfigFile) => Promise<PolicyConfig>,
  judge: (config: PolicyConfig) => Report,
): Promise<Beginning> {
  const lowered = new Set<string>();
  let undecided: Beginning["undecided"] = "reject";
  for (;;) {
    const file = fileOf([...lowered], undecided, todo, notes);
    const report = judge(await parse(file));
    const open = report.violations.filter(({ level }) => level === "mandatory").map(({ rule }) => rule);
    if (open.length === 0) return { file, report, lowered: [...lowered], undecided };
    const before = lowered.size;
    for (const rule of open) if (rule !== undecidedPolicy.id || undecided === "warn") lowered.add(rule);
    const isWarned = undecided === "reject" && open.includes(undecidedPolicy.id);
    if (isWarned) undecided = "warn";
    else if (lowered.size === before) throw new Error(`${open.join(", ")} reject at level advisory`);
  }
}

function fileOf(
  lowered: readonly string[],
  undecided: Beginning["undecided"],
  { demand, databases }: Todo,
  notes: readonly string[],
): ConfigFile {
  return {
    ...Object.fromEntries([...lowered].sort().map((rule) => [rule, "advisory"])),
    [settingsPolicy.id]: {
      undecided,
      ...(demand.length === 0 ? {} : { demand: demand.map(({ name, note }) => ({ service: name, note })) }),
      ...(databases.length === 0 ? {} : { databases }),
      notes,
    },
  };
}

/** All that `init` has to say. */
export interface Introduction {
  /** File that was written, as the user named it. */
  readonly output: string;
  /** The command that judges it, with what it takes: `check --stack dev`. */
  readonly judged: string;
  readonly found: readonly string[];
  readonly assumed: readonly string[];
  readonly todo: Todo;
  readonly beginning: Beginning;
}

/** What was written and why, and what to do next, for a person at a terminal. */
export function introductionToText(of: Introduction, { color, width }: { color: boolean; width: number }) {
  const paint = painter(color);
  const { report, undecided } = of.beginning;
  const { verdict, counts } = headline(report);
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : ["", paint.bold(title), ...lines.flatMap((line) => item(printable(line), width))];
  const check = `npx poolproof ${of.judged} --policy-config ${of.output}`;
  const lines = [
    `${of.output} is written. Result with it: ${verdict}, ${counts}`,
    ...list("found", of.found.length > 0 ? of.found : [NOTHING]),
    ...list("assumed", of.assumed),
    ...list("to do", todoLines(of)),
    ...(undecided === "warn" ? list("undecided, not rejected yet", groupUndecided(report)) : []),
    "",
    "Next step:",
    `  ${check}`,
  ];
  return `${lines.join("\n")}\n`;
}

const NOTHING =
  "no database and no pool that poolproof reads: declare clients of a database elsewhere under `clients` and `databases`";

function item(line: string, width: number): string[] {
  const [first = "", ...rest] = wrap(line, width, "    ");
  return [`  - ${first.trimStart()}`, ...rest];
}

/** In the order in which they are best done: what is not known first, then what is found, then the gate. */
function todoLines({ todo, beginning }: Introduction): string[] {
  const { lowered, report, undecided } = beginning;
  return [
    ...withoutEntry(todo),
    ...todo.demand.map(({ name, note }) => `complete \`demand\` of ${name}: ${withoutMark(note)}`),
    ...todo.databases.map(({ name, note }) => `complete \`databases\` of ${name}: ${withoutMark(note)}`),
    ...lowered.map((rule) => {
      const found = report.violations.filter((each) => each.rule === rule).length;
      return `fix the ${counted(found, "finding")} of ${rule}, then remove its line from the file: it only warns until then`;
    }),
    ...(undecided === "warn"
      ? [
          'make the undecided values known, then set `undecided` to "reject": otherwise the gate accepts unknown values',
        ]
      : []),
  ];
}

const withoutMark = (note: string): string => note.replace(/^to do: /, "");
