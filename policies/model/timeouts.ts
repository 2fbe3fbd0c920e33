import { nonNegative, positive } from "./check";
import { DEFAULT_ACQUISITIONS_PER_REQUEST, QUERY_TIMEOUT_MARGIN_MS } from "./defaults";

/** Milliseconds above 0; `forever` for 0, unset and `false`; `undefined` for what only the deployment knows. */
export type Timeout = number | "forever" | undefined;

/** The effective timeouts of one client: client, then role, then parameter group, then engine default. */
export interface TimeoutSettings {
  /** `lock_timeout`: how long a statement waits for a lock. */
  readonly lockMs: Timeout;
  /** `statement_timeout`: how long the server works on a statement. */
  readonly statementMs: Timeout;
  /** How long the client waits for a statement's answer. */
  readonly queryMs: Timeout;
  /** How long an acquisition waits for a connection. */
  readonly acquireMs: Timeout;
  /** What a request does besides the database: hashing, other services. @default 0 */
  readonly otherWorkMs?: number | undefined;
  /** @default 1 */
  readonly acquisitionsPerRequest?: number | undefined;
  /** Queries of one request, one after another. @default one for each acquisition */
  readonly queriesPerRequest?: number | undefined;
  /** How long the server lets a request take. */
  readonly requestMs: Timeout;
  /** The load balancer's idle timeout. */
  readonly loadBalancerIdleMs: Timeout;
  /** How long the server keeps an idle connection from the load balancer open. */
  readonly serverKeepAliveMs: Timeout;
}

export type TimeoutLinkId =
  | "lock-before-statement"
  | "statement-before-query"
  | "work-within-request"
  | "request-before-load-balancer"
  | "load-balancer-before-keep-alive";

export interface TimeoutLink {
  readonly id: TimeoutLinkId;
  readonly left: { readonly label: string; readonly ms: Timeout };
  readonly relation: "<" | "≤";
  readonly right: { readonly label: string; readonly ms: Timeout };
  /** `undefined`: cannot be decided before the deployment. */
  readonly holds: boolean | undefined;
  /** Set where the left side ends, and too late. */
  readonly late?: LateTimeout;
}

/** A timeout that outlasts the one around it, in milliseconds. */
export interface LateTimeout {
  readonly leftMs: number;
  readonly rightMs: number;
  /** The most that the left side may last. */
  readonly mostMs: number;
}

/** A timeout as settings write it: 0, unset and `false` never end. Throws a `RangeError` for NaN and below 0. */
export function timeoutFrom(value: number | false | null | undefined): number | "forever" {
  if (value === undefined || value === null || value === false || value === 0) return "forever";
  return positive("a timeout", value);
}

/**
 * The order timeouts must have, so that the innermost ends first and what waits still listens:
 *
 *     lock < statement;  statement + 100 ms ≤ query;  k·acquire + max(query, q·statement) + other work ≤ request;
 *     request < load balancer idle;  load balancer idle < the server's keep-alive
 *
 * A request waits for each of its k acquisitions and q queries in turn, and each may take its whole timeout: a query that
 * the server answers ends by its statement timeout, and one that it does not answer ends by the client's, and the request
 * with it. A left side that never ends breaks its link whatever the right side is. A right side that never ends keeps it.
 * @throws RangeError for a negative, NaN or infinite time or factor.
 */
