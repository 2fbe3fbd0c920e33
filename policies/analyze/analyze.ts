import type { AnalyzeArguments } from "../command/commandLine";
import { deliver, destination } from "../command/output";
import { readPolicyConfig } from "../command/policyConfig";
import { reportFor } from "../reports/pulumiExceptions";
import { render } from "../reports/render";
import { ofSameStack, readState } from "../state/readState";

/** Judges what a stack export says is deployed. Returns the exit code: 0 accepted, 1 rejected. @throws InputError */
export async function analyze(options: AnalyzeArguments): Promise<number> {
  const { notes, ...policies } = await readPolicyConfig(options.policyConfig);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  const plan = await readState(options.state, "--state");
  const base =
    options.base === undefined
      ? undefined
      : ofSameStack(await readState(options.base, "--base"), plan, "--base");
  const report = reportFor(plan, policies, options.stack, base);
  const to = destination(options.output);
  deliver(
    render(report, options.format, { ...to, levels: policies.levels, seconds: performance.now() / 1000 }),
    to,
  );
  return report.verdict === "accepted" ? 0 : 1;
}
