import { type DatabaseBudget, sidesOf, stackBudget } from "../../budget/budget";
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
      if (!old) continue;
      sidesOf(after).forEach((side, i) => {
        checkDatabase(old.sides?.[i] ?? old, side, context);
      });
      for (const replica of context.budget.databases) {
        const { source, resource } = replica.database;
        const deployedReplica = before.get(resource.urn);
        if (source === undefined || deployedReplica === undefined) continue;
        const name = knownValue(source) ?? "";
        const isOfThis = name === after.database.resource.urn || after.database.names.includes(name);
        if (isOfThis)
          checkReplica({ before: old, after }, { before: deployedReplica, after: replica }, context);
      }
    }
  },
});

const CONFIRM_DEPLOYED =
  "State what `SHOW max_connections` says as `confirmedMaxConnections` in the policy configuration";

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
      fix: CONFIRM_DEPLOYED,
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

interface Change {
  readonly before: DatabaseBudget;
  readonly after: DatabaseBudget;
}

/**
 * Both limits of a primary and its replica wait for a reboot each, and nothing says which comes first: a maintenance
 * window or a failover restarts either. A replica whose primary has the higher limit first stops to replay. That the new
 * limits fit each other is the subject of `max-connections`.
 */
function checkReplica(primary: Change, replica: Change, context: RuleContext): void {
  const engine = knownValue(engineOf(primary.after.database));
  if (engine === undefined || !isPostgres(engine)) return;
  const limit = (on: DatabaseBudget): number | undefined => knownValue(on.limit)?.maxConnections;
  const [old, next] = [limit(primary.before), limit(primary.after)];
  const [held, planned] = [limit(replica.before), limit(replica.after)];
  // What hides a planned limit is the finding of `max-connections`, what hides the primary's old one is said above.
  if (old === undefined || next === undefined || planned === undefined) return;
  if (next <= old || planned < next) return;
  const { resource } = replica.after.database;
  if (held === undefined) {
    context.cannotDecide(resource.urn, {
      property: "parameters.max_connections",
      reason: `the limit of replica ${resource.name} that is in force cannot be read from the deployed state`,
      fix: CONFIRM_DEPLOYED,
    });
    return;
  }
  if (held >= next) return;
  const { parameters, resource: of } = primary.after.database;
  const isShared = replica.after.database.parameters.resource === parameters.resource;
  const first = isShared
    ? `Give ${resource.name} a parameter group of its own with \`max_connections\` ${planned}, deploy that alone`
    : `Deploy \`max_connections\` of ${resource.name} alone`;
  context.violation({
    resource: parameters.resource.urn,
    text: `This change raises \`max_connections\` of ${of.name} from ${old} to ${next} and of its replica ${resource.name} from ${held} to ${planned}, and each waits for a reboot of its own: if ${of.name} restarts first, in a maintenance window or a failover, PostgreSQL stops replay on ${resource.name} and does not start it again with ${held}.`,
    fix: `${first}, reboot ${resource.name}, and raise ${of.name} after that`,
    observed: held,
    allowed: { min: next, max: null },
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
