import { knownValue } from "../plan/reading";
import type { DatabaseBudget, ProxyBudget } from "./budget";
import { PROXY_SESSIONS_TAG } from "./proxySessions";
import type { FindingsBuilder, RuleContext } from "./rule";
import { Naming, plain } from "./words";

/** AWS: leave at least 30 % above the highest recent use (Amazon RDS User Guide, rds-proxy-connections). */
const HEADROOM = 1.3;

/**
 * The lower edge: what a proxy may open carries what comes through it, at least while every session multiplexes.
 * Sessions that pin keep a connection each, so a share below what the clients open is undecided until it is said
 * whether they do.
 */
export function judgeShare(
  { proxy, pools, allowed, needed, clientConnections }: ProxyBudget,
  on: DatabaseBudget,
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  if (pools.length === 0) return;
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  const limit = knownValue(on.limit)?.maxConnections;
  // What is wrong with the share or with the limit is said where that is judged.
  const share = knownValue(allowed);
  if (limit === undefined || share === undefined) {
    if (allowed.state === "unknown") findings.cannotDecide(resource, allowed, "max-connections");
    return;
  }
  for (const { client, wholeLoad, sessions, connections } of pools) {
    const isPinned = knownValue(sessions) === "pinned";
    if (isPinned) findings.cannotDecide(client.resource.urn, connections);
    else findings.cannotDecide(client.resource.urn, wholeLoad, "demand-declared");
  }
  const least = knownValue(needed);
  if (least === undefined) return;
  if (least > share) {
    const percent = (connections: number): number => Math.ceil((100 * connections) / limit);
    const roomy = Math.min(100, percent(HEADROOM * least));
    const names = [...new Set(pools.map(({ client }) => client.name))].join(" and ");
    findings.violation({
      resource,
      text: `\`maxConnectionsPercent\` of ${proxy.resource.name} lets it open ${plain(share)} connections of \`max_connections\` ${plain(limit)}, and ${names} need ${plain(least)} through it at peak: requests wait for the proxy and time out while the database idles.`,
      fix:
        least > limit
          ? `Raise \`max_connections\` above ${plain(least)}, or bring less through the proxy`
          : `${new Naming(context.stack, context.settings).set(
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
      reason: `through ${proxy.resource.name} its clients need ${plain(least)} connections if no session pins and ${plain(pinned)} if all do, of ${plain(share)} it may open; which it is, the plan does not say`,
      fix: sessionsFix(client.name),
    };
    // The same tag decides both, and the same finding asks for it.
    findings.cannotDecide(client.resource.urn, open, isBeyondBudget ? "connection-budget" : undefined);
  }
}

/** What decides between the two bounds. */
export const sessionsFix = (name: string): string =>
  `Set the tag \`${PROXY_SESSIONS_TAG}\` of ${name} to \`multiplexed\` if its sessions do not pin (CloudWatch counts those that do as DatabaseConnectionsCurrentlySessionPinned), else to \`pinned\``;

/**
 * The upper edge: all proxies of a database at once, with the clients that do not come through one, stay within what
 * the database can give. A proxy opens no more than its share, and no more than its clients ask for.
 */
export function judgeSum(on: DatabaseBudget, context: RuleContext, findings: FindingsBuilder): void {
  if (on.proxies.length === 0) return;
  const usable = knownValue(on.usable);
  if (usable === undefined) return;
  const behind = new Set(on.proxies.flatMap(({ pools }) => pools.map(({ client }) => client)));
  const beside = on.pools
    .filter(({ client }) => !behind.has(client))
    .reduce((sum, { connections }) => sum + (knownValue(connections) ?? 0), 0);
  const others = beside + on.database.otherDemand + context.settings.capacity.operationsReserve;
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
  findings.violation({
    resource: (proxy.targetGroup ?? proxy.resource).urn,
    text: `Proxies may open ${list} and ${plain(others)} connections are for others: ${plain(total)} in all, more than the ${plain(usable)} usable of \`max_connections\` ${plain(limit)}, so migrations, people and direct clients would be refused when the proxy is busiest.`,
    fix:
      most < 1
        ? `Raise \`max_connections\`, or lower what is claimed beside proxy \`${proxy.resource.name}\``
        : new Naming(context.stack, context.settings).set(
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
