import { type DatabaseBudget, type PoolBudget, type ProxyBudget, sidesOf } from "../../budget/budget";
import { limitDoubt } from "../../budget/databaseLimit";
import { drainOf, PROXY_SESSIONS_TAG } from "../../budget/poolBudget";
import { percent } from "../../kit/text";
import type { SharedLimit } from "../../plan/databases/accountLimits";
import { ENDPOINT_TAG } from "../../plan/databases/links";
import { known, knownValue, type Reading } from "../../plan/reading";
import {
  count,
  deploymentText,
  inContainer,
  orNull,
  plain,
  poolMaxOf,
  range,
  runnerOf,
  withSource,
} from "../format";
import { sessionsFix } from "../proxy/proxyBounds";
import { type RuleContext, rule, type Violation } from "../rule";
import { fittingTogether, openingAdvice, upperEnd } from "./remedies";

/** All pools of a database together, the surge of a deployment included, against what the database can give. */
export const connectionBudget = rule({
  id: "connection-budget",
  title: "Pools within the database's limit",
  severity: "critical",
  level: "mandatory",
  description:
    "All pools of a database together, deployment surge included, stay within their share of its usable connections.",
  remediationSteps:
    "Lower the pool to the ceiling named in the message, or apply one of the remedies it names: fewer tasks, less surge, a higher limit, a larger class.",
  check(context) {
    for (const side of context.budget.databases.flatMap(sidesOf)) checkDatabase(side, context);
    for (const { client } of context.budget.unlinked) {
      if (client.database.state !== "unlinked") continue;
      const link = {
        property: "tags",
        reason: client.database.reason,
        fix:
          client.kind === "declared"
            ? `Set \`database\` of ${client.name} under \`clients\` in the policy configuration to the name of its database`
            : `Set the tag \`poolproof:database\` on the ${client.kind === "lambda" ? "function" : "service"} to the name of its database`,
      };
      // That there is none at all is the finding of `coverage`.
      const isSaid = context.stack.databases.length === 0;
      context.cannotDecide(client.resource.urn, link, isSaid ? "coverage" : undefined);
    }
  },
});

function checkDatabase(on: DatabaseBudget, context: RuleContext): void {
  if (on.pools.length === 0) return;
  const budget = knownValue(on.budget);
  // What is wrong with the limit itself is the finding of `max-connections`.
  const isRefused = on.limit.state !== "known" && on.limit.state !== "unknown";
  const saidBy = isRefused || on.budget.state === "malformed" ? "max-connections" : undefined;
  context.cannotDecide(on.database.resource.urn, on.budget, saidBy);
  for (const pool of on.pools) {
    if (pool.client.behind === undefined) listUnknown(pool, on, context);
    else context.cannotDecide(pool.client.resource.urn, pool.client.behind);
    if (pool.client.pooler !== undefined) checkPooler(pool, on, context);
  }
  for (const shared of on.shared) checkShared(shared, on, context);
  if (budget === undefined) return;

  const most = knownValue(on.demandAtPeak);
  if (on.demandAtLeast > budget) context.violation(exceeded(on, budget, context));
  else if (most !== undefined && most > tolerated(on, budget, context)) {
    for (const pool of on.pools) {
      context.cannotDecide(pool.client.resource.urn, openThreads(pool));
      undecidedBehindProxy(pool, on.demandAtLeast, most, budget, context);
    }
  }
}

/** What demand may come to before it can reject: the budget, or all that is usable where a smaller reserve only warns. */
function tolerated(on: DatabaseBudget, budget: number, { settings }: RuleContext): number {
  return settings.overBudgetShare === "warn" ? (knownValue(on.usable) ?? budget) : budget;
}

/** How many requests a process serves at once, where nobody knows and its connections depend on it. */
const openThreads = ({ client, concurrencyPerProcess }: PoolBudget): Reading<number> =>
  client.opens === "at once" || concurrencyPerProcess.state !== "unknown" ? known(0) : concurrencyPerProcess;

