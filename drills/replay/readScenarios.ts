import { existsSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join } from "node:path";
import type { StackConfig } from "../../infra/config/stackConfig";
import { closest } from "../../policies/model/nearestName";
import type { AlarmSet } from "./alarmSet";
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
import { stackSettings } from "./stackSettings";
import { parseTrace } from "./trace";

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

/** A trace comes without a stack: the alarms of this one are replayed on it. */
const DEFAULT_STACK = "incident-2024-09-02";

/**
 * Reads what is to be replayed, one at a time, since two weeks of minutes take room; all shipped scenarios where nothing
 * is named.
 * @throws ReplayInputError naming what cannot be used.
 */
export function* readScenarios(selection: Selection): Generator<ReadyScenario> {
  const { scenarios, traces } = selection;
  // What can be refused without generating anything is refused before the first replay.
  const named = (scenarios.length + traces.length === 0 ? shippedScenarios() : scenarios).map(locate);
  const alarms =
    selection.alarms === undefined
      ? undefined
      : fromDescribeAlarms(readData(selection.alarms), selection.alarms);
  if (selection.stack !== undefined) stackSettings(selection.stack);
  for (const { name, path } of named) {
    const data = readData(path);
    yield looksLikeTrace(data)
      ? readTrace(data, name, path, alarms, selection)
      : readScenario(parseScenario(data, path), name, path, alarms, selection);
  }
  for (const path of traces) yield readTrace(readData(path), nameOf(path), path, alarms, selection);
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
    stack,
    ...(described === undefined
      ? ofStack(stack, stack === scenario.stack ? settings : stackSettings(stack))
      : judgeable(described, inWords)),
    trace: inWords,
    events: (generate?.events ?? []).map(({ at, title, every }) => ({
      atSeconds: (minuteOf(at, startsAt) ?? 0) * 60,
      title: every === undefined ? title : `${title} (every ${every})`,
    })),
    expected: scenario.expect,
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
  const stack = selection.stack ?? DEFAULT_STACK;
  return {
    name,
    about: trace.note ?? `the trace ${path}`,
    stack,
    ...(foreign === undefined ? ofStack(stack, stackSettings(stack)) : judgeable(foreign, trace)),
    trace,
    events: [],
    expected: undefined,
    // Where a trace was taken, not everything is measured that a deployment has.
    options: { ingestionDelaySeconds: selection.ingestionDelaySeconds, absentMetrics: "unobserved" },
  };
}

/** A stack's own alarms can all be judged; one that cannot is a mistake, and is refused. */
function ofStack(stack: string, settings: StackConfig): AlarmSet {
  return { alarms: stackAlarms(stack, settings), unjudged: [] };
}
