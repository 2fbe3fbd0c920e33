import type { ProjectArguments } from "../command/commandLine";
import type { Plan } from "../plan/plan";
import { findStackFile, type Project, readProject, shortName } from "./project";
import type { SourcePositions } from "./recordingMonitor";
import { restartWithNodeArguments } from "./restart";
import { runProgram } from "./runProgram";
import { stackConfig } from "./stackConfig";
import { parseYaml } from "./yamlFile";

/** What a program registered, and where it stands. */
export interface PlannedProject {
  readonly plan: Plan;
  readonly project: Project;
  readonly stack: string;
  /** Undefined for a project without stack files. */
  readonly stackFile: string | undefined;
  /** Where in the program each resource was made, if that was asked for. */
  readonly positions: SourcePositions;
}

/**
 * Runs a project's program for a stack. `exitCode` instead of a plan where the command had to be started again, under
 * the project's `nodeargs`, and has done its work there.
 * @param needs.positions - Whether to note where resources are made, which costs a stack trace for each.
 * @throws InputError
 */
export async function planProject(
  options: ProjectArguments,
  needs: { readonly positions: boolean },
): Promise<PlannedProject | { readonly exitCode: number }> {
  const project = readProject(options.cwd ?? ".");
  const stack = shortName(options.stack);
  const stackFile = findStackFile(project, stack);
  const config = stackConfig(project, stack, stackFile && parseYaml(stackFile), options.config);
  const exitCode = restartWithNodeArguments(project);
  if (exitCode !== undefined) return { exitCode };
  for (const note of config.notes) process.stderr.write(`note: ${note}\n`);
  const { plan, positions } = await runProgram(project, stack, config, needs);
  return { plan, project, stack, stackFile, positions };
}
