import { constants, cpus } from "node:os";
import { circumstances, deliver, fileFor, save } from "../../policies/command/output";
import { endedBy } from "../../policies/kit/cli";
import { type Options, parseCommandLine } from "./commandLine";
import { runExperiment } from "./drills/experiments";
import { k6Script } from "./k6";
import { type Cleanup, otherLabsNote } from "./lab/cleanup";
import { makeWorkspace, openTestEnvironment } from "./lab/testEnvironment";
import { findPgbench } from "./measure/pgbench";
import { renderExperiment } from "./report/experiment";
import { toHtml } from "./report/html";
import { render } from "./report/render";
import { type CheckedInput, checkInput } from "./run/input";
import { planText, stepsOf } from "./run/runPlan";
import { mixOf, Progress, RAMP_TO, secondsOf, warmUpSeconds } from "./run/session";
import { type StressRun, stress } from "./run/stress";
import { loadStack } from "./stackUnderTest";

const say = (text: string): void => {
  process.stderr.write(text);
};

async function main(argv: readonly string[]): Promise<number> {
  const began = performance.now();
  const options = parseCommandLine(argv);
  const to = destinations(options);
  const workspace = makeWorkspace();
  undoOnSignal(workspace.cleanup);
  try {
    if (options.experiment !== undefined) {
      const report = await runExperiment(options.experiment, {
        ...workspace,
        ...options,
        seconds: secondsOf(options),
        say,
      });
      const seconds = (performance.now() - began) / 1000;
      deliver(renderExperiment(report, options.format, seconds), { file: to.output });
      return report.outcome === "passed" ? 0 : 1;
    }
    const declared = await loadStack(options.stack, workspace.folder);
    const input = checkInput(declared, options, cpus().length);
    if (options.emit === "k6") {
      deliver(scriptOf(input, options), { file: to.output });
      return 0;
    }
    const { stack, scaled } = input;
    const steps = stepsOf({ ...input, options, hasPgbench: findPgbench() !== undefined });
    const plan = planText(stack.stack, steps);
    const announce = (): void => [...otherLabsNote().map((note) => `! ${note}\n`), plan].forEach(say);
    // Before the lab's own database starts, which takes a while; a database that cannot be reached is one line alone.
    if (options.databaseUrl === undefined) announce();
    const lab = await openTestEnvironment({ ...options, ...workspace, stack, holdMs: stack.demand.holdMs });
    if (options.databaseUrl !== undefined) announce();
    const run = await stress({ options, stack, scaled, lab, progress: new Progress(say) });
    deliverAll(run, options, to, (performance.now() - began) / 1000);
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

/** Where everything goes; what cannot be written is said before the lab is started. @throws InputError */
const destinations = ({ output, html, trace }: Options) => ({
  output: output === undefined ? undefined : fileFor(output, "--output"),
  html: html === undefined ? undefined : fileFor(html, "--html"),
  trace: trace === undefined ? undefined : fileFor(trace, "--trace"),
});

/** Everything is made before anything is written. */
function deliverAll(
  { report, trace }: StressRun,
  { format }: Options,
  to: ReturnType<typeof destinations>,
  seconds: number,
): void {
  const text = render(report, format, seconds);
  if (to.html !== undefined) save(to.html, toHtml(report, circumstances()), "--html");
  if (to.trace !== undefined) save(to.trace, `${JSON.stringify(trace, null, 2)}\n`, "--trace");
  deliver(text, { file: to.output });
}

main(process.argv.slice(2)).then(
  (code) => {
    // A large report may still be on its way through a pipe.
    if (stoppedBy === undefined) process.stdout.write("", () => process.exit(code));
  },
  (error: unknown) => {
    if (stoppedBy !== undefined) return;
    const code = endedBy(error, "the lab failed");
    process.stdout.write("", () => process.exit(code));
  },
);
