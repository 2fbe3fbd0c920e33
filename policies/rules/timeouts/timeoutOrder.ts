import { type DatabaseBudget, type PoolBudget, poolsOf } from "../../budget/budget";
import { list } from "../../kit/text";
import {
  type LateTimeout,
  timeoutOrder as orderOf,
  type TimeoutLink,
  type TimeoutLinkId,
  type TimeoutSettings,
  timeoutLadder,
} from "../../model/timeouts";
import { knownValue, originOf, withinModel } from "../../plan/reading";
import { Naming, plain } from "../format";
import { suggestedAcquireMs } from "../pools/acquireTimeout";
import { type RuleContext, rule, type Violation } from "../rule";
import {
  inSeconds,
  RUNGS,
  type Side,
  type SideName,
  type Sides,
  setTo,
  sidesOf,
  steps,
  timeout,
} from "./sides";

/** The innermost wait ends first, so that what waits still listens to the answer. */
export const timeoutOrder = rule({
  id: "timeout-order",
  title: "Timeouts end from the inside out",
  severity: "high",
  level: "mandatory",
  description:
    "lock < statement; statement + 100 ms ≤ client query; each acquire and each query of a request + other work ≤ request < load balancer idle.",
  remediationSteps:
    "Set each timeout so that the one inside ends before the one around it; the message names the pair that does not, with both numbers.",
  check(context) {
    for (const [pool, database] of poolsOf(context.budget)) {
      // The policy configuration has no place for these timeouts: asking for them would not help.
      // A pooler runs no queries of its own: its clients' timeouts are theirs.
      if (pool.client.kind !== "declared" && pool.client.pooler === undefined)
        checkPool(pool, database, context);
    }
  },
});

function checkPool(pool: PoolBudget, on: DatabaseBudget | undefined, context: RuleContext): void {
  const sides = sidesOf(pool, on?.database);
  const resource = pool.client.resource.urn;
  const { lock, statement, query, request, balancer } = sides;
  // `acquire-timeout` and `keep-alive-order` say what is wrong with theirs; a query may end as its request does.
  for (const side of new Set([lock, statement, query, request, balancer])) {
    if (side.reading.state !== "malformed") continue;
    context.violation({
      resource,
      text: `\`${side.setting}\` of ${pool.client.name} is ${side.reading.shown}, not ${side.reading.expected}: the effective value is undefined.`,
      fix: context.naming.set(side.setting, side.where, side.reading.expected),
      observed: side.reading.observed,
      allowed: null,
      unit: side.unit,
    });
  }
  const times = timesOf(pool, sides, context);
  const endless = new Set<Endless>();
  for (const link of orderOf(times)) {
    if (link.id === "load-balancer-before-keep-alive") continue;
    const { inner, outer } = LINKS[link.id];
    if (outer === "balancer" && balancer.reading.state === "unset") continue;
    for (const name of inner.filter(isEndless)) if (timeout(sides[name]) === "forever") endless.add(name);
    if (link.late && !(inner.includes("acquire") && waitsTooLong(times))) {
      context.violation(broken({ ...LINKS[link.id], ...link.late, link }, sides, pool, context));
    }
    if (link.holds === undefined) {
      for (const name of [...inner, outer]) {
        const { reading } = sides[name];
        if (reading.state === "unknown") context.cannotDecide(resource, reading);
      }
    }
  }
  if (endless.size > 0) context.violation(neverEnding([...endless], sides, times, pool, context));
}

/** Whether the wait for a connection never ends, or outlasts the request by itself: the finding of `acquire-timeout`. */
const waitsTooLong = ({ acquireMs, requestMs }: TimeoutSettings): boolean =>
  acquireMs === "forever" || Number(acquireMs) >= Number(requestMs);

/** The times in force. Where the request's context ends the wait and the query (Go), both together take what it leaves. */
function timesOf({ client }: PoolBudget, sides: Sides, { settings }: RuleContext): TimeoutSettings {
  const { otherWorkMs } = settings;
  const { query, acquire, request } = sides;
  const requestMs = timeout(request);
  return {
    lockMs: timeout(sides.lock),
    statementMs: timeout(sides.statement),
    queryMs:
      query === request && typeof requestMs === "number"
        ? Math.max(1, requestMs - otherWorkMs)
        : timeout(query),
    acquireMs: query === request || acquire === request ? 0 : timeout(acquire),
    otherWorkMs,
    acquisitionsPerRequest: knownValue(client.declared.acquisitionsPerRequest) ?? 1,
    // Where the request's context ends wait and query (Go), it ends all of them together.
    queriesPerRequest: query === request ? 1 : knownValue(client.declared.queriesPerRequest),
    requestMs,
    loadBalancerIdleMs: timeout(sides.balancer),
    serverKeepAliveMs: timeout(sides.keepAlive),
  };
}

/** Which settings stand on each side of a link, and what goes wrong when it does not hold. */
interface LinkSides {
  readonly inner: readonly SideName[];
  readonly outer: SideName;
  readonly consequence: string;
}

/** The links of this rule; the one to the server's keep-alive is `keep-alive-order`'s. */
const LINKS: { readonly [id in Exclude<TimeoutLinkId, "load-balancer-before-keep-alive">]: LinkSides } = {
  "lock-before-statement": {
    inner: ["lock"],
    outer: "statement",
    consequence: "a statement stuck behind a lock is cut off like a slow one, and nothing names the lock",
  },
  "statement-before-query": {
    inner: ["statement"],
    outer: "query",
    consequence:
      "the client gives up while the server still works, and hands a busy connection back to the pool",
  },
  "work-within-request": {
    inner: ["acquire", "query"],
    outer: "request",
    consequence: "requests end while their connection is still awaited or in use",
  },
  "request-before-load-balancer": {
    inner: ["request"],
    outer: "balancer",
    consequence: "the load balancer returns 504 for requests that the service is still working on",
  },
};

