import { DEFAULT_ACQUISITIONS_PER_REQUEST, QUERY_TIMEOUT_MARGIN_MS } from "./defaults";
import { type TimeoutLink, type TimeoutSettings, timeoutOrder } from "./timeouts";

export type Rung = "lockMs" | "statementMs" | "queryMs" | "requestMs";

/** Values for the timeouts that may be chosen, in milliseconds. */
export type Ladder = { readonly [rung in Rung]?: number };

/** A request, and a query in it, that nobody bounded gets no more than this, in milliseconds. */
const LONGEST_REQUEST_MS = 10_000;
const LONGEST_QUERY_MS = 5_000;

/**
 * Round values for the timeouts in `free` with which, beside the others as they are, everything ends from the inside
 * out; undefined where the others leave no room. What is not known is taken as leaving enough.
 * @param wholeSeconds - Those that are set in whole seconds.
 * @throws RangeError as `timeoutOrder`.
 */
export function timeoutLadder(
  settings: TimeoutSettings,
  free: ReadonlySet<Rung>,
  wholeSeconds: ReadonlySet<Rung> = new Set(),
): Ladder | undefined {
  const ladder: { [rung in Rung]?: number } = {};
  const choose = (rung: Rung, ms: number): void => {
    if (free.has(rung)) ladder[rung] = wholeSeconds.has(rung) ? Math.floor(ms / 1000) * 1000 : ms;
  };
  const present = (rung: Rung): number => ladder[rung] ?? finite(settings[rung]);

  choose("requestMs", Math.min(LONGEST_REQUEST_MS, rounded(0.8 * finite(settings.loadBalancerIdleMs))));
  const acquisitions = settings.acquisitionsPerRequest ?? DEFAULT_ACQUISITIONS_PER_REQUEST;
  const acquire = typeof settings.acquireMs === "number" ? settings.acquireMs * acquisitions : 0;
  const left = present("requestMs") - acquire - (settings.otherWorkMs ?? 0);
  const statement = free.has("statementMs") ? Number.POSITIVE_INFINITY : finite(settings.statementMs);
  // Cut to a whole second, a query just above its statement would end before it.
  const unit = wholeSeconds.has("queryMs") ? 1000 : 1;
  const ample = Math.ceil((statement + 5 * QUERY_TIMEOUT_MARGIN_MS) / unit) * unit;
  choose("queryMs", Math.min(ample, LONGEST_QUERY_MS, rounded(left)));
  const query = Math.min(present("queryMs"), LONGEST_QUERY_MS);
  choose("statementMs", Math.min(rounded(0.8 * query), query - QUERY_TIMEOUT_MARGIN_MS));
  choose("lockMs", rounded(0.5 * Math.min(present("statementMs"), LONGEST_QUERY_MS)));

  if (Object.values(ladder).some((ms) => !(ms >= 1))) return undefined;
  const order = timeoutOrder({ ...settings, ...ladder });
  // What the ladder has no part in is not its to keep: a request that never ends, say, where nobody asked for its end.
  const isOther = ({ id }: TimeoutLink): boolean =>
    id === "load-balancer-before-keep-alive" ||
    (id === "request-before-load-balancer" && !free.has("requestMs"));
  return order.every((link) => isOther(link) || link.holds !== false) ? ladder : undefined;
}

/** Above every other value where it never ends or is not known. */
const finite = (timeout: TimeoutSettings[Rung]): number =>
  typeof timeout === "number" ? timeout : Number.POSITIVE_INFINITY;

/** Down to two digits, as people write timeouts. */
function rounded(ms: number): number {
  if (!Number.isFinite(ms) || ms < 100) return Math.floor(ms);
  const step = 10 ** (Math.floor(Math.log10(ms)) - 1);
  return Math.floor(ms / step) * step;
}
