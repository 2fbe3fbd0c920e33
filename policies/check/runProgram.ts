import { spawnSync } from "node:child_process";
import type { ProjectArguments } from "../command/commandLine";
import { InputError, messageOf } from "../kit/errors";
import type { Plan } from "../plan/plan";
import { type Answers, type LookUp, readAnswers, shownLookUp } from "./answers";
import { loadProgram } from "./loadProgram";
import { loadSdk, type ProgramSdk, withoutPositions } from "./programSdk";
import { findStackFile, type Project, parseYaml, readProject, shortName } from "./project";
import { RecordingMonitor, type SourcePositions } from "./recordingMonitor";
import { type StackConfig, stackConfig } from "./stackConfig";
import { UndecryptedConfig } from "./undecrypted";
import { UnknownValues } from "./unknownValues";

/** What a program registered, and where it stands. */
export interface PlannedProject {
  readonly plan: Plan;
  readonly project: Project;
  readonly stack: string;
  /** Undefined for a project without stack files. */
  readonly stackFile: string | undefined;
  /** The config values that are no secret. */
  readonly config: { readonly [key: string]: string };
  /** Where in the program each resource was made, if that was asked for. */
  readonly positions: SourcePositions;
}

export interface Needs {
  /** Whether to note where resources are made, which costs a stack trace for each. */
  readonly positions: boolean;
  /** Told of the look-ups once the program has ended, be it in an error. */
  readonly asked?: (lookUps: readonly LookUp[], read: (token: string) => readonly string[]) => void;
}

/**
 * Runs a project's program for a stack. `exitCode` instead of a plan where the command had to be started again, under
 * the project's `nodeargs`, and has done its work there.
 * @throws InputError
 */
export async function planProject(
  options: ProjectArguments,
  needs: Needs,
): Promise<PlannedProject | { readonly exitCode: number }> {
  const project = readProject(options.cwd ?? ".");
  const stack = shortName(options.stack);
  const stackFile = findStackFile(project, stack);
  const config = stackConfig(project, stack, stackFile && parseYaml(stackFile), options.config ?? []);
  const answers = options.answers === undefined ? undefined : readAnswers(options.answers);
  const exitCode = restartWithNodeArguments(project);
  if (exitCode !== undefined) return { exitCode };
  for (const note of config.notes) process.stderr.write(`note: ${note}\n`);
  const { plan, positions } = await runProgram(project, stack, config, { ...needs, answers });
  const shown = Object.entries(config.values).filter(([key]) => !config.secretKeys.includes(key));
  return { plan, project, stack, stackFile, positions, config: Object.fromEntries(shown) };
}

/** What Pulumi calls the organization of a backend that has none. */
const ORGANIZATION = "organization";

/**
 * Runs a Pulumi program in this process, with its own @pulumi/pulumi, and returns the plan it registered. The
 * program's own output goes to stderr: stdout belongs to the report.
 * @throws InputError when the program cannot be run or fails.
 */
async function runProgram(
  project: Project,
  stack: string,
  config: StackConfig,
  { answers, ...needs }: Needs & { readonly answers: Answers | undefined },
): Promise<Pick<RecordingMonitor, "plan" | "positions">> {
  const sdk = loadSdk(project);
  if (!needs.positions) withoutPositions(sdk.pulumi);
  const monitor = new RecordingMonitor(sdk.protocol, {
    project: project.name,
    stack,
    region: config.values["aws:region"] ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    ...(answers === undefined ? {} : { answers }),
  });
  const { runtime } = sdk.pulumi;
  runtime.setMockOptions(monitor, project.name, stack, true, ORGANIZATION);
  runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);

  const undecrypted = new UndecryptedConfig(config);
  const values = new UnknownValues(sdk);
  const known: KnownProblems = { monitor, undecrypted, values };
  const unlogged = withoutRepetition(sdk, known);
  values.install();
  process.chdir(project.programFolder);
  const restoreStdout = redirectStdout();
  const restoreConfig = undecrypted.install(sdk.pulumi);
  process.once("exit", endedEarly);
  const waiting = sayWhatIsWaitedFor(stack, monitor);
  try {
    const load = async () => undecrypted.exported(await loadProgram(project, sdk.require));
    const failure = await settled(() => runtime.runInPulumiStack(load));
    if (failure) throw new InputError(describe(failure.error, known));
    const unanswered = unlogged[0] ?? undecrypted.problem;
    if (unanswered !== undefined) throw new InputError(unanswered);
    if (sdk.pulumi.log.hasErrors()) throw new InputError("the program reported an error (see above)");
  } finally {
    needs.asked?.(monitor.lookUps, (token) => [...(values.read.get(token) ?? [])]);
    clearTimeout(waiting);
    process.off("exit", endedEarly);
    restoreConfig();
    restoreStdout();
  }
  for (const note of [...notExamined(monitor), ...(answers?.unused ?? [])])
    process.stderr.write(`note: ${note}\n`);
  return monitor;
}

