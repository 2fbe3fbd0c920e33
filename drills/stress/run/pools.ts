import type { Options } from "../commandLine";
import { acquireTimeoutMs } from "../lab/fleet";
import { type PhaseReport, voidReasons } from "../measure/phaseReport";
import { type Prediction, predict } from "../measure/prediction";
import type { LimitResult } from "../report/stressReport";
import { type MeasuredPhase, measure, offeredLoad, type Session } from "./session";
import { type Verdict, verdictOf } from "./verdict";

interface PoolRange {
  /** Connections that one pool keeps busy. */
  readonly offeredLoad: number;
  readonly floor: number | null;
  readonly ceiling: number | null;
}

/** ρ at which waits are long enough to be measured and a queue still settles within a run. */
const TELLING = 0.85;

/**
 * Pools to measure besides the stack's own: one below the floor in which waits are seen, the floor, and one above it.
 * A pool of which half is idle even at the smallest size that carries the load has no such "below".
 */
export function comparisonPools({ offeredLoad: offered, floor, ceiling }: PoolRange): readonly number[] {
  const carrying = Math.max(1, Math.ceil(offered / TELLING));
  const at = floor ?? carrying;
  const below = Math.min(carrying, at);
  const above = Math.min(
    at + Math.max(1, Math.round(at / 3)),
    Math.max(at, ceiling ?? Number.POSITIVE_INFINITY),
  );
  return [...new Set([below, at, above])];
}

/** Pools to measure besides the stack's own: as asked for, none for a short run, else around the floor. */
export function poolsToCompare(
  session: Pick<Session, "stack" | "scaled"> & {
    readonly options: Pick<Options, "pools" | "smoke" | "findLimit">;
  },
): readonly number[] {
  const { options, stack } = session;
  if (options.pools !== undefined) return options.pools;
  if (options.smoke || options.findLimit) return [];
  return comparisonPools({ offeredLoad: offeredLoad(session), ...stack.pool });
}

/**
 * What the model says of every pool around the floor.
 * @param measured - Sizes that were measured: they are in the table in any case.
 */
export function predictedTable(
  session: Pick<Session, "stack" | "scaled">,
  measured: readonly number[],
): Prediction[] {
  const { stack, scaled } = session;
  const { holdMs, acquisitionsPerRequest } = stack.demand;
  const { floor, ceiling } = stack.pool;
  const offered = offeredLoad(session);
  const sizes = [
    Math.max(1, Math.floor(offered)),
    ...comparisonPools({ offeredLoad: offered, floor, ceiling }),
    Math.max(1, (floor ?? Math.ceil(offered)) - 1),
    ...measured,
  ];
  return [...new Set(sizes)]
    .sort((a, b) => a - b)
    .map((poolMax) =>
      predict({
        poolMax,
        waitTargetMs: stack.objectives.waitTargetMs,
        acquireTimeoutMs: acquireTimeoutMs(stack),
        load: { requestsPerSecond: scaled.requestsPerSecondAndProcess, holdMs, acquisitionsPerRequest },
      }),
    );
}

/** What is known of the pools between two ends. */
interface Bracket {
  /** Largest size known to break; 0 does by definition. */
  breaks: number;
  /** Smallest size known to hold; undefined until one is found. */
  holds: number | undefined;
  /** Size that could not be measured, which ended the search. */
  undecided?: number;
}

/** Pools beyond this are not tried: nothing here needs them. */
const MAX_POOL = 512;

/**
 * Searches the pool size at which logins break, from both sides: from the size that the load fills (which breaks) upwards
 * and from the floor (which holds) downwards, halving what lies between until the two are neighbours.
 */
export async function findLimit(
  session: Session,
  onPhase: (phase: MeasuredPhase) => void,
): Promise<LimitResult> {
  const judge = (report: PhaseReport): Verdict =>
    verdictOf(report, { ...session.stack.objectives, exceedance: 1 });
  const undecided = (report: PhaseReport): readonly string[] => {
    const { verdict, reasons } = judge(report);
    return verdict === "void" ? reasons : [];
  };
  const probes: LimitResult["probes"][number][] = [];
  let lastReasons: readonly string[] = [];
  const found = await search(...searchBetween(session), async (poolMax) => {
    const phase = await measure(session, { poolMax, label: `probe: pool of ${poolMax}`, undecided });
    onPhase(phase);
    const { verdict, reasons } = judge(phase.report);
    lastReasons = reasons;
    if (verdict === "void") return undefined;
    probes.push({ poolMax, holds: verdict === "holds", reasons });
    return verdict === "holds";
  });
  return {
    breaksAt: found.breaks === 0 ? null : found.breaks,
    holdsFrom: found.holds ?? null,
    probes,
    undecided: found.undecided === undefined ? null : { poolMax: found.undecided, reasons: lastReasons },
  };
}

/** What is known where even the stack's own pool could not be measured: nothing. */
export const noLimit = ({ report }: MeasuredPhase): LimitResult => ({
  breaksAt: null,
  holdsFrom: null,
  probes: [],
  undecided: { poolMax: report.poolMax, reasons: voidReasons(report) },
});

/** Where the search begins: the size that the load fills, and the floor. */
export function searchBetween(session: Pick<Session, "stack" | "scaled">): readonly [number, number] {
  const offered = offeredLoad(session);
  return [Math.max(1, Math.floor(offered)), Math.max(session.stack.pool.floor ?? 1, Math.ceil(offered) + 1)];
}

/** How many sizes are tried where the first breaks and the second holds, as it should be: both, and halving between. */
export const usualProbes = ([below, above]: readonly [number, number]): number =>
  2 + Math.ceil(Math.log2(Math.max(1, above - below)));

/** @param probe - Whether a size holds; undefined where that cannot be said, which ends the search. */
export async function search(
  below: number,
  above: number,
  probe: (poolMax: number) => Promise<boolean | undefined>,
): Promise<Bracket> {
  const bracket: Bracket = { breaks: 0, holds: undefined };
  for (let size = nextSize(bracket); size !== undefined; size = nextSize(bracket)) {
    const holds = await probe(size);
    if (holds === undefined) return { ...bracket, undecided: size };
    if (holds) bracket.holds = size;
    else bracket.breaks = size;
  }
  return bracket;

  function nextSize({ breaks, holds }: Bracket): number | undefined {
    if (holds !== undefined) return holds - breaks > 1 ? Math.floor((holds + breaks) / 2) : undefined;
    if (breaks < below) return below;
    if (breaks < above) return above;
    return breaks < MAX_POOL ? breaks * 2 : undefined;
  }
}
