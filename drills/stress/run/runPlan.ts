import type { Options } from "../commandLine";
import { BAD_MOMENTS } from "../drills/disturbances";
import { drillSeconds, drillsOf } from "../drills/runDrills";
import { incidentToRehearse } from "./incident";
import type { CheckedInput } from "./input";
import { poolsToCompare, searchBetween, usualProbes } from "./pools";
import { CALIBRATION_LOAD_SECONDS, comparisonSeconds, phaseParts, RAMP_TO, secondsOf } from "./session";

/** A load that will be run. */
interface Step {
  readonly what: string;
  readonly loadSeconds: number;
  /** Of what the load consists, in words. */
  readonly parts: string;
  /** Whether tasks are started for it and stopped after it. */
  readonly startsTasks: boolean;
}

interface PlanInput extends CheckedInput {
  readonly options: Options;
  readonly hasPgbench: boolean;
}

/** What a command will do, load by load, from the same arithmetic that does it. */
export function stepsOf(input: PlanInput): readonly Step[] {
  const calibration: Step = {
    what: "calibration",
    loadSeconds: CALIBRATION_LOAD_SECONDS,
    parts: "what an acquisition costs on this machine",
    startsTasks: true,
  };
  const { options } = input;
  if (options.drill !== undefined) return [calibration, ...drillSteps(input, options.drill)];
  const incident = incidentToRehearse(input) !== undefined;
  return [calibration, ...(incident ? rehearsalSteps(input) : poolSteps(input)), ...pgbenchStep(input)];
}

function drillSteps(input: PlanInput, drill: NonNullable<Options["drill"]>): Step[] {
  const { options, stack, scaled } = input;
  return drillsOf(drill)
    .filter((name) => options.databaseUrl === undefined || BAD_MOMENTS[name].needsOwnServer === undefined)
    .map((name) => phase(input, `drill ${name}`, drillSeconds(name, stack.environment, scaled.tasks)));
}

function rehearsalSteps(input: PlanInput): Step[] {
  const { poolMax, floor } = input.stack.pool;
  const safe = floor ?? poolMax;
  return [
    phase(input, `pool of ${poolMax}, as it was`),
    phase(input, `pool of ${safe}, the safe one`),
    ...comparisonSteps(input, [poolMax, safe]),
  ];
}

function poolSteps(input: PlanInput): Step[] {
  const { options, stack } = input;
  const poolMax = options.poolMax ?? stack.pool.poolMax;
  const rampTo = options.smoke ? undefined : RAMP_TO;
  const between = searchBetween(input);
  const probes = Array.from({ length: options.findLimit ? usualProbes(between) : 0 }, (_, index) =>
    phase(input, `probe ${index + 1} between ${between[0]} and ${between[1]}`),
  );
  return [
    phase(input, `pool of ${poolMax}`, undefined, rampTo),
    ...probes,
    ...comparisonSteps(input, [poolMax]),
  ];
}

function comparisonSteps(input: PlanInput, measured: readonly number[]): Step[] {
  const seconds = comparisonSeconds(input.options);
  return [...new Set(poolsToCompare(input))]
    .filter((poolMax) => !measured.includes(poolMax))
    .map((poolMax) => phase(input, `pool of ${poolMax}, compared`, seconds));
}

function pgbenchStep({ options, hasPgbench }: PlanInput): Step[] {
  if (!hasPgbench) return [];
  const loadSeconds = comparisonSeconds(options);
  return [{ what: "pgbench", loadSeconds, parts: "the same SQL", startsTasks: false }];
}

function phase(
  { options, stack }: PlanInput,
  what: string,
  seconds: number = secondsOf(options),
  rampTo?: number,
): Step {
  const parts = phaseParts({ stack, holdMs: stack.demand.holdMs, seconds, rampTo });
  return {
    what,
    loadSeconds: parts.warmUp + parts.measured + parts.ramp,
    parts: [
      `${round(parts.warmUp)} s warm-up`,
      `${round(parts.measured)} s measured`,
      ...(parts.ramp === 0 ? [] : [`${round(parts.ramp)} s beyond the peak`]),
    ].join(", "),
    startsTasks: true,
  };
}

const round = (seconds: number): number => Math.round(seconds);

/** Besides the load, about: a database of the lab's own, and for each load its tasks, in seconds on an idle machine. */
const DATABASE_SECONDS = 8;
const TASKS_SECONDS = 4;

/** How long it takes in all, about: the load, and starting and stopping what is loaded. */
export function secondsOfSteps(steps: readonly Step[]): number {
  const starts = steps.filter(({ startsTasks }) => startsTasks).length;
  const load = steps.reduce((sum, { loadSeconds }) => sum + loadSeconds, 0);
  return DATABASE_SECONDS + load + TASKS_SECONDS * starts;
}

/** What is told before anything starts. */
export function planText(stack: string, steps: readonly Step[]): string {
  const width = Math.max(...steps.map(({ what }) => what.length));
  const lines = steps.map(
    ({ what, loadSeconds, parts }) => `  ${what.padEnd(width)}  ${round(loadSeconds)} s: ${parts}`,
  );
  const about = inMinutes(secondsOfSteps(steps));
  return [
    `▸ ${stack}: ${steps.length} loads, about ${about} with starting and stopping; a void run is repeated once`,
    ...lines,
    "",
  ].join("\n");
}

/** To a quarter of a minute: more would be a promise. */
function inMinutes(seconds: number): string {
  const quarters = Math.max(1, Math.round(seconds / 15));
  const [minutes, rest] = [Math.floor(quarters / 4), (quarters % 4) * 15];
  return [...(minutes > 0 ? [`${minutes} min`] : []), ...(rest > 0 ? [`${rest} s`] : [])].join(" ");
}
