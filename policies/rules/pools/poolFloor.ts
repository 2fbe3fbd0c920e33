import { type DatabaseBudget, type PoolBudget, poolsOf } from "../../budget/budget";
import { mostInFlight, zonesSharing } from "../../budget/poolBudget";
import { percent } from "../../kit/text";
import {
  deadlockFreeSize,
  poolFloor as floorAtPeak,
  poolAtPeak,
  sizedFor,
  sizeWithoutDeadlock,
} from "../../model/poolFloor";
import { concurrencyFloor } from "../../model/tasks";
import { knownValue, notWhat, withinModel } from "../../plan/reading";
import type { Settings } from "../../plan/settings";
import type { ClientReading } from "../../plan/types";
import { count, inContainer, overTasks, plain, poolMaxOf, range, runnerOf, withSource } from "../format";
import { type RuleContext, rule } from "../rule";
import { openingAdvice, upperEnd } from "./remedies";

/** The outage of 2 September 2024: pools too small for their demand, with an idle database behind them. */
export const poolFloor = rule({
  id: "pool-floor",
  title: "Pool large enough for its peak",
  severity: "critical",
  level: "mandatory",
  description: "Each pool is large enough to carry the declared peak of its service within the wait target.",
  remediationSteps:
    "Raise the pool to the floor named in the message, within the window it prints. Where the window is empty, apply one of the remedies it names first.",
  check(context) {
    for (const [pool, database] of poolsOf(context.budget)) {
      checkPool(pool, database, context);
      if (pool.client.kind === "lambda") checkConcurrency(pool, context);
      else checkThreads(pool, context);
    }
  },
});

function checkPool(pool: PoolBudget, database: DatabaseBudget | undefined, context: RuleContext): void {
  const { poolMax, floor, client } = pool;
  const resource = client.resource.urn;
  const setting = client.settings.poolMax;
  const { naming } = context;
  const least = knownValue(floor);
  const ceiling = knownValue(pool.ceiling);
  const allowed = { min: least ?? 1, max: ceiling ?? null };

  if (poolMax.state === "malformed" || poolMax.state === "unset") {
    context.violation({
      resource,
      text: `\`pool.max\` of ${client.name} is ${notWhat(poolMax)}: ${(poolMax.state === "malformed" && poolMax.consequence) || FALLS_BACK}.`,
      fix: naming.set(
        setting.variable,
        inContainer(client, setting.variable),
        range(least ?? 1, ceiling),
        least,
      ),
      observed: poolMax.state === "malformed" ? poolMax.observed : null,
      allowed,
      unit: setting.unit,
    });
    return;
  }
  context.cannotDecide(resource, poolMax);
  // Missing or mistyped demand is the finding of `demand-declared`: said once, there.
  context.cannotDecide(resource, floor, isDeclared(client) ? undefined : "demand-declared");
  if (poolMax.state !== "known" || least === undefined || poolMax.value >= least) return;

  const isEmpty = ceiling !== undefined && ceiling < least;
  // That the peak itself keeps the database too busy is the finding of `database-saturation`, once the pool lets it through.
  const reach = database && upperEnd(pool, database, context);
  const upper = reach?.max === undefined ? undefined : reach;
  const set = naming.set(
    setting.variable,
    inContainer(client, setting.variable),
    range(least, upper?.max ?? ceiling),
    least,
  );
  const window = isEmpty
    ? ` No size is safe with the current settings: the database allows at most ${ceiling}.`
    : "";
  const opening = isEmpty && database ? openingAdvice(pool, database, context) : undefined;
  const deadlock = deadlockOf(pool, context);
  const orThreads = opening === undefined ? orFewerThreads(pool, context) : "";
  context.violation({
    resource,
    text: `${poolMaxOf(client)} is ${withSource(poolMax)}, below the floor of ${least}: ${consequence(pool, context)}.${window}${upper?.text ?? ""}`,
    fix: `${opening ?? set}${deadlock?.fix ?? `${orThreads}${orAcrossZones(pool, context)}`}`,
    observed: poolMax.value,
    allowed,
    unit: setting.unit,
  });
}

/**
 * A pool whose connections are all held by requests that wait for another serves none of them until their acquire timeout:
 * undefined where the pool is large enough that one of them always has all of its own.
 */
