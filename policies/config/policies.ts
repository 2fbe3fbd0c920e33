import { DEFAULT_SETTINGS } from "../plan/settings";
import { CATALOGUE } from "../rules/catalogue";
import type { ParsedSettings } from "./parseSettings";

export type { PolicyDescription } from "../rules/catalogue";
export { settingsPolicy } from "../rules/config/settingsPolicy";

/** Every policy that a policy configuration may name, in the pack's order. */
export const POLICIES = CATALOGUE;

/**
 * Parses the properties of `poolproof-settings`. zod takes longer to load than all rules together, and the pack starts
 * on every preview: it is loaded only where there is something to parse.
 */
export async function loadSettings(properties: object): Promise<ParsedSettings> {
  if (Object.keys(properties).length === 0) return { ok: true, settings: DEFAULT_SETTINGS };
  const { parseSettings } = await import("./parseSettings.js");
  return parseSettings(properties);
}
