import { parseArgs } from "node:util";
import { closest, InputError, messageOf } from "./inputError";

export const HELP = `poolproof: are a stack's database connection pools safe to deploy?

  poolproof check --stack STACK     judge the stack's plan, without a Pulumi engine or credentials

Options of check
  --cwd DIR              folder of the Pulumi project (default: here, or the nearest one above)
  --stack STACK          the stack to judge; may also be given as an argument
  --format text|json     what goes to stdout (default: text)
  --output FILE          write the report there instead
  --policy-config FILE   levels and settings, as for \`pulumi preview --policy-pack-config\`
  -c, --config KEY=VALUE set a config value for this run only; may be repeated

  poolproof --help       this text
  poolproof --version    the version

Exit codes: 0 accepted, 1 rejected, 2 the input cannot be used.`;

export const FORMATS = ["text", "json"] as const;
export type Format = (typeof FORMATS)[number];

export interface CheckArguments {
  readonly cwd: string | undefined;
  readonly stack: string;
  readonly format: Format;
  readonly output: string | undefined;
  readonly policyConfig: string | undefined;
  readonly config: readonly (readonly [key: string, value: string])[];
}

export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | { readonly name: "check"; readonly arguments: CheckArguments };

const OPTIONS = {
  cwd: { type: "string" },
  stack: { type: "string", short: "s" },
  format: { type: "string" },
  output: { type: "string" },
  "policy-config": { type: "string" },
  config: { type: "string", short: "c", multiple: true },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** @throws InputError naming what is wrong with the command line. */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.version) return { name: "version" };
  if (values.help || positionals[0] === "help" || argv.length === 0) return { name: "help" };
  const [command, ...rest] = positionals;
  if (command !== "check") {
    const what = command === undefined ? "no command is given" : `there is no command "${command}"`;
    throw new InputError(
      `${what}; \`poolproof check --stack STACK\` judges a stack, \`poolproof --help\` lists the rest`,
    );
  }
  const stacks = [...rest, ...(values.stack === undefined ? [] : [values.stack])];
  const [stack, ...more] = stacks;
  if (!stack) throw new InputError("which stack? Name it with `--stack STACK`");
  if (more.length > 0) throw new InputError(`one stack at a time, not ${stacks.join(" and ")}`);
  return {
    name: "check",
    arguments: {
      cwd: values.cwd,
      stack,
      format: format(values.format ?? "text"),
      output: nonEmpty("output", values.output),
      policyConfig: nonEmpty("policy-config", values["policy-config"]),
      config: (values.config ?? []).map(configPair),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /Unknown option '(-+)([^']*)'/.exec(messageOf(error));
    if (unknown) {
      const [, dashes = "", name = ""] = unknown;
      const near = closest(name, Object.keys(OPTIONS));
      throw new InputError(
        `there is no option ${dashes}${name}${near ? `; did you mean --${near}?` : "; `poolproof --help` lists them"}`,
      );
    }
    throw new InputError(
      messageOf(error).split(". ")[0]?.split("\n")[0] ?? "the command line cannot be read",
    );
  }
}

function format(text: string): Format {
  const found = FORMATS.find((each) => each === text);
  if (found) return found;
  throw new InputError(`--format is "${text}" and can be ${FORMATS.join(" or ")}`);
}

function nonEmpty(option: string, text: string | undefined): string | undefined {
  if (text === "") throw new InputError(`--${option} needs a file name`);
  return text;
}

function configPair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new InputError(`--config is "${text}" and must be KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
