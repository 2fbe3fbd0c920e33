import type { ReplayOptions } from "./replay";
import type { Trace } from "./trace";

/** CloudWatch as it may also be, where AWS does not say how it is. */
export interface Variant {
  /** Completes the sentence "the verdict differs where …". */
  readonly name: string;
  readonly options: ReplayOptions;
  readonly trace: (trace: Trace) => Trace;
}

const asItIs = (trace: Trace) => trace;

/**
 * What AWS leaves open and a verdict might hang on: how many periods beyond N an alarm retrieves; at which second of the
 * minute each alarm is evaluated, so that for a moment a composite sees one child's new state and another's old one; what
 * metric math makes of missing data (its guide says 0, and people report that the datapoint is dropped); and that AWS's own metrics may arrive a minute after those that the service reports of itself.
 */
export const VARIANTS: readonly Variant[] = [
  { name: "alarms retrieve no more than N periods", options: { extraPeriods: 0 }, trace: asItIs },
  { name: "alarms retrieve N + 5 periods", options: { extraPeriods: 5 }, trace: asItIs },
  ...["a", "b", "c"].map((order) => ({
    name: `alarms are evaluated in another order within the minute (${order})`,
    options: { phaseSeconds: (id: string) => phase(`${order} ${id}`) },
    trace: asItIs,
  })),
  {
    name: "metric math drops a datapoint that one operand lacks",
    options: { reading: { missingOperand: "dropped", fillsWithin: undefined } },
    trace: asItIs,
  },
  {
    name: "FILL leaves a series empty that had no datapoint in the last ten minutes",
    options: { reading: { missingOperand: "zero", fillsWithin: 10 } },
    trace: asItIs,
  },
  { name: "what AWS and the database's log report arrives a minute later", options: {}, trace: withLateAws },
];

/** A second of the minute, the same for the same text. */
function phase(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % 60;
}

function withLateAws(trace: Trace): Trace {
  const late = Math.max(1, Math.round(60 / trace.periodSeconds));
  return {
    ...trace,
    series: trace.series.map((series) =>
      /^(AWS|ECS)\/|^Auth\/Database/.test(series.namespace)
        ? {
            ...series,
            values: [...series.values.slice(0, late), ...series.values].slice(0, series.values.length),
          }
        : series,
    ),
  };
}
