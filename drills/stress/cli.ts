import { constants, cpus } from "node:os";
import { InputError, messageOf } from "../../policies/kit/errors";
import { writeReport } from "../../policies/reports/json";
import { HELP, type Options, parseCommandLine } from "./commandLine";
import { k6Script } from "./k6";
import type { Cleanup } from "./lab/cleanup";
import { makeWorkspace, openTestEnvironment } from "./lab/testEnvironment";
import { findPgbench } from "./measure/pgbench";
import { toHtml } from "./report/html";
import { render } from "./report/render";
import { type CheckedInput, checkInput } from "./run/input";
import { planText, stepsOf } from "./run/runPlan";
import { mixOf, Progress, RAMP_TO, secondsOf, warmUpSeconds } from "./run/session";
import { type StressRun, stress } from "./run/stress";
import { loadStack } from "./stackUnderTest";

const UNUSABLE_INPUT = 2;

const say = (text: string): void => {
  process.stderr.write(text);
};

async function main(argv: readonly string[]): Promise<number> {
  const options = parseCommandLine(argv);
  if (options === "help") {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const workspace = makeWorkspace();
  undoOnSignal(workspace.cleanup);
  try {
    const declared = await loadStack(options.stack, workspace.folder);
    const input = checkInput(declared, options, cpus().length);
    if (options.emit === "k6") {
      deliver(scriptOf(input, options), options.output, "--output");
      return 0;
    }
    const { stack, scaled } = input;
    const steps = stepsOf({ ...input, options, hasPgbench: findPgbench() !== undefined });
    const plan = planText(stack.stack, steps);
    // Before the lab's own database starts, which takes a while; a database that cannot be reached is one line alone.
    if (options.databaseUrl === undefined) say(plan);
    const lab = await openTestEnvironment({ ...options, ...workspace, stack, holdMs: stack.demand.holdMs });
    if (options.databaseUrl !== undefined) say(plan);
    const run = await stress({ options, stack, scaled, lab, progress: new Progress(say) });
    deliverAll(run, options);
    return run.report.outcome === "passed" ? 0 : 1;
  } finally {
    for (const failure of await workspace.cleanup.all()) say(`could not be undone: ${failure}\n`);
  }
}

/** Ctrl-C, a polite kill, a closed terminal: everything is undone, and the exit code says by what. */
function undoOnSignal(cleanup: Cleanup): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stoppedBy !== undefined) return;
      stoppedBy = signal;
      say("stopping: tasks, database and folder are being removed\n");
      void cleanup.all().then(() => process.exit(128 + constants.signals[signal]));
    });
  }
}
let stoppedBy: NodeJS.Signals | undefined;

function scriptOf(input: CheckedInput, options: Options): string {
  const { stack } = input;
  return k6Script({
    stack,
    mix: mixOf(input),
    seconds: secondsOf(options),
    warmUpSeconds: warmUpSeconds(stack, stack.demand.holdMs),
    rampTo: RAMP_TO,
  });
}

/** Everything is made before anything is written. */
function deliverAll({ report, trace }: StressRun, options: Options): void {
  const text = render(report, options.format);
  const page = options.html === undefined ? undefined : toHtml(report);
  if (page !== undefined) deliver(page, options.html, "--html");
  if (options.trace !== undefined) deliver(`${JSON.stringify(trace, null, 2)}\n`, options.trace, "--trace");
  deliver(text, options.output, "--output");
}

/** @throws InputError naming the option. */
function deliver(text: string, file: string | undefined, option: string): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeReport(file, text);
  } catch (error) {
    throw new InputError(`${option}: ${file} cannot be written: ${messageOf(error)}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    // A large report may still be on its way through a pipe.
    if (stoppedBy === undefined) process.stdout.write("", () => process.exit(code));
  },
  (error: unknown) => {
    if (stoppedBy !== undefined) return;
    say(`error: ${error instanceof InputError ? "" : "the lab failed: "}${messageOf(error)}\n`);
    if (process.env.POOLPROOF_DEBUG && error instanceof Error) say(`${error.stack}\n`);
    process.exit(UNUSABLE_INPUT);
  },
);
