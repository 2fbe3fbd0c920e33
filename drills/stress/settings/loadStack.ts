import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../labError";
import { lastLine, runEntry } from "../process";
import type { StackUnderTest } from "./stackUnderTest";

/** Folder of the repository. */
export const REPOSITORY = join(__dirname, "..", "..", "..");

/**
 * A stack's settings, read from its plan in a process of its own.
 * @param folder - Where that process may leave its answer.
 * @throws LabError in the words of the program or the policies.
 */
export async function loadStack(stack: string, folder: string): Promise<StackUnderTest> {
  const answer = join(folder, "stack.json");
  const entry = join(__dirname, "stackReader.ts");
  const { code, stderr } = await runEntry(entry, [REPOSITORY, stack, answer], process.env, REPOSITORY);
  if (code === 0) return JSON.parse(readFileSync(answer, "utf8"));
  throw new LabError(lastLine(stderr).replace(/^error: /, "") || `stack ${stack} cannot be read`);
}