function deadlockOf(
  { client, poolMax, demand }: PoolBudget,
  { settings, naming }: RuleContext,
): { readonly text: string; readonly fix: string } | undefined {
  const held = knownValue(client.declared.heldAtOnce) ?? 1;
  const inFlight = mostInFlight(client);
  const of = knownValue(demand);
  if (held === 1 || poolMax.state !== "known") return undefined;
  const size =
    inFlight !== undefined
      ? sizeWithoutDeadlock(held, inFlight)
      : of && deadlockFreeSize(of, settings.capacity);
  if (size === undefined || poolMax.value >= size) return undefined;
  const deadlock = `each request holds ${plain(held)} connections at once, and when requests that wait for another hold ${poolMax.value === 1 ? "the only one" : `all ${plain(poolMax.value)}`}, every one of them waits until its acquire timeout`;
  const oneTransaction =
    "run all queries of a request on the connection of its transaction and remove `poolproof:connections-held-at-once`";
  if (inFlight !== undefined) {
    const { concurrencyPerProcess } = client.settings;
    const isServers = concurrencyPerProcess.reading.state === "known";
    const bound = isServers ? naming.name(concurrencyPerProcess.variable) : "`poolproof:requests-in-flight`";
    const fits = Math.floor((poolMax.value - 1) / (held - 1));
    const how = isServers ? "" : " with the requests that a process serves at once";
    return {
      text: `${deadlock}. With ${count(inFlight, "request")} in flight at most in each process, ${plain(inFlight)} × (${plain(held)} − 1) + 1 = ${plain(size)} connections exclude that`,
      fix: `; or ${oneTransaction}${fits >= 1 && poolMax.value >= held ? `; or lower ${bound} to ${fits}${how}` : ""}`,
    };
  }
  return {
    text: `${deadlock}. Nothing bounds the requests in flight, so no size excludes that: with ${plain(size)} connections its probability is below 10⁻⁹ at ${plain(sizedFor(knownValue(demand) ?? {}, settings.capacity))} times the peak`,
    fix: `; or ${oneTransaction}; or bound the requests that a process serves at once to T and declare it as \`poolproof:requests-in-flight\`: T × ${plain(held - 1)} + 1 connections are then free of deadlock`,
  };
}

/** Threads that outnumber the connections of their pool are the other end of the same fault. */
function orFewerThreads({ client, poolMax }: PoolBudget, { naming }: RuleContext): string {
  if (client.counts !== "threads" || poolMax.state !== "known") return "";
  if (client.settings.concurrencyPerProcess.reading.state !== "known") return "";
  return `, or lower ${naming.name(client.settings.concurrencyPerProcess.variable)} to ${poolMax.value}`;
}

/**
 * Threads and workers that serve one request each carry no more requests than there are of them, whatever the pool: with
 * too few the queue is in front of the server. Requests are busy for longer than they hold a connection, so the load is a
 * lower bound.
 */
function checkThreads(pool: PoolBudget, context: RuleContext): void {
  const { client, demand, concurrencyPerProcess: threads, offeredLoad } = pool;
  if (client.counts !== "threads" || demand.state !== "known") return;
  if (threads.state !== "known" || offeredLoad.state !== "known") return;
  const { naming, settings } = context;
  const factor = sizedFor(demand.value, settings.capacity);
  const busy = factor * offeredLoad.value;
  if (busy < threads.value) return;
  const least = Math.floor(busy) + 1;
  const { concurrencyPerProcess, processesPerTask } = client.settings;
  const orThreads =
    threads.value > 1 ? `, or raise ${naming.name(concurrencyPerProcess.variable)} to at least ${least}` : "";
  context.violation({
    resource: client.resource.urn,
    text: `Each process of ${client.name} serves ${withSource(threads, threads.value === 1 ? "request" : "requests")} at once: at ${overTasks(pool)} the database alone keeps ${offeredLoad.value.toFixed(1)} of them busy, and ${busy.toFixed(1)} at ${plain(factor)} times that load, so requests queue in front of the server whatever the pool's size.`,
    fix: `Run more tasks or more processes (${naming.name(processesPerTask.variable)})${orThreads}, within the database's budget`,
    observed: threads.value,
    allowed: { min: least, max: null },
    unit: "threads",
  });
}

const FALLS_BACK =
  "the pool library falls back to its default or fails to start, so the effective size is undefined";

/** Whether the declaration itself is sound, so that whatever hides the floor lies elsewhere. */
function isDeclared({ declared }: ClientReading): boolean {
  const { peakRequestsPerSecond: peak, holdMs, acquisitionsPerRequest } = declared;
  const isMissing = [peak, holdMs].some(({ state }) => state === "unset");
  return !isMissing && ![peak, holdMs, acquisitionsPerRequest].some(({ state }) => state === "malformed");
}

/**
 * A function has no queue for its pool: what bounds its peak is how many environments may run at once. Demand that is
 * missing is the finding of `demand-declared`.
 */
