import { stackBudget } from "../../../policies/budget/budget";
import type { Plan } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, NO_DECLARATIONS, type Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading } from "../../../policies/plan/types";
import { assess, DEFAULT_LEVELS, type Levels } from "../../../policies/reports/assess";
import type { Report, ReportedViolation } from "../../../policies/reports/report";
import type { Findings, Rule } from "../../../policies/rules/rule";
import { type Sample, samplePlan, tags } from "../samplePlan";

/** Judges the sample stack with some changes. */
export function judge(
  changes: Partial<Sample> = {},
  settings: Partial<Settings> = {},
  levels?: Levels,
): Report {
  return judgePlan(samplePlan(changes), settings, levels);
}

export function judgePlan(
  plan: Plan,
  settings: Partial<Settings> = {},
  levels: Levels = DEFAULT_LEVELS,
): Report {
  return assess(plan, { ...DEFAULT_SETTINGS, ...settings }, levels);
}

/** Violations of one rule. */
export const by = (report: Report, rule: string): readonly ReportedViolation[] =>
  report.violations.filter((violation) => violation.rule === rule);

/** The only violation of a rule; fails when there is none or more. */
export function only(report: Report, rule: string): ReportedViolation {
  const [first, ...others] = by(report, rule);
  if (!first || others.length > 0) {
    throw new Error(`expected one violation of ${rule}, got ${JSON.stringify(report.violations, null, 2)}`);
  }
  return first;
}

/** What one rule finds by itself, before levels, exceptions and other rules have their say. */
export function findings(rule: Rule, plan: Plan, settings: Partial<Settings> = {}): Findings {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const stack = readStack(plan, all);
  return rule.evaluate({ stack, budget: stackBudget(stack, all), settings: all });
}

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
