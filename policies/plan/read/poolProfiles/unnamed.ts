import type { Unknown } from "../../reading";
import { COMMON, queryTimeout, SHARED_POOL_MAX } from "./common";
import type { Default, PoolProfile, PoolSetting, SettingSource } from "./types";

/**
 * A pool whose library nobody names: what is set counts, and what a library would do without it is not guessed.
 * @param why - Why the library is not known, and what mends it.
 * @param likely - A library whose names are used, though it cannot be the one that holds the pool.
 */
export function unnamedLibrary(why: Unknown, likely?: PoolProfile): PoolProfile {
  const fallback: Default = { hidden: why };
  const hidden = { variables: [], default: fallback, unit: "ms", kind: "duration" } as const;
  if (likely) return { ...likely, library: "", settings: withoutDefaults(likely.settings, fallback) };
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

function withoutDefaults(settings: PoolProfile["settings"], fallback: Default): PoolProfile["settings"] {
  const hidden: { [setting in PoolSetting]: SettingSource } = { ...settings };
  for (const name of LIBRARYS_OWN) hidden[name] = { ...settings[name], default: fallback };
  return hidden;
}

/** Settings whose defaults are the library's. */
const LIBRARYS_OWN = [
  "poolMax",
  "acquireTimeoutMs",
  "idleTimeoutMs",
  "queryTimeoutMs",
  "maxLifetimeMs",
  "keepAliveTimeoutMs",
] as const satisfies readonly PoolSetting[];
