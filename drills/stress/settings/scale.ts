import { LabError } from "../labError";
import type { Demand } from "./stackUnderTest";

/** A part of a stack's tasks under the same load each: arrivals and holds of one task are what they were. */
export interface ScaledDemand {
  /** Tasks that the lab starts. */
  readonly tasks: number;
  /** Requests a second over all of them. */
  readonly requestsPerSecond: number;
  /** What one process's pool gets. */
  readonly requestsPerSecondAndProcess: number;
  /** Of the declared tasks, as it is said in the report: `1/2`. */
  readonly scale: string;
  /** Why it is this one. */
  readonly reason: string;
}

/** What one CPU carries beside its share of the database and of the generator, with room to spare. */
const TASKS_PER_CPU = 2;
const REQUESTS_PER_SECOND_AND_CPU = 100;
/** Beyond this the machine is what is measured. */
const MOST_REQUESTS_PER_SECOND_AND_CPU = 500;

/**
 * How many of the stack's tasks this machine can carry. Each has a pool and a queue of its own and they do not feel each
 * other, so what holds for one of them holds for all.
 * @param wanted - A share from above 0 to 1; undefined lets the CPUs decide.
 * @throws LabError when even one task is too much.
 */
export function scaleDemand(demand: Demand, wanted: number | undefined, cpus: number): ScaledDemand {
  const perTask = demand.peakRequestsPerSecond / demand.tasks;
  const fitting = Math.min(TASKS_PER_CPU * cpus, Math.floor((REQUESTS_PER_SECOND_AND_CPU * cpus) / perTask));
  const tasks =
    wanted === undefined
      ? Math.max(1, Math.min(demand.tasks, fitting))
      : Math.max(1, Math.round(demand.tasks * wanted));
  const requestsPerSecond = tasks * perTask;
  const most = MOST_REQUESTS_PER_SECOND_AND_CPU * cpus;
  if (requestsPerSecond > most) {
    throw new LabError(
      `${round(requestsPerSecond)} requests/s over ${tasks} tasks are more than this machine's ${cpus} CPUs can make and answer (${most}): give a smaller --scale or --rate, or run the script of --emit k6 elsewhere`,
    );
  }
  return {
    tasks,
    requestsPerSecond,
    requestsPerSecondAndProcess: perTask / demand.processesPerTask,
    scale: fraction(tasks, demand.tasks),
    reason: wanted === undefined ? `chosen for ${cpus} CPUs` : "as asked for",
  };
}

/** `4/8` is said as `1/2`. */
function fraction(part: number, whole: number): string {
  const divisor = commonDivisor(part, whole);
  return whole === part ? "1" : `${part / divisor}/${whole / divisor}`;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

const round = (value: number): number => Math.round(value * 10) / 10;
