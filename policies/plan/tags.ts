import type { PlanResource } from "./plan";
import type { PlanIndex } from "./planIndex";
import {
  isMap,
  known,
  knownValue,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  unset,
} from "./reading";
import { type DemandOverride, POLICY_CONFIGURATION, wildcard } from "./settings";
import type { DeclaredDemand, StrayTag } from "./types";

/** How many connections a task of operations (a migration, a job by hand) holds at most, out of those kept for them. */
export const OPERATIONS_TAG = "poolproof:operations-connections";

export const DEMAND_TAGS = {
  peakRequestsPerSecond: "poolproof:peak-requests-per-second",
  holdMs: "poolproof:db-hold-ms",
  acquisitionsPerRequest: "poolproof:db-acquisitions-per-request",
  tasksAtPeak: "poolproof:tasks-at-peak",
  queriesPerRequest: "poolproof:db-queries-per-request",
  heldAtOnce: "poolproof:connections-held-at-once",
  requestsInFlight: "poolproof:requests-in-flight",
  peakBurst: "poolproof:peak-burst",
  holdP99Ms: "poolproof:db-hold-p99-ms",
  holdCv: "poolproof:db-hold-cv",
} as const;

type DemandField = keyof typeof DEMAND_TAGS;

/** Finds what the policy configuration declares for a client that goes by any of these names. */
type DemandOverrides = (names: readonly string[]) => DemandOverride | undefined;

/** The overrides with their patterns made once: the first that fits any of a client's names. */
export function demandOverrides(demand: readonly DemandOverride[]): DemandOverrides {
  const patterns = demand.map((override) => ({ override, pattern: wildcard(override.service) }));
  return (names) => patterns.find(({ pattern }) => names.some((name) => pattern.test(name)))?.override;
}

/** Names a service or function goes by in the policy configuration: in AWS, where that is known, and in the program. */
export function namesOf(resource: PlanResource): readonly string[] {
  const name = knownValue(readText(resource, "name"));
  return name === undefined ? [resource.name] : [name, resource.name];
}

/** Whether any of the tags `poolproof:…` says that this is a client of a database. */
export function declaresDemand(resource: PlanResource): boolean {
  return [...Object.values(DEMAND_TAGS), "poolproof:database", "poolproof:pool-library"].some(
    (tag) => readText(resource, "tags", tag).state !== "unset",
  );
}

/** Demand as the policy configuration declares it, else as the tags of the service or function do. */
export function readDemand(resource: PlanResource, override: DemandOverride | undefined): DeclaredDemand {
  return demandFrom((field) => {
    const own = override?.[field];
    return own === undefined
      ? readNumber(resource, "tags", DEMAND_TAGS[field])
      : known(own, POLICY_CONFIGURATION);
  });
}

/** Demand of a client that only the policy configuration knows. */
export const demandOf = (declared: Omit<DemandOverride, "service">): DeclaredDemand =>
  demandFrom((field) => {
    const own = declared[field];
    return own === undefined ? unset(DEMAND_TAGS[field]) : known(own);
  });

function demandFrom(read: (field: DemandField) => Reading<number>): DeclaredDemand {
  const field = (key: DemandField, passes: (n: number) => boolean, expected: string): Reading<number> => {
    const reading = read(key);
    const named = reading.state === "known" ? reading : { ...reading, property: DEMAND_TAGS[key] };
    return requireNumber(named, DEMAND_TAGS[key], passes, expected);
  };
  const above0 = (n: number): boolean => n > 0;
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  return {
    peakRequestsPerSecond: field("peakRequestsPerSecond", (n) => n >= 0, "requests a second, 0 or more"),
    holdMs: field("holdMs", above0, "milliseconds above 0"),
    acquisitionsPerRequest: field("acquisitionsPerRequest", above0, "a number above 0"),
    tasksAtPeak: field("tasksAtPeak", whole, "a whole number of tasks from 1 up"),
    queriesPerRequest: field("queriesPerRequest", above0, "a number above 0"),
    heldAtOnce: field("heldAtOnce", whole, "a whole number of connections from 1 up"),
    requestsInFlight: field("requestsInFlight", whole, "a whole number of requests from 1 up"),
    peakBurst: field("peakBurst", (n) => n >= 1, "a number from 1 up"),
    holdP99Ms: field("holdP99Ms", above0, "milliseconds above 0"),
    holdCv: field("holdCv", (n) => n >= 0, "a number from 0 up"),
  };
}

/** Every tag that poolproof reads of a service, a function or a task definition. */
export const POOLPROOF_TAGS: readonly string[] = [
  ...Object.values(DEMAND_TAGS),
  "poolproof:database",
  "poolproof:pool-library",
  "poolproof:proxy-sessions",
  "poolproof:endpoint",
  OPERATIONS_TAG,
];

/**
 * Tags that begin with the pack's name, in any letter case and with any sign behind it, and are none that it reads:
 * AWS tells `Poolproof:` and `poolproof:` apart, and so does the reader.
 */
export function strayTags({ resources }: PlanIndex): readonly StrayTag[] {
  return resources.flatMap((resource) => {
    const tags = readProperty(resource, "tags");
    if (tags.state !== "known" || !isMap(tags.value)) return [];
    return Object.keys(tags.value)
      .filter((tag) => /^pool-?proof[^a-z]/i.test(tag) && !POOLPROOF_TAGS.includes(tag))
      .map((tag) => ({ resource, tag }));
  });
}
