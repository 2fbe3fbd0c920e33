import type { Settings } from "../config/settings";

/** The declared demand, as the tags from which the policies compute the pool's safe window. */
export function demandTags(
  settings: Pick<Settings, "peakRequestsPerSecond" | "dbHoldMs" | "dbAcquisitionsPerRequest" | "tasksAtPeak">,
  databaseIdentifier: string,
): { readonly [tag: string]: string } {
  return {
    "poolproof:peak-requests-per-second": String(settings.peakRequestsPerSecond),
    "poolproof:db-hold-ms": String(settings.dbHoldMs),
    "poolproof:db-acquisitions-per-request": String(settings.dbAcquisitionsPerRequest),
    "poolproof:tasks-at-peak": String(settings.tasksAtPeak),
    "poolproof:database": databaseIdentifier,
    "poolproof:pool-library": "node-postgres",
  };
}