export function timeoutOrder(settings: TimeoutSettings): TimeoutLink[] {
  const acquisitions = nonNegative(
    "acquisitionsPerRequest",
    settings.acquisitionsPerRequest ?? DEFAULT_ACQUISITIONS_PER_REQUEST,
  );
  const { lockMs, statementMs, queryMs, acquireMs, requestMs, loadBalancerIdleMs, serverKeepAliveMs } =
    settings;
  const queries = queriesOf(settings);
  const answered = scaled(typeof statementMs === "number" ? statementMs : queryMs, queries);
  const areMany =
    queries > 1 && typeof answered === "number" && typeof queryMs === "number" && answered > queryMs;
  const work = sum([
    scaled(acquireMs, acquisitions),
    areMany ? answered : queryMs,
    settings.otherWorkMs ?? 0,
  ]);
  const times = (factor: number): string => (factor === 1 ? "" : `${factor} × `);
  const kind = typeof statementMs === "number" ? "statement" : "query";
  const workLabel = `${times(acquisitions)}acquire timeout + ${areMany ? `${times(queries)}${kind}` : "query"} timeout + other work`;
  return [
    link("lock-before-statement", ["lock timeout", lockMs], "<", ["statement timeout", statementMs]),
    link(
      "statement-before-query",
      [`statement timeout + ${QUERY_TIMEOUT_MARGIN_MS} ms`, sum([statementMs, QUERY_TIMEOUT_MARGIN_MS])],
      "≤",
      ["client query timeout", queryMs],
    ),
    link("work-within-request", [workLabel, work], "≤", ["request timeout", requestMs]),
    link("request-before-load-balancer", ["request timeout", requestMs], "<", [
      "load balancer idle timeout",
      loadBalancerIdleMs,
    ]),
    link("load-balancer-before-keep-alive", ["load balancer idle timeout", loadBalancerIdleMs], "<", [
      "server keep-alive",
      serverKeepAliveMs,
    ]),
  ];
}

/** Queries of one request: as declared, else one for each acquisition, and at least one. */
function queriesOf({ queriesPerRequest, acquisitionsPerRequest }: TimeoutSettings): number {
  const least = Math.max(1, acquisitionsPerRequest ?? DEFAULT_ACQUISITIONS_PER_REQUEST);
  return nonNegative("queriesPerRequest", queriesPerRequest ?? least);
}

type Side = readonly [label: string, ms: Timeout];

function link(id: TimeoutLinkId, left: Side, relation: "<" | "≤", right: Side): TimeoutLink {
  return {
    id,
    left: { label: left[0], ms: left[1] },
    relation,
    right: { label: right[0], ms: right[1] },
    ...verdict(left[1], relation, right[1]),
  };
}

function verdict(
  leftMs: Timeout,
  relation: "<" | "≤",
  rightMs: Timeout,
): Pick<TimeoutLink, "holds" | "late"> {
  if (leftMs === "forever") return { holds: false };
  if (leftMs === undefined || rightMs === undefined) return { holds: undefined };
  if (rightMs === "forever") return { holds: true };
  if (relation === "<" ? leftMs < rightMs : leftMs <= rightMs) return { holds: true };
  return { holds: false, late: { leftMs, rightMs, mostMs: relation === "<" ? rightMs - 1 : rightMs } };
}

/** No limit plus anything is no limit; otherwise one unknown makes the sum unknown. */
function sum(parts: readonly Timeout[]): Timeout {
  if (parts.includes("forever")) return "forever";
  let total = 0;
  for (const part of parts) {
    if (part === undefined || part === "forever") return undefined;
    total += nonNegative("a timeout", part);
  }
  return total;
}

/** To a thousandth of a millisecond, or 1.1 × 2000 would miss 2200. No acquisition waits for nothing. */
function scaled(timeout: Timeout, factor: number): Timeout {
  if (factor === 0) return 0;
  return typeof timeout === "number" ? Math.round(timeout * factor * 1000) / 1000 : timeout;
}

export type Rung = "lockMs" | "statementMs" | "queryMs" | "requestMs";

/** Values for the timeouts that may be chosen, in milliseconds. */
type Ladder = { readonly [rung in Rung]?: number };

/** A request, and a query in it, without a bound of its own gets no more than this, in milliseconds. */
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
  const each = rounded(left / Math.max(1, queriesOf(settings)));
  choose("statementMs", Math.min(rounded(0.8 * query), query - QUERY_TIMEOUT_MARGIN_MS, each));
  choose("lockMs", rounded(0.5 * Math.min(present("statementMs"), LONGEST_QUERY_MS)));

  if (Object.values(ladder).some((ms) => !(ms >= 1))) return undefined;
  const order = timeoutOrder({ ...settings, ...ladder });
  // What the ladder has no part in is not its to keep: a request that never ends, say, where no timeout was asked for.
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
