import { cpus } from "node:os";
import { cpuMsPerHash, deployedLog2N } from "../measure/hashing";
import type { HashingCost, Setup } from "../report/stressReport";
import { differences } from "../tasks/taskEnvironment";
import { mixOf, type Session, warmUpSeconds } from "./session";

/** What was run, and how far it is what would be deployed. */
export function setupOf(session: Session, poolMax: number, hashing: HashingCost): Setup {
  const { stack, scaled, lab, options, seconds } = session;
  return {
    requestsPerSecond: scaled.requestsPerSecond,
    declaredRequestsPerSecond: stack.demand.peakRequestsPerSecond,
    holdMs: lab.holds.meanMs,
    acquisitionsPerRequest: stack.demand.acquisitionsPerRequest,
    loginShare: mixOf(session).loginShare,
    seed: options.seed,
    scale: scaled.scale,
    scaleReason: scaled.reason,
    warmUpSeconds: warmUpSeconds(stack, lab.holds.meanMs),
    seconds,
    floor: stack.pool.floor,
    ceiling: stack.pool.ceiling,
    objectives: stack.objectives,
    database: lab.facts,
    differences: differences(stack, poolMax),
    overheadMs: lab.holds.measuredOverheadMs,
    cpus: cpus().length,
    hashing,
  };
}

/** vCPU that the logins of one task would keep busy with hashing at the deployed cost. */
export async function hashingCost(session: Session): Promise<HashingCost> {
  const { stack } = session;
  const log2N = deployedLog2N(stack.environment);
  const cpuMs = await cpuMsPerHash(log2N);
  const loginsPerSecond =
    (stack.demand.peakRequestsPerSecond / stack.demand.tasks) * mixOf(session).loginShare;
  return {
    log2N,
    cpuMsPerHash: cpuMs,
    vcpuPerTask: (loginsPerSecond * cpuMs) / 1000,
    taskVcpu: stack.taskVcpu,
  };
}
