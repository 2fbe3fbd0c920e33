import type { Plan } from "../plan/plan";
import { knownValue } from "../plan/reading";
import { readStack } from "../plan/readStack";
import type { StackReading } from "../plan/stackReading";
import { type DatabaseBudget, type PoolBudget, type StackBudget, stackBudget } from "../rules/budget";
import { RULES } from "../rules/index";
import { type Level, runbook, type Violation } from "../rules/rule";
import { demandOverrides, type Settings } from "../rules/settings";
import {
  type MalformedEntry,
  malformedViolations,
  type UndecidedEntry,
  undecidedPolicy,
  undecidedViolations,
} from "../rules/undecided";
import { orNull } from "../rules/words";
import type { Report, ReportedBudget, ReportedClient, ReportedViolation } from "./report";

/** Level of each policy by id; a policy that is missing is disabled. */
export interface Levels {
  readonly [policy: string]: Level;
}

/** The rules' own levels, for use where no policy configuration changes them. */
export const DEFAULT_LEVELS: Levels = Object.fromEntries(
  [...RULES, undecidedPolicy].map(({ id, level }) => [id, level]),
);

/**
 * Judges a plan: every enabled rule, one report. The pack inside the engine and `check` both call this, so their
 * verdicts can only differ where their plans do.
 */
export function assess(
  plan: Plan,
  settings: Settings,
  levels: Levels = DEFAULT_LEVELS,
  stackName?: string,
): Report {
  const stack = readStack(plan, demandOverrides(settings));
  const budget = stackBudget(stack, settings);
  const violations: ReportedViolation[] = [];
  const undecided: UndecidedEntry[] = [];
  const malformed: MalformedEntry[] = [];
  for (const rule of RULES) {
    const level = levels[rule.id];
    if (level === undefined) continue;
    const findings = rule.evaluate({ stack, budget, settings });
    violations.push(...findings.violations.map((each) => reported(each, rule.id, level, rule.docs)));
    for (const { saidBy, malformed: wrong, ...entry } of findings.undecided) {
      if (saidBy !== undefined && countsAsMuch(levels[saidBy], level)) continue;
      if (wrong === undefined) undecided.push({ rule: rule.id, ...entry });
      else malformed.push({ rule: rule.id, ...entry, malformed: wrong });
    }
  }
  for (const each of malformedViolations(malformed, levels)) {
    violations.push(reported(each, each.rule, levels[each.rule] ?? "mandatory", runbook(each.rule)));
  }
  for (const each of undecidedViolations(undecided, levels, settings)) {
    violations.push(reported(each, undecidedPolicy.id, each.level, undecidedPolicy.docs));
  }
  return {
    schemaVersion: 1,
    stack: stackName ?? stack.stack,
    verdict: violations.some(({ level }) => level === "mandatory") ? "rejected" : "accepted",
    violations,
    undecided: undecided.map(({ fix: _, ...entry }) => entry),
    exceptions: [],
    coverage: coverage(stack, budget),
    budgets: budgets(budget),
  };
}

/** Whether another rule's violation stands for this rule's: an advisory one cannot stand for a mandatory one. */
const countsAsMuch = (other: Level | undefined, own: Level): boolean =>
  other === "mandatory" || (other === "advisory" && own === "advisory");

function reported(violation: Violation, rule: string, level: Level, docs: string): ReportedViolation {
  const { resource, text, fix, observed, allowed, unit } = violation;
  return { rule, level, resource, message: `${text} ${fix} (${docs}).`, observed, allowed, unit, fix, docs };
}

function coverage(stack: StackReading, budget: StackBudget): Report["coverage"] {
  const unjudged = budget.databases.flatMap(({ database, limit }) =>
    limit.state === "unknown" && limit.property === "engine"
      ? [{ resource: database.resource.urn, reason: limit.reason }]
      : [],
  );
  // Until the proxy has a rule of its own: a limit set too low there is the same outage, one layer further in.
  const proxied = budget.pools.flatMap(({ client, proxied: behind }) =>
    knownValue(behind) === true
      ? [
          {
            resource: client.resource.urn,
            reason:
              "it goes through an RDS Proxy, whose own limits (`maxConnectionsPercent`, `connectionBorrowTimeout`) are not judged yet",
          },
        ]
      : [],
  );
  const assumed = budget.pools.flatMap(({ client, poolMax }) =>
    poolMax.state === "known" && poolMax.assumed !== undefined
      ? [
          {
            resource: client.resource.urn,
            reason: `no \`${client.settings.poolMax.variable}\` is set: a pool of ${poolMax.value} is assumed, ${poolMax.assumed}`,
          },
        ]
      : [],
  );
  return {
    databases: stack.databases.map(({ resource }) => resource.urn),
    clients: [...new Set(stack.clients.map(({ resource }) => resource.urn))],
    unexamined: [
      ...unjudged,
      ...proxied,
      ...assumed,
      ...stack.unexamined.map(({ resource, reason }) => ({ resource, reason })),
    ],
  };
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
