import { timeoutOrder as orderOf, type TimeoutLink, type TimeoutLinkId } from "../model/timeouts";
import { knownValue } from "../plan/reading";
import { type DatabaseBudget, type PoolBudget, poolsOf } from "./budget";
import { FindingsBuilder, type Rule, type RuleContext, runbook } from "./rule";
import { type Side, type SideName, type Sides, sidesOf, timeout } from "./timeoutSides";
import { inContainer, Naming, plain } from "./words";

/** The innermost wait ends first, so that whoever waits still listens to the answer. */
export const timeoutOrder: Rule = {
  id: "timeout-order",
  title: "Timeouts end from the inside out",
  severity: "high",
  level: "mandatory",
  description:
    "lock < statement; statement + 100 ms ≤ client query; acquire + query + other work ≤ request < load balancer idle < server keep-alive.",
  remediationSteps:
    "Set each timeout so that the one inside ends before the one around it; the message names the pair that does not, with both numbers.",
  docs: runbook("timeout-order"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const [pool, database] of poolsOf(context.budget)) judge(pool, database, context, findings);
    return findings;
  },
};

function judge(
  pool: PoolBudget,
  on: DatabaseBudget | undefined,
  context: RuleContext,
  findings: FindingsBuilder,
): void {
  const sides = sidesOf(pool, on?.database);
  const resource = pool.client.resource.urn;
  const mistyped = new Set<SideName>();
  for (const [name, side] of Object.entries(sides) as [SideName, Side][]) {
    // `acquire-timeout` says what is wrong with that one.
    if (side.reading.state !== "malformed" || name === "acquire") continue;
    mistyped.add(name);
    findings.violation({
      resource,
      text: `\`${side.setting}\` of ${pool.client.name} is ${side.reading.shown}, not ${side.reading.expected}: what then applies is left to chance.`,
      fix: new Naming(context.stack, context.settings).set(
        side.setting,
        inContainer(pool.client),
        side.reading.expected,
      ),
      observed: side.reading.observed,
      allowed: null,
      unit: side.unit,
    });
  }
  const order = orderOf({
    lockMs: timeout(sides.lock),
    statementMs: timeout(sides.statement),
    queryMs: timeout(sides.query),
    acquireMs: timeout(sides.acquire),
    otherWorkMs: context.settings.otherWorkMs,
    acquisitionsPerRequest: knownValue(pool.client.declared.acquisitionsPerRequest) ?? 1,
    requestMs: timeout(sides.request),
    loadBalancerIdleMs: timeout(sides.balancer),
    serverKeepAliveMs: timeout(sides.keepAlive),
  });
  const hasBalancer = sides.balancer.reading.state !== "unset";
  for (const link of order) {
    const { inner, outer } = LINKS[link.id];
    if (outer.concat(inner).includes("balancer") && !hasBalancer) continue;
    // That waiting for a connection never ends is the finding of `acquire-timeout`.
    const isSaid = inner.includes("acquire") && timeout(sides.acquire) === "forever";
    if (link.holds === false && isSaid) continue;
    if (link.holds === false) findings.violation(broken(link, sides, pool, context));
    else if (link.holds === undefined) {
      for (const name of [...inner, ...outer]) {
        const { reading } = sides[name];
        if (reading.state === "unknown") findings.cannotDecide(resource, reading);
      }
    }
  }
}

/** Which settings stand on each side of a link, and what goes wrong when it does not hold. */
const LINKS: {
  readonly [id in TimeoutLinkId]: {
    readonly inner: readonly SideName[];
    readonly outer: SideName[];
    readonly consequence: string;
  };
} = {
  "lock-before-statement": {
    inner: ["lock"],
    outer: ["statement"],
    consequence: "a statement stuck behind a lock is cut off like a slow one, and nothing names the lock",
  },
  "statement-before-query": {
    inner: ["statement"],
    outer: ["query"],
    consequence:
      "the client gives up while the server still works, and hands a busy connection back to the pool",
  },
  "work-within-request": {
    inner: ["acquire", "query"],
    outer: ["request"],
    consequence: "requests end while their connection is still waited for or at work",
  },
  "request-before-load-balancer": {
    inner: ["request"],
    outer: ["balancer"],
    consequence: "the load balancer answers 504 for requests that the service is still working on",
  },
  "load-balancer-before-keep-alive": {
    inner: ["balancer"],
    outer: ["keepAlive"],
    consequence:
      "the server closes connections that the load balancer is about to use, which shows as stray 502s",
  },
};

function broken(link: TimeoutLink, sides: Sides, pool: PoolBudget, context: RuleContext) {
  const { inner, outer, consequence } = LINKS[link.id];
  const endless = inner.find((name) => timeout(sides[name]) === "forever");
  const [outerName = "request"] = outer;
  const naming = new Naming(context.stack, context.settings);
  const limit = typeof link.right.ms === "number" ? link.right.ms : undefined;
  const observed = typeof link.left.ms === "number" ? link.left.ms : null;
  const relation = link.relation === "<" ? "not below" : "above";
  const text =
    endless === undefined
      ? `The ${link.left.label} of ${pool.client.name} is ${plain(observed ?? 0)} ms, ${relation} the ${link.right.label} of ${plain(limit ?? 0)} ms: ${consequence}.`
      : `\`${sides[endless].setting}\` of ${pool.client.name} is ${shownEndless(sides[endless])}, so it never ends and the ${link.right.label} cannot outlast it: ${consequence}.`;
  return {
    resource: pool.client.resource.urn,
    text,
    fix: adviceFor(link, sides, endless ?? outerName, endless !== undefined, pool, naming),
    observed,
    allowed: limit === undefined ? null : { min: null, max: link.relation === "<" ? limit - 1 : limit },
    unit: "ms",
  };
}

const shownEndless = ({ reading }: Side): string =>
  reading.state === "known" && reading.assumed === undefined ? "0" : "not set";

function adviceFor(
  link: TimeoutLink,
  sides: Sides,
  name: SideName,
  isEndless: boolean,
  pool: PoolBudget,
  naming: Naming,
): string {
  const side = sides[name];
  const where = side.setting === "idleTimeout" ? " of the load balancer" : inContainer(pool.client);
  if (isEndless) {
    const below =
      typeof link.right.ms === "number" ? `a value below ${plain(link.right.ms)} ms` : "a value above 0 ms";
    return naming.set(side.setting, where, below);
  }
  const needed = typeof link.left.ms === "number" ? link.left.ms : 0;
  const least =
    side.unit === "s"
      ? Math.floor(needed / 1000) + 1
      : Math.ceil(link.relation === "<" ? needed + 1 : needed);
  const inner = LINKS[link.id].inner.map((each) => naming.name(sides[each].setting)).join(" or ");
  return `${naming.set(side.setting, where, `at least ${least} ${side.unit}`)}, or lower ${inner}`;
}
