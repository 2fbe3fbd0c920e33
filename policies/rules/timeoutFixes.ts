import type { Rung } from "../model/timeoutLadder";
import { typeDuration, writeDuration } from "../plan/pools/settings";
import type { ClientReading } from "../plan/types";
import type { Side, SideName } from "./timeoutSides";
import type { Naming } from "./words";

/** The timeouts for which a value can be chosen, by their side. */
export const RUNGS = {
  lock: "lockMs",
  statement: "statementMs",
  query: "queryMs",
  request: "requestMs",
} as const satisfies { readonly [side in SideName]?: Rung };

/** What each of them ends, for a sentence. */
const ENDED: { readonly [side in keyof typeof RUNGS]: string } = {
  lock: "the wait for a lock",
  statement: "a statement",
  query: "a query",
  request: "a request",
};

/** Whether a side is written in whole seconds. */
export const inSeconds = ({ unit, writtenIn }: Side): boolean => unit === "s" || writtenIn === "s";

/**
 * What a person does to give a timeout this value: set the variable, the config key behind it or the server's parameter;
 * or, where nothing of the library's reads a variable, do it the library's way and say so in the policy configuration.
 */
export function setTo(
  name: SideName,
  side: Side,
  ms: number,
  { client, naming }: { readonly client: ClientReading; readonly naming: Naming },
  atLeast = "",
): string {
  const { unread, setting, where } = side;
  const isMapped = naming.isMapped(setting);
  const notation = side.unit === "s" ? "s" : side.writtenIn;
  const shown = writeDuration(ms, notation);
  if (unread !== undefined && !isMapped && name in ENDED) {
    const what = ENDED[name as keyof typeof RUNGS];
    return `End ${what} after ${atLeast}${ms} ms by ${unread.how}, and give it as \`values.${unread.declaredAs}\` of ${client.name} under \`pools\` in the policy configuration`;
  }
  const inGroup =
    side.parameter === undefined || isMapped
      ? ""
      : `, or \`${side.parameter}\` in the database's parameter group`;
  const inRole =
    side.refused === undefined
      ? ""
      : ", or set it with `ALTER ROLE` and declare it under `pools` in the policy configuration";
  return `${naming.set(setting, where, `${atLeast}${shown}`, atLeast === "" ? typeDuration(ms, notation) : undefined)}${inGroup}${inRole}`;
}

/** Several steps as one sentence: "Set `A` to 1000; set `B` to 2000". */
export const steps = (each: readonly string[]): string =>
  each.map((step, i) => (i === 0 ? step : step.charAt(0).toLowerCase() + step.slice(1))).join("; ");
