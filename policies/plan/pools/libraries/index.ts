import type { PoolProfile } from "../library";
import { JVM_LIBRARIES } from "./jvm";
import { NODE_LIBRARIES } from "./node";
import { OTHER_LIBRARIES } from "./others";
import { PYTHON_LIBRARIES } from "./python";

export type {
  PoolProfile,
  PoolSetting,
  PoolSettings,
  Protocol,
  SettingReading,
  SettingSource,
  TimeNotation,
} from "../library";

/** Pool libraries, by the value of the tag `poolproof:pool-library`. */
export const POOL_PROFILES: ReadonlyMap<string, PoolProfile> = new Map(
  [...NODE_LIBRARIES, ...JVM_LIBRARIES, ...PYTHON_LIBRARIES, ...OTHER_LIBRARIES].map((profile) => [
    profile.library,
    profile,
  ]),
);

/** Libraries that a person names; published programs are known by their images. */
export const NAMED_LIBRARIES: readonly PoolProfile[] = [...POOL_PROFILES.values()].filter(
  ({ image }) => image === undefined,
);