/** A limit below the server's: all pools that log in as one account, or to one logical database. */
function checkShared(shared: SharedLimit, on: DatabaseBudget, context: RuleContext): void {
  const { label, resource, connections: limit } = shared;
  context.cannotDecide(resource.urn, limit, limit.state === "malformed" ? "parameter-values" : undefined);
  const parts = on.pools
    .filter(({ client }) => shared.clients.has(client))
    .map((pool) => ({ pool, connections: knownValue(pool.connections) ?? 0 }))
    .sort((a, b) => b.connections - a.connections);
  const demand = parts.reduce((total, { connections }) => total + connections, 0);
  const [largest] = parts;
  if (limit.state !== "known" || largest === undefined || demand <= limit.value) return;
  const names = parts.map(({ pool, connections }) => `${pool.client.name} ${plain(connections)}`).join(", ");
  // Where not even the floor fits, only a higher limit helps.
  const isEmpty = (knownValue(largest.pool.ceiling) ?? 1) < (knownValue(largest.pool.floor) ?? 1);
  const orLower = isEmpty ? "" : `, or: ${adviceFor(largest.pool, on, context)}`;
  context.violation({
    resource: on.database.resource.urn,
    text: `${label} is ${plain(limit.value)} on ${on.database.resource.name}, below the ${plain(demand)} connections that its pools open at peak (${names}): new connections would be refused while the server has room.`,
    fix: `Raise it to at least ${plain(demand)}${orLower}`,
    observed: demand,
    allowed: { min: null, max: limit.value },
    unit: "connections",
  });
}

/** The window between sessions that all share the proxy's connections and sessions that each keep one. */
function undecidedBehindProxy(
  { client, proxied, sessions, wholeLoad }: PoolBudget,
  least: number,
  most: number,
  budget: number,
  context: RuleContext,
): void {
  if (knownValue(proxied) === false || knownValue(sessions) === "pinned") return;
  const resource = client.resource.urn;
  if (knownValue(sessions) === "multiplexed" && knownValue(proxied) === true) {
    context.cannotDecide(resource, wholeLoad, "demand-declared");
    return;
  }
  const isThrough = knownValue(proxied) === true;
  context.cannotDecide(resource, {
    property: isThrough ? PROXY_SESSIONS_TAG : "poolproof:database",
    reason: `through an RDS Proxy the database sees ${least} connections if no session pins and ${most} if all do, against a budget of ${budget}; the plan does not say which`,
    fix: isThrough
      ? sessionsFix(client.name)
      : `Set the tag \`poolproof:database\` of ${client.name} to the name of its proxy if it goes through one`,
  });
}

/** Everything that keeps a pool's share of the demand from being known. */
function listUnknown(pool: PoolBudget, on: DatabaseBudget, context: RuleContext): void {
  const urn = pool.client.resource.urn;
  for (const reading of [pool.processesPerTask, pool.tasksAtPeak, pool.proxied])
    context.cannotDecide(urn, reading);
  const link = pool.client.database;
  if (link.state === "linked" && link.endpoint.state !== "unset") context.cannotDecide(urn, link.endpoint);
  if (knownValue(pool.proxied) !== false && pool.sessions.state !== "unset")
    context.cannotDecide(urn, pool.sessions);
  const isMistyped = pool.poolMax.state === "malformed" || pool.poolMax.state === "unset";
  // What a proxy bounds by its own share needs no pool size.
  if (isMistyped || !isCapped(pool, on)) {
    context.cannotDecide(urn, pool.poolMax, isMistyped ? "pool-floor" : undefined);
  }
  // Each factor is known and their product is beyond the model: 1e16 tasks.
  if (pool.poolMax.state === "known") context.cannotDecide(urn, pool.connections);
}

const isCapped = (pool: PoolBudget, on: DatabaseBudget): boolean =>
  on.proxies.some(
    ({ pools, demand }) =>
      demand.atMost.state === "known" && pools.some(({ client }) => client === pool.client),
  );

