import { constants, cpus } from "node:os";
import { InputError } from "../../policies/command/inputError";
import { writeReport } from "../../policies/reports/json";
import { type Options, parseCommandLine } from "./commandLine";
import { HELP } from "./help";
import { k6Script } from "./k6/emit";
import { beginLab, openLab } from "./lab";
import { LabError, messageOf } from "./labError";
import { declaredMix } from "./load/requestMix";
import { findPgbench } from "./measure/pgbench";
import { toHtml } from "./report/html/page";
import { render } from "./report/render";
import { type CheckedInput, checkInput } from "./run/checkInput";
import { planText, stepsOf } from "./run/runPlan";
import { RAMP_TO, secondsOf, sessionOf, warmUpSeconds } from "./run/session";
import { type StressRun, stress } from "./run/stress";
import { loadStack } from "./settings/loadStack";
import type { Tidy } from "./tidy";

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
  const { folder, tidy, watch } = beginLab();
  undoOnSignal(tidy);
  try {
    const declared = await loadStack(options.stack, folder);
    const input = checkInput(declared, options, cpus().length);
    if (options.emit === "k6") {
      deliver(scriptOf(input, options), options.output, "--output");
      return 0;
    }
    const { stack } = input;
    const plan = planText(
      stack.stack,
      stepsOf({ ...input, options, hasPgbench: findPgbench() !== undefined }),
    );
    // Before the lab's own database starts, which takes a while; a database that cannot be reached is one line alone.
    if (options.databaseUrl === undefined) say(plan);
    const lab = await openLab({ ...options, stack, folder, tidy, watch, holdMs: stack.demand.holdMs });
    if (options.databaseUrl !== undefined) say(plan);
    const run = await stress(sessionOf(options, stack, input.scaled, lab, say));
    deliverAll(run, options);
    return run.report.outcome === "passed" ? 0 : 1;
  } finally {
    for (const failure of await tidy.all()) say(`could not be undone: ${failure}\n`);
  }
}

/** Ctrl-C, a polite kill, a closed terminal: everything is undone, and the exit code says by what. */
function undoOnSignal(tidy: Tidy): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stoppedBy !== undefined) return;
      stoppedBy = signal;
      say("stopping: tasks, database and folder are being removed\n");
      void tidy.all().then(() => process.exit(128 + constants.signals[signal]));
    });
  }
}
let stoppedBy: NodeJS.Signals | undefined;

function scriptOf({ stack }: CheckedInput, options: Options): string {
  return k6Script({
    stack,
    mix: declaredMix(stack.demand.acquisitionsPerRequest),
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

/** @throws LabError naming the option. */
function deliver(text: string, file: string | undefined, option: string): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeReport(file, text);
  } catch (error) {
    throw new LabError(`${option}: ${file} cannot be written: ${messageOf(error)}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    // A large report may still be on its way through a pipe.
    if (stoppedBy === undefined) process.stdout.write("", () => process.exit(code));
  },
  (error: unknown) => {
    if (stoppedBy !== undefined) return;
    const known = error instanceof LabError || error instanceof InputError;
    say(`error: ${known ? "" : "the lab failed: "}${messageOf(error)}\n`);
    if (process.env.POOLPROOF_DEBUG && error instanceof Error) say(`${error.stack}\n`);
    process.exit(UNUSABLE_INPUT);
  },
);
