import type { PlanArguments, Source } from "../command/commandLine";
import { InputError } from "../kit/errors";
import type { Plan } from "../plan/plan";
import { type PlanFile, readPlanFile } from "../state/planFile";
import { readState } from "../state/readState";
import { findProject, findStackFile, type Project, shortName } from "./project";
import { type PlannedProject, planProject } from "./runProgram";

/** A plan, and what is known of the project that it is of. */
export interface PlannedSource {
  readonly plan: Plan;
  /** What to call the stack; undefined: as in the plan. */
  readonly stack: string | undefined;
  /** Where a finding may be located; undefined without the project's folder. */
  readonly project: Omit<PlannedProject, "plan"> | undefined;
}

/**
 * The plan that a command is about: what a program registers when it is run, what the policy pack or an earlier `check` has
 * written, or what an export says is deployed. `exitCode` as in `planProject`.
 * @throws InputError
 */
export async function planFrom(
  source: Source,
  needs: { readonly positions: boolean },
): Promise<PlannedSource | { readonly exitCode: number }> {
  if ("state" in source) {
    return { plan: await readState(source.state, "--state"), stack: source.stack, project: undefined };
  }
  if ("plan" in source) return fromFile(source);
  const planned = await planProject(source, needs);
  return "exitCode" in planned ? planned : { ...planned, project: planned };
}

function fromFile(source: PlanArguments): PlannedSource {
  const file = readPlanFile(source.plan, "--plan");
  const { plan, stack } = file;
  if (source.stack !== undefined && shortName(source.stack) !== stack) {
    throw new InputError(
      `--plan: ${source.plan} is of stack ${stack}, not ${shortName(source.stack)}: write that one's plan, or leave \`--stack\` out`,
    );
  }
  return { plan, stack, project: projectOf(file, source) };
}

function projectOf(
  { project: name, stack }: PlanFile,
  { plan, cwd }: PlanArguments,
): PlannedSource["project"] {
  const project = findProject(cwd ?? ".");
  if (project === undefined) return undefined;
  if (project.name !== name) {
    throw new InputError(
      `--plan: ${plan} is of project ${name}, and ${project.file} is project ${project.name}: name the folder of ${name} with \`--cwd DIR\``,
    );
  }
  return { project, stack, stackFile: stackFileOf(project, stack), positions: new Map(), config: {} };
}

/** A stack may have its configuration elsewhere: the plan holds its values. */
function stackFileOf(project: Project, stack: string): string | undefined {
  try {
    return findStackFile(project, stack);
  } catch {
    return undefined;
  }
}