function exceeded(on: DatabaseBudget, budget: number, context: RuleContext): Violation {
  const { capacity } = context.settings;
  const demand = on.demandAtLeast;
  const usable = knownValue(on.usable) ?? 0;
  const limit = knownValue(on.limit)?.maxConnections ?? 0;
  const estimate = limitDoubt(on.limit);
  const parts = partsOf(on);
  const sum = parts.slice(0, 4).map(({ text }) => text);
  if (parts.length > 4) sum.push(`${parts.length - 4} more`);
  if (on.database.otherDemand > 0) sum.push(`${plain(on.database.otherDemand)} of other stacks`);
  const limits = `${percent(capacity.budgetShare)} of the ${usable} usable of \`max_connections\` ${limit}${estimate}`;
  // Two facts: connections that the database refuses, and a reserve that becomes smaller than it should be.
  const isRefused = demand > usable;
  const consequence = isRefused
    ? ", so new connections would be refused while a deployment or a peak is under way."
    : `. Nothing is refused yet: of the ${plain(usable - budget)} connections that \`budgetShare\` keeps free, ${plain(usable - demand)} would be left.`;
  const level =
    !isRefused && context.settings.overBudgetShare === "warn" ? { level: "advisory" as const } : {};
  const where =
    on.readers === undefined
      ? ""
      : `, all of which one reader may get, as connections that are opened at the same time go to the same one`;
  const total = `${sum.join(", ")} and ${capacity.operationsReserve} for operations make ${plain(demand)} connections${on.readers === undefined ? "" : " to the reader endpoint"} at peak${where}`;
  const [only, ...others] = on.pools;
  const largest = parts[0]?.pool ?? only;
  const ceiling = largest && knownValue(largest.ceiling);
  const floor = largest && knownValue(largest.floor);
  const together = others.length > 0 ? fittingTogether(on, budget, context) : undefined;
  const advice =
    typeof together === "string"
      ? together.replace(/^lower/, "Lower")
      : adviceFor(together ?? largest, on, context);
  const upper = largest === undefined ? undefined : upperEnd(largest, on, context);
  const lower = `${advice}${orReaders(on)}`;
  const fix = isRefused
    ? lower
    : `${lower}. If fewer may stay free, raise \`budgetShare\` in the policy configuration to ${shareFor(demand, usable)}`;
  const isOfPool = only && knownValue(only.connectionsPerProcess) === knownValue(only.poolMax);
  if (
    isOfPool &&
    only.client.opens !== "no pool" &&
    others.length === 0 &&
    only.poolMax.state === "known" &&
    ceiling !== undefined
  ) {
    return {
      resource: only.client.resource.urn,
      text: `${poolMaxOf(only.client)} is ${only.poolMax.value}, above the ceiling of ${ceiling}: ${total}, more than ${budget} (${limits})${consequence}${upper?.text ?? ""}`,
      fix,
      observed: only.poolMax.value,
      allowed: { min: floor ?? 1, max: ceiling },
      unit: "connections",
      ...level,
    };
  }
  return {
    resource: on.database.resource.urn,
    text: `${total}, more than ${budget} (${limits})${consequence}${upper?.text ?? ""}`,
    fix,
    observed: demand,
    allowed: { min: null, max: budget },
    unit: "connections",
    ...level,
  };
}

/** The least `budgetShare` that allows a demand, rounded up to a hundredth. */
const shareFor = (demand: number, usable: number): number => Math.ceil((demand / usable) * 100) / 100;

/** What the demand is made of, the largest share first, with the pool that a fix would be about. */
interface Part {
  readonly pool: PoolBudget | undefined;
  readonly connections: number;
  readonly text: string;
}

function partsOf(on: DatabaseBudget): Part[] {
  const behind = new Set(on.proxies.flatMap(({ pools }) => pools.map(({ client }) => client)));
  const pools = on.pools.flatMap((pool): Part[] => {
    if (behind.has(pool.client)) return [];
    const { atLeast } = on.demandOf(pool);
    if (atLeast === 0) return [];
    const text = atLeast === knownValue(pool.connections) ? share(pool) : shared(pool, atLeast);
    const { database: link } = pool.client;
    const isReader = link.state === "linked" && knownValue(link.endpoint) === "reader";
    // Without a reader that is certain, the reader endpoint leads to the writer.
    const end = isReader && on.readers === undefined ? " whose reader endpoint may lead to the writer" : "";
    return [{ pool, connections: atLeast, text: `${text}${end}` }];
  });
  const proxies = on.proxies.flatMap((proxy): Part[] => {
    if (proxy.pools.length === 0) return [];
    const [first] = proxy.pools;
    const pool = on.pools.find(({ client }) => client === first?.client);
    return [{ pool, connections: proxy.demand.atLeast, text: throughProxy(proxy) }];
  });
  return [...pools, ...proxies].sort((a, b) => b.connections - a.connections);
}

