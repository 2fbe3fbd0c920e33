import type { Plan } from "../plan/plan";
import { stackAndProject, stackUrn } from "../plan/planIndex";
import type { PulumiException, Settings } from "../plan/settings";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import type { Violation } from "../rules/rule";
import { undecidedPolicy } from "../rules/undecided";
import { assess } from "./assess";
import { type Levels, mandatoryFirst, reported } from "./findings";
import type { Report, ReportedException, ReportedViolation } from "./report";

/** What a policy configuration says of judging. */
export interface PolicySet {
  readonly settings: Settings;
  readonly levels: Levels;
  readonly pulumiExceptions: readonly PulumiException[];
}

/** Judges a plan as the engine does with the pack and its policy configuration: the rules, then Pulumi's own exceptions. */
export function reportFor(
  plan: Plan,
  policies: PolicySet,
  stackName?: string,
  base?: Plan,
  now: Date = new Date(),
): Report {
  const { settings, levels } = policies;
  const report = assess(plan, settings, levels, stackName, base, now);
  const known = new Set(report.undecided.map((entry) => JSON.stringify(entry)));
  return withPulumiExceptions(report, policies, stackAndProject(plan), (lifted) => {
    const day = now.toISOString().slice(0, 10);
    const requests = lifted.map(({ rule, resource }) => ({
      rule,
      resource,
      reason: "",
      owner: "",
      expires: day,
    }));
    const exceptions = [...settings.exceptions, ...requests];
    const without = assess(plan, { ...settings, exceptions }, levels, stackName, base, now);
    return without.undecided.filter((entry) => !known.has(JSON.stringify(entry)));
  });
}

/** One rule on one target of an exception, and what it comes to. */
interface Pair {
  readonly rule: string;
  readonly target: string;
  /** `elsewhere`: its target is in another stack, which the same file may serve. */
  readonly standing: "active" | "unused" | "elsewhere" | "forbidden";
  /** What it matches, and lifts where it is active. */
  readonly findings: readonly ReportedViolation[];
}

interface Judged {
  readonly exception: PulumiException;
  readonly pairs: readonly Pair[];
}

/**
 * A report as Pulumi's engine leaves it: the engine takes what an exception matches out of the verdict after the pack has
 * reported, so the pack itself never sees one. Beyond the engine, an exception that matches nothing, or that would lift what
 * a rule in `neverExcepted` finds, is a violation, as with the exceptions of `poolproof-settings`.
 * @param place - The stack and project that were judged.
 * @param unjudged - What no rule has decided where these findings do not count: they stood for it. Without it, nothing.
 */
export function withPulumiExceptions(
  report: Report,
  { settings, levels, pulumiExceptions }: PolicySet,
  place: { readonly stack: string; readonly project: string },
  unjudged: (lifted: readonly ReportedViolation[]) => Report["undecided"] = () => [],
): Report {
  if (pulumiExceptions.length === 0) return report;
  const root = stackUrn(place);
  const never = new Set(settings.neverExcepted);
  const matched = pulumiExceptions.map((exception): Judged => {
    return { exception, pairs: pairsOf(exception, report, root, never) };
  });
  const judged = withoutHiding(matched, (lifted) => unjudged(lifted).some(({ rule }) => never.has(rule)));
  const lifted = liftedBy(judged);
  const level = levels[settingsPolicy.id] ?? settingsPolicy.level;
  const broken = judged.flatMap(({ exception, pairs }) =>
    violationsOf(exception, pairs, root).map(({ isElsewhere, ...violation }) =>
      reported(violation, settingsPolicy.id, isElsewhere ? "advisory" : level, settingsPolicy.docs),
    ),
  );
  const standing = report.violations.filter((violation) => !lifted.includes(violation));
  const violations = mandatoryFirst([...broken, ...standing]);
  return {
    ...report,
    verdict: violations.some((violation) => violation.level === "mandatory") ? "rejected" : "accepted",
    violations,
    undecided: lifted.length === 0 ? report.undecided : [...report.undecided, ...unjudged(lifted)],
    exceptions: [...report.exceptions, ...listed(judged)],
  };
}

const liftedBy = (judged: readonly Judged[]): readonly ReportedViolation[] => [
  ...new Set(
    judged.flatMap(({ pairs }) =>
      pairs.flatMap(({ standing, findings }) => (standing === "active" ? findings : [])),
    ),
  ),
];

/**
 * PolicyExceptions.Match of the engine (pkg/v3 3.276.0, resource/analyzer/exceptions.go): a finding is excepted where one
 * entry of `match` has both its policy and its URN, compared exactly.
 */
function pairsOf(
  { match }: PulumiException,
  report: Report,
  root: string,
  never: ReadonlySet<string>,
): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { policies, targets } of match) {
    for (const rule of policies) {
      for (const target of targets) {
        const key = JSON.stringify([rule, target]);
        if (!pairs.has(key)) pairs.set(key, pairOf(rule, target, report, root, never));
      }
    }
  }
  return [...pairs.values()];
}

