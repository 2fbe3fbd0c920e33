import { existsSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join } from "node:path";
import type { StackConfig } from "../../infra/config/stackConfig";
import { closest } from "../../policies/model/nearestName";
import type { AlarmSet } from "./alarmSet";
import { barOf } from "./bar";
import { minuteOf } from "./clock";
import { readData, SCENARIOS, shippedScenarios } from "./files";
import { fromDescribeAlarms } from "./fromDescribeAlarms";
import { ReplayInputError } from "./inputError";
import { judgeable } from "./judgeable";
import { traceInWords } from "./resources";
import type { ReadyScenario } from "./runScenario";
import { looksLikeTrace, parseScenario, type Scenario } from "./scenario";
import { generated } from "./scenarioTrace";
import { stackAlarms } from "./stackAlarms";
import { stackNames, stackSettings } from "./stackSettings";
import { parseTrace, type Trace } from "./trace";

/** What a command line says of what to replay. */
export interface Selection {
  /** Names of shipped scenarios, or paths of scenario and trace files. */
  readonly scenarios: readonly string[];
  /** Traces without expectations. */
  readonly traces: readonly string[];
  /** Whose alarms; the scenario's own where it is not given. */
  readonly stack: string | undefined;
  /** A file with alarms to replay instead. */
  readonly alarms: string | undefined;
  readonly ingestionDelaySeconds: number;
}

/**
 * Reads what is to be replayed, one at a time, since two weeks of minutes take room; all shipped scenarios where nothing
 * is named.
 * @throws ReplayInputError naming what cannot be used.
 */
export function* readScenarios(selection: Selection): Generator<ReadyScenario> {
  const { scenarios, traces } = selection;
  // What can be refused without generating anything is refused before the first replay.
  const named = (scenarios.length + traces.length === 0 ? usualScenarios(selection) : scenarios).map(locate);
  const alarms =
    selection.alarms === undefined
      ? undefined
      : fromDescribeAlarms(readData(selection.alarms), selection.alarms);
  if (selection.stack !== undefined) stackSettings(selection.stack);
  const [firstTrace] = traces;
  if (firstTrace !== undefined && selection.stack === undefined && alarms === undefined)
    throw anonymous(firstTrace);
  for (const { name, path } of named) {
    const data = readData(path);
    yield looksLikeTrace(data)
      ? readTrace(data, name, path, alarms, selection)
      : readScenario(parseScenario(data, path), name, path, alarms, selection);
  }
  for (const path of traces) yield readTrace(readData(path), nameOf(path), path, alarms, selection);
}

/**
 * What is replayed where nothing is named. Scenarios that show what a faulty set of alarms does have worlds that others have too: for another
 * set they say nothing.
 */
export function usualScenarios({ alarms }: Pick<Selection, "alarms">): readonly string[] {
  return alarms === undefined
    ? shippedScenarios()
    : shippedScenarios().filter((name) => !name.startsWith("defect-"));
}

/** A trace has no alarms, and no stack is the usual one: whose are meant has to be said. */
function anonymous(path: string): ReplayInputError {
  return new ReplayInputError(
    `${path} is a trace, which does not say whose alarms to replay on it: name them with --stack STACK (${stackNames().join(", ")}) or --alarms FILE`,
  );
}

interface Located {
  readonly name: string;
  readonly path: string;
}

function locate(given: string): Located {
  const shipped = shippedScenarios();
  if (shipped.includes(given)) return { name: given, path: join(SCENARIOS, `${given}.yaml`) };
  if (existsSync(given)) return { name: nameOf(given), path: given };
  const near = closest(given, shipped);
  const hint = near === undefined ? "`npm run replay -- --list` names them" : `did you mean ${near}?`;
  throw new ReplayInputError(`there is no scenario and no file ${given}: ${hint}`);
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}

function readScenario(
  scenario: Scenario,
  name: string,
  path: string,
  foreign: AlarmSet | undefined,
  selection: Selection,
): ReadyScenario {
  const stack = selection.stack ?? scenario.stack;
  // The world is that of the scenario's stack, whoever's alarms watch it.
  const settings = stackSettings(scenario.stack, scenario.settings);
  const beside = (file: string) => (isAbsolute(file) ? file : join(dirname(path), file));
  const own = scenario.alarms === undefined ? undefined : beside(scenario.alarms);
  const described = foreign ?? (own === undefined ? undefined : fromDescribeAlarms(readData(own), own));
  const { generate, trace: file } = scenario;
  const trace =
    generate === undefined
      ? parseTrace(readData(beside(file ?? "")), beside(file ?? ""))
      : generated(generate, settings, path);
  const inWords = traceInWords(trace);
  const startsAt = new Date(trace.startsAt);
  return {
    name,
    about: scenario.about,
    ...(described === undefined
      ? ofStack(stack, stack === scenario.stack ? settings : stackSettings(stack))
      : ofFile(selection.alarms ?? scenario.alarms ?? "", described, inWords)),
    trace: inWords,
    events: (generate?.events ?? []).map(({ at, title, every }) => ({
      atSeconds: (minuteOf(at, startsAt) ?? 0) * 60,
      title: every === undefined ? title : `${title} (every ${every})`,
    })),
    ...(foreign === undefined
      ? { expected: scenario.expect, bar: undefined }
      : { expected: undefined, bar: barOf(scenario) }),
    options: { ingestionDelaySeconds: selection.ingestionDelaySeconds },
  };
}

function readTrace(
  data: unknown,
  name: string,
  path: string,
  foreign: AlarmSet | undefined,
  selection: Selection,
): ReadyScenario {
  const trace = traceInWords(parseTrace(data, path));
  return {
    name,
    about: trace.note ?? `the trace ${path}`,
    ...alarmsFor(path, trace, foreign, selection),
    trace,
    events: [],
    expected: undefined,
    bar: undefined,
    // Where a trace was taken, not everything is measured that a deployment has.
    options: { ingestionDelaySeconds: selection.ingestionDelaySeconds, absentMetrics: "unobserved" },
  };
}

type Alarms = Pick<ReadyScenario, "alarms" | "alarmsOf" | "unjudged">;

function alarmsFor(
  path: string,
  trace: Trace,
  foreign: AlarmSet | undefined,
  { stack, alarms }: Selection,
): Alarms {
  if (foreign !== undefined) return ofFile(alarms ?? path, foreign, trace);
  if (stack !== undefined) return ofStack(stack, stackSettings(stack));
  throw anonymous(path);
}

/** A stack's own alarms can all be judged; one that cannot is a mistake, and is refused. */
function ofStack(stack: string, settings: StackConfig): Alarms {
  return { alarmsOf: { stack }, alarms: stackAlarms(stack, settings), unjudged: [] };
}

function ofFile(file: string, set: AlarmSet, trace: Trace): Alarms {
  return { alarmsOf: { file }, ...judgeable(set, trace) };
}