/** "api 16 × 20", with the processes where a task has several, and why there are so many tasks where some drain. */
function share(pool: PoolBudget): string {
  const processes = knownValue(pool.processesPerTask) ?? 1;
  const perTask = processes > 1 ? ` × ${processes}` : "";
  const { running = 0, draining = 0 } = knownValue(pool.deployment) ?? {};
  const why = deploymentText(running, draining, runnerOf(pool.client), drainOf(pool.client));
  return `${pool.client.name} ${count(orNull(pool.tasksAtPeak) ?? 0, runnerOf(pool.client))}${perTask} × ${orNull(pool.connectionsPerProcess)}${why}`;
}

/** "api 21 if a proxy multiplexes it": what is certain of a pool that goes through a proxy elsewhere, or may. */
function shared({ client, proxied }: PoolBudget, atLeast: number): string {
  if (client.tasks.shares !== undefined && knownValue(proxied) === false)
    return `${client.name} ${plain(atLeast)} of the environments that the account's functions share`;
  if (knownValue(proxied) === false) return `${client.name} at least ${plain(atLeast)}, one for each process`;
  const how = knownValue(proxied) === true ? "through its proxy" : "if a proxy multiplexes it";
  return `${client.name} ${plain(atLeast)} ${how}`;
}

/** "api and worker 90 through `shop-proxy`" */
function throughProxy({ proxy, pools, demand }: ProxyBudget): string {
  const names = [...new Set(pools.map(({ client }) => client.name))].join(" and ");
  return `${names} ${plain(demand.atLeast)} through \`${proxy.resource.name}\``;
}

function adviceFor(pool: PoolBudget | undefined, on: DatabaseBudget, context: RuleContext): string {
  if (pool === undefined) return "Lower what clients of other stacks may hold";
  const { naming } = context;
  const { client } = pool;
  const ceiling = knownValue(pool.ceiling);
  const floor = knownValue(pool.floor);
  if (client.opens === "no pool" || knownValue(pool.connectionsPerProcess) !== knownValue(pool.poolMax))
    return fewerWorkers(pool, on, context) ?? openingAdvice(pool, on, context) ?? FEWER;
  if (ceiling === undefined) return "Lower the pools, or raise what the database can give";
  if (ceiling < (floor ?? 1)) {
    const levers = openingAdvice(pool, on, context) ?? "Raise `max_connections` or run fewer tasks";
    const needs = floor === undefined ? "what it needs is not known" : `it needs ${floor}`;
    return `No size of ${client.name}'s pool is safe: ${needs} and it may have ${ceiling}. ${levers}`;
  }
  const { variable } = client.settings.poolMax;
  const most = Math.min(ceiling, upperEnd(pool, on, context)?.max ?? ceiling);
  const to = floor === undefined ? `at most ${ceiling}` : range(floor, most);
  return naming.set(variable, inContainer(client, variable), to, most);
}

/** What a pool of a cluster with readers can say of itself where its settings do not show it. */
function orReaders({ database, pools, readers }: DatabaseBudget): string {
  const isHidden = pools.some(
    ({ client: { database: link } }) => link.state === "linked" && link.endpoint.state === "unset",
  );
  return readers === undefined && database.members.length > 1 && isHidden
    ? `. Where a service connects to the reader endpoint, set its tag \`${ENDPOINT_TAG}\` to \`reader\``
    : "";
}

/**
 * A pooler takes `max_client_conn` connections in each instance and refuses the next one. In the same task it meets that
 * task's pools alone; as a service of its own, all that go through it over the instances that are certain to run.
 */
function checkPooler(pool: PoolBudget, on: DatabaseBudget, context: RuleContext): void {
  const { client } = pool;
  if (client.pooler === undefined) return;
  const { maxClients } = client.pooler;
  const through = on.pools.filter(({ client: { behind } }) => behind && knownValue(behind) === client.name);
  if (through.length === 0) return;
  const isSidecar = through.every(({ client: { resource } }) => resource.urn === client.resource.urn);
  const instances = isSidecar ? 1 : knownValue(client.tasks.minCapacity);
  let asked = 0;
  for (const each of through) {
    const perTask = (knownValue(each.connectionsPerProcess) ?? 0) * (knownValue(each.processesPerTask) ?? 1);
    asked += perTask * (isSidecar ? 1 : (knownValue(each.tasksAtPeak) ?? 0));
  }
  checkSessions(pool, through, isSidecar ? 1 : instances, context);
  context.cannotDecide(client.resource.urn, maxClients);
  if (maxClients.state !== "known" || instances === undefined || asked <= maxClients.value * instances)
    return;
  const names = through.map(({ client: { name } }) => name).join(" and ");
  const most = Math.floor(maxClients.value * instances);
  context.violation({
    resource: client.resource.urn,
    text: `${names} may open ${plain(asked)} connections to the pooler ${client.name}, which takes ${plain(most)} (\`max_client_conn\` ${withSource(maxClients)}${isSidecar ? "" : ` in each of ${count(instances, "instance")}`}): it refuses the next one, whatever the database has left.`,
    fix: `Raise \`max_client_conn\` of ${client.name} to at least ${Math.ceil(asked / Math.max(1, instances))}, or lower the pools of ${names}`,
    observed: asked,
    allowed: { min: null, max: most },
    unit: "connections",
  });
}

