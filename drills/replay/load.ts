import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import { formatProblems } from "../../infra/config/problems";
import type { StackConfig } from "../../infra/config/stackConfig";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import { InputError, isRecord } from "../../policies/kit/errors";
import { closest } from "../../policies/kit/text";
import { type Alarm, type AlarmSet, alarmOf, type ExcludedAlarm } from "./alarm";
import { evaluableAlarms } from "./evaluable";
import { generateTrace } from "./generate/generateTrace";
import { readData } from "./input";
import { readDescribedAlarms } from "./live";
import {
  type Expectations,
  isFaultySet,
  type PagingRequirement,
  pagingRequirement,
  parseScenario,
  type Scenario,
  scenarioPath,
  shippedScenarios,
} from "./scenario";
import type { SimulationOptions } from "./simulate";
import { minuteOf, parseTrace, type Trace, traceByRole } from "./trace";

/** What a command line says of what to replay. */
export interface Selection {
  /** Names of shipped scenarios, or paths of scenario and trace files. */
  readonly scenarios: readonly string[];
  /** Traces without expectations. */
  readonly traces: readonly string[];
  /** Whose alarms; the scenario's own where it is not given. */
  readonly stack?: string | undefined;
  /** A file with alarms to replay instead. */
  readonly alarms?: string | undefined;
  readonly ingestionDelaySeconds: number;
}

/** Everything that a replay needs, read and generated. */
export interface LoadedScenario {
  readonly name: string;
  readonly about: string;
  /** Where the alarms come from: a stack's own, or a file's. */
  readonly alarmsOf: { readonly stack: string } | { readonly file: string };
  readonly alarms: readonly Alarm[];
  /** Alarms of the file that cannot be replayed here; the verdict says nothing of them. */
  readonly excluded: readonly ExcludedAlarm[];
  readonly trace: Trace;
  readonly events: readonly { readonly atSeconds: number; readonly title: string }[];
  /** What is expected of the very alarms that the scenario was written for. */
  readonly expected: Expectations | undefined;
  /** What is required of other alarms instead. */
  readonly requirement: PagingRequirement | undefined;
  readonly options: SimulationOptions;
}

/**
 * Loads what is to be replayed, one at a time, since two weeks of minutes take room; all shipped scenarios where nothing
 * is named.
 * @throws InputError naming what cannot be used.
 */
export function* loadScenarios(selection: Selection): Generator<LoadedScenario> {
  const { scenarios, traces } = selection;
  // What can be refused without generating anything is refused before the first replay.
  const named = scenarios.length + traces.length === 0 ? defaultScenarios(selection) : scenarios;
  const files = [
    ...named.map(locate),
    ...traces.map((path) => ({ name: nameOf(path), path, mustBeTrace: true })),
  ];
  const given =
    selection.alarms === undefined ? undefined : { file: selection.alarms, set: alarmsIn(selection.alarms) };
  const watching =
    selection.stack === undefined
      ? undefined
      : { name: selection.stack, settings: stackSettings(selection.stack) };
  const [firstTrace] = traces;
  if (firstTrace !== undefined && watching === undefined && given === undefined) {
    throw withoutAlarms(firstTrace);
  }
  for (const { name, path, mustBeTrace = false } of files) {
    const data = readData(path);
    const story = mustBeTrace || isTrace(data) ? traceStory(data, path) : scenarioStory(data, path);
    const { scenario, trace } = story;
    const set = given ?? story.alarms;
    // A scenario may change its own stack's settings.
    const owner = watching?.name === story.stack?.name ? story.stack : (watching ?? story.stack);
    yield {
      name,
      about: story.about,
      ...(set === undefined
        ? ofStack(owner, path)
        : { alarmsOf: { file: set.file }, ...evaluableAlarms(set.set, trace) }),
      trace,
      events: story.events,
      expected: given === undefined ? scenario?.expect : undefined,
      requirement: given === undefined || scenario === undefined ? undefined : pagingRequirement(scenario),
      // Where a trace was taken, not everything is measured that a deployment has.
      options: {
        ingestionDelaySeconds: selection.ingestionDelaySeconds,
        ...(scenario === undefined && { absentMetrics: "unobserved" }),
      },
    };
  }
}

/** What is replayed where nothing is named. Where a scenario shows a faulty set, another one has the same trace. */
export function defaultScenarios({ alarms }: Pick<Selection, "alarms">): readonly string[] {
  return shippedScenarios().filter((name) => alarms === undefined || !isFaultySet(name));
}

interface InputFile {
  readonly name: string;
  readonly path: string;
  /** Given as one, so that it is refused where it is none. */
  readonly mustBeTrace?: boolean;
}

