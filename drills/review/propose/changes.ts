import { computed } from "../../../infra/capacity";
import { poolFloor } from "../../../policies/model/poolFloor";
import { hasGrown } from "../judge/demandFindings";
import type { Evidence } from "../judge/finding";
import { number, when } from "../judge/words";
import { seenValue } from "../live/liveState";

/** One number that a review would write down. */
export interface Change {
  readonly in: "stack file" | "policy configuration";
  /** `auth:dbHoldMs`, or the path in the policy configuration. */
  readonly key: string;
  readonly from: number | undefined;
  readonly to: number;
  readonly reason: string;
}

/**
 * What was measured, as the settings that should say it. Only upwards: a quiet fortnight is no reason to plan for less
 * than was declared. A pool that is below the new floor is set to it, where the database has room for that.
 */
export function proposedChanges(evidence: Evidence): readonly Change[] {
  const { expected, windows, measured, capacity } = evidence;
  const { demand, service } = expected;
  const peak = measured.requestsPerSecond;
  const seen = {
    peakRequestsPerSecond: raised(demand.peakRequestsPerSecond, peak?.value, 0),
    holdMs: raised(demand.holdMs, measured.holdMs, 1),
    acquisitionsPerRequest: raised(demand.acquisitionsPerRequest, measured.acquisitionsPerRequest, 2),
  };
  const declaredTasks = demand.tasksAtPeak ?? service.minTasks;
  // Below the minimum they cannot be declared: that fewer ran is then what has to be mended.
  const tasks = Math.min(declaredTasks, Math.max(service.minTasks, measured.tasksAtPeak ?? declaredTasks));
  const changes: Change[] = [];
  const change = (key: string, from: number, to: number, reason: string): void => {
    if (to !== from) changes.push({ in: "stack file", key, from, to, reason });
  };
  change(
    "auth:peakRequestsPerSecond",
    demand.peakRequestsPerSecond,
    seen.peakRequestsPerSecond,
    `${number(peak?.value ?? 0)} requests/s were seen (${when(peak?.at ?? 0)})`,
  );
  change("auth:dbHoldMs", demand.holdMs, seen.holdMs, "mean hold time in the busy minutes");
  change(
    "auth:dbAcquisitionsPerRequest",
    demand.acquisitionsPerRequest,
    seen.acquisitionsPerRequest,
    "acquisitions for each request in the busy minutes",
  );
  change("auth:tasksAtPeak", declaredTasks, tasks, "tasks that ran in the busiest minute");
  const floor = computed(() => poolFloor({ ...windows.seen, ...seen }, capacity));
  const { ceiling } = windows;
  if (floor !== undefined && service.pool.max < floor && (ceiling === undefined || floor <= ceiling)) {
    change("auth:poolMax", service.pool.max, floor, "the floor of the demand that was seen");
  }
  return [...changes, ...confirmedLimit(evidence)];
}

/** The declared number, or what was seen where that is more, rounded up to some decimals. */
function raised(declared: number, seen: number | undefined, decimals: number): number {
  if (!hasGrown(declared, seen)) return declared;
  const factor = 10 ** decimals;
  return Math.ceil(seen * factor - 1e-9) / factor;
}

/** What the server said, in the place of an estimate. */
function confirmedLimit({ limit, expected, live }: Evidence): readonly Change[] {
  const { inForce, judged, from } = limit;
  if (from !== "SHOW max_connections" || inForce === undefined || limit.pendingReboot) return [];
  if (judged === undefined || judged.source === "explicit" || judged.maxConnections === inForce) return [];
  const database = seenValue(live.database)?.identifier ?? expected.database.identifier;
  return [
    {
      in: "policy configuration",
      key: `confirmedMaxConnections.${database}`,
      from: judged.source === "confirmed" ? judged.maxConnections : undefined,
      to: inForce,
      reason: `\`SHOW max_connections\` says ${number(inForce)}, ${judged.source} were ${number(judged.maxConnections)}`,
    },
  ];
}
