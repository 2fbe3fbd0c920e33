import { CATALOGUE } from "../rules/catalogue";

export type { PolicyDescription } from "../rules/catalogue";
export { settingsPolicy } from "../rules/config/settingsPolicy";

/** Every policy that a policy configuration may name, in the pack's order. */
export const POLICIES = CATALOGUE;
