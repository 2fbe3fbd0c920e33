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
 * The order timeouts must have, so that the innermost ends first and whoever waits still listens:
 *
 *     lock < statement;  statement + 100 ms ≤ query;  k·acquire + query + other work ≤ request;
 *     request < load balancer idle;  load balancer idle < the server's keep-alive
 *
 * The request's bound counts one query, the last: earlier ones are bounded by their own statement timeout. A left
 * side that never ends breaks its link whatever the right side is. A right side that never ends keeps it.
 * @throws RangeError for a negative, NaN or infinite time or factor.
 */
export function timeoutOrder(settings: TimeoutSettings): TimeoutLink[] {
  const acquisitions = nonNegative(
    "acquisitionsPerRequest",
    settings.acquisitionsPerRequest ?? DEFAULT_ACQUISITIONS_PER_REQUEST,
  );
  const { lockMs, statementMs, queryMs, acquireMs, requestMs, loadBalancerIdleMs, serverKeepAliveMs } =
    settings;
  const work = sum([scaled(acquireMs, acquisitions), queryMs, settings.otherWorkMs ?? 0]);
  const times = acquisitions === 1 ? "" : `${acquisitions} × `;
  return [
    link("lock-before-statement", ["lock timeout", lockMs], "<", ["statement timeout", statementMs]),
    link(
      "statement-before-query",
      [`statement timeout + ${QUERY_TIMEOUT_MARGIN_MS} ms`, sum([statementMs, QUERY_TIMEOUT_MARGIN_MS])],
      "≤",
      ["client query timeout", queryMs],
    ),
    link("work-within-request", [`${times}acquire timeout + query timeout + other work`, work], "≤", [
      "request timeout",
      requestMs,
    ]),
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

/** For ever plus anything is for ever; otherwise one unknown makes the sum unknown. */
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
