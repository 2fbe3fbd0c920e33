import type { PoolBudget, StackBudget } from "../budget/budget";
import { knownValue, type Reading } from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { ClientReading } from "../plan/types";
import { count, percent, plain } from "../rules/format";
import { nameIn } from "./found";

/** What stands in for something that nobody said, one line each, with where to say it. */
export function assumedIn(budget: StackBudget, settings: Settings): readonly string[] {
  return [
    ...budget.databases.flatMap(({ database, limit }) => {
      const most = knownValue(limit);
      if (most?.source !== "estimated") return [];
      return [
        `${database.resource.name}: ${plain(most.maxConnections)} connections are an estimate, as its \`max_connections\` is computed in the database; what \`SHOW max_connections\` says belongs in \`maxConnections\` of its entry under \`databases\``,
      ];
    }),
    ...said(budget.pools.map((pool) => [pool.client.name, ofPool(pool, budget)])),
    ...(budget.pools.length === 0 ? [] : [ofBounds(settings)]),
  ];
}

function ofPool(pool: PoolBudget, budget: StackBudget): string[] {
  const { client } = pool;
  return [...libraryOf(client), ...defaultsOf(client), ...demandOf(pool), ...databaseOf(client, budget)];
}

/** What is assumed of several clients alike is said once, with all their names. */
function said(lines: readonly (readonly [name: string, lines: readonly string[]])[]): string[] {
  const names = new Map<string, string[]>();
  for (const [name, own] of lines)
    for (const line of own) names.set(line, [...(names.get(line) ?? []), name]);
  return [...names].map(([line, of]) => `${[...new Set(of)].join(", ")}: ${line}`);
}

function libraryOf({ library }: ClientReading): string[] {
  if (library.state !== "known" || library.assumed === undefined) return [];
  return [
    `${library.value} holds the pool, ${library.assumed}; the tag \`poolproof:pool-library\` says it for sure`,
  ];
}

/** Settings whose default decides about the bounds; each has the source of its default. */
const DECISIVE = ["poolMax", "processesPerTask", "acquireTimeoutMs"] as const;

function defaultsOf({ settings }: ClientReading): string[] {
  return DECISIVE.flatMap((name) => {
    const { reading, variable } = settings[name];
    if (reading.state !== "known" || reading.assumed === undefined || variable === "") return [];
    return [`\`${variable}\` is ${plain(reading.value)} (${reading.assumed})`];
  });
}

function demandOf({ client, tasksServingPeak }: PoolBudget): string[] {
  const { declared } = client;
  const isDeclared = knownValue(declared.peakRequestsPerSecond) !== undefined;
  const serving = knownValue(tasksServingPeak);
  return [
    ...(declared.acquisitionsPerRequest.state === "unset"
      ? ["each request takes one connection; `poolproof:db-acquisitions-per-request` says otherwise"]
      : []),
    ...(declared.tasksAtPeak.state === "unset" && client.kind === "ecs-service" && serving !== undefined
      ? [
          `${count(serving, "task")} ${serving === 1 ? "serves" : "serve"} the peak, the fewest that may run; \`poolproof:tasks-at-peak\` says otherwise`,
        ]
      : []),
    ...(isDeclared ? ["the declared peak and hold time were measured, and not long ago"] : []),
  ];
}

function databaseOf({ database: link, tasks }: ClientReading, { databases }: StackBudget): string[] {
  const capacity: Reading<number> = tasks.maxCapacity;
  const most =
    capacity.state === "known" && capacity.assumed !== undefined
      ? [`${plain(capacity.value)} run at most (${capacity.assumed})`]
      : [];
  if (link.state === "unlinked" || link.via !== "only database") return most;
  const name = nameIn(
    databases.map(({ database }) => database),
    link.database,
  );
  return [
    ...most,
    `it uses ${name}, as the stack has no other database; the tag \`poolproof:database\` says it for sure`,
  ];
}

function ofBounds({ capacity }: Settings): string {
  const { budgetShare, peakFactor, waitTargetMs, exceedance, operationsReserve } = capacity;
  return `all pools: ${percent(budgetShare)} of the usable connections may be claimed, ${operationsReserve} are kept for people and jobs, and at ${plain(peakFactor)} × the peak at most ${percent(exceedance)} of acquisitions wait longer than ${plain(waitTargetMs)} ms (defaults; \`budgetShare\`, \`operationsReserve\`, \`peakFactor\`, \`waitExceedance\` and \`waitTargetMs\` change them)`;
}
