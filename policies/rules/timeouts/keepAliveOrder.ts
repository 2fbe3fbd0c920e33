import { type DatabaseBudget, type PoolBudget, poolsOf } from "../../budget/budget";
import { timeoutOrder } from "../../model/timeouts";
import { plain } from "../format";
import { type RuleContext, rule } from "../rule";
import { type Sides, sidesOf, timeout } from "./sides";

/**
 * Of the two ends of an idle connection the load balancer must be the first to close it: it knows when it is about
 * to use one, the server does not (AWS: ELB, troubleshooting, "HTTP 502: Bad gateway").
 */
export const keepAliveOrder = rule({
  id: "keep-alive-order",
  title: "Keep-alive outlasts the load balancer",
  severity: "high",
  level: "mandatory",
  description: "The server keeps idle connections open for longer than the load balancer's idle timeout.",
  remediationSteps:
    "Raise the server's keep-alive timeout (Node: `server.keepAliveTimeout`) above the load balancer's idle timeout, or lower the latter.",
  check(context) {
    for (const [pool, on] of poolsOf(context.budget))
      if (pool.client.pooler === undefined) checkPool(pool, on, context);
  },
});

function checkPool(pool: PoolBudget, on: DatabaseBudget | undefined, context: RuleContext): void {
  const sides = sidesOf(pool, on?.database);
  const { balancer, keepAlive } = sides;
  if (balancer.reading.state === "unset") return;
  const resource = pool.client.resource.urn;
  const { naming } = context;
  const idleMs = timeout(balancer);
  const needed =
    typeof idleMs === "number"
      ? `more than ${plain(idleMs)} ms`
      : "more than the load balancer's idle timeout";
  const saidBy = balancer.reading.state === "malformed" ? "timeout-order" : undefined;
  context.cannotDecide(resource, balancer.reading, saidBy);
  if (keepAlive.reading.state === "malformed") {
    const { shown, expected, observed } = keepAlive.reading;
    context.violation({
      resource,
      text: `\`${keepAlive.setting}\` of ${pool.client.name} is ${shown}, not ${expected}: the effective value is undefined.`,
      fix: naming.set(keepAlive.setting, keepAlive.where, needed),
      observed,
      allowed: null,
      unit: "ms",
    });
  } else {
    context.cannotDecide(resource, keepAlive.reading);
    checkOrder(pool, sides, context);
  }
}

function checkOrder(pool: PoolBudget, sides: Sides, context: RuleContext): void {
  const { balancer, keepAlive } = sides;
  const { naming } = context;
  const link = timeoutOrder({
    ...NOTHING_ELSE,
    loadBalancerIdleMs: timeout(balancer),
    serverKeepAliveMs: timeout(keepAlive),
  }).find(({ id }) => id === "load-balancer-before-keep-alive");
  if (link?.holds !== false) return;
  const common = { resource: pool.client.resource.urn, unit: "ms" };
  if (link.late === undefined) {
    context.violation({
      ...common,
      text: `\`${balancer.setting}\` of the load balancer is 0, so it never closes an idle connection: the server of ${pool.client.name} always does first, which shows as stray 502s.`,
      fix: naming.set(balancer.setting, balancer.where, "a value from 1 to 4000 s"),
    });
    return;
  }
  const { leftMs: idleMs, rightMs: keepAliveMs } = link.late;
  context.violation({
    ...common,
    text: `The server of ${pool.client.name} closes idle connections after ${plain(keepAliveMs)} ms, not later than the load balancer's idle timeout of ${plain(idleMs)} ms: it closes connections that the load balancer is about to use, which shows as stray 502s.`,
    fix: `${naming.set(keepAlive.setting, keepAlive.where, `more than ${plain(idleMs)} ms`)}, or lower ${naming.name(balancer.setting)}`,
    observed: keepAliveMs,
    allowed: { min: idleMs + 1, max: null },
  });
}

/** The rest of the order, which is `timeout-order`'s. */
const NOTHING_ELSE = {
  lockMs: undefined,
  statementMs: undefined,
  queryMs: undefined,
  acquireMs: undefined,
  requestMs: undefined,
} as const;
