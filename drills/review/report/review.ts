import { type Finding, messageOf } from "../judge/finding";
import type { Judgement } from "../judge/judge";
import type { NotReviewed } from "../live/liveState";
import type { Proposal } from "../propose";

/** What a review found, for machines as it is and for people through a renderer. */
export interface Review {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly region: string;
  readonly account: string | null;
  readonly since: string;
  readonly until: string;
  /** `incomplete`: nothing was found, and something could not be looked at. */
  readonly verdict: "clean" | "findings" | "incomplete";
  readonly findings: readonly (Finding & { readonly message: string })[];
  readonly notReviewed: readonly { readonly [field in keyof NotReviewed]: string | null }[];
  readonly seen: readonly Seen[];
  readonly pool: {
    readonly name: string;
    readonly set: number;
    readonly floor: number | null;
    readonly floorDeclared: number | null;
    readonly ceiling: number | null;
  };
  readonly limit: {
    readonly inForce: number | null;
    readonly from: string | null;
    readonly usable: number | null;
    readonly demandAtPeak: number;
  };
  readonly proposal: { readonly changes: Proposal["changes"]; readonly patch: string | null };
}

/** One number of the last days beside the one it was planned with. */
export interface Seen {
  readonly what: string;
  readonly unit: string;
  readonly planned: number | null;
  readonly seen: number | null;
  /** ISO 8601; null for what is a mean over many minutes. */
  readonly at: string | null;
}

export function reviewOf({ evidence, findings }: Judgement, proposal: Proposal): Review {
  const { expected, live, limit, windows } = evidence;
  const notReviewed = live.notReviewed.map((each) => ({ ...each, action: each.action ?? null }));
  return {
    schemaVersion: 1,
    stack: expected.stack,
    region: expected.region,
    account: live.account ?? null,
    since: live.since.toISOString(),
    until: live.until.toISOString(),
    verdict: findings.length > 0 ? "findings" : notReviewed.length > 0 ? "incomplete" : "clean",
    findings: findings.map((finding) => ({ ...finding, message: messageOf(finding) })),
    notReviewed,
    seen: seenOf(evidence),
    pool: {
      name: expected.service.pool.name,
      set: windows.set,
      floor: windows.floorSeen ?? null,
      floorDeclared: windows.floorDeclared ?? null,
      ceiling: windows.ceiling ?? null,
    },
    limit: {
      inForce: limit.inForce ?? null,
      from: limit.from ?? null,
      usable: limit.usable ?? null,
      demandAtPeak: windows.demandAtPeak,
    },
    proposal: { changes: proposal.changes, patch: proposal.patch === "" ? null : proposal.patch },
  };
}

function seenOf({ expected, measured, windows, capacity }: Judgement["evidence"]): readonly Seen[] {
  const { demand, service } = expected;
  const { poolUse, timeouts } = measured;
  type Value = number | { readonly value: number; readonly at: number } | undefined;
  const row = (what: string, unit: string, planned: number | null, value: Value, decimals = 0): Seen => {
    const { value: seen, at } = typeof value === "object" ? value : { value, at: undefined };
    return {
      what,
      unit,
      planned,
      seen: seen === undefined ? null : Math.round(seen * 10 ** decimals) / 10 ** decimals,
      at: at === undefined ? null : new Date(at).toISOString(),
    };
  };
  const tasks = demand.tasksAtPeak ?? service.minTasks;
  const inUse = poolUse && { ...poolUse, value: 100 * poolUse.value };
  const gaveUp = timeouts && { ...timeouts, value: timeouts.total };
  return [
    row("requests at peak", "/s", demand.peakRequestsPerSecond, measured.requestsPerSecond),
    row("tasks at that peak", "", tasks, measured.tasksAtPeak),
    row("hold time", "ms", demand.holdMs, measured.holdMs, 1),
    row("acquisitions a request", "", demand.acquisitionsPerRequest, measured.acquisitionsPerRequest, 2),
    row("open connections", "", windows.demandAtPeak, measured.connections),
    row("pool in use", "%", null, inUse),
    row("wait, 99th percentile", "ms", capacity.waitTargetMs, measured.waitMs, 1),
    row("acquire timeouts", "", 0, gaveUp),
  ];
}
