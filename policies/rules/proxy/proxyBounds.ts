import type { DatabaseBudget, PoolBudget, ProxyBudget } from "../../budget/budget";
import { PROXY_SESSIONS_TAG } from "../../budget/poolBudget";
import { databaseEngine, isPostgres } from "../../model/engines";
import { knownValue, type Reading } from "../../plan/reading";
import type { ProxyReading } from "../../plan/types";
import { inContainer, plain, underPools, withSource } from "../format";
import { type RuleContext, rule } from "../rule";

/**
 * A proxy is one more pool between the clients and the database, with the same two edges: too small a share starves
 * its clients while the database idles, too large a one takes what others need.
 */
export const proxyBounds = rule({
  id: "proxy-bounds",
  title: "RDS Proxy within its bounds",
  severity: "high",
  level: "mandatory",
  description:
    "A proxy's share of `max_connections` carries the demand through it and leaves the rest to others; its idle share and its borrow timeout fit.",
  remediationSteps:
    "Set `maxConnectionsPercent`, `maxIdleConnectionsPercent` and `connectionBorrowTimeout` of the proxy's default target group within the range the message names.",
  check(context) {
    for (const proxy of context.stack.proxies) {
      checkPercent(proxy, "maxConnectionsPercent", { min: 1, max: 100 }, context);
      const most = inRange(proxy.maxConnectionsPercent) ?? 100;
      checkPercent(proxy, "maxIdleConnectionsPercent", { min: 0, max: most }, context);
      checkBorrowTimeout(proxy, throughProxy(proxy, context), context);
    }
    for (const database of context.budget.databases) {
      checkShares(database, context);
      for (const pool of database.pools) checkStartUp(pool, database, context);
    }
  },
});

/**
 * Start-up parameters that an RDS Proxy does not know end the connection before it is made: `Feature not supported: RDS
 * Proxy currently doesn't support …` (Amazon RDS User Guide, "RDS Proxy limitations", PostgreSQL).
 */
function checkStartUp({ client, proxied }: PoolBudget, on: DatabaseBudget, context: RuleContext): void {
  const { startUpParameters: sent = [], database: link } = client;
  const engine = databaseEngine(knownValue(on.database.engine) ?? "");
  if (sent.length === 0 || (engine && !isPostgres(engine)) || link.state !== "linked") return;
  if (knownValue(proxied) !== true || link.proxy === undefined) return;
  const proxy = context.stack.proxies.find(({ resource }) => resource.urn === link.proxy);
  const names = sent.map((name) => `\`${name}\``).join(", ");
  const [first = ""] = sent;
  context.violation({
    resource: client.resource.urn,
    text: `${client.name} sends what ${names} ${sent.length === 1 ? "sets" : "set"} when it connects through the RDS Proxy ${proxy?.resource.name ?? ""}: the proxy supports no such start-up parameter and refuses every connection.`,
    fix: `Remove ${names}${inContainer(client, first)}${underPools(first)} and set the timeouts in the database's parameter group or with \`ALTER ROLE\`; if the program does not send them, list them in \`ignoredVariables\` of the client under \`pools\` in the policy configuration`,
  });
}

const inRange = (percent: Reading<number>): number | undefined => {
  const value = knownValue(percent);
  return value !== undefined && value >= 1 && value <= 100 ? value : undefined;
};

function checkPercent(
  proxy: ProxyReading,
  setting: "maxConnectionsPercent" | "maxIdleConnectionsPercent",
  { min, max }: { readonly min: number; readonly max: number },
  context: RuleContext,
): void {
  const reading = proxy[setting];
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  context.cannotDecide(resource, reading);
  if (reading.state !== "known" || (reading.value >= min && reading.value <= max)) return;
  const limit =
    setting === "maxIdleConnectionsPercent" && reading.value > max && max < 100
      ? `above its \`maxConnectionsPercent\` of ${plain(max)}`
      : `outside ${min}–${plain(max)}`;
  context.violation({
    resource,
    text: `\`${setting}\` of ${proxy.resource.name} is ${withSource(reading)}, ${limit}: AWS refuses the target group, and the deployment fails part-way.`,
    fix: context.naming.set(setting, ofProxy(proxy), `${min}–${plain(max)}`, Math.floor(max / 2)),
    observed: reading.value,
    allowed: { min, max },
    unit: "percent",
  });
}

/** Amazon RDS API Reference, `ConnectionPoolConfiguration`: at most five minutes. */
const LONGEST_BORROW_SECONDS = 300;

