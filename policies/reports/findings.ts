import { printable } from "../kit/text";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import { unmatchedSettings } from "../rules/config/unmatched";
import { RULES } from "../rules/index";
import { type Findings, type Level, type Rule, type RuleInput, runbook, type Violation } from "../rules/rule";
import {
  type MalformedEntry,
  malformedViolations,
  type UndecidedEntry,
  undecidedPolicy,
  undecidedViolations,
} from "../rules/undecided";
import { Exceptions } from "./exceptions";
import { byCause } from "./headline";
import type { Report, ReportedViolation } from "./report";

/** Level of each policy by id; a policy that is missing is disabled. */
export interface Levels {
  readonly [policy: string]: Level;
}

/** What the enabled rules find, what they cannot decide, and what exceptions lift of both. */
export function findingsOf(
  context: RuleInput,
  levels: Levels,
  root: string,
  now: Date,
): Pick<Report, "violations" | "undecided" | "exceptions"> {
  const exceptions = new Exceptions(context.settings, now);
  const judged = RULES.flatMap((rule) => {
    const level = levels[rule.id];
    return level === undefined ? [] : [{ rule, level, findings: rule.evaluate(context) }];
  });
  const violations: ReportedViolation[] = [];
  const lifted: ReportedViolation[] = [];
  for (const { rule, level, findings } of judged) {
    for (const violation of findings.violations) {
      const finding = reported(violation, rule.id, violation.level ?? level, rule.docs);
      (exceptions.lift(finding) ? lifted : violations).push(finding);
    }
  }

  const { undecided, open, malformed } = undecidedOf(judged, { levels, exceptions, violations, lifted });
  for (const each of malformedViolations(malformed, levels)) {
    violations.push(reported(each, each.rule, levels[each.rule] ?? "mandatory", runbook(each.rule)));
  }
  for (const each of undecidedViolations(open, levels, context.settings)) {
    violations.push(reported(each, undecidedPolicy.id, each.level, undecidedPolicy.docs));
  }
  const level = levels[settingsPolicy.id] ?? settingsPolicy.level;
  const broken = exceptions
    .violations(root)
    .map((each) => reported(each, settingsPolicy.id, level, settingsPolicy.docs));
  const stray =
    levels[settingsPolicy.id] === undefined ? [] : unmatchedSettings(context.stack, context.settings);
  const unmatched = stray.map((each) => {
    const finding = { ...each, resource: each.resource ?? root, observed: null, allowed: null, unit: null };
    const own = each.level === "advisory" ? each.level : level;
    return reported(finding, settingsPolicy.id, own, settingsPolicy.docs);
  });
  return {
    violations: withCauses(mandatoryFirst([...broken, ...unmatched, ...violations])),
    undecided,
    exceptions: exceptions.report(),
  };
}

/** Numbers the causes that several findings share. */
function withCauses(found: readonly ReportedViolation[]): readonly ReportedViolation[] {
  const names = new Map<ReportedViolation, string>();
  for (const [i, { finding, findings }] of byCause(found).entries()) {
    if (findings.length > 1) for (const each of findings) names.set(each, `${finding.rule}-${i + 1}`);
  }
  return found.map((each) => {
    const cause = names.get(each);
    return cause === undefined ? each : { ...each, cause };
  });
}

/** What stops the deployment goes before what only warns; within both, the rules' own order. */
export const mandatoryFirst = (found: readonly ReportedViolation[]): readonly ReportedViolation[] => [
  ...found.filter(({ level }) => level === "mandatory"),
  ...found.filter(({ level }) => level === "advisory"),
];

interface Judged {
  readonly rule: Rule;
  readonly level: Level;
  readonly findings: Findings;
}

interface Verdicts {
  readonly levels: Levels;
  readonly exceptions: Exceptions;
  readonly violations: readonly ReportedViolation[];
  readonly lifted: readonly ReportedViolation[];
}

/** All that rules cannot decide, and apart from it what no exception lifts: what is hidden, and what is malformed. */
function undecidedOf(judged: readonly Judged[], verdicts: Verdicts) {
  const undecided: UndecidedEntry[] = [];
  const open: UndecidedEntry[] = [];
  const malformed: MalformedEntry[] = [];
  for (const { rule, level, findings } of judged) {
    for (const { saidBy, malformed: wrong, ...found } of findings.undecided) {
      const entry = { rule: rule.id, ...found };
      if (saidBy !== undefined && isSaid(saidBy, entry.resource, level, verdicts)) continue;
      const isLifted = verdicts.exceptions.lift(undecidedFinding(entry, rule, level), "undecided");
      if (wrong === undefined) undecided.push(entry);
      if (isLifted) continue;
      if (wrong === undefined) open.push(entry);
      else malformed.push({ ...entry, malformed: wrong });
    }
  }
  return { undecided: undecided.map(({ fix: _, ...entry }) => entry), open, malformed };
}

/**
 * Whether another rule's violation stands for what this one cannot decide. An advisory one cannot stand for a
 * mandatory one; and where an exception lifts it, nothing would say any longer that this rule did not decide.
 */
function isSaid(saidBy: string, resource: string, own: Level, verdicts: Verdicts): boolean {
  const other = verdicts.levels[saidBy];
  const countsAsMuch = other === "mandatory" || (other === "advisory" && own === "advisory");
  if (!countsAsMuch || !verdicts.lifted.some(({ rule }) => rule === saidBy)) return countsAsMuch;
  return verdicts.violations.some((standing) => standing.rule === saidBy && standing.resource === resource);
}

function undecidedFinding(entry: UndecidedEntry, rule: Rule, level: Level): ReportedViolation {
  const text = `${rule.id} could not be decided: ${entry.reason}.`;
  const fix = entry.fix ?? `Make \`${entry.property}\` known at preview`;
  const finding = { resource: entry.resource, text, fix, observed: null, allowed: null, unit: null };
  return reported(finding, rule.id, level, undecidedPolicy.docs);
}

export function reported(violation: Violation, rule: string, level: Level, docs: string): ReportedViolation {
  const { resource, text, fix, observed, allowed, unit } = violation;
  const message = printable(`${text} ${fix} (${docs}).`);
  return { rule, level, resource, message, observed, allowed, unit, fix: printable(fix), docs };
}
