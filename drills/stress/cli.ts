import { constants } from "node:os";
import { InputError } from "../../policies/command/inputError";
import { writeReport } from "../../policies/reports/writeReport";
import { type Options, parseCommandLine } from "./commandLine";
import { HELP } from "./help";
import { beginLab, openLab } from "./lab";
import { LabError, messageOf } from "./labError";
import { declaredMix } from "./load/requestMix";
import { render } from "./report/render";
import { checkStack } from "./run/checkInput";
import { sessionOf, stress } from "./run/stress";
import { loadStack } from "./settings/loadStack";
import type { Tidy } from "./tidy";

const UNUSABLE_INPUT = 2;

const say = (text: string): void => {
  process.stderr.write(text);
};

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

async function run(options: Options): Promise<number> {
  const { folder, tidy, watch } = beginLab();
  undoOnSignal(tidy);
  try {
    const stack = await loadStack(options.stack, folder);
    checkStack(stack, options);
    declaredMix(stack.demand.acquisitionsPerRequest);
    const holdMs = options.holdMs ?? stack.demand.holdMs;
    const lab = await openLab({
      stack,
      folder,
      tidy,
      watch,
      holdMs,
      seed: options.seed,
      databasePort: options.databasePort,
    });
    const { report } = await stress(sessionOf(options, stack, lab, say));
    deliver(render(report, options.format), options.output, "--output");
    return report.verdict === "holds" ? 0 : 1;
  } finally {
    const failures = await tidy.all();
    for (const failure of failures) say(`could not be undone: ${failure}\n`);
  }
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

async function main(argv: readonly string[]): Promise<number> {
  const options = parseCommandLine(argv);
  if (options === "help") {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  return run(options);
}

main(process.argv.slice(2)).then(
  (code) => {
    if (stoppedBy === undefined) process.exit(code);
  },
  (error: unknown) => {
    if (stoppedBy !== undefined) return;
    const known = error instanceof LabError || error instanceof InputError;
    say(`error: ${known ? "" : "the lab failed: "}${messageOf(error)}\n`);
    if (process.env.POOLPROOF_DEBUG && error instanceof Error) say(`${error.stack}\n`);
    process.exit(UNUSABLE_INPUT);
  },
);
