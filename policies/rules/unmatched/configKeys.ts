import { closest } from "../../model/nearestName";
import { lookUpParameter } from "../../model/parameterTable";
import { postgresNames } from "../../model/postgresParameters";
import { GIVEN } from "../../plan/declarations";
import { POOL_PROFILES } from "../../plan/pools/libraries";
import { POOLPROOF_TAGS } from "../../plan/tags";
import type { Settings } from "../settings";
import type { UnmatchedFinding } from "./wording";

/** Properties that messages name, besides environment variables, tags and server parameters. */
const PROPERTIES: readonly string[] = [
  "applyMethod",
  "clusterInstanceClass",
  "connectionBorrowTimeout",
  "dbClusterInstanceClass",
  "deploymentMaximumPercent",
  "deregistrationDelay",
  "family",
  "idleTimeout",
  "instanceClass",
  "instances",
  "maxCapacity",
  "maxConnectionsPercent",
  "maxIdleConnectionsPercent",
  "requireTls",
  "reservedConcurrentExecutions",
  "stopTimeout",
  "tasksAtPeak",
  "timeout",
];

/** Entries of `configKeys` whose name no message uses: the message they were written for names something else. */
export function unusedConfigKeys({ configKeys, pools }: Settings): readonly UnmatchedFinding[] {
  const names = Object.keys(configKeys);
  if (names.length === 0) return [];
  const own = pools.flatMap(({ variables = {} }) => Object.values(variables).flatMap((each) => each ?? []));
  const known = new Set([...PROPERTIES, ...POOLPROOF_TAGS, ...VARIABLES, ...own]);
  return names
    .filter((name) => !known.has(name) && !isParameter(name))
    .map((name) => {
      const near = closest(name, [...known, ...postgresNames(NEWEST)]);
      return {
        level: "mandatory",
        text: `\`configKeys\` in the policy configuration has "${name}", which no message names: the entry counts for nothing, and the fix it was written for does not say which key to set.`,
        fix:
          near === undefined
            ? "Correct it to an environment variable, a tag, a property or a server parameter that findings name, or remove it"
            : `Correct it to "${near}"`,
      };
    });
}

const NEWEST = 18;

const isParameter = (name: string): boolean =>
  lookUpParameter("mysql", undefined, name).state === "known" ||
  lookUpParameter("mariadb", undefined, name).state === "known" ||
  ["13", "14", "15", "16", "17", "18"].some(
    (version) => lookUpParameter("postgres", version, name).state === "known",
  );

/** Every name that a profile reads, and what stands for it in messages. */
const VARIABLES: readonly string[] = [...POOL_PROFILES.values()].flatMap(({ settings }) =>
  Object.entries(settings).flatMap(([setting, source]) => [
    `${GIVEN}${setting}`,
    source.label ?? "",
    ...[...source.variables, ...(source.plus?.variables ?? [])].flatMap(({ name, parameter }) =>
      parameter === undefined ? [name] : [name, `${parameter} in ${name}`],
    ),
    ...(source.plus === undefined ? [] : sums(source.variables, source.plus.variables)),
  ]),
);

/** "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW", as messages name a size of two parts. */
function sums(
  sizes: readonly { readonly name: string }[],
  more: readonly { readonly name: string }[],
): readonly string[] {
  return sizes.flatMap(({ name }) => more.map((other) => `${name} + ${other.name}`));
}
