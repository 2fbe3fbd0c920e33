import * as path from "node:path";
import { assess } from "../reports/assess";
import { toJson } from "../reports/json";
import { toText } from "../reports/text";
import { writeReport } from "../reports/writeReport";

import type { CheckArguments } from "./commandLine";
import { InputError, messageOf } from "./inputError";
import { readPolicyConfig } from "./policyConfig";
import { findStackFile, readProject, shortName } from "./project";
import { restartWithNodeArguments } from "./restart";
import { runProgram } from "./runProgram";
import { stackConfig } from "./stackConfig";
import { parseYaml } from "./yamlFile";

/** Judges one stack of a Pulumi project. Returns the exit code: 0 accepted, 1 rejected. @throws InputError */
export async function check(options: CheckArguments): Promise<number> {
  const { settings, levels } = await readPolicyConfig(options.policyConfig);
  const project = readProject(options.cwd ?? ".");
  const stack = shortName(options.stack);
  const stackFile = findStackFile(project, stack);
  const config = stackConfig(project, stack, stackFile && parseYaml(stackFile), options.config);
  for (const note of config.notes) process.stderr.write(`note: ${note}\n`);
  const restarted = restartWithNodeArguments(project);
  if (restarted !== undefined) return restarted;

  const output = options.output === undefined ? undefined : path.resolve(options.output);
  const plan = await runProgram(project, stack, config);
  const report = assess(plan, settings, levels, stack);
  const isTerminal = output === undefined && process.stdout.isTTY === true;
  const text =
    options.format === "json"
      ? toJson(report)
      : toText(report, {
          color: isTerminal && !process.env.NO_COLOR,
          width: isTerminal ? process.stdout.columns : 100,
        });
  if (output === undefined) process.stdout.write(text);
  else save(output, text);
  return report.verdict === "accepted" ? 0 : 1;
}

function save(file: string, text: string): void {
  try {
    writeReport(file, text);
  } catch (error) {
    throw new InputError(`--output: the report cannot be written to ${file}: ${messageOf(error)}`);
  }
}