/** A request that waits for the proxy longer than it lives itself occupies its pool for nothing. */
function checkBorrowTimeout(proxy: ProxyReading, pools: readonly PoolBudget[], context: RuleContext): void {
  const { borrowTimeoutSeconds: reading } = proxy;
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  context.cannotDecide(resource, reading);
  if (reading.state !== "known") return;
  const ms = reading.value * 1000;
  const requests = pools.flatMap(({ client }) => {
    const request = client.settings.requestTimeoutMs.reading;
    if (request.state === "unknown") context.cannotDecide(client.resource.urn, request);
    const limit = knownValue(request);
    return limit === undefined || limit === 0 ? [] : [{ name: client.name, limit }];
  });
  const [shortest] = requests.sort((a, b) => a.limit - b.limit);
  const max = Math.min(
    LONGEST_BORROW_SECONDS,
    shortest === undefined ? LONGEST_BORROW_SECONDS : Math.ceil(shortest.limit / 1000) - 1,
  );
  const isWithin = reading.value > 0 && reading.value <= LONGEST_BORROW_SECONDS;
  if (isWithin && (shortest === undefined || ms < shortest.limit)) return;
  const problem =
    reading.value > LONGEST_BORROW_SECONDS
      ? `above AWS's ${LONGEST_BORROW_SECONDS} s: AWS refuses the target group, and the deployment fails part-way`
      : reading.value <= 0
        ? "not above 0: a request that finds no free connection waits without a limit or fails at once"
        : `not below the request timeout of ${shortest?.name}, ${plain(shortest?.limit ?? 0)} ms: requests end while the proxy still waits for a connection, and nothing says that it was the proxy`;
  context.violation({
    resource,
    text: `\`connectionBorrowTimeout\` of ${proxy.resource.name} is ${withSource(reading, "s")}, ${problem}.`,
    fix:
      max < 1
        ? `Raise the request timeout of ${shortest?.name} above 1000 ms, and set \`connectionBorrowTimeout\` below it`
        : context.naming.set(
            "connectionBorrowTimeout",
            ofProxy(proxy),
            max === 1 ? "1 s" : `1–${plain(max)} s`,
            max,
          ),
    observed: reading.value,
    allowed: { min: 1, max },
    unit: "s",
  });
}

function checkShares(on: DatabaseBudget, context: RuleContext): void {
  for (const proxy of on.proxies) checkShare(proxy, on, context);
  checkSum(on, context);
}

const throughProxy = ({ resource }: ProxyReading, { budget }: RuleContext): readonly PoolBudget[] =>
  budget.pools.filter(
    ({ client: { database: link } }) => link.state === "linked" && link.proxy === resource.urn,
  );

const ofProxy = ({ resource }: ProxyReading): string => ` of proxy \`${resource.name}\``;

/** AWS: leave at least 30 % above the highest recent use (Amazon RDS User Guide, rds-proxy-connections). */
const HEADROOM = 1.3;

/**
 * The lower edge: what a proxy may open carries what comes through it, at least while every session multiplexes.
 * Sessions that pin keep a connection each, so a share below what the clients open is undecided until it is said
 * whether they do.
 */
