import type { StackValidationArgs } from "@pulumi/policy";
import { loadSettings } from "../config/loadSettings";
import { POLICIES, type PolicyDescription, settingsPolicy } from "../config/policyIds";
import { rootUrn } from "../plan/planIndex";
import { DEFAULT_SETTINGS } from "../plan/settings";
import { assess, DEFAULT_LEVELS, type Levels } from "../reports/assess";
import { toJson } from "../reports/json";
import { nameOf, printable } from "../reports/names";
import type { Report, ReportedException, ReportedViolation } from "../reports/report";
import { writeReport } from "../reports/writeReport";
import { deployedState } from "./deployedState";
import { planFromResources } from "./planFromResources";
import { refusedBase, refusedSettings, withRefusals } from "./refusals";
import { asksOneByOne, levelsInForce } from "./sdkProbe";

/** The request that is being answered: the stack was handed over once, and the SDK asks policy after policy. */
let turn: Turn | undefined;

interface Turn {
  readonly report: Report;
  /** Position of the policy that judged. */
  readonly first: number;
  lastToAsk: number;
  /** Whether the first policy handed over the findings of all. */
  readonly isAnswered: boolean;
}

/**
 * What a policy has to hand over. The SDK deserialises the whole stack anew for every policy it asks, so the first one
 * answers for all where the SDK takes findings in another policy's name, and the others are not asked (`isAnswered`).
 * Where it does not, each hands over its own. A policy that asks out of the pack's order begins the next request.
 */
export async function findingsFor(
  policy: PolicyDescription,
  args: StackValidationArgs,
): Promise<readonly ReportedViolation[]> {
  const position = POLICIES.indexOf(policy);
  if (!turn || position <= turn.lastToAsk) turn = await begin(policy, position, args);
  else if (turn.isAnswered) return [];
  turn.lastToAsk = position;
  const { report, isAnswered } = turn;
  const findings = [
    ...report.violations,
    ...report.exceptions.flatMap(asNotes),
    ...notExamined(report, rootUrn(planFromResources(args.resources))),
  ];
  return isAnswered ? findings : findings.filter(({ rule }) => rule === policy.id);
}

/** Whether an earlier policy of this request has handed over this one's findings already. */
export function isAnswered(policy: PolicyDescription): boolean {
  return turn?.isAnswered === true && POLICIES.indexOf(policy) > turn.first;
}

async function begin(policy: PolicyDescription, position: number, args: StackValidationArgs): Promise<Turn> {
  const levels = await levelsInForce();
  const properties = policy.id === settingsPolicy.id ? args.getConfig<Record<string, unknown>>() : {};
  const report = await judge(args, properties, levels ?? DEFAULT_LEVELS);
  const isShared = levels !== undefined && (await asksOneByOne());
  const begun: Turn = { report, first: position, lastToAsk: position, isAnswered: isShared };
  // The next request comes with the event loop's next round, whoever is asked first in it.
  if (isShared) setImmediate(() => turn === begun && forget());
  return begun;
}

function forget(): void {
  turn = undefined;
}

/** What an exception lifts stops no deployment, and is said in every one: with who answers for it, and until when. */
function asNotes({ findings, expires, owner, reason }: ReportedException): ReportedViolation[] {
  const lifted = printable(`Excepted until ${expires} (${owner}: ${reason}).`);
  return findings.map((finding) => ({
    ...finding,
    level: "advisory",
    message: `${lifted} ${finding.message}`,
  }));
}

/** What was not examined stops no deployment, and a preview says it: a green tick alone would claim more than was judged. */
function notExamined({ coverage: { unexamined } }: Report, root: string): readonly ReportedViolation[] {
  if (unexamined.length === 0) return [];
  const lines = unexamined.map(({ resource, reason }) => printable(`${nameOf(resource)}: ${reason}`));
  return [
    {
      rule: "coverage",
      level: "advisory",
      resource: root,
      message: ["Not examined:", ...lines].join("\n  "),
      observed: null,
      allowed: null,
      unit: null,
      fix: "",
      docs: "",
    },
  ];
}

async function judge(args: StackValidationArgs, properties: object, levels: Levels): Promise<Report> {
  const plan = planFromResources(args.resources);
  const parsed = await loadSettings(properties);
  const deployed = await deployedState(plan);
  const settings = parsed.ok ? parsed.settings : DEFAULT_SETTINGS;
  const report = assess(plan, settings, levels, undefined, deployed.base);
  const refusals = [
    ...(parsed.ok ? [] : refusedSettings(parsed.problems)),
    ...(deployed.problem === undefined ? [] : [refusedBase(deployed.problem)]),
  ];
  const complete = withRefusals(report, refusals, levels[settingsPolicy.id] ?? "mandatory", rootUrn(plan));
  const file = process.env.POOLPROOF_REPORT;
  if (file) save(file, complete);
  return complete;
}

/** A report that cannot be written must not stop the gate: the engine still gets its verdict. */
function save(file: string, report: Report): void {
  try {
    writeReport(file, toJson(report));
  } catch (error) {
    process.stderr.write(
      `poolproof: POOLPROOF_REPORT: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}
