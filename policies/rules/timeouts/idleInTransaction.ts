import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { knownValue, type Reading } from "../../plan/reading";
import type { ParameterGroupReading } from "../../plan/types";
import { dialectOf, groupsInForce, inGroup, serverNumber } from "../database/parameterGroups";
import { inContainer, plain, withSource } from "../format";
import { type RuleContext, rule, type Violation } from "../rule";

const PARAMETER = "idle_in_transaction_session_timeout";

/**
 * RDS's own default is a day (parameter groups of RDS and Aurora for PostgreSQL): AWS's proactive insight
 * "idle in transaction" warns after half an hour.
 */
const RDS_DEFAULT = { value: 86_400_000, of: "RDS's default" };

/** A session that began a transaction and went quiet holds its locks and its connection until someone ends it. */
export const idleInTransaction = rule({
  id: "idle-in-transaction",
  title: "Idle transactions end",
  severity: "medium",
  level: "mandatory",
  description:
    "PostgreSQL ends sessions that stay idle inside a transaction, after a minute at most: in the parameter group, or by what the client sends.",
  remediationSteps: `Set \`${PARAMETER}\` in the database's own parameter group to 60000 (milliseconds) or less.`,
  check(context) {
    for (const database of context.budget.databases) checkDatabase(database, context);
  },
});

function checkDatabase(on: DatabaseBudget, context: RuleContext): void {
  if (dialectOf(knownValue(on.database.engine)) !== "postgres") return;
  const most = context.settings.idleInTransactionMaxMs;
  const ends = (ms: number): boolean => ms > 0 && ms <= most;
  const relying = on.pools.filter((pool) => reliesOnGroup(pool, ends, context));
  // Without a pool, or with one that relies on it, the group is what counts.
  if (on.pools.length > 0 && relying.length === 0) return;
  for (const group of groupsInForce(on.database)) {
    const reading = serverNumber(group, PARAMETER, RDS_DEFAULT);
    if (reading.state !== "known") context.cannotDecide(group.resource.urn, reading);
    else if (!ends(reading.value)) {
      const hidden = relying.filter(({ proxied }) => proxied.state === "unknown");
      if (hidden.length === relying.length && hidden.length > 0) {
        // Sent by the client, and lost if a proxy stands between.
        for (const { client, proxied } of hidden) context.cannotDecide(client.resource.urn, proxied);
      } else context.violation(ofGroup(group, reading, context));
    }
  }
}

/** Judges what a client sends; whether the group's value holds for it, since it sends none or a proxy refuses it. */
function reliesOnGroup(pool: PoolBudget, ends: (ms: number) => boolean, context: RuleContext): boolean {
  const { client, proxied } = pool;
  const { reading, variable } = client.settings.idleInTransactionMs;
  if (reading.state === "unset" || knownValue(reading) === 0) return true;
  if (knownValue(proxied) === true) return true;
  if (reading.state !== "known") {
    context.cannotDecide(client.resource.urn, reading);
    return false;
  }
  if (ends(reading.value)) return proxied.state !== "known";
  const most = context.settings.idleInTransactionMaxMs;
  context.violation({
    ...bounds(reading.value, most),
    resource: client.resource.urn,
    text: `\`${variable}\` of ${client.name} is ${plain(reading.value)} ms, above the ${plain(most)} ms that \`idleInTransactionMaxMs\` allows: ${CONSEQUENCE}.`,
    fix: context.naming.set(variable, inContainer(client, variable), `${plain(most)} ms or less`, most),
  });
  return proxied.state !== "known";
}

const CONSEQUENCE =
  "a session that stops in the middle of a transaction keeps its locks and its connection for that long, while others queue behind both";

function ofGroup(
  group: ParameterGroupReading,
  reading: Reading<number> & { readonly state: "known" },
  context: RuleContext,
): Violation {
  const most = context.settings.idleInTransactionMaxMs;
  const shown =
    reading.value === 0
      ? "0, which never ends one"
      : `${withSource(reading, "ms")}, above the ${plain(most)} ms that \`idleInTransactionMaxMs\` allows`;
  return {
    ...bounds(reading.value, most),
    resource: group.resource.urn,
    text: `\`${PARAMETER}\` of ${group.resource.name} is ${shown}: ${CONSEQUENCE}.`,
    fix: context.naming.set(PARAMETER, inGroup(group), `${plain(most)} or less (milliseconds)`, most),
  };
}

const bounds = (observed: number, most: number) => ({
  observed,
  allowed: { min: 1, max: most },
  unit: "ms",
});
