import { DEFAULT_SETTINGS } from "../plan/settings";
import type { ParsedSettings } from "./parseSettings";

/**
 * Parses the properties of `poolproof-settings`. zod takes longer to load than all rules together, and the pack starts
 * on every preview: it is loaded only where there is something to parse.
 */
export async function loadSettings(properties: object): Promise<ParsedSettings> {
  if (Object.keys(properties).length === 0) return { ok: true, settings: DEFAULT_SETTINGS };
  const { parseSettings } = await import("./parseSettings.js");
  return parseSettings(properties);
}
