import { type DatabaseBudget, type PoolBudget, type StackBudget, stackBudget } from "../budget/budget";
import { CLASS_TABLE } from "../model/instanceClasses";
import type { Plan } from "../plan/plan";
import { rootUrn } from "../plan/planIndex";
import { knownValue } from "../plan/reading";
import type { Settings } from "../plan/settings";
import { POLICY_CONFIGURATION } from "../plan/settings";
import { readStack } from "../plan/stack";
import type { StackReading } from "../plan/types";
import { externalAlarms, namesOfClient, namesOfDatabase } from "../rules/alarms/relevantAlarms";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import { orNull } from "../rules/format";
import { RULES } from "../rules/index";
import { undecidedPolicy } from "../rules/undecided";
import { findingsOf, type Levels } from "./findings";
import type { Report, ReportedBudget, ReportedClient } from "./report";

export type { Levels };

/** The rules' own levels, for use where no policy configuration changes them. */
export const DEFAULT_LEVELS: Levels = Object.fromEntries(
  [settingsPolicy, ...RULES, undecidedPolicy].map(({ id, level }) => [id, level]),
);

/**
 * Judges a plan: every enabled rule, one report. The pack inside the engine and `check` both call this, so their
 * verdicts can only differ where their plans do.
 * @param base - The stack as it is deployed now, for the rules that judge a change.
 * @param now - The day on which exceptions must still hold.
 */
export function assess(
  plan: Plan,
  settings: Settings,
  levels: Levels = DEFAULT_LEVELS,
  stackName?: string,
  base?: Plan,
  now: Date = new Date(),
): Report {
  const stack = { ...readStack(plan, settings), base: base && readStack(base, settings) };
  const budget = stackBudget(stack, settings);
  const { violations, undecided, exceptions } = findingsOf(
    { stack, budget, settings },
    levels,
    rootUrn(plan),
    now,
  );
  return {
    schemaVersion: 1,
    stack: stackName ?? stack.stack,
    verdict: violations.some(({ level }) => level === "mandatory") ? "rejected" : "accepted",
    violations,
    undecided,
    exceptions,
    coverage: {
      ...coverage(stack, budget, settings),
      resources: plan.resources.filter(({ type }) => !type.startsWith("pulumi:")).length,
    },
    budgets: budgets(budget),
    tables: { date: CLASS_TABLE.date, ageDays: daysSince(CLASS_TABLE.date, now) },
  };
}

const DAY_MS = 86_400_000;

const daysSince = (date: string, now: Date): number =>
  Math.max(0, Math.floor((now.getTime() - Date.parse(date)) / DAY_MS));

function coverage(
  stack: StackReading,
  budget: StackBudget,
  settings: Settings,
): Omit<Report["coverage"], "resources"> {
  const unjudged = budget.databases.flatMap(({ database, limit }) =>
    limit.state === "unknown" && limit.property === "engine"
      ? [{ resource: database.resource.urn, reason: limit.reason }]
      : [],
  );
  const assumed = budget.pools.flatMap(({ client, poolMax }) =>
    poolMax.state === "known" && poolMax.assumed !== undefined && poolMax.assumed !== POLICY_CONFIGURATION
      ? [
          {
            resource: client.resource.urn,
            reason: `${client.pool === undefined ? "" : `${client.name}: `}\`${client.settings.poolMax.variable}\` is not set in full: a pool of ${poolMax.value} is assumed (${poolMax.assumed})`,
          },
        ]
      : [],
  );
  return {
    databases: stack.databases.map(({ resource }) => resource.urn),
    clients: [...new Set(stack.clients.map(({ resource }) => resource.urn))],
    unexamined: [
      ...unjudged,
      ...assumed,
      // What says that it lives on the connections kept for operations is counted there, and held to them by coverage.
      ...stack.unexamined
        .filter(({ operations }) => operations === undefined)
        .map(({ resource, reason }) => ({ resource, reason })),
      ...watchedElsewhere(stack, settings),
    ],
  };
}

/** Databases and clients whose alarms the policy configuration says are externalAlarms: nothing here judged them. */
function watchedElsewhere(
  { databases, clients }: StackReading,
  settings: Settings,
): Report["coverage"]["unexamined"] {
  const said = new Map<string, string>();
  const note = (urn: string, names: readonly string[]): void => {
    const entry = externalAlarms(names, settings);
    if (!entry) return;
    const { where, reason } = entry;
    said.set(
      urn,
      `its alarms are in ${where}, as \`alarmsElsewhere\` in the policy configuration says: ${reason}`,
    );
  };
  for (const database of databases) note(database.resource.urn, namesOfDatabase(database));
  for (const client of clients) note(client.resource.urn, namesOfClient(client));
  return [...said].map(([resource, reason]) => ({ resource, reason }));
}

function budgets(budget: StackBudget): ReportedBudget[] {
  const linked = budget.databases.map(databaseEntry);
  if (budget.unlinked.length === 0) return linked;
  const clients = budget.unlinked.map(clientEntry);
  const nothing = { maxConnections: null, maxConnectionsSource: null, usable: null, demandAtPeak: null };
  return [...linked, { database: null, ...nothing, clients }];
}

function databaseEntry(on: DatabaseBudget): ReportedBudget {
  const limit = knownValue(on.limit);
  return {
    database: on.database.resource.urn,
    maxConnections: limit?.maxConnections ?? null,
    maxConnectionsSource: limit?.source ?? null,
    usable: orNull(on.usable),
    demandAtPeak: orNull(on.demandAtPeak),
    clients: on.pools.map(clientEntry),
  };
}

function clientEntry(pool: PoolBudget): ReportedClient {
  const failing = knownValue(pool.atPeak)?.failingShare;
  const load = knownValue(pool.offeredLoad);
  return {
    resource: pool.client.resource.urn,
    container: knownValue(pool.client.container) ?? null,
    pool: pool.client.pool ?? null,
    poolMax: orNull(pool.poolMax),
    processesPerTask: orNull(pool.processesPerTask),
    tasksAtPeak: orNull(pool.tasksAtPeak),
    tasksServingPeak: orNull(pool.tasksServingPeak),
    offeredLoad: load === undefined ? null : toMillionths(load),
    floor: orNull(pool.floor),
    ceiling: orNull(pool.ceiling),
    failingShare: failing === undefined ? null : toMillionths(failing),
  };
}

/** Binary fractions such as 4.949999999999999 have no place in a report people read. */
const toMillionths = (value: number): number => Math.round(value * 1e6) / 1e6;
