import { InputError } from "../../../policies/kit/errors";
import { poolFloor } from "../../../policies/model/poolFloor";
import type { Options } from "../commandLine";
import { declaredMix } from "../load/requests";
import { type Demand, type StackUnderTest, shareOfTasks } from "../stackUnderTest";
import { incidentOf, incidentToRehearse } from "./incident";

/** What is run: the stack with the demand that was asked for, and the share of it that this machine carries. */
export interface CheckedInput {
  readonly stack: StackUnderTest;
  readonly scaled: ScaledDemand;
}

/**
 * Refuses what cannot be run, or would mean nothing.
 * @throws InputError in one line.
 */
export function checkInput(declared: StackUnderTest, options: Options, cpus: number): CheckedInput {
  refuseRejected(declared, options);
  refuseSearchOfIncident(declared, options);
  refuseLongHolds(declared, options);
  declaredMix(declared.demand.acquisitionsPerRequest);
  const demand = {
    ...declared.demand,
    peakRequestsPerSecond: options.rate ?? declared.demand.peakRequestsPerSecond,
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

function refuseRejected({ stack, verdict, findings }: StackUnderTest, { evenIfRejected }: Options): void {
  if (verdict !== "rejected" || evenIfRejected || incidentOf(stack) !== undefined) return;
  const [finding, ...more] = findings;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new InputError(
    `the policies reject ${stack}, so it would never be deployed: ${finding?.rule}${others}; fix it (\`npm run check -- ${stack}\`), or run it with --even-if-rejected`,
  );
}

/** The outage is repeated as it was, then with the safe pool: there is nothing to search between. */
function refuseSearchOfIncident({ stack, pool }: StackUnderTest, options: Options): void {
  if (!options.findLimit || incidentToRehearse({ options, stack: { stack } }) === undefined) return;
  throw new InputError(
    `--find-limit does not go with the incident ${stack}, which is repeated with its pool of ${pool.poolMax} and with a safe one; name a pool to start the search from (--pool-max ${pool.floor ?? pool.poolMax}), or leave --find-limit out`,
  );
}

function refuseLongHolds({ demand, environment }: StackUnderTest, options: Options): void {
  const holdMs = options.holdMs ?? demand.holdMs;
  const statementTimeoutMs = Number(environment.DB_STATEMENT_TIMEOUT_MS);
  if (!(statementTimeoutMs > 0 && holdMs >= statementTimeoutMs)) return;
  throw new InputError(
    `a mean hold of ${holdMs} ms is not below the statement timeout of ${statementTimeoutMs} ms: PostgreSQL would cancel most statements; give a --hold-ms well below it`,
  );
}

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

/** What one CPU carries besides its share of the database and of the generator, with room to spare. */
const TASKS_PER_CPU = 2;
const REQUESTS_PER_SECOND_AND_CPU = 100;
/** Beyond this the machine is what is measured. */
const MAX_REQUESTS_PER_SECOND_AND_CPU = 500;

/**
 * How many of the stack's tasks this machine can carry. Each has a pool and a queue of its own and they do not feel each
 * other, so what holds for one of them holds for all.
 * @param wanted - A share from above 0 to 1; undefined lets the CPUs decide.
 * @throws InputError when even one task is too much.
 */
export function scaleDemand(demand: Demand, wanted: number | undefined, cpus: number): ScaledDemand {
  const perTask = demand.peakRequestsPerSecond / demand.tasks;
  const fitting = Math.min(TASKS_PER_CPU * cpus, Math.floor((REQUESTS_PER_SECOND_AND_CPU * cpus) / perTask));
  const tasks = Math.max(
    1,
    wanted === undefined ? Math.min(demand.tasks, fitting) : Math.round(demand.tasks * wanted),
  );
  const requestsPerSecond = tasks * perTask;
  const most = MAX_REQUESTS_PER_SECOND_AND_CPU * cpus;
  if (requestsPerSecond > most) {
    throw new InputError(
      `${Math.round(requestsPerSecond * 10) / 10} requests/s over ${tasks} tasks are more than this machine's ${cpus} CPUs can make and answer (${most}): give a smaller --scale or --rate, or run the script of --emit k6 elsewhere`,
    );
  }
  return {
    tasks,
    requestsPerSecond,
    requestsPerSecondAndProcess: perTask / demand.processesPerTask,
    scale: shareOfTasks(tasks, demand.tasks),
    reason: wanted === undefined ? `chosen for ${cpus} CPUs` : "as asked for",
  };
}