function checkConcurrency(pool: PoolBudget, context: RuleContext): void {
  const { client, demand, atPeak } = pool;
  const resource = client.resource.urn;
  const concurrency = client.tasks.sustainedCapacity;
  context.cannotDecide(resource, concurrency);
  context.cannotDecide(resource, demand, isDeclared(client) ? undefined : "demand-declared");
  if (concurrency.state !== "known" || demand.state !== "known" || atPeak.state !== "known") return;
  const { capacity } = context.settings;
  const least = withinModel(
    () => concurrencyFloor(demand.value, capacity),
    () => undefined,
  );
  const each = knownValue(pool.concurrencyPerProcess) ?? 1;
  if (least === undefined || concurrency.value * each >= least) return;
  const { peakRequestsPerSecond, holdMs, acquisitionsPerRequest = 1 } = demand.value;
  const busy = (peakRequestsPerSecond * acquisitionsPerRequest * holdMs) / 1000;
  const { naming } = context;
  context.violation({
    resource,
    text: `${client.name} may run ${withSource(concurrency)} at once, below the floor of ${least}: at ${plain(peakRequestsPerSecond)} requests/s the database alone keeps ${busy.toFixed(1)} environments busy, so at least ${percent(atPeak.value.failingShare)} of requests would be throttled.`,
    fix: naming.set(
      "reservedConcurrentExecutions",
      "",
      `at least ${least}, within the database's budget`,
      least,
    ),
    observed: concurrency.value,
    allowed: { min: least, max: null },
    unit: "environments",
  });
}

/** What happens below the floor, in the model's own numbers. */
function consequence(pool: PoolBudget, context: RuleContext): string {
  const deadlock = deadlockOf(pool, context);
  if (deadlock !== undefined) return deadlock.text;
  const { settings } = context;
  const threads = knownValue(pool.concurrencyPerProcess);
  if (pool.client.counts === "threads" && threads !== undefined)
    return `${plain(threads)} threads of each process share the connections of its pool, and each of them wants one, so requests wait for a connection while threads and database are idle`;
  const at = knownValue(pool.atPeak);
  if (!at) return "the declared peak does not fit";
  const per = (knownValue(pool.processesPerTask) ?? 1) > 1 ? "process" : runnerOf(pool.client);
  const who = busiest(pool, context.settings) ?? `each ${per} keeps`;
  const evenly = pool.client.isSticky ? " (sticky sessions counted as spread evenly)" : "";
  const busy = `at ${overTasks(pool)}${evenly} ${who} ${at.offeredLoad.toFixed(1)} connections busy`;
  if (at.overloaded) {
    return at.failingShare >= 0.0005
      ? `${busy}, so at least ${percent(at.failingShare)} of requests would fail`
      : `${busy}, as many as there are, so the queue grows for as long as the peak lasts`;
  }
  const { waitTargetMs, exceedance } = settings.capacity;
  const factor = sizedFor(knownValue(pool.demand) ?? {}, settings.capacity);
  const late = `${percent(at.waitBeyondTarget)} of acquisitions would wait longer than ${waitTargetMs} ms`;
  const timeout = knownValue(pool.client.settings.acquireTimeoutMs.reading);
  const fails =
    at.waitBeyondAcquireTimeout === undefined || !timeout
      ? ""
      : `, and ${percent(at.waitBeyondAcquireTimeout)} longer than the acquire timeout of ${plain(timeout)} ms`;
  const beyond = percent(lateShareAt(factor, pool, waitTargetMs));
  return `${busy}, so ${late}${fails}; at ${plain(factor)} times that load ${beyond} would, and ${percent(exceedance)} may`;
}

/** "the busiest task, which gets 1.67 times the mean (5 tasks in 3 zones), keeps", where shares differ. */
function busiest({ client, demand, processesPerTask }: PoolBudget, settings: Settings): string | undefined {
  const of = knownValue(demand);
  const { busiestShare = 1, tasksServingPeak = 1 } = of ?? {};
  if (busiestShare === 1) return undefined;
  const runner = runnerOf(client);
  const zones = count(knownValue(zonesSharing(client, settings)) ?? 1, "zone");
  const keeps = (knownValue(processesPerTask) ?? 1) > 1 ? "keeps in each process" : "keeps";
  return `the busiest ${runner}, which gets ${busiestShare.toFixed(2)} times the mean (${count(tasksServingPeak, runner)} in ${zones}), ${keeps}`;
}

/** Where an even share is all that the pool needs. */
function orAcrossZones({ demand, poolMax }: PoolBudget, { settings }: RuleContext): string {
  const of = knownValue(demand);
  if (of === undefined || (of.busiestShare ?? 1) === 1 || poolMax.state !== "known") return "";
  const even = withinModel(
    () => floorAtPeak({ ...of, busiestShare: 1 }, settings.capacity),
    () => Number.POSITIVE_INFINITY,
  );
  return even > poolMax.value
    ? ""
    : `; or turn on cross-zone load balancing, with which the floor is ${plain(even)}`;
}

/** Share of acquisitions that wait too long when the peak is a factor higher than declared. */
function lateShareAt(factor: number, { demand, poolMax }: PoolBudget, waitTargetMs: number): number {
  if (demand.state !== "known" || poolMax.state !== "known") return 1;
  const raised = { ...demand.value, peakRequestsPerSecond: factor * demand.value.peakRequestsPerSecond };
  return withinModel(
    () => poolAtPeak(poolMax.value, raised, waitTargetMs).waitBeyondTarget,
    () => 1,
  );
}
