import { majorVersion } from "../../policies/model/engines";

/**
 * Family of the parameter group that fits an engine version: `postgres17` for `17` and for `17.4`.
 * @throws RangeError for what is no version.
 */
export function parameterGroupFamily(engineVersion: string): string {
  const major = majorVersion(engineVersion);
  if (major === undefined) throw new RangeError(`${engineVersion} is not a PostgreSQL version`);
  return `postgres${major}`;
}

/** Whether an engine is of this major version or a later one. */
export function isAtLeast(engineVersion: string, major: number): boolean {
  return (majorVersion(engineVersion) ?? 0) >= major;
}
