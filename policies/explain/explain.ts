import { planFrom } from "../check/planSource";
import type { ExplainArguments } from "../command/commandLine";
import { deliver, destination, fileFor, save } from "../command/output";
import { readPolicyConfig } from "../command/policyConfig";
import { printable } from "../kit/text";
import { explanationOf } from "./explanation";
import { explanationToText } from "./toText";

/**
 * Draws each pool's safe window. Explaining is not judging: the exit code is 0 whatever the windows hold.
 * @throws InputError
 */
export async function explain(options: ExplainArguments): Promise<number> {
  const { settings } = await readPolicyConfig(options.policyConfig);
  const to = destination(options.output);
  const svg = options.svg === undefined ? undefined : fileFor(options.svg, "--svg");
  const planned = await planFrom(options, { positions: false });
  if ("exitCode" in planned) return planned.exitCode;
  const explanation = explanationOf(planned.plan, settings, planned.stack);
  for (const note of explanation.notes) process.stderr.write(`note: ${printable(note)}\n`);
  if (svg !== undefined) {
    const { explanationToSvg } = await import("./toSvg.js");
    save(svg, explanationToSvg(explanation), "--svg");
  }
  const text =
    options.format === "json"
      ? `${JSON.stringify(explanation, null, 2)}\n`
      : explanationToText(explanation, to);
  deliver(text, to);
  return 0;
}
