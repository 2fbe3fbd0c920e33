import { knownValue, type Reading } from "../plan/reading";
import type { ProxyReading } from "../plan/types";
import type { DatabaseBudget, PoolBudget } from "./budget";
import { judgeShare, judgeSum } from "./proxyShare";
import { FindingsBuilder, type Rule, type RuleContext, runbook } from "./rule";
import { Naming, plain, withSource } from "./words";

/**
 * A proxy is one more pool between the clients and the database, with the same two edges: too small a share starves
 * its clients while the database idles, too large a one takes what others need.
 */
export const proxyBounds: Rule = {
  id: "proxy-bounds",
  title: "RDS Proxy within its bounds",
  severity: "high",
  level: "mandatory",
  description:
    "A proxy's share of `max_connections` carries the demand through it and leaves the rest to others; its idle share and its borrow timeout fit.",
  remediationSteps:
    "Set `maxConnectionsPercent`, `maxIdleConnectionsPercent` and `connectionBorrowTimeout` of the proxy's default target group within the range the message names.",
  docs: runbook("proxy-bounds"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const proxy of context.stack.proxies) {
      judgePercent(proxy, "maxConnectionsPercent", { min: 1, max: 100 }, context, findings);
      const most = inRange(proxy.maxConnectionsPercent) ?? 100;
      judgePercent(proxy, "maxIdleConnectionsPercent", { min: 0, max: most }, context, findings);
      judgeBorrowTimeout(proxy, throughProxy(proxy, context), context, findings);
    }
    for (const database of context.budget.databases) judgeShares(database, context, findings);
    return findings;
  },
};

const inRange = (percent: Reading<number>): number | undefined => {
  const value = knownValue(percent);
  return value !== undefined && value >= 1 && value <= 100 ? value : undefined;
};

function judgePercent(
  proxy: ProxyReading,
  setting: "maxConnectionsPercent" | "maxIdleConnectionsPercent",
  { min, max }: { readonly min: number; readonly max: number },
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const reading = proxy[setting];
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  findings.cannotDecide(resource, reading);
  if (reading.state !== "known" || (reading.value >= min && reading.value <= max)) return;
  const limit =
    setting === "maxIdleConnectionsPercent" && reading.value > max && max < 100
      ? `above its \`maxConnectionsPercent\` of ${plain(max)}`
      : `outside ${min}–${plain(max)}`;
  findings.violation({
    resource,
    text: `\`${setting}\` of ${proxy.resource.name} is ${withSource(reading)}, ${limit}: AWS refuses the target group, and the deployment stops half-way.`,
    fix: new Naming(context.stack, context.settings).set(
      setting,
      ofProxy(proxy),
      `${min}–${plain(max)}`,
      Math.floor(max / 2),
    ),
    observed: reading.value,
    allowed: { min, max },
    unit: "percent",
  });
}

/** Amazon RDS API Reference, `ConnectionPoolConfiguration`: at most five minutes. */
const LONGEST_BORROW_SECONDS = 300;

/** A request that waits for the proxy longer than it lives itself occupies its pool for nothing. */
function judgeBorrowTimeout(
  proxy: ProxyReading,
  pools: readonly PoolBudget[],
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const { borrowTimeoutSeconds: reading } = proxy;
  const resource = (proxy.targetGroup ?? proxy.resource).urn;
  findings.cannotDecide(resource, reading);
  if (reading.state !== "known") return;
  const ms = reading.value * 1000;
  const requests = pools.flatMap(({ client }) => {
    const request = client.settings.requestTimeoutMs.reading;
    if (request.state === "unknown") findings.cannotDecide(client.resource.urn, request);
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
      ? `above AWS's ${LONGEST_BORROW_SECONDS} s: AWS refuses the target group, and the deployment stops half-way`
      : reading.value <= 0
        ? "not above 0: a request that finds no free connection waits without a limit or fails at once"
        : `not below the request timeout of ${shortest?.name}, ${plain(shortest?.limit ?? 0)} ms: requests end while the proxy still waits for a connection, and nothing says that it was the proxy`;
  findings.violation({
    resource,
    text: `\`connectionBorrowTimeout\` of ${proxy.resource.name} is ${withSource(reading, "s")}, ${problem}.`,
    fix:
      max < 1
        ? `Raise the request timeout of ${shortest?.name} above 1000 ms, and set \`connectionBorrowTimeout\` below it`
        : new Naming(context.stack, context.settings).set(
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

function judgeShares(on: DatabaseBudget, context: RuleContext, findings: FindingsBuilder): void {
  for (const proxy of on.proxies) judgeShare(proxy, on, context, findings);
  judgeSum(on, context, findings);
}

const throughProxy = ({ resource }: ProxyReading, { budget }: RuleContext): readonly PoolBudget[] =>
  budget.pools.filter(
    ({ client: { database: link } }) => link.state === "linked" && link.proxy === resource.urn,
  );

const ofProxy = ({ resource }: ProxyReading): string => ` of proxy \`${resource.name}\``;
