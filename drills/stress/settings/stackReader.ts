import { writeFileSync } from "node:fs";
import { InputError } from "../../../policies/command/inputError";
import { LabError, messageOf } from "../labError";
import { readStack } from "./readStack";

/**
 * A process of its own (`stackReader ROOT STACK FILE`): running a Pulumi program changes the folder, the way errors look
 * and what keeps a process alive, none of which the lab can have.
 */
async function main([root = "", stack = "", file = ""]: readonly string[]): Promise<void> {
  try {
    writeFileSync(file, JSON.stringify(await readStack(root, stack)));
  } catch (error) {
    const known = error instanceof LabError || error instanceof InputError;
    process.stderr.write(`${known ? messageOf(error) : `the stack cannot be read: ${messageOf(error)}`}\n`);
    process.exitCode = 2;
  }
}

void main(process.argv.slice(2));
