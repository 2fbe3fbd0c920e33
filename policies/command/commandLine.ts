import { parseArgs } from "node:util";
import { FORMATS, type Format } from "../reports/render";
import { closest, InputError, messageOf } from "./inputError";

/** What finds a project's program and configures it. */
export interface ProjectArguments {
  readonly cwd: string | undefined;
  readonly stack: string;
  readonly config: readonly (readonly [key: string, value: string])[];
}

/** How a report is judged and where it goes. */
interface ReportArguments {
  readonly base: string | undefined;
  readonly format: Format;
  readonly output: string | undefined;
  readonly policyConfig: string | undefined;
}

export interface CheckArguments extends ProjectArguments, ReportArguments {}

export interface AnalyzeArguments extends ReportArguments {
  /** File of the export; `-` for stdin. */
  readonly state: string;
  readonly stack: string | undefined;
}

export interface ExplainArguments extends Omit<ReportArguments, "base" | "format"> {
  /** The program to run, or the export to read. */
  readonly source: ProjectArguments | { readonly state: string };
  readonly format: "text" | "json";
  readonly svg: string | undefined;
}

export interface InitArguments {
  /** The program to run, or the export to read. */
  readonly source: ProjectArguments | { readonly state: string; readonly stack: string | undefined };
  /** File of the policy configuration that is written. */
  readonly output: string;
  /** Whether it may be written over one that is there. */
  readonly force: boolean;
}

type Command =
  | { readonly name: "help"; readonly of: CommandName | undefined }
  | { readonly name: "version" }
  | { readonly name: "init"; readonly arguments: InitArguments }
  | { readonly name: "check"; readonly arguments: CheckArguments }
  | { readonly name: "analyze"; readonly arguments: AnalyzeArguments }
  | { readonly name: "explain"; readonly arguments: ExplainArguments };

const OPTIONS = {
  cwd: { type: "string" },
  stack: { type: "string", short: "s" },
  state: { type: "string" },
  base: { type: "string" },
  format: { type: "string" },
  output: { type: "string" },
  svg: { type: "string" },
  "policy-config": { type: "string" },
  force: { type: "boolean" },
  config: { type: "string", short: "c", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

type Option = keyof typeof OPTIONS;

/** What each command takes, `--help` apart. */
const TAKES: { readonly [command in CommandName]: readonly Option[] } = {
  check: ["cwd", "stack", "config", "base", "format", "output", "policy-config"],
  analyze: ["state", "stack", "base", "format", "output", "policy-config"],
  explain: ["cwd", "stack", "config", "state", "format", "output", "svg", "policy-config"],
  init: ["cwd", "stack", "config", "state", "output", "force"],
};

/** Where `init` writes when nothing else is said, in the folder it is started in. */
const STARTING_FILE = "poolproof.json";

/** @throws InputError naming what is wrong with the command line. */
export function parseCommandLine([first, ...rest]: readonly string[]): Command {
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    return { name: "help", of: COMMANDS.find((name) => name === rest[0]) };
  }
  if (first === "--version") return { name: "version" };
  const command = COMMANDS.find((name) => name === first);
  if (!command) throw noCommand(first);
  const { values, positionals } = parse(command, rest);
  if (values.help) return { name: "help", of: command };
  const report = {
    base: fileName("base", values.base),
    format: oneOf(FORMATS, values.format ?? "text"),
    output: fileName("output", values.output),
    policyConfig: fileName("policy-config", values["policy-config"]),
  };
  switch (command) {
    case "check":
      return { name: command, arguments: { ...projectOf(values, positionals), ...report } };
    case "analyze":
      return { name: command, arguments: { ...stateOf(values, positionals), ...report } };
    case "explain":
      return { name: command, arguments: explainArguments(values, positionals, report) };
    case "init": {
      const written = { output: report.output ?? STARTING_FILE, force: values.force === true };
      return { name: command, arguments: { source: sourceOf(values, positionals), ...written } };
    }
  }
}

type Values = ReturnType<typeof parse>["values"];

function parse(command: CommandName, argv: readonly string[]) {
  const taken = [...TAKES[command], "help"];
  try {
    const parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
    const stranger = Object.keys(parsed.values).find((name) => !taken.includes(name));
    if (stranger === undefined) return parsed;
    const takers = COMMANDS.filter((name) => TAKES[name].some((option) => option === stranger));
    const named = takers.join(", ").replace(/, (?=[^,]*$)/, " and ");
    throw new InputError(`\`poolproof ${command}\` takes no --${stranger}: ${named} can`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(mistake(command, messageOf(error), taken));
  }
}

/** Node's message in our words; its second sentence is about how to pass such a text as an argument. */
function mistake(command: CommandName, message: string, taken: readonly string[]): string {
  const [, dashes = "", name = ""] = /Unknown option '(-+)([^']*)'/.exec(message) ?? [];
  if (dashes === "") return message.split(/\. |\n/)[0] ?? "the command line cannot be read";
  const near = closest(name, taken);
  const hint = near ? `did you mean --${near}?` : `\`poolproof ${command} --help\` lists them`;
  return `there is no option ${dashes}${name}${near ? "; " : ": "}${hint}`;
}

function noCommand(first: string): InputError {
  if (first.startsWith("-")) {
    return new InputError(`the command comes first: ${COMMANDS.join(", ")}, not ${first}`);
  }
  const near = closest(first, COMMANDS);
  const hint = near ? `did you mean ${near}?` : "`poolproof --help` lists them";
  return new InputError(`there is no command "${first}"; ${hint}`);
}