/** What of a program only the engine and the cloud know, said once. */
function notExamined({
  unanswered,
  unexpanded,
}: Pick<RecordingMonitor, "unanswered" | "unexpanded">): string[] {
  const tokens = [...unanswered].sort();
  const lookUps =
    tokens.length === 0
      ? []
      : [
          `not looked up in the cloud, so unknown here: ${tokens.join(", ")}. A value that the program computes from an answer may differ in a deployment`,
        ];
  const components =
    unexpanded.length === 0
      ? []
      : [
          `not run, as the code of these components runs only in the engine: ${unexpanded.join(", ")}. Their outputs are unknown here; \`pulumi preview --policy-pack\` judges what they make`,
        ];
  return [...lookUps, ...components];
}

/** What keeps a program from running here and is said in whole sentences, wherever the error that says it comes up. */
interface KnownProblems {
  readonly monitor: Pick<RecordingMonitor, "beyondCheck" | "unanswered" | "lookUps">;
  readonly values: Pick<UnknownValues, "lastUsed">;
  readonly undecrypted: Pick<UndecryptedConfig, "refused" | "hint">;
}

const knownProblem = (
  { monitor, undecrypted }: Pick<KnownProblems, "monitor" | "undecrypted">,
  message: string,
): string | undefined =>
  [...monitor.beyondCheck, ...undecrypted.refused].find((what) => message.includes(what));

/**
 * The SDK also logs, with a stack trace, that an argument could not be sent because a look-up before it was refused. The
 * refusal itself says all of that in one line; what was kept back is returned as it comes, in the refusal's words.
 */
function withoutRepetition({ log }: ProgramSdk, problems: KnownProblems): readonly string[] {
  const kept: string[] = [];
  const original = log.error;
  log.error = (message, ...more) => {
    const known = knownProblem(problems, message);
    if (known === undefined) return original(message, ...more);
    kept.push(known);
    return Promise.resolve();
  };
  return kept;
}

/**
 * Starts the program and waits until the process has nothing left to do, as Pulumi does: resources may still be
 * registered after the program's own promise has settled. Returns the first error, wherever it was thrown.
 */
function settled(start: () => Promise<unknown>): Promise<{ readonly error: unknown } | undefined> {
  return new Promise((resolve) => {
    let failure: { readonly error: unknown } | undefined;
    let isDone = false;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    process.on("uncaughtException", fail);
    process.on("unhandledRejection", fail);
    process.once("beforeExit", () => {
      process.off("uncaughtException", fail);
      process.off("unhandledRejection", fail);
      if (!isDone && !failure) fail(new Error("it waits for a promise that nothing will resolve"));
      setImmediate(() => resolve(failure));
    });
    start().then(() => {
      isDone = true;
    }, fail);
  });
}

/** Programs take seconds. Only seconds in which the process was free to run a timer count: a busy program waits for nothing. */
const WAIT_SECONDS = 30;

/**
 * A program that keeps a server, a connection or a timer open never ends. What keeps it can be read from Node.js alone, and
 * for most it is a hint at which of the program's modules to look.
 */