function pairOf(
  rule: string,
  target: string,
  report: Report,
  root: string,
  never: ReadonlySet<string>,
): Pair {
  const isOn = ({ resource }: { readonly resource: string }): boolean => engineUrn(resource, root) === target;
  const isMatched = (found: ReportedViolation): boolean => found.rule === rule && isOn(found);
  const findings = report.violations.filter(isMatched);
  const isProtected = (entry: Report["undecided"][number]): boolean => never.has(entry.rule) && isOn(entry);
  const isUndecided = rule === undecidedPolicy.id && findings.length > 0;
  if (never.has(rule) || (isUndecided && report.undecided.some(isProtected))) {
    return { rule, target, standing: "forbidden", findings };
  }
  // What an exception of `poolproof-settings` has lifted, the pack still reports: as a note.
  const isNoted = report.exceptions.some((own) => own.findings.some(isMatched));
  if (findings.length > 0 || isNoted) return { rule, target, standing: "active", findings };
  return { rule, target, standing: target.startsWith(startOf(root)) ? "unused" : "elsewhere", findings };
}

/** Pairs that lift what a protected rule needs, such as the missing demand without which a floor is not judged. */
function withoutHiding(
  judged: readonly Judged[],
  isHiding: (lifted: readonly ReportedViolation[]) => boolean,
): readonly Judged[] {
  const lifted = liftedBy(judged);
  if (lifted.length === 0 || !isHiding(lifted)) return judged;
  return judged.map(({ exception, pairs }) => ({
    exception,
    pairs: pairs.map((pair) =>
      pair.standing === "active" && isHiding(pair.findings) ? { ...pair, standing: "forbidden" } : pair,
    ),
  }));
}

/**
 * The URN under which the engine matches a finding: the resource's, or the stack's where the stack holds no such resource
 * (resolveStackPolicyViolationURN, resource/deploy/analyze_snapshot.go). Clients and databases that only the policy
 * configuration describes are of the latter kind.
 */
const engineUrn = (resource: string, root: string): string =>
  /^urn:pulumi:.*?::.*?::poolproof:declared:/.test(resource) ? root : resource;

/** How every URN of the stack begins. */
const startOf = (root: string): string => root.slice(0, root.indexOf("pulumi:pulumi:Stack::"));

/** An entry for each pair. A finding that several exceptions match stands with the first, as the engine lists them. */
function listed(judged: readonly Judged[]): ReportedException[] {
  const told = new Set<ReportedViolation>();
  return judged.flatMap(({ exception: { id, reason }, pairs }) =>
    pairs.map(({ rule, target, standing, findings }): ReportedException => {
      const own = standing === "active" ? findings.filter((finding) => !told.has(finding)) : [];
      for (const finding of own) told.add(finding);
      const status = standing === "elsewhere" ? "unused" : standing;
      const given = { owner: "not given", expires: "never" };
      return { id, rule, resource: target, reason, ...given, status, findings: own };
    }),
  );
}

/** One violation for each way in which an exception does not hold, naming the pairs. */
function violationsOf(
  { id }: PulumiException,
  pairs: readonly Pair[],
  root: string,
): (Violation & { readonly isElsewhere: boolean })[] {
  const said = {
    forbidden: {
      text: (which: string) =>
        `Pulumi's exception \`${id}\` is not allowed for ${which}: \`neverExcepted\` protects what this rule finds, or a rule that cannot be judged without it. Nothing is lifted here, but Pulumi by itself applies the exception, and \`pulumi up\` deploys what would be an outage.`,
      fix: `Fix the finding and remove these from \`${id}\` in \`exceptions\` of the policy configuration`,
    },
    unused: {
      text: (which: string) =>
        `Pulumi's exception \`${id}\` matches no finding of this stack for ${which}: kept, it would hide the next one before anyone saw it.`,
      fix: "Remove these from its `match`, or correct the rule and the URN, which Pulumi compares exactly",
    },
    elsewhere: {
      text: (which: string) =>
        `Pulumi's exception \`${id}\` lifts nothing in this stack for ${which}: the target is in another stack or project.`,
      fix: `If it was meant for this stack, begin the target with \`${startOf(root)}\``,
    },
  } as const;
  return (["forbidden", "unused", "elsewhere"] as const).flatMap((standing) => {
    const concerned = pairs.filter((pair) => pair.standing === standing);
    if (concerned.length === 0) return [];
    const { text, fix } = said[standing];
    const numbers = { observed: null, allowed: null, unit: null };
    const isElsewhere = standing === "elsewhere";
    return [{ resource: root, text: text(named(concerned)), fix, ...numbers, isElsewhere }];
  });
}

/** The first pairs, so that a long list stays readable; the report has them all. */
function named(pairs: readonly Pair[]): string {
  const first = pairs.slice(0, 3).map(({ rule, target }) => `\`${rule}\` on \`${target}\``);
  return [...first, ...(pairs.length > 3 ? [`${pairs.length - 3} more`] : [])].join(", ");
}