function projectOf(values: Values, positionals: readonly string[]): ProjectArguments {
  const stacks = [...positionals, ...(values.stack === undefined ? [] : [values.stack])];
  const [stack, ...more] = stacks;
  if (!stack) throw new InputError("which stack? Name it with `--stack STACK`");
  if (more.length > 0) throw new InputError(`one stack at a time, not ${stacks.join(" and ")}`);
  return { cwd: values.cwd, stack, config: (values.config ?? []).map(configPair) };
}

function stateOf(values: Values, positionals: readonly string[]) {
  const state = fileName("state", values.state);
  const [stranger] = positionals;
  if (stranger !== undefined) throw new InputError(`"${stranger}" is no option: name files with \`--state\``);
  if (state === undefined) {
    throw new InputError("which export? Name it with `--state FILE`; `pulumi stack export` writes one");
  }
  return { state, stack: values.stack };
}

function explainArguments(
  values: Values,
  positionals: readonly string[],
  { output, policyConfig }: ReportArguments,
): ExplainArguments {
  const format = oneOf(["text", "json"], values.format ?? "text");
  const more = { format, output, policyConfig, svg: fileName("svg", values.svg) };
  return { source: sourceOf(values, positionals), ...more };
}

function sourceOf(values: Values, positionals: readonly string[]) {
  if (values.state === undefined) return projectOf(values, positionals);
  const both = values.cwd !== undefined || values.config !== undefined;
  if (both) throw new InputError("--state stands for the program: --cwd and --config go with --stack");
  return stateOf(values, positionals);
}

function oneOf<T extends string>(formats: readonly T[], text: string): T {
  const found = formats.find((each) => each === text);
  if (found) return found;
  const near = closest(text, formats);
  const hint = near ? `; did you mean ${near}?` : "";
  throw new InputError(`--format is "${text}" and can be ${formats.join(", ")}${hint}`);
}

function fileName(option: string, text: string | undefined): string | undefined {
  if (text === "") throw new InputError(`--${option} needs a file name`);
  return text;
}

function configPair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new InputError(`--config is "${text}" and must be KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export const COMMANDS = ["check", "analyze", "explain", "init"] as const;
type CommandName = (typeof COMMANDS)[number];

/** What `poolproof --help` prints. */
export const HELP = `poolproof: are a stack's database connection pools safe to deploy?

  poolproof check --stack STACK     judge the stack's plan, without a Pulumi engine or credentials
  poolproof analyze --state FILE    judge what is deployed, from a \`pulumi stack export\`
  poolproof explain --stack STACK   draw each pool's safe window, and say what opens an empty one
  poolproof init --stack STACK      write a policy config to begin with, from what the stack's plan shows

  poolproof COMMAND --help          the options of a command
  poolproof --version               the version

Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`;

const PROJECT = `  --stack STACK          the stack; may also be given as an argument
  --cwd DIR              folder of the Pulumi project (default: here, or the nearest one above)
  -c, --config KEY=VALUE set a config value for this run only; may be repeated`;

const REPORT = `  --base STATE           \`pulumi stack export\` of the stack as it is deployed now: lets the rules judge the change too
  --policy-config FILE   levels and settings, as for \`pulumi preview --policy-pack-config\`
  --format FORMAT        text, json, sarif, junit or markdown (default: text)
  --output FILE          write the report there instead of to stdout`;

/** What `poolproof COMMAND --help` prints. */
export const COMMAND_HELP: { readonly [command in CommandName]: string } = {
  check: `poolproof check --stack STACK: judge the stack's plan, without a Pulumi engine or credentials

${PROJECT}
${REPORT}

Runs the program in this process, with its own @pulumi/pulumi, as for a first preview.
Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`,

  analyze: `poolproof analyze --state FILE: judge what is deployed, from a \`pulumi stack export\`

  --state FILE           the export; - reads stdin: \`pulumi stack export | poolproof analyze --state -\`
  --stack STACK          what to call the stack in the report (default: as in the export)
${REPORT}

Secrets that the export keeps encrypted are undecided; \`pulumi stack export --show-secrets\` writes them in clear,
and no report shows them.
Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`,

  explain: `poolproof explain --stack STACK: draw each pool's safe window, and say what opens an empty one

${PROJECT}
  --state FILE           explain a \`pulumi stack export\` instead of a program; - reads stdin
  --policy-config FILE   settings, as for \`pulumi preview --policy-pack-config\`
  --format text|json     the drawing, or its numbers (default: text)
  --output FILE          write it there instead of to stdout
  --svg FILE             write the windows as a picture too

It explains and does not judge: a stack that \`check\` rejects is explained like any other.
Exit codes: 0 explained, 2 the input cannot be used.`,

  init: `poolproof init --stack STACK: write a policy config to begin with, from what the stack's plan shows

${PROJECT}
  --state FILE           read a \`pulumi stack export\` instead of a program; - reads stdin. For programs in other
                         languages, and those that \`check\` cannot run
  --output FILE          the policy config (default: poolproof.json, here)
  --force                write over a file that is there

Rules that find nothing keep their level, so they are a gate from now on; those that find something only warn until it
is mended. What was found, what is assumed and what only people can fill in is printed, and stands in the file as well.
Exit codes: 0 written, 2 the input cannot be used.`,
};
