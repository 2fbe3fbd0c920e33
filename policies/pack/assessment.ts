import { rmSync } from "node:fs";
import * as path from "node:path";
import type { PolicyResource, StackValidationArgs } from "@pulumi/policy";
import { loadSettings, POLICIES, type PolicyDescription, settingsPolicy } from "../config/policies";
import { printable } from "../kit/text";
import type { Plan, PlanResource, PropertyMap } from "../plan/plan";
import { rootUrn } from "../plan/planIndex";
import { DEFAULT_SETTINGS } from "../plan/settings";
import { propertiesFromWire } from "../plan/wire";
import { assess, DEFAULT_LEVELS, type Levels } from "../reports/assess";
import { byCause, nameOf } from "../reports/headline";
import { toJson, writeReport } from "../reports/json";
import type { Report, ReportedException, ReportedViolation } from "../reports/report";
import type { Completed } from "./reading";
import { asksOneByOne, keepWire, levelsInForce, wireOf } from "./sdkProbe";

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
  const findings = handedOver(report, args);
  return isAnswered ? findings : findings.filter(({ rule }) => rule === policy.id);
}

/** What the rules with a level find, for a pack in which other policies stand as well. */
export async function findingsWithin(
  args: StackValidationArgs,
  settings: object,
  levels: Levels,
): Promise<readonly ReportedViolation[]> {
  return handedOver(await judge(args, settings, levels), args);
}

