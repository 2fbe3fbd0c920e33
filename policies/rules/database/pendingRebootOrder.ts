import { type DatabaseBudget, stackBudget } from "../../budget/budget";
import { engineOf } from "../../budget/databaseLimit";
import { isPostgres } from "../../model/engines";
import { knownValue, readProperty } from "../../plan/reading";
import type { DatabaseReading } from "../../plan/types";
import { plain } from "../format";
import { type RuleContext, rule } from "../rule";

/**
 * `max_connections` is static on PostgreSQL: a new value waits for a reboot, which no deployment brings about (AWS: RDS
 * User Guide, working with parameter groups). Larger pools in the same change do not wait. Only a change has this problem,
 * so it takes the deployed state (`--base`, `POOLPROOF_BASE`) to see it; without one the rule has nothing to say.
 */
export const pendingRebootOrder = rule({
  id: "pending-reboot-order",
  title: "The limit is raised before the pools",
  severity: "high",
  level: "mandatory",
  description:
    "A change that raises `max_connections` does not raise the pools beyond the limit that holds until the reboot. Judged where the deployed state is at hand (`--base`, `POOLPROOF_BASE`).",
  remediationSteps:
    "Deploy the new `max_connections` first, reboot the database, check it with `SHOW max_connections`, then raise the pools.",
  check(context) {
    const { base } = context.stack;
    if (base === undefined) return;
    const deployed = stackBudget(base, context.settings);
    const before = new Map(deployed.databases.map((on) => [on.database.resource.urn, on]));
    for (const after of context.budget.databases) {
      const old = before.get(after.database.resource.urn);
      // A new database starts with its limit.
      if (old) checkDatabase(old, after, context);
    }
  },
});

function checkDatabase(before: DatabaseBudget, after: DatabaseBudget, context: RuleContext): void {
  const { parameters, resource } = after.database;
  const newLimit = knownValue(after.limit)?.maxConnections;
  // What hides or spoils the limit that is planned is the finding of `max-connections`.
  if (newLimit === undefined || after.pools.length === 0) return;
  const oldLimit = knownValue(before.limit)?.maxConnections;
  const oldBudget = knownValue(before.budget);
  if (oldLimit === undefined || oldBudget === undefined) {
    context.cannotDecide(resource.urn, {
      property: "parameters.max_connections",
      reason: `the limit of ${resource.name} that is in force cannot be read from the deployed state`,
      fix: "State what `SHOW max_connections` says as `confirmedMaxConnections` in the policy configuration",
    });
    return;
  }
  if (newLimit <= oldLimit) return;
  // Behind a proxy, or with a pool that is hidden, this is what is certain: enough to reject, not to accept.
  const demand = after.demandAtLeast;
  const isRaised = demand > before.demandAtLeast;
  if (demand <= oldBudget) {
    const hidden = after.pools.find(({ poolMax }) => poolMax.state !== "known");
    const saidBy = hidden && hidden.poolMax.state !== "unknown" ? "pool-floor" : undefined;
    context.cannotDecide(resource.urn, after.demandAtPeak, saidBy);
    return;
  }
  if (!isRaised) return;
  const wait = waitOf(before.database, after.database);
  if (wait === undefined) return;
  const { naming } = context;
  const pools = [...new Set(after.pools.map(({ client }) => naming.name(client.settings.poolMax.variable)))];
  context.violation({
    resource: parameters.resource.urn,
    text: `This change raises \`max_connections\` of ${resource.name} from ${oldLimit} to ${newLimit} and what clients claim at peak from ${plain(before.demandAtLeast)} to ${plain(demand)} connections, but the limit waits for ${wait.until} and the pools do not: until then ${plain(demand)} connections compete for a budget of ${oldBudget}, and the database refuses connections at the first deployment or peak.`,
    fix: `Deploy the limit alone, ${wait.first}, and raise the pools (${pools.join(", ")}, tasks) after that`,
    observed: demand,
    allowed: { min: null, max: oldBudget },
    unit: "connections",
  });
}

/**
 * What the limit waits for; undefined where it does not wait, or where this change restarts the database by itself. On
 * MySQL and MariaDB the parameter is dynamic, and waits only where the program says so. A new instance class does:
 * at once with `applyImmediately`, else in the next maintenance window (AWS: RDS User Guide, modifying a DB instance).
 */
function waitOf(
  before: DatabaseReading,
  after: DatabaseReading,
): { readonly until: string; readonly first: string } | undefined {
  const engine = knownValue(engineOf(after));
  const method = knownValue(after.parameters.parameter("max_connections").applyMethod) ?? "immediate";
  if (engine !== undefined && !isPostgres(engine) && method !== "pending-reboot") return undefined;
  const oldClass = knownValue(before.instanceClass);
  const newClass = knownValue(after.instanceClass);
  if (oldClass === newClass || oldClass === undefined || newClass === undefined) {
    return { until: "a reboot", first: "reboot the database" };
  }
  const atOnce = readProperty(after.resource, "applyImmediately");
  if (atOnce.state === "known" && String(atOnce.value) === "true") return undefined;
  return {
    until: "the maintenance window that brings the new instance class",
    first: "wait for the window or set `applyImmediately`",
  };
}
