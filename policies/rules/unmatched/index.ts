import type { StackReading } from "../../plan/types";
import type { Settings } from "../settings";
import { unmatchedAlarms } from "./alarms";
import { unusedConfigKeys } from "./configKeys";
import { unmatchedDatabases } from "./databases";
import { unmatchedNotClients, unmatchedPlaces } from "./places";
import { repeatedEntries } from "./repeated";
import { unmatchedTags } from "./tags";
import type { UnmatchedFinding } from "./wording";

export type { UnmatchedFinding } from "./wording";

/**
 * Names in the policy configuration and in tags that nothing answers to. Each of them was written to change a verdict,
 * and without a word would change none: the findings of `poolproof-settings`.
 */
export function unmatchedSettings(stack: StackReading, settings: Settings): readonly UnmatchedFinding[] {
  return [
    ...unmatchedPlaces(stack, settings),
    ...unmatchedNotClients(stack, settings),
    ...unmatchedDatabases(stack, settings),
    ...unmatchedAlarms(stack, settings),
    ...repeatedEntries(settings),
    ...unusedConfigKeys(settings),
    ...unmatchedTags(stack),
  ];
}