const handedOver = (report: Report, args: StackValidationArgs): readonly ReportedViolation[] => [
  ...byCause(report.violations).map(({ finding }) => finding),
  ...report.exceptions.flatMap(asNotes),
  ...notExamined(report, rootUrn(planFromResources(args.resources))),
];

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
  const seen = planFromResources(args.resources);
  await writePlanFile(seen);
  const { plan, taken, problem } = await withReading(seen);
  const parsed = await loadSettings(properties);
  const deployed = await deployedState(plan);
  const settings = parsed.ok ? parsed.settings : DEFAULT_SETTINGS;
  const report = sayingTaken(assess(plan, settings, levels, undefined, deployed.base), taken);
  const refusals = [
    ...(parsed.ok ? [] : refusedSettings(parsed.problems)),
    ...(deployed.problem === undefined ? [] : [refusedBase(deployed.problem)]),
    ...(problem === undefined ? [] : [refusedReading(problem)]),
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

/** A file that the environment names. A relative path is one of the folder that Pulumi was started in, not of the pack's own. */
const whole = (file: string | undefined): string | undefined =>
  file ? path.resolve(process.env.PWD ?? ".", file) : undefined;

/** The plan, with what only `check` could read of the same program (`POOLPROOF_READING`). */
async function withReading(
  plan: Plan,
): Promise<{ readonly plan: Plan; readonly taken: Completed["taken"]; readonly problem?: string }> {
  const file = whole(process.env.POOLPROOF_READING);
  if (file === undefined) return { plan, taken: [] };
  const { completedBy, readReading } = await import("./reading.js");
  try {
    return completedBy(readReading(file), plan);
  } catch (error) {
    return { plan, taken: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What the verdict owes to the reading is said with it. */
function sayingTaken(report: Report, taken: Completed["taken"]): Report {
  if (taken.length === 0) return report;
  const { coverage } = report;
  const reasons = taken.map(({ resource, property }) => ({
    resource,
    reason: `its \`${property}\` is unknown to the preview and taken from the reading in POOLPROOF_READING; \`pulumi up\` compares it before it is deployed`,
  }));
  return { ...report, coverage: { ...coverage, unexamined: [...coverage.unexamined, ...reasons] } };
}

/**
 * What stops a deployment whose real values are not those that its preview was judged by: asked for each resource before it is
 * made. Undefined where nothing differs.
 */
export async function differsFromReading(urn: string, props: unknown): Promise<string | undefined> {
  const file = whole(process.env.POOLPROOF_READING);
  if (file === undefined) return undefined;
  const { differenceFrom, readReading } = await import("./reading.js");
  try {
    reading ??= readReading(file);
  } catch {
    // The policies on the stack say so and reject; it is not read anew for each resource.
    reading = new Map();
  }
  const where = differenceFrom(reading, urn, props);
  return where === undefined
    ? undefined
    : `\`${where}\` of ${nameOf(urn)} differs from the reading in POOLPROOF_READING, by which the preview was judged: the deployment would get what was never judged. Make that value the same in every run of the program, or deploy without POOLPROOF_READING (${settingsPolicy.docs}).`;
}

let reading: ReturnType<typeof import("./reading.js").readReading> | undefined;

function refusedReading(problem: string): Refusal {
  return {
    text: `${problem}. What the preview does not know was judged as unknown.`,
    fix: "Write the reading of this commit and stack, or unset `POOLPROOF_READING`",
  };
}

/** Makes ready for a plan file where one is asked for. One of an earlier run must not pass for this one's, should this one fail. */
export function beginPlanFile(): void {
  const file = whole(process.env.POOLPROOF_PLAN);
  if (file === undefined) return;
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder, or one that may not be changed: writing says so.
  }
  keepWire();
}

/** As with the report, the gate goes on where it cannot be written. */
async function writePlanFile(plan: Plan): Promise<void> {
  const file = whole(process.env.POOLPROOF_PLAN);
  if (file === undefined) return;
  const { planToText } = await import("../state/planFile.js");
  try {
    const text = planToText(plan, ({ urn }) => {
      const wire = wireOf(urn);
      if (wire) return wire;
      throw new Error("this version of @pulumi/policy does not show which values are secret");
    });
    writeReport(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`poolproof: POOLPROOF_PLAN: no plan was written: ${why}\n`);
  }
}

/** What the pack was given and cannot use: a finding of its own, while the rules go on without it. */
interface Refusal {
  readonly text: string;
  readonly fix: string;
}

/** One for each problem: a line of its own in what the engine prints. */
function refusedSettings(problems: readonly string[]): readonly Refusal[] {
  return problems.map((problem) => ({
    text: `The policy configuration is not valid: ${problem}. The rules used their defaults instead.`,
    fix: `Correct \`${settingsPolicy.id}\` in the policy configuration`,
  }));
}

/** @param problem - Naming the variable and the file. */
function refusedBase(problem: string): Refusal {
  return {
    text: `${problem}. Whether this change raises the pools before the limit (\`pending-reboot-order\`) was not judged.`,
    fix: "Write the state with `pulumi stack export --file FILE` and give its full path in `POOLPROOF_BASE`, or unset the variable",
  };
}

/** The report with a violation of the settings policy for each refusal. */
function withRefusals(
  report: Report,
  refusals: readonly Refusal[],
  level: ReportedViolation["level"],
  root: string,
): Report {
  if (refusals.length === 0) return report;
  const violations = refusals.map(
    ({ text, fix }): ReportedViolation => ({
      rule: settingsPolicy.id,
      level,
      resource: root,
      message: `${text} ${fix} (${settingsPolicy.docs}).`,
      observed: null,
      allowed: null,
      unit: null,
      fix,
      docs: settingsPolicy.docs,
    }),
  );
  return {
    ...report,
    verdict: level === "mandatory" ? "rejected" : report.verdict,
    violations: [...violations, ...report.violations],
  };
}

/** The stack as it is deployed now, or why it cannot be told; neither where nobody asked for it. */
interface DeployedState {
  readonly base?: Plan;
  /** Without a full stop. Nothing of the file is quoted: it may hold secrets in clear. */
  readonly problem?: string;
}

/**
 * Reads the `pulumi stack export` that `POOLPROOF_BASE` names. The engine shows a pack what is planned alone; the rules
 * that judge a change need what it is a change of. What reads it is loaded only here.
 */
async function deployedState(plan: Plan): Promise<DeployedState> {
  const file = process.env.POOLPROOF_BASE;
  if (!file) return {};
  const { ofSameStack, readState } = await import("../state/readState.js");
  try {
    // Resolved, so that the message says which folder was looked in; and `-` is a file: stdin is the engine's.
    const base = await readState(path.resolve(file), "POOLPROOF_BASE");
    return { base: ofSameStack(base, plan, "POOLPROOF_BASE") };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The SDK's resources as a plan. Properties are read when a reader asks for them: most resources are never asked. */
export function planFromResources(resources: readonly PolicyResource[]): Plan {
  return { resources: resources.map((resource) => new ReadOnDemand(resource)) };
}

class ReadOnDemand implements PlanResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  /** The engine names the provider of what has one, and of components none. */
  readonly isCustom: true | undefined;
  private read: PropertyMap | undefined;

  constructor(private readonly resource: PolicyResource) {
    this.urn = resource.urn;
    this.type = resource.type;
    this.name = resource.name;
    this.parent = resource.parent?.urn;
    this.isCustom = resource.provider === undefined ? undefined : true;
  }

  get properties(): PropertyMap {
    this.read ??= propertiesFromWire(this.resource.props);
    return this.read;
  }

  get propertyDependencies(): { readonly [property: string]: readonly string[] } {
    const entries = Object.entries(this.resource.propertyDependencies).map(
      ([property, made]) => [property, made.map(({ urn }) => urn)] as const,
    );
    return Object.fromEntries(entries);
  }

  get dependencies(): readonly string[] {
    return this.resource.dependencies.map(({ urn }) => urn);
  }
}
