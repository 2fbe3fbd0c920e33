import type { AlarmSpec, Threshold } from "./alarmSpec";

/** CloudWatch's limit for an alarm's description, in characters. */
export const LONGEST_DESCRIPTION = 1024;

/**
 * What a person reads in the message: meaning, the number and where it comes from or the setting in question, what
 * to do, where to read on.
 * @param stack - Its name, for the commands.
 * @throws RangeError for a description that CloudWatch would refuse.
 */
export function describe(spec: AlarmSpec, stack: string): string {
  const { advice } = spec;
  const description = [
    spec.intent,
    ...(spec.kind === "metric" ? [limitOf(spec.threshold)] : []),
    ...(advice ? [advice.present, advice.fix] : []),
    ...(advice?.command ? [advice.command.replaceAll("STACK", stack)] : []),
    `Runbook: ${spec.runbook}`,
  ].join("\n");
  if (description.length <= LONGEST_DESCRIPTION) return description;
  throw new RangeError(
    `alarm ${spec.id}: its description has ${description.length} characters, CloudWatch takes ${LONGEST_DESCRIPTION}`,
  );
}

function limitOf({ value, unit, formula, inputs }: Threshold): string {
  const given = Object.entries(inputs).map(([name, input]) => `${name} = ${input}`);
  return `Limit: ${value} ${unit} (${[formula, given.join(", ")].filter((part) => part !== "").join("; ")}).`;
}
