import { settingsPolicy } from "./config/settingsPolicy";
import { RULES } from "./index";
import type { Rule } from "./rule";
import { undecidedPolicy } from "./undecided";

/** What every policy of the pack says about itself. */
export type PolicyDescription = Omit<Rule, "evaluate">;

/** The policies that findings may be of, in the pack's order: the one that carries the settings comes first. */
export const CATALOGUE: readonly PolicyDescription[] = [settingsPolicy, ...RULES, undecidedPolicy];

/** Where the package is found by someone who has only installed it. */
export const PACKAGE_PAGE = "https://www.npmjs.com/package/poolproof";

/** Where a rule is explained there. */
export const pageOf = (rule: string): string => `${PACKAGE_PAGE}#${rule}`;
