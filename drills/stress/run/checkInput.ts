import { poolFloor } from "../../../policies/model/poolFloor";
import type { Options } from "../commandLine";
import { incidentOf } from "../incidents";
import { LabError } from "../labError";
import { declaredMix } from "../load/requestMix";
import { type ScaledDemand, scaleDemand } from "../settings/scale";
import type { Demand, StackUnderTest } from "../settings/stackUnderTest";

/** What is run: the stack with the demand that was asked for, and the share of it that this machine carries. */
export interface CheckedInput {
  readonly stack: StackUnderTest;
  readonly scaled: ScaledDemand;
}

/**
 * Refuses what cannot be run, or would mean nothing.
 * @throws LabError in one line.
 */
export function checkInput(declared: StackUnderTest, options: Options, cpus: number): CheckedInput {
  refuseRejected(declared, options);
  refuseLongHolds(declared, options);
  declaredMix(declared.demand.acquisitionsPerRequest);
  const peakRequestsPerSecond = options.rate ?? declared.demand.peakRequestsPerSecond;
  const demand = {
    ...declared.demand,
    peakRequestsPerSecond,
    holdMs: options.holdMs ?? declared.demand.holdMs,
  };
  const pool = { ...declared.pool, floor: floorOf(declared, demand) };
  return { stack: { ...declared, demand, pool }, scaled: scaleDemand(demand, options.scale, cpus) };
}

/** The policies' floor for the declared demand; the model's for another one. */
function floorOf({ pool, demand: declared, objectives }: StackUnderTest, demand: Demand): number | null {
  const isDeclared =
    demand.peakRequestsPerSecond === declared.peakRequestsPerSecond && demand.holdMs === declared.holdMs;
  return isDeclared ? pool.floor : poolFloor({ ...demand, tasksServingPeak: demand.tasks }, objectives);
}

function refuseRejected(stack: StackUnderTest, options: Options): void {
  const incident = incidentOf(stack.stack);
  const [finding, ...more] = stack.findings;
  if (stack.verdict === "rejected" && incident === undefined && !options.evenIfRejected) {
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    throw new LabError(
      `the policies reject ${stack.stack}, so it would never be deployed: ${finding?.rule}${others}; mend it (\`npm run check -- ${stack.stack}\`), or run it with --even-if-rejected`,
    );
  }
}

function refuseLongHolds(stack: StackUnderTest, options: Options): void {
  const holdMs = options.holdMs ?? stack.demand.holdMs;
  const statementTimeoutMs = Number(stack.environment.DB_STATEMENT_TIMEOUT_MS);
  if (statementTimeoutMs > 0 && holdMs >= statementTimeoutMs) {
    throw new LabError(
      `a mean hold of ${holdMs} ms is not below the statement timeout of ${statementTimeoutMs} ms: PostgreSQL would cancel most statements; give a --hold-ms well below it`,
    );
  }
}
