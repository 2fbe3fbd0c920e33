import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { clientDemand } from "../../model/connectionBudget";
import { combine, computed, knownValue, type Reading, whenUnset } from "../../plan/reading";
import { count, inContainer, Naming, plain, runnerOf } from "../format";
import { type RuleContext, rule, type Violation } from "../rule";

/**
 * New connections a second that IAM database authentication lets through, for every engine it exists for. AWS
 * advises to reuse a token, since connections that share one are not held back, but no plan shows whether a client
 * does (AWS: Aurora User Guide, "IAM database authentication", limitations; RDS User Guide, the same page).
 */
const IAM_CONNECTIONS_PER_SECOND = 200;

/**
 * What a restart of everything asks of the database: each process finds its pool empty and fills it at once, since
 * demand has not waited. Coinbase (April 2020) and Epic's account service (April 2018) went down this way.
 *
 * Tasks are those that run without a deployment's surge: what a failover or a deploy-gone-wrong restarts.
 */
export const reconnectStorm = rule({
  id: "reconnect-storm",
  title: "All tasks can reconnect at once",
  severity: "high",
  level: "mandatory",
  description:
    "The connections that all tasks open when they restart together stay below IAM authentication's 200 a second, where it is used, and below `newConnectionsPerSecond`, where it is set.",
  remediationSteps:
    "Lower the pools, let tasks reconnect with jitter and say over how many seconds in `reconnectSeconds`, put an RDS Proxy in between, or log in with a password from a secret.",
  check(context) {
    for (const database of context.budget.databases) checkDatabase(database, context);
  },
});

interface Bound {
  readonly perSecond: number;
  /** Whose limit it is, for a sentence. */
  readonly of: string;
  readonly isIam: boolean;
}

function checkDatabase(on: DatabaseBudget, context: RuleContext): void {
  const { iamAuthentication: iam, resource } = on.database;
  const direct = on.pools.filter(
    ({ proxied, client }) => knownValue(proxied) !== true && client.behind === undefined,
  );
  if (direct.length === 0) return;
  const { newConnectionsPerSecond, reconnectSeconds } = context.settings;
  const bound = strictest(knownValue(iam) === true, newConnectionsPerSecond);
  if (bound === undefined && iam.state === "known") return;

  const certain: Part[] = [];
  for (const pool of direct) {
    const connections = opened(pool);
    const unseen = pool.proxied.state === "known" ? connections : pool.proxied;
    if (unseen.state === "known" && connections.state === "known") {
      certain.push({ pool, connections: connections.value });
    } else {
      // Why a pool cannot be counted is said by the rules that size it.
      const isMistyped = pool.poolMax.state === "malformed" || pool.poolMax.state === "unset";
      context.cannotDecide(pool.client.resource.urn, unseen, isMistyped ? "pool-floor" : undefined);
    }
  }
  // What is certain may break the bound already, whatever the hidden pools add.
  const total = certain.reduce((sum, { connections }) => sum + connections, 0);
  const perSecond = total / reconnectSeconds;
  // Few connections are few with tokens and with passwords.
  const isFew = perSecond <= IAM_CONNECTIONS_PER_SECOND && certain.length === direct.length;
  if (!isFew || iam.state === "malformed") context.cannotDecide(resource.urn, iam);
  if (bound === undefined || perSecond <= bound.perSecond) return;
  context.violation(storm(on, certain, total, bound, context));
}

interface Part {
  readonly pool: PoolBudget;
  readonly connections: number;
}

/** Connections all tasks of a pool open when they start together. */
function opened(pool: PoolBudget): Reading<number> {
  return computed("containerDefinitions", () =>
    combine<{ poolMax: number; processesPerTask: number; tasksHoldingPools: number }, number>(
      {
        poolMax: pool.connectionsPerProcess,
        processesPerTask: pool.processesPerTask,
        tasksHoldingPools: whenUnset(pool.client.tasks.sustainedCapacity, 1, "one instance"),
      },
      clientDemand,
    ),
  );
}

function strictest(usesIam: boolean, declared: number | undefined): Bound | undefined {
  const own =
    declared === undefined ? [] : [{ perSecond: declared, of: "`newConnectionsPerSecond`", isIam: false }];
  const iam = usesIam
    ? [{ perSecond: IAM_CONNECTIONS_PER_SECOND, of: "IAM authentication", isIam: true }]
    : [];
  return [...own, ...iam].sort((a, b) => a.perSecond - b.perSecond)[0];
}

function storm(
  on: DatabaseBudget,
  parts: readonly Part[],
  total: number,
  bound: Bound,
  context: RuleContext,
): Violation {
  const { reconnectSeconds } = context.settings;
  const largest = [...parts].sort((a, b) => b.connections - a.connections);
  const shown = largest.slice(0, 4).map(({ pool }) => share(pool));
  const more = largest.length > 4 ? `, ${largest.length - 4} more pools` : "";
  const consequence = bound.isIam
    ? "AWS throttles the logins, and every waiting task retries"
    : "the database is busy with logins, and every waiting task retries";
  return {
    resource: on.database.resource.urn,
    text: `When all tasks restart they open ${plain(total)} connections to ${on.database.resource.name} within ${count(reconnectSeconds, "second")} (${shown.join(", ")}${more}), more than the ${plain(bound.perSecond)} a second of ${bound.of}: ${consequence}, so the outage outlasts its cause.`,
    fix: adviceFor(largest, total, bound, context),
    observed: Math.ceil(total / reconnectSeconds),
    allowed: { min: null, max: bound.perSecond },
    unit: "connections/s",
  };
}

/** "api 18 tasks × 12", with the processes where a task has several. */
function share({ client, processesPerTask, connectionsPerProcess }: PoolBudget): string {
  const processes = knownValue(processesPerTask) ?? 1;
  const runners = knownValue(client.tasks.sustainedCapacity) ?? 1;
  return `${client.name} ${count(runners, runnerOf(client))}${processes > 1 ? ` × ${processes}` : ""} × ${knownValue(connectionsPerProcess)}`;
}

/** Every lever that would do it alone, the pool only where its own floor allows it. */
function adviceFor(
  parts: readonly Part[],
  total: number,
  { perSecond, isIam }: Bound,
  { stack, settings }: RuleContext,
): string {
  const naming = new Naming(stack, settings);
  const levers: string[] = [];
  const [largest] = parts;
  const poolMax = largest && knownValue(largest.pool.poolMax);
  if (largest && poolMax !== undefined) {
    const { client, floor } = largest.pool;
    const { variable } = client.settings.poolMax;
    const left = Math.floor(perSecond * settings.reconnectSeconds) - (total - largest.connections);
    const fits = Math.floor(left / (largest.connections / poolMax));
    if (fits >= (knownValue(floor) ?? 1)) {
      levers.push(`lower ${naming.name(variable)}${inContainer(client, variable)} to ${fits} at most`);
    }
  }
  levers.push(
    `let tasks reconnect with jitter over ${count(Math.ceil(total / perSecond), "second")} or more and declare it as \`reconnectSeconds\``,
    "put an RDS Proxy in between",
    ...(isIam ? ["log in with a password from a secret"] : []),
  );
  return `Any one of these does it: ${levers.join("; ")}`;
}
