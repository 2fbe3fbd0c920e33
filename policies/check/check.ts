import type { AnswersArguments, CheckArguments } from "../command/commandLine";
import { deliver, destination } from "../command/output";
import { readPolicyConfig } from "../command/policyConfig";
import { InputError } from "../kit/errors";
import { reportFor } from "../reports/pulumiExceptions";
import { render } from "../reports/render";
import { ofSameStack, readState } from "../state/readState";
import { Answers, readAnswers } from "./answers";
import { planFrom } from "./planSource";
import { projectLocations } from "./projectLocations";
import { planProject } from "./runProgram";

/** Judges one stack of a Pulumi project, by its program or by a plan of it. Returns the exit code: 0 accepted, 1 rejected. @throws InputError */
export async function check(options: CheckArguments): Promise<number> {
  const { notes, ...policies } = await readPolicyConfig(options.policyConfig);
  const base = options.base === undefined ? undefined : await readState(options.base, "--base");
  const to = destination(options.output);
  // A terminal gets the line of a config key alone: where a resource is made costs a stack trace for each.
  const planned = await planFrom(options, { positions: options.format === "sarif" });
  if ("exitCode" in planned) return planned.exitCode;
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const report = reportFor(
    planned.plan,
    policies,
    planned.stack,
    base && ofSameStack(base, planned.plan, "--base"),
  );
  const needsPlaces = options.format === "sarif" || options.format === "text";
  const locations =
    needsPlaces && planned.project && report.violations.length > 0
      ? projectLocations(planned.project)
      : undefined;
  deliver(
    render(report, options.format, {
      ...to,
      locations,
      levels: policies.levels,
      seconds: performance.now() / 1000,
    }),
    to,
  );
  return report.verdict === "accepted" ? 0 : 1;
}

/**
 * Writes a file for the answers to a program's look-ups. A program that ends in an error may ask more once it has the
 * answers to those before. Returns the exit code, which is 0.
 * @throws InputError where the program fails before its first look-up.
 */
export async function answers(options: AnswersArguments): Promise<number> {
  const to = destination(options.output);
  const before = options.answers === undefined ? new Answers() : readAnswers(options.answers);
  let [text, asked] = [before.template([], () => []), 0];
  try {
    const planned = await planProject(options, {
      positions: false,
      asked: (lookUps, read) => {
        asked = lookUps.length;
        text = before.template(lookUps, read);
      },
    });
    if ("exitCode" in planned) return planned.exitCode;
  } catch (error) {
    if (!(error instanceof InputError) || asked === 0) throw error;
    process.stderr.write(`note: ${error.message}\n`);
  }
  deliver(text, to);
  return 0;
}
