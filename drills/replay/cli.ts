import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { optionMistake, withNegativeValues } from "../commandLine/optionMistake";
import { ReplayInputError, readData, reasonOf } from "./input";
import { loadScenarios, type Selection } from "./load";
import { toHtml } from "./report/html";
import { toJson, toJunit } from "./report/machine";
import { excludedAlarms, sentenceOf } from "./report/summary";
import { toText } from "./report/text";
import { runScenario, type ScenarioResult } from "./run";
import { parseScenario, scenarioPath, shippedScenarios } from "./scenario";

const RENDER = { text: toText, json: toJson, junit: toJunit } as const;
type Format = keyof typeof RENDER;
const FORMATS = Object.keys(RENDER) as readonly Format[];

const HELP = `npm run replay -- [SCENARIO…] [options]

Replays a stack's alarms against what CloudWatch would have been told, before they are deployed. A SCENARIO is the name of
a shipped one, or the path of a scenario or trace file; without any, all shipped scenarios are replayed.

  --list                   name the shipped scenarios
  --stack STACK            whose alarms, instead of those of the stack that the scenario names
  --trace FILE             replay a trace (as the stress lab writes them) without expectations; may be repeated. A trace
                           does not say whose alarms: needs --stack or --alarms
  --alarms FILE            replay these alarms instead: what \`aws cloudwatch describe-alarms --alarm-types MetricAlarm
                           CompositeAlarm\` prints. Judged by whom they wake and when, not by their names
  --ingestion-delay 60s    from the end of a minute until CloudWatch has its datapoints (60s)
  --format FORMAT          text, json or junit (text)
  --output FILE            write the report there instead of to stdout
  --html FILE              write a page with the series, thresholds and states drawn
  --help

Exit code: 0 all passed, 1 a bar was missed, 2 the input cannot be used.
`;

const OPTIONS = {
  list: { type: "boolean" },
  stack: { type: "string", short: "s" },
  trace: { type: "string", multiple: true },
  alarms: { type: "string" },
  "ingestion-delay": { type: "string" },
  format: { type: "string" },
  output: { type: "string" },
  html: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const EXAMPLES = {
  stack: "prod",
  trace: "trace.json",
  alarms: "alarms.json",
  "ingestion-delay": "60s",
  format: "json",
  output: "report.txt",
  html: "page.html",
} as const;

export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | {
      readonly kind: "replay";
      readonly selection: Selection;
      readonly format: Format;
      readonly output: string | undefined;
      readonly html: string | undefined;
    };

/** @throws ReplayInputError naming what is wrong with the command line. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parsed(argv);
  const { stack, alarms, output, html, trace: traces = [], format = "text" } = values;
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  for (const [name, value] of Object.entries({ stack, alarms, output, html })) {
    if (value === "") throw new ReplayInputError(`--${name} is empty: name one after it`);
  }
  if (traces.includes("")) throw new ReplayInputError("--trace is empty: name one after it");
  if (stack !== undefined && alarms !== undefined) {
    throw new ReplayInputError("--stack and --alarms both say whose alarms to replay: give one of them");
  }
  const ingestionDelaySeconds = secondsOf(values["ingestion-delay"] ?? "60s");
  return {
    kind: "replay",
    selection: { scenarios: positionals, traces, stack, alarms, ingestionDelaySeconds },
    format: formatOf(format),
    output,
    html,
  };
}

function parsed(argv: readonly string[]) {
  try {
    const args = withNegativeValues(argv, OPTIONS);
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const words = { options: OPTIONS, examples: EXAMPLES, help: "npm run replay -- --help" };
    throw new ReplayInputError(optionMistake(error, argv, words));
  }
}

function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format !== undefined) return format;
  throw new ReplayInputError(`--format is ${text}, and it can be ${FORMATS.join(", ")}`);
}

/** `60s`, `2m` or a number of seconds. */
function secondsOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})(s|m|)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new ReplayInputError(`--ingestion-delay is ${text}, and it is a time such as 60s or 2m`);
  }
  return Number(number) * (unit === "m" ? 60 : 1);
}

/**
 * The command: reports go to stdout or into files, everything else to stderr.
 * @returns 0 all passed, 1 a bar was missed, 2 the input cannot be used.
 */
export function main(argv: readonly string[]): number {
  try {
    return run(parseCommandLine(argv));
  } catch (error) {
    if (!(error instanceof ReplayInputError)) throw error;
    process.stderr.write(`✖ ${error.message}\n`);
    return 2;
  }
}

function run(command: CommandLine): number {
  if (command.kind === "help") return print(HELP);
  if (command.kind === "list") return print(list());
  const results: ScenarioResult[] = [];
  for (const scenario of loadScenarios(command.selection)) results.push(runScenario(scenario));
  refuseNothing(results);
  const report = RENDER[command.format](results);
  // Both are made before either is written: nothing is half there.
  const page = command.html === undefined ? undefined : toHtml(results);
  if (command.html !== undefined && page !== undefined) write(command.html, page);
  if (command.output === undefined) print(report);
  else write(command.output, report);
  return results.every(({ verdict }) => verdict.passed) ? 0 : 1;
}

/** @throws ReplayInputError where no alarm could be replayed anywhere: silence is no verdict then. */
function refuseNothing(results: readonly ScenarioResult[]): void {
  if (results.some(({ scenario }) => scenario.alarms.length > 0)) return;
  const [first, ...more] = excludedAlarms(results);
  if (first === undefined) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new ReplayInputError(`no alarm can be judged${others}: ${sentenceOf(first)}; ${first.whatToDo}`);
}

function list(): string {
  const lines = shippedScenarios().map((name) => {
    const path = scenarioPath(name);
    const { about, stack } = parseScenario(readData(path), path);
    return `${name}  (${stack})\n  ${about}\n`;
  });
  return lines.join("");
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new ReplayInputError(`${path} cannot be written: ${reasonOf(error)}`);
  }
}

if (require.main === module) process.exitCode = main(process.argv.slice(2));
