import { counted, number, when } from "../judge/words";
import type { Review, Seen } from "./review";

export const SEEN_COLUMNS = ["", "planned", "seen", "when"] as const;

/** The numbers of the last days, as the cells of a table. */
export function seenRows({ seen }: Pick<Review, "seen">): readonly (readonly string[])[] {
  return seen.map(({ what, unit, planned, seen: value, at }: Seen) => [
    unit === "" ? what : `${what}, ${unit}`,
    shown(planned),
    shown(value),
    at === null ? "" : `${at.slice(0, 16).replace("T", " ")}`,
  ]);
}

const shown = (value: number | null): string => (value === null ? "–" : number(value, 2));

/** What was looked at: `14 days until 2026-03-16 12:00 UTC`. */
export function spanOf({ since, until }: Pick<Review, "since" | "until">): string {
  const days = Math.round((Date.parse(until) - Date.parse(since)) / 86_400_000);
  return `${counted(days, "day")} until ${when(Date.parse(until))}`;
}

/** The pool between its bounds, in one line. */
export function poolLine({ pool, limit }: Pick<Review, "pool" | "limit">): string {
  const { floor, floorDeclared, ceiling } = pool;
  const declared = floorDeclared === null || floorDeclared === floor ? "" : ` (declared: ${floorDeclared})`;
  const inForce =
    limit.inForce === null
      ? "what is in force of `max_connections` is not known"
      : `max_connections ${number(limit.inForce)} (${limit.from}), ${number(limit.usable ?? 0)} usable, ${number(limit.demandAtPeak)} claimed at peak`;
  return `pool ${pool.name}: ${pool.set} set, floor ${floor ?? "unknown"}${declared}, ceiling ${ceiling ?? "unknown"}; ${inForce}`;
}

/** What a review comes to, in a few words. */
export function verdictOf({ verdict, findings, notReviewed }: Review): string {
  if (verdict === "clean") return "clean: it runs as the program says, within what was declared";
  const parts = [
    ...(findings.length > 0 ? [counted(findings.length, "finding")] : []),
    ...(notReviewed.length > 0 ? [`${counted(notReviewed.length, "part")} not reviewed`] : []),
  ];
  return parts.join(", ");
}