export function sayWhatIsWaitedFor(stack: string, monitor: Pick<RecordingMonitor, "plan">): NodeJS.Timeout {
  let seconds = 0;
  const say = (): void => {
    seconds++;
    if (seconds < WAIT_SECONDS) return;
    clearInterval(timer);
    const open = process.getActiveResourcesInfo().filter((kind) => !/^(TTY|Pipe)Wrap$/.test(kind));
    const kinds = [...new Set(open)].map((kind) => `${open.filter((each) => each === kind).length} ${kind}`);
    const { length } = monitor.plan.resources;
    const made = `${length} resource${length === 1 ? "" : "s"}`;
    process.stderr.write(
      `still running: waiting for the program of stack ${stack}; it has registered ${made} and keeps open: ${kinds.join(", ") || "nothing that Node.js shows"}\n`,
    );
  };
  // It must not keep the process alive itself.
  const timer = setInterval(say, 1_000).unref();
  return timer;
}

/** A program that calls `process.exit` takes the verdict with it, and its exit code must not pass for one. */
function endedEarly(code: number): void {
  process.exitCode = 2;
  process.stderr.write(
    `error: the program ended the process (process.exit(${code})) before it was done, so there is no verdict; let it return, or throw an error\n`,
  );
}

/** What the SDK says of an engine that lacks a feature, as this one does: transforms and hooks call back into the program. */
const UNSUPPORTED = /^The Pulumi CLI does not support (?:the )?(.+?)\. Please update the Pulumi CLI/;

/** A program's error as one message; the stack trace is for the program's author, behind PULUMI_STACK_TRACES. */
function describe(error: unknown, problems: KnownProblems): string {
  if (process.env.PULUMI_STACK_TRACES && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  const known = knownProblem(problems, messageOf(error));
  if (known !== undefined) return known;
  const unsupported = UNSUPPORTED.exec(messageOf(error));
  if (unsupported) {
    return `the program uses ${unsupported[1]}, which only the engine can run; use \`pulumi preview --policy-pack\``;
  }
  const isRunError = typeof error === "object" && error !== null && "__pulumiRunError" in error;
  if (isRunError) return messageOf(error);
  return `the program failed: ${messageOf(error)}${unanswered(problems)}${problems.undecrypted.hint}`;
}

/** The look-up whose unknown answer the program may have failed on: the one that it used last, else all of them. */
function unanswered({ monitor, values }: KnownProblems): string {
  const { lastUsed } = values;
  const suspects = monitor.lookUps.filter(({ token }) =>
    lastUsed === undefined ? monitor.unanswered.has(token) : token === lastUsed,
  );
  if (suspects.length === 0) return "";
  const [which, them] = suspects.length === 1 ? ["its answer is", "it"] : ["their answers are", "them"];
  return ` (it looks up ${suspects.map(shownLookUp).join(" and ")}, and ${which} unknown without an engine: if it computes with ${them}, write a file for the answers with \`poolproof answers --output answers.json\`, fill it in and add \`--answers answers.json\`)`;
}

function redirectStdout(): () => void {
  const original = process.stdout.write;
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return () => {
    process.stdout.write = original;
  };
}

const MARK = "POOLPROOF_NODEARGS";

/**
 * Starts this command again under the `nodeargs` of Pulumi.yaml (loaders such as `--import=tsx`), which Node takes
 * only at start-up. Returns the exit code of that run; undefined when this process already is the right one.
 */
function restartWithNodeArguments(project: Project): number | undefined {
  const wanted = project.nodeargs.join(" ");
  if (wanted === "" || process.env[MARK] === wanted) return undefined;
  const [, script = "", ...rest] = process.argv;
  const { status } = spawnSync(process.execPath, [...absolute(project), script, ...rest], {
    stdio: "inherit",
    env: { ...process.env, [MARK]: wanted },
  });
  return status ?? 2;
}

/** Node resolves `--import` from where it is started; Pulumi starts it in the program's folder. */
function absolute({ nodeargs, programFolder }: Project): string[] {
  return nodeargs.map((argument) => {
    const match = /^(--(?:import|require|loader|experimental-loader)=|-r=)(.+)$/.exec(argument);
    if (!match) return argument;
    const [, flag = "", name = ""] = match;
    try {
      return `${flag}${require.resolve(name, { paths: [programFolder] })}`;
    } catch {
      return argument;
    }
  });
}
