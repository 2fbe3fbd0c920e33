import type { LimitResult } from "../report/stressReport";
import { type MeasuredPhase, measure, offeredLoad, type Session } from "./session";
import { verdictOf } from "./verdict";

/** What is known of the pools between two ends. */
interface Bracket {
  /** Largest size known to break; 0 does by definition. */
  breaks: number;
  /** Smallest size known to hold; undefined until one is found. */
  holds: number | undefined;
}

/** Pools beyond this are not tried: nothing here needs them. */
const MOST = 512;

/**
 * Searches the pool size at which logins break, from both sides: from the size that the load fills (which breaks) upwards
 * and from the floor (which holds) downwards, halving what lies between until the two are neighbours.
 */
export async function findLimit(
  session: Session,
  onPhase: (phase: MeasuredPhase) => void,
): Promise<LimitResult> {
  const { stack } = session;
  const offered = offeredLoad(session);
  const probes: LimitResult["probes"][number][] = [];
  const probe = async (poolMax: number): Promise<boolean> => {
    const phase = await measure(session, { poolMax, label: `probe: pool of ${poolMax}` });
    onPhase(phase);
    const { verdict, reasons } = verdictOf(phase.report, { ...stack.objectives, exceedance: 1 });
    probes.push({ poolMax, holds: verdict === "holds", reasons });
    return verdict === "holds";
  };
  const bracket = await search(...searchBetween(offered, stack.pool.floor), probe);
  return { breaksAt: bracket.breaks === 0 ? null : bracket.breaks, holdsFrom: bracket.holds ?? null, probes };
}

/** Where the search begins: the size that the load fills, and the floor. */
export const searchBetween = (offered: number, floor: number | null): readonly [number, number] => [
  Math.max(1, Math.floor(offered)),
  Math.max(floor ?? 1, Math.ceil(offered) + 1),
];

/** How many sizes are tried where the first breaks and the second holds, as it should be: both, and halving between. */
export const usualProbes = ([below, above]: readonly [number, number]): number =>
  2 + Math.ceil(Math.log2(Math.max(1, above - below)));

/** @param probe - Whether a size holds. */
export async function search(
  below: number,
  above: number,
  probe: (poolMax: number) => Promise<boolean>,
): Promise<Bracket> {
  const bracket: Bracket = { breaks: 0, holds: undefined };
  const learn = async (poolMax: number): Promise<void> => {
    if (await probe(poolMax)) bracket.holds = Math.min(bracket.holds ?? poolMax, poolMax);
    else bracket.breaks = Math.max(bracket.breaks, poolMax);
  };
  await learn(below);
  if (bracket.holds === undefined && above > below) await learn(above);
  while (bracket.holds === undefined && bracket.breaks < MOST) await learn(bracket.breaks * 2);
  while (bracket.holds !== undefined && bracket.holds - bracket.breaks > 1) {
    await learn(Math.floor((bracket.holds + bracket.breaks) / 2));
  }
  return bracket;
}