/**
 * In session mode each connection of a client keeps one of the pooler's until it closes: a pool that fills itself and closes
 * nothing idle takes that many for good (pgbouncer.org/config.html, `pool_mode`, whose default it is).
 */
function checkSessions(
  { client, poolMax }: PoolBudget,
  through: readonly PoolBudget[],
  instances: number | undefined,
  context: RuleContext,
): void {
  const { mode, isPgBouncer } = client.pooler ?? {};
  const isSession = mode && (mode.state === "unset" ? isPgBouncer : knownValue(mode)?.trim() === "session");
  const keeping = through.filter(
    (each) => each.client.opens === "at once" && knownValue(each.client.settings.idleTimeoutMs.reading) === 0,
  );
  if (!isSession || poolMax.state !== "known" || instances === undefined || keeping.length === 0) return;
  const isSidecar = keeping.every((each) => each.client.resource.urn === client.resource.urn);
  const kept = keeping.reduce((sum, each) => {
    const perTask = (knownValue(each.connectionsPerProcess) ?? 0) * (knownValue(each.processesPerTask) ?? 1);
    return sum + perTask * (isSidecar ? 1 : (knownValue(each.tasksAtPeak) ?? 0));
  }, 0);
  const there = poolMax.value * instances;
  if (kept <= there) return;
  const names = keeping.map((each) => each.client.name).join(" and ");
  context.violation({
    resource: client.resource.urn,
    text: `${names} ${keeping.length === 1 ? "keeps" : "keep"} ${plain(kept)} connections open to the pooler ${client.name}, which has ${plain(there)} to the database and lends each for a whole session (\`pool_mode\` session): the others wait for one that is never returned.`,
    fix: `Set \`pool_mode\` of ${client.name} to transaction, where nothing in ${names} needs a session of its own, or lower the pools of ${names} to ${plain(there)} connections together`,
    observed: kept,
    allowed: { min: null, max: there },
    unit: "connections",
  });
}

const FEWER = "Run fewer tasks, processes or threads, or raise what the database can give";

/** Where workers open the connections, their number is the lever: "Lower `PHP_FPM_PM_MAX_CHILDREN` to 20 at most". */
function fewerWorkers(
  pool: PoolBudget,
  on: DatabaseBudget,
  { naming, settings }: RuleContext,
): string | undefined {
  const { client } = pool;
  const tasks = knownValue(pool.tasksAtPeak);
  const each = knownValue(pool.connectionsPerProcess);
  const processes = knownValue(pool.processesPerTask);
  const beside = knownValue(on.demandOfOthers(pool));
  const budget = knownValue(on.budget);
  if (!tasks || !each || !processes || beside === undefined || budget === undefined) return undefined;
  const perTask = (budget - settings.capacity.operationsReserve - beside) / tasks;
  const most = { processes: Math.floor(perTask / each), threads: Math.floor(perTask / processes) };
  const { processesPerTask, concurrencyPerProcess } = client.settings;
  const to = (variable: string, value: number): string =>
    naming.set(variable, inContainer(client, variable), `at most ${value}`, value);
  const levers = [
    ...(most.processes >= 1 && most.processes < processes
      ? [to(processesPerTask.variable, most.processes)]
      : []),
    ...(each > 1 && most.threads >= 1 ? [to(concurrencyPerProcess.variable, most.threads)] : []),
  ];
  if (levers.length === 0) return undefined;
  return levers.map((lever, i) => (i === 0 ? lever : lever.replace(/^Set/, "set"))).join("; or ");
}
