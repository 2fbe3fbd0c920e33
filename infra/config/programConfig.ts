import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime";
import { parseStackConfig } from "./parseStackConfig";
import { formatProblems } from "./problems";
import type { StackConfig } from "./stackConfig";

/**
 * The configuration of the stack that Pulumi runs the program for.
 * @throws pulumi.RunError naming every problem; Pulumi prints its message without a stack trace.
 */
export function programConfig(): StackConfig {
  const stack = pulumi.getStack();
  const result = parseStackConfig(allConfig(), stack);
  if (result.ok) return result.config;
  throw new pulumi.RunError(
    `The configuration of stack ${stack} cannot be used:\n${formatProblems(result.problems)}`,
  );
}
