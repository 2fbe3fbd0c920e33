import { timeoutOrder as orderOf, type TimeoutLink, type TimeoutLinkId } from "../model/timeouts";
import { knownValue } from "../plan/reading";
import { type DatabaseBudget, type PoolBudget, poolsOf } from "./budget";
import { FindingsBuilder, type Rule, type RuleContext, runbook, type Violation } from "./rule";
import { type Side, type SideName, type Sides, sidesOf, timeout } from "./timeoutSides";
import { Naming, plain } from "./words";

/** The innermost wait ends first, so that whoever waits still listens to the answer. */
export const timeoutOrder: Rule = {
  id: "timeout-order",
  title: "Timeouts end from the inside out",
  severity: "high",
  level: "mandatory",
  description:
    "lock < statement; statement + 100 ms ≤ client query; acquire + query + other work ≤ request < load balancer idle.",
  remediationSteps:
    "Set each timeout so that the one inside ends before the one around it; the message names the pair that does not, with both numbers.",
  docs: runbook("timeout-order"),
  evaluate(context) {
    const findings = new FindingsBuilder();
    for (const [pool, database] of poolsOf(context.budget)) {
      // The policy configuration has no place for these timeouts: asking for them would not mend anything.
      if (pool.client.kind !== "declared") judge(pool, database, context, findings);
    }
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
  for (const [name, side] of Object.entries(sides) as [SideName, Side][]) {
    // `acquire-timeout` and `keep-alive-order` say what is wrong with theirs.
    if (side.reading.state !== "malformed" || name === "acquire" || name === "keepAlive") continue;
    findings.violation({
      resource,
      text: `\`${side.setting}\` of ${pool.client.name} is ${side.reading.shown}, not ${side.reading.expected}: what then applies is left to chance.`,
      fix: new Naming(context.stack, context.settings).set(side.setting, side.where, side.reading.expected),
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
    if (link.id === "load-balancer-before-keep-alive") continue;
    const { inner, outer } = LINKS[link.id];
    if (outer.includes("balancer") && !hasBalancer) continue;
    // That waiting for a connection never ends is the finding of `acquire-timeout`.
    const isSaid = inner.includes("acquire") && timeout(sides.acquire) === "forever";
    if (link.holds === false && isSaid) continue;
    if (link.holds === false) findings.violation(broken(link, LINKS[link.id], sides, pool, context));
    else if (link.holds === undefined) {
      for (const name of [...inner, ...outer]) {
        const { reading } = sides[name];
        if (reading.state === "unknown") findings.cannotDecide(resource, reading);
      }
    }
  }
}

/** Which settings stand on each side of a link, and what goes wrong when it does not hold. */
interface LinkSides {
  readonly inner: readonly SideName[];
  readonly outer: readonly SideName[];
  readonly consequence: string;
}

/** The links of this rule; the one to the server's keep-alive is `keep-alive-order`'s. */
const LINKS: { readonly [id in Exclude<TimeoutLinkId, "load-balancer-before-keep-alive">]: LinkSides } = {
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
};

function broken(
  link: TimeoutLink,
  { inner, outer, consequence }: LinkSides,
  sides: Sides,
  pool: PoolBudget,
  context: RuleContext,
): Violation {
  const endless = inner.find((name) => timeout(sides[name]) === "forever");
  const [outerName = "request"] = outer;
  const naming = new Naming(context.stack, context.settings);
  const limit = typeof link.right.ms === "number" ? link.right.ms : undefined;
  const observed = typeof link.left.ms === "number" ? link.left.ms : null;
  const relation = link.relation === "<" ? "not below" : "above";
  const refused = [...new Set([...inner, ...outer].flatMap((name) => sides[name].refused ?? []))];
  const aside =
    refused.length === 0
      ? ""
      : ` (what counts is the server's: the RDS Proxy in between refuses ${refused.map((name) => `\`${name}\``).join(" and ")} when the client connects)`;
  const text =
    endless === undefined
      ? `The ${link.left.label} of ${pool.client.name} is ${plain(observed ?? 0)} ms, ${relation} the ${link.right.label} of ${plain(limit ?? 0)} ms${aside}: ${consequence}.`
      : `\`${sides[endless].setting}\` of ${pool.client.name} is ${shownEndless(sides[endless])}${aside}, so it never ends and the ${link.right.label} cannot outlast it: ${consequence}.`;
  const innerNames = inner.map((each) => naming.name(sides[each].setting)).join(" or ");
  return {
    resource: pool.client.resource.urn,
    text,
    fix:
      endless === undefined
        ? `${raise(link, sides[outerName], naming)}, or lower ${innerNames}`
        : end(sides[endless], limit, naming),
    observed,
    allowed: limit === undefined ? null : { min: null, max: link.relation === "<" ? limit - 1 : limit },
    unit: "ms",
  };
}

const shownEndless = ({ reading }: Side): string =>
  reading.state === "known" && reading.assumed === undefined ? "0" : "not set";

/** Gives a timeout that never ends an end; one that stands in a role's settings has to be declared. */
function end(side: Side, limitMs: number | undefined, naming: Naming): string {
  const limit = limitMs === undefined || side.unit === "ms" ? limitMs : limitMs / 1000;
  const below =
    limit === undefined ? `a value above 0 ${side.unit}` : `a value below ${plain(limit)} ${side.unit}`;
  const inRole =
    side.refused === undefined
      ? ""
      : `, or set it with \`ALTER ROLE\` and declare it under \`pools\` in the policy configuration`;
  const inGroup =
    side.parameter === undefined || naming.isMapped(side.setting)
      ? ""
      : `, or \`${side.parameter}\` in the database's parameter group`;
  return `${naming.set(side.setting, side.where, below)}${inGroup}${inRole}`;
}

/** Lets the outer side last as long as the inner one needs. */
function raise(link: TimeoutLink, side: Side, naming: Naming): string {
  const needed = typeof link.left.ms === "number" ? link.left.ms : 0;
  const strictly = link.relation === "<" ? 1 : 0;
  const least = side.unit === "s" ? Math.floor(needed / 1000) + 1 : Math.ceil(needed + strictly);
  return naming.set(side.setting, side.where, `at least ${least} ${side.unit}`);
}
