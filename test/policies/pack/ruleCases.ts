import { type Plan, UNKNOWN } from "../../../policies/plan/plan";
import { RULES } from "../../../policies/rules/index";
import { SITUATIONS } from "../rules/situations";

/** What one rule must reject and must let pass, as the engine would send it. */
export interface RuleCase {
  readonly violates: Plan;
  readonly passes: Plan;
  /** A plan that hides what this rule needs. */
  readonly hides?: Plan;
}

/** Rules that cannot be judged by what the engine sends, with the reason. */
export const NOT_OVER_THE_WIRE: { readonly [rule: string]: string } = {
  "pending-reboot-order": "it compares with the deployed state, which the engine hands to no policy",
};

/** By rule id: of each rule's situations the first that needs no setting and that it rejects, accepts and leaves open. */
export const RULE_CASES: { readonly [rule: string]: RuleCase } = Object.fromEntries(
  RULES.filter(({ id }) => !Object.hasOwn(NOT_OVER_THE_WIRE, id)).map(({ id }) => [id, caseOf(id)]),
);

function caseOf(rule: string): RuleCase {
  const plain = (SITUATIONS[rule] ?? []).filter(
    ({ settings, base, plan }) =>
      Object.keys(settings).length === 0 &&
      base === undefined &&
      // Each goes through the SDK's checking proxy, which only then has something to stop at.
      plan.resources.some(({ properties }) => holdsUnknown(properties)),
  );
  const violates = plain.find(
    ({ found }) => found.length > 0 && found.every(({ level }) => level === undefined),
  );
  const passes = plain.find(({ found, open }) => found.length + open.length === 0);
  const hides = plain.find(
    ({ found, open }) => found.length === 0 && open.some(({ malformed }) => !malformed),
  );
  if (violates === undefined || passes === undefined)
    throw new Error(
      `test/policies/rules/situations has no situation without settings that ${rule} ${violates ? "accepts" : "rejects"}`,
    );
  return {
    violates: violates.plan,
    passes: passes.plan,
    ...(hides === undefined ? {} : { hides: hides.plan }),
  };
}

function holdsUnknown(value: unknown): boolean {
  return (
    value === UNKNOWN ||
    (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown))
  );
}
