import { parseYaml } from "../../../policies/check/project";
import { planProject } from "../../../policies/check/runProgram";
import { InputError, isRecord } from "../../../policies/command/inputError";
import type { Expected } from "./expected";
import { expectedOf } from "./readPlan";

export interface PlannedStack {
  readonly expected: Expected;
  /** Where the stack's settings stand. */
  readonly stackFile: string;
}

/**
 * Runs the program in this process, as `check` does, and reads what it would deploy. To be called before anything else
 * keeps the process busy: it waits until the program has nothing left to do.
 * @throws InputError
 */
export async function expectedStack(root: string, stack: string, region?: string): Promise<PlannedStack> {
  const planned = await planProject({ cwd: root, stack, config: [] }, { positions: false });
  if ("exitCode" in planned)
    throw new InputError("Pulumi.yaml asks for `nodeargs`, which a review cannot give the program");
  const { stackFile } = planned;
  if (stackFile === undefined) throw new InputError(`there is no stack file for ${stack}`);
  const content = parseYaml(stackFile);
  const settings = isRecord(content) && isRecord(content.config) ? content.config : {};
  const configured = settings["aws:region"];
  const chosen = region ?? (typeof configured === "string" ? configured : undefined);
  if (chosen === undefined) throw new InputError(`${stackFile} sets no aws:region; name one with --region`);
  return { expected: expectedOf(planned.plan, chosen), stackFile };
}
