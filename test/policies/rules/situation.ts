import { stackBudget } from "../../../policies/budget/budget";
import type { Plan } from "../../../policies/plan/plan";
import { rootUrn } from "../../../policies/plan/planIndex";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { assess } from "../../../policies/reports/assess";
import { settingsPolicy } from "../../../policies/rules/config/settingsPolicy";
import { unmatchedSettings } from "../../../policies/rules/config/unmatched";
import { RULES } from "../../../policies/rules/index";
import type { Level, RuleInput, Undecided, Violation } from "../../../policies/rules/rule";
import { type Sample, samplePlan } from "../samplePlan";

/** What a finding is, whatever words it is put into. */
export interface Found {
  readonly resource: string;
  readonly observed: Violation["observed"];
  readonly allowed: Violation["allowed"];
  readonly unit: Violation["unit"];
  /** Only where one policy finds things of both levels. */
  readonly level?: Level;
}

/** What a rule leaves open: hidden until the deployment, or `malformed` in the plan itself. */
export interface Open {
  readonly resource: string;
  readonly property: string;
  readonly malformed?: true;
}

const NO_NUMBERS = { observed: null, allowed: null, unit: null };

type Bounds = readonly [min: number | null, max: number | null] | null;

/**
 * One stack and all that one rule makes of it. `situations.test.ts` holds the rule to it; `messages.test.ts` shows in
 * which words the rule says so.
 */
export class Situation {
  readonly found: readonly Found[] = [];
  readonly open: readonly Open[] = [];

  constructor(
    readonly title: string,
    readonly plan: Plan,
    readonly settings: Partial<Settings> = {},
    /** What is deployed now. */
    readonly base?: Plan,
    /** Of findings that name none. */
    private readonly unit: string | null = null,
    /** The resource that `violates`, `undecided` and `malformed` are about. */
    private readonly subject = "",
  ) {}

  private with(more: Partial<Pick<Situation, "found" | "open">>): Situation {
    return Object.assign(
      new Situation(this.title, this.plan, this.settings, this.base, this.unit, this.subject),
      {
        found: this.found,
        open: this.open,
        ...more,
      },
    );
  }

  finds(
    resource: string,
    observed: Violation["observed"] = null,
    allowed: Bounds = null,
    unit: string | null = this.unit,
  ): Situation {
    const bounds = allowed && { min: allowed[0], max: allowed[1] };
    return this.with({ found: [...this.found, { resource, observed, allowed: bounds, unit }] });
  }

  violates(observed?: Violation["observed"], allowed?: Bounds, unit?: string | null): Situation {
    return this.finds(this.subject, observed, allowed, unit);
  }

  undecided(property: string): Situation {
    return this.leavesOpen(this.subject, property);
  }

  malformed(property: string): Situation {
    return this.rejectsValue(this.subject, property);
  }

  /** A finding that counts for less than its rule. */
  advises(resource: string, observed: Violation["observed"], allowed: Bounds): Situation {
    const { found, ...rest } = this.finds(resource, observed, allowed);
    const advised = found.map((each, i) =>
      i < found.length - 1 ? each : { ...each, level: "advisory" as const },
    );
    return this.with({ ...rest, found: advised });
  }

  /** Of the two policies that judge nothing themselves, whose findings are of either level. */
  reports(resource: string, level: Level, observed: Violation["observed"] = null): Situation {
    return this.with({ found: [...this.found, { ...NO_NUMBERS, resource, observed, level }] });
  }

  leavesOpen(resource: string, property: string): Situation {
    return this.with({ open: [...this.open, { resource, property }] });
  }

  rejectsValue(resource: string, property: string): Situation {
    return this.with({ open: [...this.open, { resource, property, malformed: true }] });
  }
}

/** The sample with some changes, or a whole plan, of which a rule finds nothing unless the situation says more. */
export type Given = (
  title: string,
  plan?: Partial<Sample> | Plan,
  settings?: Partial<Settings>,
  base?: Plan,
) => Situation;

/** Situations whose findings are in one unit and about one resource, unless they say otherwise. */
export const measuredIn =
  (unit: string | null, subject?: string): Given =>
  (title, plan = {}, settings = {}, base) =>
    new Situation(title, "resources" in plan ? plan : samplePlan(plan), settings, base, unit, subject);

export const given = measuredIn(null);

/** A finding with its words. */
export interface Message extends Violation {
  readonly level?: Level;
}

export interface Made {
  readonly violations: readonly Message[];
  readonly undecided: readonly Undecided[];
}

/** What a rule, or one of the two policies that judge nothing themselves, makes of a situation. */
export function evaluate(id: string, situation: Situation): Made {
  const rule = RULES.find((each) => each.id === id);
  if (rule !== undefined) return rule.evaluate(contextOf(situation));
  return { violations: id === settingsPolicy.id ? unmatched(situation) : left(situation), undecided: [] };
}

export function contextOf({ plan, settings, base }: Situation): RuleInput {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const stack = { ...readStack(plan, all), base: base && readStack(base, all) };
  return { stack, budget: stackBudget(stack, all), settings: all };
}

/** What `poolproof-settings` finds, of the stack as a whole where it names no resource. */
function unmatched(situation: Situation): Message[] {
  const { stack, settings } = contextOf(situation);
  const root = rootUrn(situation.plan);
  return unmatchedSettings(stack, settings).map((each) => ({ ...NO_NUMBERS, resource: root, ...each }));
}

/** What a report adds to what its rules find: of hidden properties, and of malformed values. */
function left(situation: Situation): Message[] {
  const { plan, settings } = situation;
  const context = contextOf(situation);
  const own = new Set(RULES.flatMap((rule) => rule.evaluate(context).violations.map(({ fix }) => fix)));
  const { violations } = assess(plan, { ...DEFAULT_SETTINGS, ...settings });
  return violations
    .filter(({ rule, fix }) => rule !== settingsPolicy.id && !own.has(fix))
    .map(({ message, docs, ...each }) => ({
      ...each,
      text: message.slice(0, -` ${each.fix} (${docs}).`.length),
    }));
}
