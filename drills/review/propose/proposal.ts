import { readFileSync } from "node:fs";
import * as path from "node:path";
import { InputError, messageOf } from "../../../policies/command/inputError";
import { writeReport } from "../../../policies/reports/json";
import type { Evidence } from "../judge/finding";
import { type Change, proposedChanges } from "./changes";
import { editPolicyConfig } from "./policyConfigEdit";
import { editStackFile } from "./stackFileEdit";
import { unifiedDiff } from "./unifiedDiff";

/** What a review would write down, and the files with it written down. */
export interface Proposal {
  readonly changes: readonly Change[];
  /** For `git apply`, from the root of the repository; empty where nothing changes. */
  readonly patch: string;
  readonly files: readonly { readonly file: string; readonly text: string }[];
}

export interface ProposalFiles {
  readonly root: string;
  readonly stackFile: string;
  readonly policyConfig: string | undefined;
}

/** @throws InputError where a file cannot be read or has no place for the change. */
export function proposalOf(evidence: Evidence, { root, stackFile, policyConfig }: ProposalFiles): Proposal {
  const changes = proposedChanges(evidence).filter(
    (change) => change.in === "stack file" || policyConfig !== undefined,
  );
  const files: { file: string; text: string }[] = [];
  const patches: string[] = [];
  const edit = (file: string, change: (text: string) => string): void => {
    const before = read(file);
    const after = change(before);
    patches.push(unifiedDiff(path.relative(root, file).split(path.sep).join("/"), before, after));
    files.push({ file, text: after });
  };
  const inStack = changes.filter((change) => change.in === "stack file");
  if (inStack.length > 0) edit(stackFile, (text) => editStackFile(text, inStack));
  for (const { key, to } of changes.filter((change) => change.in === "policy configuration")) {
    const database = key.slice(key.indexOf(".") + 1);
    if (policyConfig !== undefined) edit(policyConfig, (text) => editPolicyConfig(text, database, to));
  }
  return { changes, patch: patches.join(""), files };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${messageOf(error)}`);
  }
}

/** Writes the changed files, each at once or not at all. @throws InputError */
export function writeProposal({ files }: Proposal): void {
  for (const { file, text } of files) save(file, text);
}

/** @throws InputError naming the file. */
export function save(file: string, text: string): void {
  try {
    writeReport(file, text);
  } catch (error) {
    throw new InputError(`${file} cannot be written: ${messageOf(error)}`);
  }
}
