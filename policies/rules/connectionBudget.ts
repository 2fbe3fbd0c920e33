import { knownValue } from "../plan/reading";
import { connectionsOf, type DatabaseBudget, type PoolBudget } from "./budget";
import { leverAdvice } from "./levers";
import { FindingsBuilder, type Rule, type RuleContext, runbook, type Violation } from "./rule";
import { count, inContainer, Naming, orNull, percent, plain, range } from "./words";

/** All pools of a database together, the surge of a deployment included, against what the database can give. */
export const connectionBudget: Rule = {
  id: "connection-budget",
  title: "Pools within the database's limit",
  severity: "critical",
  level: "mandatory",
  description:
    "All pools of a database together, deployment surge included, stay within their share of its usable connections.",
  remediationSteps:
    "Lower the pool to the ceiling named in the message, or pull one of the levers it names: fewer tasks, less surge, a higher limit, a larger class.",
  docs: runbook("connection-budget"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const database of context.budget.databases) judge(database, context, findings);
    for (const { client } of context.budget.unlinked) {
      if (client.database.state === "unlinked") {
        findings.cannotDecide(client.resource.urn, {
          property: "tags",
          reason: client.database.reason,
          fix: "Set the tag `poolproof:database` on the service to the name of its database",
        });
      }
    }
    return findings;
  },
};

function judge(on: DatabaseBudget, context: RuleContext, findings: FindingsBuilder): void {
  if (on.pools.length === 0) return;
  const budget = knownValue(on.budget);
  // What is wrong with the limit itself is the finding of `max-connections`.
  const isRefused = on.limit.state !== "known" && on.limit.state !== "unknown";
  const saidBy = isRefused || on.budget.state === "malformed" ? "max-connections" : undefined;
  findings.cannotDecide(on.database.resource.urn, on.budget, saidBy);
  for (const pool of on.pools) listUnknown(pool, findings);
  if (budget === undefined) return;

  const most = knownValue(on.demandAtPeak);
  const areDirect = on.pools.every(({ proxied }) => knownValue(proxied) === false);
  if (on.demandAtLeast > budget) {
    findings.violation(
      exceeded(on, areDirect && most !== undefined ? most : on.demandAtLeast, budget, context),
    );
  } else if (most !== undefined && most > budget) {
    for (const { client, proxied } of on.pools) {
      if (knownValue(proxied) === false) continue;
      findings.cannotDecide(client.resource.urn, {
        property: "containerDefinitions",
        reason: `through an RDS Proxy the database sees ${on.demandAtLeast} connections if no session pins and ${most} if all do, of ${budget} it may give; which it is, the plan does not say`,
      });
    }
  }
}

/** Everything that keeps a pool's share of the demand from being known. */
function listUnknown(pool: PoolBudget, findings: FindingsBuilder): void {
  const urn = pool.client.resource.urn;
  const isMistyped = pool.poolMax.state === "malformed" || pool.poolMax.state === "unset";
  findings.cannotDecide(urn, pool.poolMax, isMistyped ? "pool-floor" : undefined);
  for (const reading of [pool.processesPerTask, pool.tasksAtPeak, pool.proxied])
    findings.cannotDecide(urn, reading);
  // Each factor is known and their product is beyond the model: 1e16 tasks.
  if (pool.poolMax.state === "known") findings.cannotDecide(urn, connectionsOf(pool));
}

function exceeded(on: DatabaseBudget, demand: number, budget: number, context: RuleContext): Violation {
  const { capacity } = context.settings;
  const usable = knownValue(on.usable) ?? 0;
  const limit = knownValue(on.limit)?.maxConnections ?? 0;
  const estimate =
    knownValue(on.limit)?.source === "estimated" ? " (a lower bound, AWS does not publish it)" : "";
  const parts = on.pools.flatMap((pool) => {
    const connections = knownValue(connectionsOf(pool));
    return connections === undefined ? [] : [{ pool, connections }];
  });
  parts.sort((a, b) => b.connections - a.connections);
  const sum = parts.slice(0, 4).map(({ pool }) => share(pool));
  const more = parts.length > 4 ? `, ${parts.length - 4} more pools` : "";
  const limits = `${percent(capacity.budgetShare)} of the ${usable} usable of \`max_connections\` ${limit}${estimate}`;
  const consequence = "new connections would be refused while a deployment or a peak is under way";
  const total = `${sum.join(", ")}${more} and ${capacity.operationsReserve} for operations make ${plain(demand)} connections at peak`;
  const [only, ...others] = on.pools;
  const largest = parts[0]?.pool ?? only;
  const ceiling = largest && knownValue(largest.ceiling);
  const floor = largest && knownValue(largest.floor);
  const fix = largest ? adviceFor(largest, on, context) : "Lower the pools";
  if (only && others.length === 0 && only.poolMax.state === "known" && ceiling !== undefined) {
    return {
      resource: only.client.resource.urn,
      text: `\`pool.max\` is ${only.poolMax.value}, above the ceiling of ${ceiling}: ${total}, more than ${budget} (${limits}), so ${consequence}.`,
      fix,
      observed: only.poolMax.value,
      allowed: { min: floor ?? 1, max: ceiling },
      unit: "connections",
    };
  }
  return {
    resource: on.database.resource.urn,
    text: `${total}, more than ${budget} (${limits}), so ${consequence}.`,
    fix,
    observed: demand,
    allowed: { min: null, max: budget },
    unit: "connections",
  };
}

/** "api 16 × 20", with the processes where a task has several. */
function share(pool: PoolBudget): string {
  const processes = knownValue(pool.processesPerTask) ?? 1;
  const perTask = processes > 1 ? ` × ${processes}` : "";
  return `${pool.client.name} ${count(orNull(pool.tasksAtPeak) ?? 0, "task")}${perTask} × ${orNull(pool.poolMax)}`;
}

function adviceFor(pool: PoolBudget, on: DatabaseBudget, context: RuleContext): string {
  const naming = new Naming(context.stack, context.settings);
  const { client } = pool;
  const ceiling = knownValue(pool.ceiling);
  const floor = knownValue(pool.floor) ?? 1;
  if (ceiling === undefined) return "Lower the pools, or raise what the database can give";
  if (ceiling < floor) {
    const levers = leverAdvice(pool, on, context);
    return `No size of ${client.name}'s pool is safe: it needs ${floor} and may have ${ceiling}. ${levers ?? "Raise `max_connections` or run fewer tasks"}`;
  }
  return naming.set(client.settings.poolMax.variable, inContainer(client), range(floor, ceiling), ceiling);
}
