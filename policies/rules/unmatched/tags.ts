import { closest } from "../../model/nearestName";
import { POOLPROOF_TAGS } from "../../plan/tags";
import type { StackReading } from "../../plan/types";
import type { UnmatchedFinding } from "./wording";

/** Tags that say something to nobody: a mistyped one leaves a default in force that its author did not choose. */
export function unmatchedTags({ strayTags }: StackReading): readonly UnmatchedFinding[] {
  return strayTags.map(({ resource, tag }) => {
    const near = closest(tag, POOLPROOF_TAGS);
    return {
      level: "mandatory",
      resource: resource.urn,
      text: `The tag \`${tag}\` of ${resource.name} is none that poolproof reads: what it says counts for nothing.`,
      fix:
        near === undefined
          ? `Rename it (there are ${POOLPROOF_TAGS.join(", ")}) or remove it`
          : `Rename it to \`${near}\``,
    };
  });
}
