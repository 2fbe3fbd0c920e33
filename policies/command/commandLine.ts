import { CommandLine, choice, fileName, repeated } from "../kit/cli";
import { InputError } from "../kit/errors";
import { FORMATS, type Format } from "../reports/render";

/** What finds a project's program and configures it. */
export interface ProjectArguments {
  readonly cwd?: string;
  readonly stack: string;
  readonly config?: readonly (readonly [key: string, value: string])[];
  /** Recorded results of the program's look-ups. */
  readonly answers?: string;
}

/** A `pulumi stack export`; `-` for stdin. */
export interface StateArguments {
  readonly state: string;
  /** What to call the stack. */
  readonly stack?: string;
}

/** A plan that the policy pack wrote (`POOLPROOF_PLAN`); the rest says what it must be of. */
export interface PlanArguments {
  readonly plan: string;
  readonly stack?: string;
  readonly cwd?: string;
}

/** How a report is judged and where it goes. */
interface ReportArguments {
  readonly base?: string;
  readonly format: Format;
  readonly output?: string;
  readonly policyConfig?: string;
}

export type CheckArguments = (ProjectArguments | PlanArguments) &
  ReportArguments & {
    /** File for what the program says of pools, for `POOLPROOF_READING`. */
    readonly writeReading?: string;
  };
export type AnalyzeArguments = StateArguments & ReportArguments;
export type Source = ProjectArguments | PlanArguments | StateArguments;

export type ExplainArguments = Source & {
  readonly format: "text" | "json";
  readonly output?: string;
  readonly svg?: string;
  readonly policyConfig?: string;
};

export type AnswersArguments = ProjectArguments & { readonly output?: string };

export type InitArguments = Source & {
  /** File of the policy configuration that is written. */
  readonly output: string;
  /** Whether it may be written over one that is there. */
  readonly force?: boolean;
};

/** What runs each command. Returns the exit code. */
export interface Handlers {
  readonly check: (options: CheckArguments) => Promise<number>;
  readonly analyze: (options: AnalyzeArguments) => Promise<number>;
  readonly explain: (options: ExplainArguments) => Promise<number>;
  readonly init: (options: InitArguments) => Promise<number>;
  readonly answers: (options: AnswersArguments) => Promise<number>;
}

/**
 * The `poolproof` command line.
 * @param ended - Gets the exit code of the command.
 * @throws InputError or commander's error naming what is wrong with the command line.
 */
export function poolproof(run: Handlers, version: string, ended: (code: number) => void): CommandLine {
  const program = new CommandLine("poolproof");
  program
    .description("Are a stack's database connection pools safe to deploy?")
    .version(version, "--version", "print the version")
    .enablePositionalOptions()
    .addHelpText("after", `\nExit codes: 0 accepted, 1 rejected, ${UNUSABLE}`);

  withReport(
    withPlan(
      withProject(program.command("check"), "judge the stack's plan, without a Pulumi engine or credentials"),
    ),
  )
    .option(
      "--write-reading <file>",
      "write what the program says of pools there, for a preview that does not know it (POOLPROOF_READING)",
      fileName,
    )
    .addHelpText("after", CHECK)
    .action(async (stack: string | undefined, options: CheckArguments) => {
      const source = programOrPlan(stack, options);
      ended(await run.check({ ...options, ...source }));
    });

  withReport(
    program
      .command("analyze")
      .description("judge what is deployed, from a `pulumi stack export`")
      .option(
        "--state <file>",
        "the export; - reads stdin: `pulumi stack export | poolproof analyze --state -`",
        fileName,
      )
      .option("-s, --stack <stack>", "what to call the stack in the report (default: as in the export)"),
  )
    .addHelpText("after", ANALYZE)
    .action(async (options: AnalyzeArguments) => {
      if (options.state !== undefined) return ended(await run.analyze(options));
      throw new InputError("which export? Name it with `--state FILE`; `pulumi stack export` writes one");
    });

  withState(
    withProject(program.command("explain"), "draw each pool's safe window, and say what opens an empty one"),
    "explain a `pulumi stack export` instead of a program; - reads stdin",
  )
    .option("--policy-config <file>", "settings, as for `pulumi preview --policy-pack-config`", fileName)
    .option("--format <format>", "the drawing (text) or its numbers (json)", choice(["text", "json"]), "text")
    .option("--output <file>", "write it there instead of to stdout", fileName)
    .option("--svg <file>", "write the windows as a picture too", fileName)
    .addHelpText("after", EXPLAIN)
    .action(async (stack: string | undefined, options: ExplainArguments) =>
      ended(await run.explain({ ...options, ...sourceOf(stack, options) })),
    );

  withState(
    withProject(
      program.command("init"),
      "write a policy config to begin with, from what the stack's plan shows",
    ),
    "read a `pulumi stack export` instead of a program; - reads stdin. For what is deployed already",
  )
    .option("--output <file>", "the policy config", fileName, STARTING_FILE)
    .option("--force", "write over a file that is there")
    .addHelpText("after", INIT)
    .action(async (stack: string | undefined, options: InitArguments) =>
      ended(await run.init({ ...options, ...sourceOf(stack, options) })),
    );

  withProject(
    program.command("answers"),
    "write a file for what the program looks up, for a program that computes with it",
  )
    .option("--output <file>", "write it there instead of to stdout", fileName)
    .addHelpText("after", ANSWERS)
    .action(async (stack: string | undefined, options: AnswersArguments) =>
      ended(await run.answers({ ...options, stack: oneStack(stack, options.stack) })),
    );
  return program;
}

