import { circumstances, deliver, destination, fileFor, save } from "../../policies/command/output";
import {
  CommandLine,
  choice,
  endedBy,
  fileName,
  InvalidArgumentError,
  Option,
  repeated,
} from "../../policies/kit/cli";
import { InputError } from "../../policies/kit/errors";
import { readData } from "./input";
import { loadScenarios, type Selection } from "./load";
import { toHtml } from "./report/html";
import { excludedAlarms, sentenceOf } from "./report/summary";
import { toJson, toJunit, toText } from "./report/text";
import { runScenario, type ScenarioResult } from "./run";
import { parseScenario, scenarioPath, shippedScenarios } from "./scenario";

const RENDER = { text: toText, json: toJson, junit: toJunit } as const;
const FORMATS = ["text", "json", "junit"] as const;

interface Given {
  readonly list?: boolean;
  readonly stack?: string;
  readonly trace?: readonly string[];
  readonly alarms?: string;
  readonly ingestionDelay: number;
  readonly format: (typeof FORMATS)[number];
  readonly output?: string;
  readonly html?: string;
}

type Options = Selection & Omit<Given, "trace" | "ingestionDelay">;

const commandLine = (): CommandLine =>
  new CommandLine("npm run replay --")
    .description(
      "Replays a stack's alarms against what CloudWatch would have been told, before they are deployed.",
    )
    .argument(
      "[scenarios...]",
      "names of shipped scenarios, or paths of scenario or trace files (default: all shipped scenarios)",
    )
    .option("--list", "name the shipped scenarios")
    .addOption(
      new Option("-s, --stack <stack>", "whose alarms, instead of those of the stack that the scenario names")
        .argParser(fileName)
        .conflicts("alarms"),
    )
    .option(
      "--trace <file>",
      "replay a trace (as the stress lab writes them) without expectations; may be repeated. A trace does not say whose alarms: needs --stack or --alarms",
      repeated(fileName),
    )
    .option(
      "--alarms <file>",
      "replay these alarms instead: what `aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm` prints. Judged by whom they page and when, not by their names",
      fileName,
    )
    .option(
      "--ingestion-delay <time>",
      "from the end of a minute until CloudWatch has its datapoints",
      secondsOf,
      60,
    )
    .option("--format <format>", FORMATS.join(", "), choice(FORMATS), "text")
    .option("--output <file>", "write the report there instead of to stdout", fileName)
    .option("--html <file>", "write a page with the series, thresholds and states drawn", fileName)
    .addHelpText("after", "\nExit codes: 0 all passed, 1 a bar was missed, 2 the input cannot be used.");

/** @throws InputError or commander's error naming what is wrong with the command line. */
export function parseCommandLine(argv: readonly string[]): Options {
  const line = commandLine().parse(argv, { from: "user" });
  const { trace: traces = [], ingestionDelay: ingestionDelaySeconds, ...options } = line.opts<Given>();
  return { ...options, scenarios: line.args, traces, ingestionDelaySeconds };
}

/** `60s`, `2m` or a number of seconds. */
function secondsOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})(s|m|)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It must be a time such as 60s or 2m.");
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
    return endedBy(error, "the replay failed");
  }
}

function run({ list, format, output, html, ...selection }: Options): number {
  if (list) return print(listed());
  const to = destination(output);
  const page = html === undefined ? undefined : fileFor(html, "--html");
  const results: ScenarioResult[] = [];
  for (const scenario of loadScenarios(selection)) results.push(runScenario(scenario));
  refuseNothing(results);
  const report = RENDER[format](results);
  // Both are made before either is written: nothing is half there.
  if (page !== undefined) save(page, toHtml(results, circumstances()), "--html");
  deliver(report, to);
  return results.every(({ verdict }) => verdict.passed) ? 0 : 1;
}

/** @throws InputError where no alarm could be replayed anywhere: silence is no verdict then. */
function refuseNothing(results: readonly ScenarioResult[]): void {
  if (results.some(({ scenario }) => scenario.alarms.length > 0)) return;
  const [first, ...more] = excludedAlarms(results);
  if (first === undefined) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new InputError(`no alarm can be judged${others}: ${sentenceOf(first)}; ${first.whatToDo}`);
}

function listed(): string {
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

if (require.main === module) process.exitCode = main(process.argv.slice(2));
