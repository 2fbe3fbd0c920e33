import type { Unknown } from "../../reading";
import { COMMON, queryTimeout, SHARED_POOL_MAX } from "./common";
import type { Default, PoolProfile } from "./types";

/**
 * A pool whose library nobody names: what is set counts, and what a library would do without it is not guessed.
 * @param why - Why the library is not known, and what mends it.
 */
export function unnamedLibrary(why: Unknown): PoolProfile {
  const fallback: Default = { hidden: why };
  const hidden = { variables: [], default: fallback, unit: "ms", kind: "duration" } as const;
  return {
    library: "",
    marks: [],
    settings: {
      ...COMMON,
      poolMax: { variables: SHARED_POOL_MAX, default: fallback, unit: "connections", kind: "count" },
      acquireTimeoutMs: { ...hidden, label: "acquire timeout" },
      idleTimeoutMs: { ...hidden, label: "idle timeout" },
      queryTimeoutMs: { ...queryTimeout(""), default: fallback },
      maxLifetimeMs: { ...hidden, label: "maximum lifetime" },
      keepAliveTimeoutMs: { ...COMMON.keepAliveTimeoutMs, default: fallback },
    },
  };
}