function checkShare(
  { proxy, pools, allowed, needed, clientConnections }: ProxyBudget,
  on: DatabaseBudget,
  context: RuleContext,
): void {
  if (pools.length === 0) return;
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  const limit = knownValue(on.limit)?.maxConnections;
  // What is wrong with the share or with the limit is said where that is judged.
  const share = knownValue(allowed);
  if (limit === undefined || share === undefined) {
    if (allowed.state === "unknown") context.cannotDecide(resource, allowed, "max-connections");
    return;
  }
  for (const { client, wholeLoad, sessions, connections } of pools) {
    const isPinned = knownValue(sessions) === "pinned";
    if (isPinned) context.cannotDecide(client.resource.urn, connections);
    else context.cannotDecide(client.resource.urn, wholeLoad, "demand-declared");
  }
  const least = knownValue(needed);
  if (least === undefined) return;
  if (least > share) {
    const percent = (connections: number): number => Math.ceil((100 * connections) / limit);
    const roomy = Math.min(100, percent(HEADROOM * least));
    const names = [...new Set(pools.map(({ client }) => client.name))].join(" and ");
    context.violation({
      resource,
      text: `\`maxConnectionsPercent\` of ${proxy.resource.name} lets it open ${plain(share)} connections of \`max_connections\` ${plain(limit)}, and ${names} need ${plain(least)} through it at peak: requests wait for the proxy and time out while the database idles.`,
      fix:
        least > limit
          ? `Raise \`max_connections\` above ${plain(least)}, or bring less through the proxy`
          : `${context.naming.set(
              "maxConnectionsPercent",
              ` of proxy \`${proxy.resource.name}\``,
              `at least ${percent(least)}`,
              roomy,
            )}; AWS advises 30 % above the highest use, which is ${roomy}`,
      observed: knownValue(proxy.maxConnectionsPercent) ?? null,
      allowed: { min: percent(least), max: 100 },
      unit: "percent",
    });
    return;
  }
  const pinned = knownValue(clientConnections);
  if (pinned === undefined || pinned <= share) return;
  const isBeyondBudget =
    (knownValue(on.demandAtPeak) ?? 0) > (knownValue(on.budget) ?? Number.POSITIVE_INFINITY);
  for (const { client, sessions } of pools) {
    if (sessions.state !== "unset" && sessions.state !== "unknown") continue;
    const open = {
      property: PROXY_SESSIONS_TAG,
      reason: `through ${proxy.resource.name} its clients need ${plain(least)} connections if no session pins and ${plain(pinned)} if all do, and may open ${plain(share)}; the plan does not say which`,
      fix: sessionsFix(client.name),
    };
    // The same tag decides both, and the same finding asks for it.
    context.cannotDecide(client.resource.urn, open, isBeyondBudget ? "connection-budget" : undefined);
  }
}

/** What decides between the two bounds. */
export const sessionsFix = (name: string): string =>
  `Set the tag \`${PROXY_SESSIONS_TAG}\` of ${name} to \`multiplexed\` if its sessions do not pin (CloudWatch counts those that do as DatabaseConnectionsCurrentlySessionPinned), else to \`pinned\``;

/**
 * The upper edge: all proxies of a database at once, with the clients that do not come through one, stay within what
 * the database can give. A proxy opens no more than its share, and no more than its clients ask for.
 */
function checkSum(on: DatabaseBudget, context: RuleContext): void {
  if (on.proxies.length === 0) return;
  const usable = knownValue(on.usable);
  if (usable === undefined) return;
  const behind = new Set(on.proxies.flatMap(({ pools }) => pools.map(({ client }) => client)));
  const outside = on.pools
    .filter(({ client }) => !behind.has(client))
    .reduce((sum, { connections }) => sum + (knownValue(connections) ?? 0), 0);
  const others = outside + on.database.otherDemand + context.settings.capacity.operationsReserve;
  const shares = on.proxies.map((proxy) => ({ proxy, opens: mayOpen(proxy) }));
  const total = shares.reduce((sum, { opens }) => sum + opens, others);
  if (total <= usable) return;
  const [largest] = [...shares].sort((a, b) => b.opens - a.opens);
  if (!largest) return;
  const limit = knownValue(on.limit)?.maxConnections ?? usable;
  const left = usable - (total - largest.opens);
  const most = Math.max(0, Math.floor((100 * left) / limit));
  const { proxy } = largest.proxy;
  const list = shares
    .map(({ proxy: each, opens }) => `${each.proxy.resource.name} ${plain(opens)}`)
    .join(", ");
  context.violation({
    resource: (proxy.targetGroup ?? proxy.resource).urn,
    text: `Proxies may open ${list} and ${plain(others)} connections are for others: ${plain(total)} in all, more than the ${plain(usable)} usable of \`max_connections\` ${plain(limit)}, so migrations, people and direct clients would be refused when the proxy is busiest.`,
    fix:
      most < 1
        ? `Raise \`max_connections\`, or lower what other clients open outside proxy \`${proxy.resource.name}\``
        : context.naming.set(
            "maxConnectionsPercent",
            ` of proxy \`${proxy.resource.name}\``,
            `${most} or less`,
            most,
          ),
    observed: knownValue(proxy.maxConnectionsPercent) ?? null,
    allowed: { min: 1, max: most },
    unit: "percent",
  });
}

/** Clients of other stacks may come through a proxy that has none in this one. */
function mayOpen({ allowed, pools, clientConnections }: ProxyBudget): number {
  const share = knownValue(allowed) ?? 0;
  const asked = pools.length === 0 ? undefined : knownValue(clientConnections);
  return Math.min(share, asked ?? share);
}