function locate(given: string): InputFile {
  const shipped = shippedScenarios();
  if (shipped.includes(given)) return { name: given, path: scenarioPath(given) };
  if (existsSync(given)) return { name: nameOf(given), path: given };
  const near = closest(given, shipped);
  const hint = near === undefined ? "`npm run replay -- --list` names them" : `did you mean ${near}?`;
  throw new InputError(`there is no scenario and no file ${given}: ${hint}`);
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}

function isTrace(data: unknown): boolean {
  return isRecord(data) && "series" in data && !("expect" in data);
}

/** What happened, and who watched it where the file says so. */
interface Story extends Pick<LoadedScenario, "about" | "trace" | "events"> {
  readonly scenario?: Scenario;
  readonly stack?: Stack;
  readonly alarms?: { readonly file: string; readonly set: AlarmSet } | undefined;
}

/** A trace has no alarms, and nothing is expected of them. */
function traceStory(data: unknown, path: string): Story {
  const trace = traceByRole(parseTrace(data, path));
  return { about: trace.note ?? `the trace ${path}`, trace, events: [] };
}

function scenarioStory(data: unknown, path: string): Story {
  const scenario = parseScenario(data, path);
  const { about, alarms, generate, trace: traceFile } = scenario;
  const inFolder = (file: string) => (isAbsolute(file) ? file : join(dirname(path), file));
  // What happens is that of the scenario's stack, whatever alarms watch it.
  const settings = stackSettings(scenario.stack, scenario.settings);
  const set = alarms === undefined ? undefined : { file: alarms, set: alarmsIn(inFolder(alarms)) };
  const tracePath = inFolder(traceFile ?? "");
  const trace = traceByRole(
    generate === undefined
      ? parseTrace(readData(tracePath), tracePath)
      : generateTrace(generate, settings, path),
  );
  return {
    about,
    scenario,
    trace,
    events: (generate?.events ?? []).map(({ at, title, every }) => ({
      atSeconds: (minuteOf(at, trace) ?? 0) * 60,
      title: every === undefined ? title : `${title} (every ${every})`,
    })),
    stack: { name: scenario.stack, settings },
    alarms: set,
  };
}

/** A trace does not say whose alarms are meant, and no stack is the usual one. */
function withoutAlarms(path: string): InputError {
  return new InputError(
    `${path} is a trace, which does not say whose alarms to replay on it: name them with --stack STACK (${stackNames().join(", ")}) or --alarms FILE`,
  );
}

function alarmsIn(file: string): AlarmSet {
  return readDescribedAlarms(readData(file), file);
}

interface Stack {
  readonly name: string;
  readonly settings: StackConfig;
}

/** A stack's own alarms can all be replayed; one that cannot is a mistake, and is refused. */
function ofStack(
  stack: Stack | undefined,
  path: string,
): Pick<LoadedScenario, "alarms" | "alarmsOf" | "excluded"> {
  if (stack === undefined) throw withoutAlarms(path);
  const alarms = alarmSpecs(stack.settings).map((spec) => alarmOf(spec, stack.name));
  return { alarmsOf: { stack: stack.name }, alarms, excluded: [] };
}

const STACKS = resolve(__dirname, "../../stacks");

/** Names of the stacks that have a file. */
function stackNames(): readonly string[] {
  return readdirSync(STACKS).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/**
 * A stack's settings from its file.
 * @param overrides Settings that a scenario changes, by name without the namespace.
 * @throws InputError for a stack without a file, and for settings that cannot be read.
 */
function stackSettings(stack: string, overrides: { readonly [setting: string]: unknown } = {}): StackConfig {
  const path = join(STACKS, `Pulumi.${stack}.yaml`);
  if (!/^[\w.-]+$/.test(stack) || !existsSync(path)) {
    const near = closest(stack, stackNames());
    const hint = near === undefined ? `there are ${stackNames().join(", ")}` : `did you mean ${near}?`;
    throw new InputError(`there is no stack ${stack}: ${hint}`);
  }
  const changes = Object.entries(overrides).map(([name, value]) => [`auth:${name}`, value] as const);
  const result = parseStackConfig({ ...configIn(path), ...Object.fromEntries(changes) }, stack);
  if (result.ok) return result.config;
  throw new InputError(`stack ${stack} cannot be used:\n${formatProblems(result.problems)}`);
}

function configIn(path: string): { readonly [key: string]: unknown } {
  const content = readData(path);
  const config = isRecord(content) ? content.config : undefined;
  if (isRecord(config)) return config;
  throw new InputError(`${path} has no \`config:\` block with settings under it`);
}
