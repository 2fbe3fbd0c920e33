import { settingsPolicy } from "./config/settingsPolicy";
import { RULES } from "./index";
import type { Rule } from "./rule";
import { undecidedPolicy } from "./undecided";

/** What every policy of the pack says about itself. */
export type PolicyDescription = Omit<Rule, "evaluate">;

/** The policies that findings may be of, in the pack's order: the one that carries the settings comes first. */
export const CATALOGUE: readonly PolicyDescription[] = [settingsPolicy, ...RULES, undecidedPolicy];
