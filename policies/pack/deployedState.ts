import * as path from "node:path";
import type { Plan } from "../plan/plan";

/** The stack as it is deployed now, or why it cannot be told; neither where nobody asked for it. */
export interface DeployedState {
  readonly base?: Plan;
  /** Without a full stop. Nothing of the file is quoted: it may hold secrets in clear. */
  readonly problem?: string;
}

/**
 * Reads the `pulumi stack export` that `POOLPROOF_BASE` names. The engine shows a pack what is planned alone; the rules
 * that judge a change need what it is a change of. What reads it is loaded only here.
 */
export async function deployedState(plan: Plan): Promise<DeployedState> {
  const file = process.env.POOLPROOF_BASE;
  if (!file) return {};
  const { ofSameStack, readState } = await import("../state/readState.js");
  try {
    // Resolved, so that the message says which folder was looked in; and `-` is a file: stdin is the engine's.
    const base = await readState(path.resolve(file), "POOLPROOF_BASE");
    return { base: ofSameStack(base, plan, "POOLPROOF_BASE") };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
