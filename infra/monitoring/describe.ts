import type { AlarmSpec, Threshold } from "./alarmSpec";

/**
 * What a person reads in the message: meaning, the number and where it comes from or the setting in question, what
 * to do, where to read on. `limitProblems` says which are too long for CloudWatch.
 * @param names - `STACK` and `NAME` in an advice stand for them: the stack, and what its resources are called.
 */
export function describe(
  spec: AlarmSpec,
  names: { readonly stack: string; readonly prefix: string },
): string {
  const { advice } = spec;
  const filled = (line: string) => line.replace(/\bSTACK\b/g, names.stack).replace(/\bNAME\b/g, names.prefix);
  return [
    spec.intent,
    ...(spec.kind === "metric" ? [limitOf(spec.threshold)] : []),
    ...(advice ? [advice.present, advice.fix, ...(advice.command ? [advice.command] : [])].map(filled) : []),
    `Runbook: ${spec.runbook}`,
  ].join("\n");
}

function limitOf({ value, unit, formula, inputs }: Threshold): string {
  const given = Object.entries(inputs).map(([name, input]) => `${name} = ${input}`);
  return `Limit: ${value} ${unit} (${[formula, given.join(", ")].filter((part) => part !== "").join("; ")}).`;
}
