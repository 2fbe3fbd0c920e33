import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../policies/kit/errors";
import { lastLine, runEntry } from "./lab/childProcess";
import type { GroupParameter } from "./lab/cluster";

/** Everything the lab takes from a stack: what would be deployed, and what it has to hold. All of it plain JSON. */
export interface StackUnderTest {
  readonly stack: string;
  /** Whether the policies would let it be deployed, and what they say against it. */
  readonly verdict: "accepted" | "rejected";
  readonly findings: readonly { readonly rule: string; readonly message: string }[];
  /** The container's environment, as the task definition sets it. */
  readonly environment: { readonly [name: string]: string };
  readonly demand: Demand;
  readonly objectives: Objectives;
  readonly pool: PoolWindow;
  readonly database: {
    readonly engineVersion: string;
    readonly instanceClass: string;
    readonly parameters: readonly GroupParameter[];
    /** Timeouts that the service's role carries, as the migrations are told (`name=ms,…`); empty where it carries none. */
    readonly roleSettings: string;
    /** What the policies make of `max_connections`; null when they cannot tell. */
    readonly maxConnections: number | null;
  };
  /** vCPU of one task. */
  readonly taskVcpu: number;
}

/** The declared peak, over all tasks. */
export interface Demand {
  readonly peakRequestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly tasks: number;
  readonly processesPerTask: number;
}

/** What the stack says it tolerates. */
export interface Objectives {
  /** Share of requests that may fail, in percent. */
  readonly toleratedFailurePercent: number;
  /** Time within which 99 of 100 requests are answered. */
  readonly toleratedLatencyMs: number;
  /** A wait for a connection up to this long is good enough … */
  readonly waitTargetMs: number;
  /** … and this share of acquisitions may wait longer. */
  readonly exceedance: number;
  /** The floor carries so many times the declared peak. */
  readonly peakFactor: number;
}

/** The pool as it is set, and the values that the policies call safe; null where they cannot tell. */
interface PoolWindow {
  readonly poolMax: number;
  readonly floor: number | null;
  readonly ceiling: number | null;
}

/**
 * A stack's settings, read from its plan in a process of its own (`stackReader`).
 * @param folder - Where that process may leave its answer.
 * @throws InputError in the words of the program or the policies.
 */
export async function loadStack(stack: string, folder: string): Promise<StackUnderTest> {
  const answer = join(folder, "stack.json");
  const { code, stderr } = await runEntry("drills/stress/stackReader.ts", [stack, answer], process.env);
  if (code === 0) return JSON.parse(readFileSync(answer, "utf8"));
  throw new InputError(lastLine(stderr).replace(/^error: /, "") || `stack ${stack} cannot be read`);
}

/** A part of a stack's tasks, as `--scale` takes it: 4 of 8 are `1/2`. */
export function shareOfTasks(part: number, whole: number): string {
  const divisor = commonDivisor(part, whole);
  return whole === part ? "1" : `${part / divisor}/${whole / divisor}`;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
