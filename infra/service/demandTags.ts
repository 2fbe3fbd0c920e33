import type { Settings } from "../config/settings";

type Declared =
  | "peakRequestsPerSecond"
  | "dbHoldMs"
  | "dbAcquisitionsPerRequest"
  | "tasksAtPeak"
  | "connection";

/**
 * The declared demand, as the tags from which the policies compute the pool's safe window.
 *
 * Through a proxy the sessions share connections as long as none is pinned to one: the service names no statement,
 * sets nothing in its sessions and takes no advisory lock (AWS: RDS User Guide, "Avoiding pinning an RDS Proxy").
 */
export function demandTags(
  settings: Pick<Settings, Declared>,
  databaseIdentifier: string,
): { readonly [tag: string]: string } {
  return {
    "poolproof:peak-requests-per-second": String(settings.peakRequestsPerSecond),
    "poolproof:db-hold-ms": String(settings.dbHoldMs),
    "poolproof:db-acquisitions-per-request": String(settings.dbAcquisitionsPerRequest),
    "poolproof:tasks-at-peak": String(settings.tasksAtPeak),
    "poolproof:database": databaseIdentifier,
    "poolproof:pool-library": "node-postgres",
    ...(settings.connection === "proxy" ? { "poolproof:proxy-sessions": "multiplexed" } : {}),
  };
}
