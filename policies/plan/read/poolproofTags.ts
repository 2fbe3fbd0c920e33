import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { isMap, readProperty } from "../reading";
import { DEMAND_TAGS } from "./demand";
import { OPERATIONS_TAG } from "./operations";

/** Every tag that poolproof reads of a service, a function or a task definition. */
export const POOLPROOF_TAGS: readonly string[] = [
  ...Object.values(DEMAND_TAGS),
  "poolproof:database",
  "poolproof:pool-library",
  "poolproof:proxy-sessions",
  OPERATIONS_TAG,
];

/** A tag that is written as if poolproof read it. */
export interface StrayTag {
  readonly resource: PlanResource;
  readonly tag: string;
}

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