/** Where `init` writes when nothing else is said, in the folder it is started in. */
const STARTING_FILE = "poolproof.json";

const UNUSABLE = "2 the input cannot be used.";
const JUDGED = `Exit codes: 0 accepted, 1 rejected, ${UNUSABLE}`;
const CHECK = `\nRuns the program in this process, with its own @pulumi/pulumi, as for a first preview.\n${JUDGED}`;
const ANALYZE = `
Secrets that the export keeps encrypted are undecided; \`pulumi stack export --show-secrets\` writes them in clear,
and no report shows them.
${JUDGED}`;
const EXPLAIN = `
It explains and does not judge: a stack that \`check\` rejects is explained like any other.
Exit codes: 0 explained, ${UNUSABLE}`;
const INIT = `
Rules that find nothing keep their level, so they are a gate from now on; those that find something only warn until fixed.
What was found, what is assumed and what only people can fill in is printed, and stands in the file as well.
Exit codes: 0 written, ${UNUSABLE}`;
const ANSWERS = `
Each look-up of the program (\`getAmi\`, \`getSecretVersion\`) gets an entry; give its fields under \`result\` their values and pass
the file to \`check\`, \`init\` and \`explain\` with \`--answers\`. Fields that are null or missing stay unknown.
Exit codes: 0 written, ${UNUSABLE}`;

const withProject = (command: CommandLine, description: string): CommandLine =>
  command
    .description(description)
    .argument("[stack]", "the stack")
    .option("-s, --stack <stack>", "the stack; may also be given as an argument")
    .option("--cwd <dir>", "folder of the Pulumi project (default: here, or the nearest one above)", fileName)
    .option(
      "-c, --config <key=value>",
      "set a config value for this run only; may be repeated",
      repeated(configPair),
    )
    .option(
      "--answers <file>",
      "recorded results of the program's look-ups; `poolproof answers` writes such a file",
      fileName,
    );

const withPlan = (command: CommandLine): CommandLine =>
  command.option(
    "--plan <file>",
    "read the plan that the policy pack wrote (POOLPROOF_PLAN) instead of running the program: for any language",
    fileName,
  );

const withState = (command: CommandLine, description: string): CommandLine =>
  withPlan(command).option("--state <file>", description, fileName);

const withReport = (command: CommandLine): CommandLine =>
  command
    .option(
      "--base <state>",
      "`pulumi stack export` of the stack as it is deployed now: lets the rules judge the change too",
      fileName,
    )
    .option(
      "--policy-config <file>",
      "levels and settings, as for `pulumi preview --policy-pack-config`",
      fileName,
    )
    .option("--format <format>", FORMATS.join(", "), choice(FORMATS), "text")
    .option("--output <file>", "write the report there instead of to stdout", fileName);

function oneStack(argument: string | undefined, option: string | undefined): string {
  const stack = argument ?? option;
  if (!stack) throw new InputError("which stack? Name it with `--stack STACK`");
  if (argument === undefined || option === undefined) return stack;
  throw new InputError(`one stack at a time, not ${argument} and ${option}`);
}

type SourceOptions = Partial<ProjectArguments & PlanArguments & StateArguments>;

function sourceOf(argument: string | undefined, options: SourceOptions): Source {
  const { state, plan, cwd, config, answers } = options;
  if (state === undefined) return programOrPlan(argument, options);
  if (plan !== undefined) throw new InputError("one source at a time, not --plan and --state");
  if ([cwd, config, answers, argument].every((each) => each === undefined)) return { state };
  throw new InputError("--state stands for the program: --cwd, --config and --answers go with --stack");
}

function programOrPlan(
  argument: string | undefined,
  { plan, stack, config, answers }: SourceOptions,
): { readonly stack: string } | PlanArguments {
  if (plan === undefined) return { stack: oneStack(argument, stack) };
  if (config !== undefined || answers !== undefined) {
    throw new InputError("--plan stands for the program: --config and --answers go with --stack");
  }
  return argument === undefined && stack === undefined
    ? { plan }
    : { plan, stack: oneStack(argument, stack) };
}

function configPair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new InputError(`--config is "${text}" and must be KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
