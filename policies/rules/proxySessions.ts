import { andThen, known, malformed, type Reading, readText } from "../plan/reading";
import type { ClientReading } from "../plan/types";

/**
 * What an RDS Proxy makes of a client's sessions: `multiplexed` ones share the proxy's connections, a `pinned` one
 * keeps a connection to itself until it ends (AWS: Amazon RDS User Guide, "Avoiding pinning an RDS Proxy").
 */
export type ProxySessions = "multiplexed" | "pinned";

/** Tag of a service or function that says it; the driver and the statements decide, and no plan shows them. */
export const PROXY_SESSIONS_TAG = "poolproof:proxy-sessions";

export function proxySessions({ resource }: ClientReading): Reading<ProxySessions> {
  const tag = readText(resource, "tags", PROXY_SESSIONS_TAG);
  if (tag.state !== "known") return { ...tag, property: PROXY_SESSIONS_TAG };
  return andThen(tag, (value) =>
    value === "multiplexed" || value === "pinned"
      ? known(value)
      : malformed(PROXY_SESSIONS_TAG, value, "`multiplexed` or `pinned`"),
  );
}
