import { writeFileSync } from "node:fs";
import { type CommandLine, HELP, parseCommandLine } from "./commandLine";
import { readData, SCENARIOS, shippedScenarios } from "./files";
import { ReplayInputError, reasonOf } from "./inputError";
import { readScenarios } from "./readScenarios";
import { toHtml } from "./report/html";
import { toJson } from "./report/json";
import { toJunit } from "./report/junit";
import { toText } from "./report/text";
import { leftOut, sentenceOf } from "./report/unjudged";
import { runScenario, type ScenarioResult } from "./runScenario";
import { parseScenario } from "./scenario";

const RENDER = { text: toText, json: toJson, junit: toJunit } as const;

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
  for (const scenario of readScenarios(command.selection)) results.push(runScenario(scenario));
  refuseNothing(results);
  const report = RENDER[command.format](results);
  // Both are made before either is written: nothing is half there.
  const page = command.html === undefined ? undefined : toHtml(results);
  if (command.html !== undefined && page !== undefined) write(command.html, page);
  if (command.output === undefined) print(report);
  else write(command.output, report);
  return results.every(({ judgement }) => judgement.passed) ? 0 : 1;
}

/** @throws ReplayInputError where no alarm could be judged anywhere: silence is no verdict then. */
function refuseNothing(results: readonly ScenarioResult[]): void {
  if (results.some(({ scenario }) => scenario.alarms.length > 0)) return;
  const [first, ...more] = leftOut(results);
  if (first === undefined) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new ReplayInputError(`no alarm can be judged${others}: ${sentenceOf(first)}; ${first.whatToDo}`);
}

function list(): string {
  const lines = shippedScenarios().map((name) => {
    const path = `${SCENARIOS}/${name}.yaml`;
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
