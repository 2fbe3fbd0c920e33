import type { Settings } from "../../../policies/plan/settings";
import { NO_DECLARATIONS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading } from "../../../policies/plan/types";
import { type Sample, samplePlan, tags } from "../samplePlan";

/** The sample's clients with nothing in the environment but what is given. */
export function clientsOf(
  environment: Sample["environment"],
  settings: Partial<Pick<Settings, "demand" | "pools" | "clients" | "databases">> = {},
  changes: Partial<Sample> = {},
): readonly ClientReading[] {
  return readStack(samplePlan({ environment, ...changes }), { ...NO_DECLARATIONS, ...settings }).clients;
}

/** The only one of them, with a pool library in its tags where one is named. */
export function clientOf(environment: Sample["environment"], library?: string): ClientReading {
  const named = library === undefined ? {} : { tags: tags({ "poolproof:pool-library": library }) };
  const [first, ...others] = clientsOf(environment, {}, named);
  if (!first || others.length > 0) throw new Error(`expected one client, got ${others.length + 1}`);
  return first;
}
