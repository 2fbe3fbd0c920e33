import type { LoadedScenario } from "./load";
import { type Simulation, type SimulationOptions, simulate } from "./simulate";
import type { Trace } from "./trace";
import { checkExpectations, checkRequirement, type Verdict } from "./verdict";

export interface ScenarioResult {
  readonly scenario: LoadedScenario;
  readonly simulation: Simulation;
  readonly verdict: Verdict;
  /** Variants under which the verdict is another one. */
  readonly differing: readonly { readonly name: string; readonly problems: readonly string[] }[];
  /** How long the replay took. */
  readonly seconds: number;
}

/** Replays a scenario, checks it, and looks whether the verdict depends on what AWS does not document. */
export function runScenario(scenario: LoadedScenario): ScenarioResult {
  const startedMs = performance.now();
  const { alarms, trace, expected, requirement, options } = scenario;
  const check = (simulation: Simulation) =>
    requirement === undefined
      ? checkExpectations(alarms, simulation, trace, expected)
      : checkRequirement(alarms, simulation, trace, requirement);
  const simulation = simulate(alarms, trace, options);
  const verdict = check(simulation);
  // Which alarms page is part of the verdict where they are expected by name.
  const pagesOf = ({ pages }: Verdict) =>
    requirement === undefined ? pages.map(({ alarm }) => alarm).join() : "";
  const differing = VARIANTS.flatMap((variant) => {
    const changed = variant.changedTrace?.(trace) ?? trace;
    const other = check(simulate(alarms, changed, { ...options, ...variant.options }));
    const isSame = other.passed === verdict.passed && pagesOf(other) === pagesOf(verdict);
    return isSame ? [] : [{ name: variant.name, problems: other.problems }];
  });
  return { scenario, simulation, verdict, differing, seconds: (performance.now() - startedMs) / 1000 };
}

/** CloudWatch as it may also be, where AWS does not say how it is. */
interface Variant {
  /** Completes the sentence "the verdict differs where …". */
  readonly name: string;
  readonly options: SimulationOptions;
  readonly changedTrace?: (trace: Trace) => Trace;
}

/**
 * What AWS leaves open and a verdict might depend on: how many periods beyond N an alarm retrieves; at which second of the
 * minute each alarm is evaluated, so that for a moment a composite sees one child's new state and another's old one; what
 * metric math makes of missing data (its guide says 0, and people report that the datapoint is dropped); and that AWS's own
 * metrics may arrive a minute after those that the service reports of itself.
 */
const VARIANTS: readonly Variant[] = [
  { name: "alarms retrieve no more than N periods", options: { extraPeriods: 0 } },
  { name: "alarms retrieve N + 5 periods", options: { extraPeriods: 5 } },
  ...["a", "b", "c"].map((order) => ({
    name: `alarms are evaluated in another order within the minute (${order})`,
    options: { phaseSeconds: (id: string) => phase(`${order} ${id}`) },
  })),
  {
    name: "metric math drops a datapoint that one operand lacks",
    options: { reading: { missingOperand: "dropped", fillsWithin: undefined } },
  },
  {
    name: "FILL leaves a series empty that had no datapoint in the last ten minutes",
    options: { reading: { missingOperand: "zero", fillsWithin: 10 } },
  },
  {
    name: "what AWS and the database's log report arrives a minute later",
    options: {},
    changedTrace: withLateAws,
  },
];

/** A second of the minute, the same for the same text. */
function phase(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % 60;
}

function withLateAws(trace: Trace): Trace {
  const late = Math.max(1, Math.round(60 / trace.periodSeconds));
  const series = trace.series.map((one) => {
    if (!/^(AWS|ECS)\/|^Auth\/Database/.test(one.namespace)) return one;
    const { values } = one;
    return { ...one, values: [...values.slice(0, late), ...values].slice(0, values.length) };
  });
  return { ...trace, series };
}
