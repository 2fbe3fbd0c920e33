import type { StackBudget } from "../budget/budget";
import type { Reading } from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { StackReading } from "../plan/types";
import { Naming, spelledFor } from "./format";

/** How strictly a finding counts: advisory ones never change the verdict. */
export type Level = "mandatory" | "advisory";

/** One thing a rule bounds. A rule reads the plan through `plan/` and computes through `model/`, nothing else. */
export interface Rule {
  /** Stable: policy configurations, links and reports name it. */
  readonly id: string;
  readonly title: string;
  readonly severity: "low" | "medium" | "high" | "critical";
  /** Level where the policy configuration sets none. */
  readonly level: Level;
  /** One sentence: what the rule bounds. */
  readonly description: string;
  readonly remediationSteps: string;
  /** Page of the knowledge base, from the project's root. */
  readonly docs: string;
  evaluate(input: RuleInput): Findings;
}

/** What the rules of one stack read. */
export interface RuleInput {
  readonly stack: StackReading;
  readonly budget: StackBudget;
  readonly settings: Settings;
}

export interface Findings {
  readonly violations: readonly Violation[];
  readonly undecided: readonly Undecided[];
}

export interface Violation {
  readonly resource: string;
  /** Observed → limit → consequence, as sentences. */
  readonly text: string;
  /** What to do, as a sentence without its full stop. */
  readonly fix: string;
  readonly observed: number | string | null;
  /** `min > max`: no value is allowed as things are. `null` for a side that is unknown, or a rule without numbers. */
  readonly allowed: { readonly min: number | null; readonly max: number | null } | null;
  readonly unit: string | null;
  /** Set where this finding counts for less than its rule: advisory, whatever level the rule has. */
  readonly level?: Level;
}

/** Something the plan hides until the deployment. */
export interface Undecided {
  readonly resource: string;
  readonly property: string;
  readonly reason: string;
  /** The rule whose violation already says why; listed only where that rule counts for less than this one. */
  readonly saidBy?: string;
  /** What to do about it, as a sentence without its full stop, where making the property known is not it. */
  readonly fix?: string;
  /** Not hidden by the preview but wrong in the plan: no deployment will make it decidable. */
  readonly malformed?: { readonly shown: string; readonly expected: string };
}

/** A rule from what it says about itself and what it checks; the page of the knowledge base follows from its id. */
export function rule(
  definition: Omit<Rule, "docs" | "evaluate"> & { check(context: RuleContext): void },
): Rule {
  const { check, ...description } = definition;
  return {
    ...description,
    docs: runbook(definition.id),
    evaluate(input) {
      const context = new RuleContext(input);
      check(context);
      return context;
    },
  };
}

/** A violation as a rule writes it; `observed`, `allowed` and `unit` are left out where a rule has no numbers. */
export type NewViolation = Pick<Violation, "resource" | "text" | "fix"> & Partial<Violation>;

/** What a rule reads, how it names settings in messages, and where its findings go. */
export class RuleContext implements RuleInput, Findings {
  readonly stack: StackReading;
  readonly budget: StackBudget;
  readonly settings: Settings;
  readonly naming: Naming;
  readonly violations: Violation[] = [];
  readonly undecided: Undecided[] = [];

  constructor({ stack, budget, settings }: RuleInput) {
    this.stack = stack;
    this.budget = budget;
    this.settings = settings;
    this.naming = new Naming(stack, settings);
  }

  /** Adds a violation, once: a parameter group that several databases share is wrong once. */
  violation({
    resource,
    text,
    fix,
    observed = null,
    allowed = null,
    unit = null,
    ...own
  }: NewViolation): void {
    const said = spelledFor(resource, text);
    if (this.violations.some((other) => other.resource === resource && other.text === said)) return;
    const toDo = spelledFor(resource, fix);
    this.violations.push({ resource, text: said, fix: toDo, observed, allowed, unit, ...own });
  }

  /** Notes what keeps a rule from deciding, each property once; a known reading notes nothing. */
  cannotDecide(resource: string, reading: Undecidable, saidBy?: string): void {
    if (reading.state === "known") return;
    const property = spelledFor(resource, reading.property);
    if (this.undecided.some((entry) => entry.resource === resource && entry.property === property)) return;
    const wrong = reading.state === "unknown" ? reading.because : reading;
    this.undecided.push({
      resource,
      property: wrong?.state === "malformed" ? spelledFor(resource, wrong.property) : property,
      reason: spelledFor(resource, reasonOf(reading, property)),
      ...(saidBy === undefined ? {} : { saidBy }),
      ...("fix" in reading && reading.fix !== undefined ? { fix: spelledFor(resource, reading.fix) } : {}),
      ...(wrong?.state === "malformed"
        ? { malformed: { shown: wrong.shown, expected: wrong.expected } }
        : {}),
    });
  }
}

/** A reading in any state, or a property with the reason why it hides something. */
type Undecidable =
  | Reading<unknown>
  | (Pick<Undecided, "property" | "reason" | "fix"> & { readonly state?: undefined });

/** What hides a reading, as a clause. */
export function reasonOf(
  reading: Exclude<Undecidable, { readonly state: "known" }>,
  property: string,
): string {
  switch (reading.state) {
    case "malformed":
      return `\`${property}\` is ${reading.shown}, not ${reading.expected}`;
    case "unset":
      return `\`${property}\` is not set`;
    default:
      return reading.reason;
  }
}

/** Page of a rule in the knowledge base, from the root of the project that reads the message. */
export const runbook = (id: string): string => `${RUNBOOKS}/${id}.md`;

/**
 * Installed, the knowledge base lies in the package: a path that is right in any project. In this repository
 * it stands at the root.
 */
export function runbooksFor(folder: string): string {
  const [, ...installed] = folder.split(/[\\/]node_modules[\\/]/);
  const inside = installed.pop()?.split(/[\\/]/) ?? [];
  const name = inside[0]?.startsWith("@") ? inside.slice(0, 2) : inside.slice(0, 1);
  return [...(name.length === 0 ? [] : ["node_modules", ...name]), "docs/runbooks"].join("/");
}

const RUNBOOKS = runbooksFor(__dirname);
