import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { clientDemand } from "../../model/connectionBudget";
import { churnPerSecond } from "../../model/poolFloor";
import { combine, computed, knownValue, type Reading, whenUnset, withinModel } from "../../plan/reading";
import { count, inContainer, Naming, plain, runnerOf, underPools } from "../format";
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
    "The connections that all tasks open when they restart together, and those that are opened all the time at the declared peak, stay below IAM authentication's 200 a second, where it is used, and below `newConnectionsPerSecond`, where it is set.",
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
  const { newConnectionsPerSecond, reconnectSeconds } = context.settings;
  const bound = strictest(knownValue(iam) === true, newConnectionsPerSecond);
  const throughIam = proxiesWithIam(on, context);
  if (direct.length === 0 && throughIam.length === 0) return;
  checkChurn(on, direct, bound, context);
  if (bound === undefined && iam.state === "known") return;

  const certain: Part[] = [...throughIam];
  for (const pool of direct) {
    const connections = opened(pool);
    const unseen = pool.proxied.state === "known" ? connections : pool.proxied;
    if (unseen.state === "known" && connections.state === "known") {
      certain.push({ pool, connections: connections.value, shown: share(pool) });
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
  const isFew =
    perSecond <= IAM_CONNECTIONS_PER_SECOND && certain.length === direct.length + throughIam.length;
  if (!isFew || iam.state === "malformed") context.cannotDecide(resource.urn, iam);
  if (bound === undefined || perSecond <= bound.perSecond) return;
  context.violation(storm(on, certain, total, bound, context));
}

interface Part {
  /** Undefined for a proxy. */
  readonly pool?: PoolBudget;
  readonly connections: number;
  /** "api 18 tasks × 12" */
  readonly shown: string;
}

/**
 * A proxy that logs in with tokens itself meets the same limit with what it opens anew after a failover: what is certain of
 * its clients' demand. One that takes passwords from secrets does not, whatever its clients show to it.
 */
function proxiesWithIam({ proxies }: DatabaseBudget, context: RuleContext): readonly Part[] {
  return proxies.flatMap(({ proxy, demand, pools }) => {
    if (pools.length === 0 || knownValue(proxy.usesIam) === false) return [];
    // No deployment runs on top, and no client opens more to the proxy than this.
    const asked = pools.reduce((sum, pool) => sum + (knownValue(opened(pool)) ?? 0), 0);
    const connections = Math.min(demand.atLeast, asked);
    if (proxy.usesIam.state !== "known") {
      if (connections > IAM_CONNECTIONS_PER_SECOND) context.cannotDecide(proxy.resource.urn, proxy.usesIam);
      return [];
    }
    return [{ connections, shown: `RDS Proxy ${proxy.resource.name} ${plain(connections)}` }];
  });
}

/**
 * Connections that are opened all the time at the peak, not after a restart: by a pool that keeps few of them idle, and by
 * programs that open one for each request.
 */
function checkChurn(
  on: DatabaseBudget,
  direct: readonly PoolBudget[],
  bound: Bound | undefined,
  context: RuleContext,
): void {
  const parts = direct.flatMap((pool) => {
    const perSecond = churnOf(pool, context);
    return perSecond === undefined || perSecond < 0.5 ? [] : [{ pool, perSecond }];
  });
  const whole = (perSecond: number): number => Math.ceil(perSecond - 1e-6);
  const total = parts.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const { iamAuthentication: iam, resource } = on.database;
  if (total > IAM_CONNECTIONS_PER_SECOND) context.cannotDecide(resource.urn, iam);
  if (bound === undefined || whole(total) <= bound.perSecond) return;
  const largest = [...parts].sort((a, b) => b.perSecond - a.perSecond);
  const { naming } = context;
  const shown = largest.slice(0, 4).map(({ pool: { client }, perSecond }) => {
    const kept = client.keptIdle && knownValue(client.keptIdle.reading);
    const why = kept === undefined ? "one for each request" : `it keeps ${plain(kept)} idle`;
    return `${client.name} ${plain(whole(perSecond))}, as ${why}`;
  });
  const levers = largest.slice(0, 4).map(({ pool: { client, poolMax } }) => {
    if (client.keptIdle === undefined)
      return `keep the connections of ${client.name} open between requests, or put a pooler or an RDS Proxy in between`;
    const { variable } = client.keptIdle;
    const size = knownValue(poolMax);
    return `raise ${naming.name(variable)}${inContainer(client, variable)}${underPools(variable)} (\`SetMaxIdleConns\`) to ${size === undefined ? "the pool's size" : `its pool's size, ${plain(size)}`}`;
  });
  const listed = levers.join("; ");
  context.violation({
    resource: resource.urn,
    text: `At the declared peak ${plain(whole(total))} connections a second are opened to ${resource.name} (${shown.join("; ")}), more than the ${plain(bound.perSecond)} a second of ${bound.of}: ${bound.isIam ? "AWS throttles the logins, and requests wait for them or fail" : "the database is busy with logins"}.`,
    fix: `${listed.charAt(0).toUpperCase()}${listed.slice(1)}`,
    observed: whole(total),
    allowed: { min: null, max: bound.perSecond },
    unit: "connections/s",
  });
}

/** New connections a second of a client at its declared peak; undefined where it opens none but after a restart. */
function churnOf(pool: PoolBudget, context: RuleContext): number | undefined {
  const { client, wholeLoad: load, tasksServingPeak: tasks, processesPerTask: processes } = pool;
  if (client.kind === "lambda" || load.state !== "known") return undefined;
  const { requestsPerSecond, acquisitionsPerSecond, meanHoldSeconds } = load.value;
  if (client.opens === "no pool")
    return (knownValue(client.settings.idleTimeoutMs.reading) ?? 0) === 1 ? requestsPerSecond : undefined;
  const { keptIdle } = client;
  if (keptIdle === undefined) return undefined;
  context.cannotDecide(client.resource.urn, keptIdle.reading);
  if (keptIdle.reading.state !== "known" || tasks.state !== "known" || processes.state !== "known")
    return undefined;
  const pools = tasks.value * processes.value;
  const kept = keptIdle.reading.value;
  return withinModel(
    () =>
      pools *
      churnPerSecond({
        acquisitionsPerSecond: acquisitionsPerSecond / pools,
        meanHoldSeconds,
        keptIdle: kept,
        poolMax: knownValue(pool.poolMax),
      }),
    () => undefined,
  );
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
  const shown = largest.slice(0, 4).map((part) => part.shown);
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
  const pool = largest?.pool;
  const poolMax = pool && knownValue(pool.poolMax);
  if (largest && pool && poolMax !== undefined) {
    const { client, floor } = pool;
    const { variable } = client.settings.poolMax;
    const left = Math.floor(perSecond * settings.reconnectSeconds) - (total - largest.connections);
    const fits = Math.floor(left / (largest.connections / poolMax));
    if (fits >= (knownValue(floor) ?? 1)) {
      levers.push(
        `lower ${naming.name(variable)}${inContainer(client, variable)}${underPools(variable)} to ${fits} at most`,
      );
    }
  }
  levers.push(
    `let tasks reconnect with jitter over ${count(Math.ceil(total / perSecond), "second")} or more and declare it as \`reconnectSeconds\``,
    ...(parts.every((part) => part.pool !== undefined) ? ["put an RDS Proxy in between"] : []),
    ...(isIam ? ["log in with a password from a secret"] : []),
  );
  return `Any one of these does it: ${levers.join("; ")}`;
}
