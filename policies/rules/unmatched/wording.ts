import { closest } from "../../model/nearestName";
import type { Level, Violation } from "../rule";

/** A finding about the policy configuration or the tags themselves; what is not certain only warns. */
export interface UnmatchedFinding extends Pick<Violation, "text" | "fix"> {
  readonly level: Level;
  /** The resource it is about; undefined for the stack as a whole. */
  readonly resource?: string;
}

/** A name in the policy configuration that nothing in the stack answers to. */
interface Unmatched {
  /** Where it stands: `pools.0.client`. */
  readonly path: string;
  readonly name: string;
  /** What it should name: "service or function". */
  readonly kind: string;
  /** Names that would have matched. */
  readonly there: readonly string[];
  /** Whether the name may still turn out to be right. */
  readonly isCertain?: boolean;
  /** Whether `*` stands for any text there. */
  readonly hasPatterns?: boolean;
}

/**
 * An exact name that fits nothing is wrong, or is of another stack; a pattern may well fit nothing, and says so as a
 * warning. That is what makes one file fit for several stacks: their names end with `*`.
 */
export function unmatched(of: Unmatched): UnmatchedFinding {
  const { path, name, kind, there, isCertain = true, hasPatterns = true } = of;
  const isPattern = hasPatterns && name.includes("*");
  const near = closest(name, there);
  const some = [...new Set(there)].slice(0, 6);
  const rest = new Set(there).size > some.length ? ", …" : "";
  const correct =
    near === undefined
      ? `Correct it${some.length === 0 ? "" : ` (there are ${some.join(", ")}${rest})`}`
      : `Correct it to "${near}"`;
  const shared =
    isPattern || !hasPatterns
      ? ""
      : "; in a file that serves several stacks end it with `*`, which may fit nothing";
  return {
    level: isPattern || !isCertain ? "advisory" : "mandatory",
    text: `\`${path}\` in the policy configuration is "${name}", and no ${kind} of this stack goes by it: the entry counts for nothing, and what it was written for is judged without it.`,
    fix: `${correct}, or remove the entry${shared}`,
  };
}