/** What a wait without an end leads to; an endless wait for a connection is the finding of `acquire-timeout`. */
const WITHOUT_END = {
  lock: "a statement behind a lock waits for as long as the lock is held",
  statement: "a statement that hangs keeps its connection until it is cancelled by hand",
  query: "a client whose server has stopped answering waits without a limit",
  request: "requests pile up behind one that hangs",
} as const;

type Endless = keyof typeof WITHOUT_END;

const isEndless = (name: SideName): name is Endless => Object.hasOwn(WITHOUT_END, name);

/** One finding for all timeouts of a client that never end: they have one cause, and values that fit together. */
function neverEnding(
  names: readonly Endless[],
  sides: Sides,
  times: TimeoutSettings,
  { client }: PoolBudget,
  context: RuleContext,
): Violation {
  const { naming } = context;
  const shown = names.map((name) => `\`${sides[name].setting}\` (${shownEndless(sides[name])})`);
  const many = names.length > 1;
  const chosen = ladderFor(names, sides, { ...times, acquireMs: acquireToBe(times) });
  const advice = chosen.map(([name, ms]) => setTo(name, sides[name], ms, { client, naming }));
  const consequences = names.map((name) => WITHOUT_END[name]);
  return {
    resource: client.resource.urn,
    text: `${list(shown)} of ${client.name}${aside(names, sides)} never ${many ? "end" : "ends"}, so nothing around ${many ? "them" : "it"} can outlast ${many ? "them" : "it"}: ${list(consequences)}.`,
    fix:
      advice.length > 0
        ? steps(advice)
        : `Give ${list(names.map((name) => naming.name(sides[name].setting)))} a limit below the timeout around it; that timeout leaves no room for one, so raise it first`,
    observed: null,
    allowed: null,
    unit: "ms",
  };
}

/** The wait for a connection as `acquire-timeout` would have it, where that rejects what it is. */
function acquireToBe(times: TimeoutSettings): TimeoutSettings["acquireMs"] {
  const { acquireMs, requestMs } = times;
  if (!waitsTooLong(times)) return acquireMs;
  return suggestedAcquireMs(typeof requestMs === "number" ? requestMs : undefined);
}

/** Values that end them, also for a default beside them that is in the way. */
function ladderFor(
  endless: readonly SideName[],
  sides: Sides,
  times: TimeoutSettings,
): readonly (readonly [keyof typeof RUNGS, number])[] {
  const names = Object.keys(RUNGS) as (keyof typeof RUNGS)[];
  const isFree = (name: SideName): boolean => endless.includes(name);
  const isAssumed = (name: SideName): boolean =>
    name !== "request" && originOf(sides[name].reading) === "default";
  const seconds = new Set(names.filter((name) => inSeconds(sides[name])).map((name) => RUNGS[name]));
  for (const free of [names.filter(isFree), names.filter((name) => isFree(name) || isAssumed(name))]) {
    const ladder = withinModel(
      () => timeoutLadder(times, new Set(free.map((name) => RUNGS[name])), seconds),
      () => undefined,
    );
    if (ladder) return free.map((name) => [name, ladder[RUNGS[name]] ?? 0] as const);
  }
  return [];
}

/** Why what the client sends does not count. */
function aside(names: readonly SideName[], sides: Sides): string {
  const refused = [...new Set(names.flatMap((name) => sides[name].refused ?? []))];
  return refused.length === 0
    ? ""
    : ` (what counts is the server's: the RDS Proxy in between refuses ${refused.map((name) => `\`${name}\``).join(" and ")} when the client connects)`;
}

/** A link that does not hold, with both numbers. */
interface BrokenLink extends LinkSides, LateTimeout {
  readonly link: TimeoutLink;
}

function broken(of: BrokenLink, sides: Sides, pool: PoolBudget, context: RuleContext): Violation {
  const { client } = pool;
  const { link, inner, outer, consequence, leftMs, rightMs, mostMs } = of;
  const { naming } = context;
  const relation = link.relation === "<" ? "not below" : "above";
  // What the request ends is shortened with the request alone, and that is the outer side.
  const lower = inner.filter((name) => sides[name] !== sides.request || name === "request");
  const orLower = lower.map((name) => naming.name(sides[name].setting)).join(" or ");
  return {
    resource: client.resource.urn,
    text: `The ${link.left.label} of ${client.name} is ${plain(leftMs)} ms, ${relation} the ${link.right.label} of ${plain(rightMs)} ms${aside([...inner, outer], sides)}: ${consequence}.`,
    fix: `${raise(of, sides, pool, context)}${orLower === "" ? "" : `, or lower ${orLower}`}`,
    observed: leftMs,
    allowed: { min: null, max: mostMs },
    unit: "ms",
  };
}

const shownEndless = ({ reading }: Side): string => (originOf(reading) === "set" ? "0" : "not set");

/** Lets the outer side last as long as the inner one needs. */
function raise(
  { link, outer, leftMs }: BrokenLink,
  sides: Sides,
  { client }: PoolBudget,
  { stack, settings }: RuleContext,
): string {
  const side = sides[outer];
  // A query that its request ends has what the request's other work leaves of it.
  const name = side === sides.request ? "request" : outer;
  const step = inSeconds(side) ? 1000 : 1;
  const needed = (name === outer ? leftMs : leftMs + settings.otherWorkMs) / step;
  const least = link.relation === "<" ? Math.floor(needed) + 1 : Math.ceil(needed);
  return setTo(name, side, least * step, { client, naming: new Naming(stack, settings) }, "at least ");
}
