import { connectionBudget, poolCeiling } from "../model/connectionBudget";
import { isPostgres } from "../model/engines";
import { type SharedLimit, sharedLimits } from "../plan/databases/accountLimits";
import { andThen, combine, computed, known, knownValue, type Reading, unknown } from "../plan/reading";
import type { Settings } from "../plan/settings";
import type { ClientReading, DatabaseReading, ProxyReading, StackReading } from "../plan/types";
import { engineOf, type LimitReading, limitOf, usableOf } from "./databaseLimit";
import { type PoolBudget, poolBudget } from "./poolBudget";
import { type DatabaseDemand, multiplexed, type ProxyBudget, proxyBudget, sum } from "./proxyBudget";

export type { PoolBudget } from "./poolBudget";
export type { ProxyBudget } from "./proxyBudget";

/** The numbers of one stack, each with its state: what the rules judge and the report shows. */
export interface StackBudget {
  readonly databases: readonly DatabaseBudget[];
  /** Pools whose database is not known. */
  readonly unlinked: readonly PoolBudget[];
  /** All pools, linked or not. */
  readonly pools: readonly PoolBudget[];
}

export interface DatabaseBudget {
  readonly database: DatabaseReading;
  readonly limit: LimitReading;
  readonly usable: Reading<number>;
  /** `budgetShare` × usable: the most that clients may claim. */
  readonly budget: Reading<number>;
  readonly pools: readonly PoolBudget[];
  /** Set where pools of a cluster are on its readers: the writer's part and theirs, each against its own instance. */
  readonly sides?: readonly [writer: DatabaseBudget, readers: DatabaseBudget] | undefined;
  /** Readers that these pools are spread over; undefined for a writer. */
  readonly readers?: number | undefined;
  /** Proxies in front of the database, those without a client of this stack included. */
  readonly proxies: readonly ProxyBudget[];
  /** What is certain: pools that are known, multiplexed where a proxy may multiplex. */
  readonly demandAtLeast: number;
  /** What the database may see at peak: all that pools may open, capped by the proxies they go through. */
  readonly demandAtPeak: Reading<number>;
  /** Limits of accounts and logical databases below the server's. */
  readonly shared: readonly SharedLimit[];
  /**
   * What must be left at peak for everything but one pool: what the others may open, a pool below its floor counted
   * at its floor. The operations reserve is not in it.
   */
  demandOfOthers(pool: PoolBudget): Reading<number>;
  /** What the database may see of one pool that no proxy of this stack stands before. */
  demandOf(pool: PoolBudget): DatabaseDemand;
}

/** What has a budget of its own in a database: the writer and the readers of a cluster, or the whole. */
export const sidesOf = (on: DatabaseBudget): readonly DatabaseBudget[] => on.sides ?? [on];

/** Every pool with the database it uses; undefined where that is not known. */
export function poolsOf(budget: StackBudget): readonly (readonly [PoolBudget, DatabaseBudget | undefined])[] {
  return [
    ...budget.databases.flatMap(sidesOf).flatMap((side) => side.pools.map((pool) => [pool, side] as const)),
    ...budget.unlinked.map((pool) => [pool, undefined] as const),
  ];
}

/** Applies the capacity model to everything a plan says; numbers it cannot handle become unknown. */
export function stackBudget(stack: StackReading, settings: Settings): StackBudget {
  const own = stack.clients.map((client) => poolBudget(client, settings));
  const byDatabase = grouped(own, ({ client: { database: link } }) =>
    link.state === "linked" ? link.database : "",
  );
  const proxies = grouped(stack.proxies, ({ database }) => knownValue(database) ?? "");
  const databases = stack.databases.map((database) => {
    const { urn } = database.resource;
    const pools = byDatabase.get(urn) ?? [];
    const whole = (of: readonly PoolBudget[]) =>
      databaseBudget(database, of, proxies.get(urn) ?? [], stack, settings);
    const readers = readersOf(database, settings);
    const onReaders = readers < 1 ? [] : pools.filter(isOnReader);
    if (onReaders.length === 0) return whole(pools);
    const writer = whole(pools.filter((pool) => !onReaders.includes(pool)));
    const ofReaders = { ...databaseBudget(database, onReaders, [], stack, settings), readers };
    return {
      ...writer,
      pools: [...writer.pools, ...ofReaders.pools],
      sides: [writer, ofReaders] as const,
      demandOfOthers: (pool: PoolBudget) => (isOnReader(pool) ? ofReaders : writer).demandOfOthers(pool),
      demandOf: (pool: PoolBudget) => (isOnReader(pool) ? ofReaders : writer).demandOf(pool),
    };
  });
  const unlinked = byDatabase.get("") ?? [];
  return { databases, unlinked, pools: [...databases.flatMap(({ pools }) => pools), ...unlinked] };
}

const isOnReader = ({ client: { database: link }, proxied }: PoolBudget): boolean =>
  link.state === "linked" && knownValue(link.endpoint) === "reader" && knownValue(proxied) === false;

/**
 * Readers that are certain to be behind a cluster's reader endpoint. Without one the endpoint leads to the writer, and so it
 * may during a failover, when a reader is promoted (Aurora User Guide, "Reader endpoints"; AWS re:Post,
 * aurora-mysql-postgresql-reader-nodes): a stack that has to survive the loss of a zone needs one more. A Multi-AZ cluster
 * of RDS has two.
 *
 * However many there are, their pools are held against one of them: the endpoint is a DNS name, and connections that are
 * opened at the same time go to the same reader (same page).
 */
function readersOf({ kind, members, instanceClass }: DatabaseReading, { capacity }: Settings): number {
  if (kind !== "cluster") return 0;
  const instances = members.length > 0 ? members.length : instanceClass.state === "known" ? 3 : 1;
  return instances - 1 - (capacity.surviveZoneLoss ? 1 : 0);
}

function databaseBudget(
  database: DatabaseReading,
  pools: readonly PoolBudget[],
  proxies: readonly ProxyReading[],
  { accountLimits }: StackReading,
  settings: Settings,
): DatabaseBudget {
  const { capacity } = settings;
  const limit = limitOf(database, settings);
  const usable = usableOf(database, settings);
  const byProxy = grouped(pools, (pool) => proxyOf(pool) ?? "");
  const behind = proxies.map((proxy) =>
    proxyBudget(proxy, byProxy.get(proxy.resource.urn) ?? [], limit, settings),
  );
  const direct = withinAccount(
    (byProxy.get("") ?? []).map((pool) => ({ pool, demand: looseDemand(pool, settings) })),
  );
  const others = { atLeast: database.otherDemand, atMost: known(database.otherDemand) };
  const demands = [...direct.map(({ demand }) => demand), ...behind.map(({ demand }) => demand), others];
  const total = demands.reduce((all, { atMost }) => all + (knownValue(atMost) ?? 0), 0);
  const lacking = direct.reduce((all, { pool }) => all + lackingOf(pool), 0);
  const hidden = demands.flatMap(({ atMost }) => (atMost.state === "known" ? [] : [atMost]));
  // By client: a pool is handed on as a copy that has its ceiling.
  const places = new Map<ClientReading, Place>([
    ...direct.map(({ pool, demand }) => [pool.client, { demand }] as const),
    ...behind.flatMap((proxy) =>
      proxy.pools.map(({ client }) => [client, { demand: proxy.demand, proxy }] as const),
    ),
  ]);
  const demandOfOthers = (pool: PoolBudget): Reading<number> => {
    const { client } = pool;
    const { demand: own, proxy } = places.get(client) ?? {};
    const unseen = hidden.find((reading) => reading !== own?.atMost);
    if (unseen) return unseen;
    if (client.tasks.shares !== undefined && !proxy) {
      // What one function does not take of the account's environments, the others may.
      const rest = withinAccount(
        direct
          .filter((each) => each.pool.client !== client)
          .map(({ pool: each }) => ({ pool: each, demand: looseDemand(each, settings) })),
      );
      return sum([
        others.atMost,
        ...behind.map(({ demand }) => demand.atMost),
        ...rest.map(({ demand }) => demand.atMost),
      ]);
    }
    const ownLacking = proxy ? 0 : lackingOf(pool);
    const ofOthers = known(total - ((own && knownValue(own.atMost)) ?? 0) + lacking - ownLacking);
    if (!proxy) return ofOthers;
    const rest = proxy.pools.filter((each) => each.client !== client);
    return sum([ofOthers, proxyBudget(proxy.proxy, rest, limit, settings).demand.atMost]);
  };
  const loose = pools.filter((pool) => knownValue(pool.proxied) !== true).map(({ client }) => client);
  const engine = engineOf(database);
  const shared =
    engine.state === "known" ? sharedLimits(database, loose, accountLimits, isPostgres(engine.value)) : [];
  return {
    database,
    limit,
    usable,
    budget: computed("parameters", () => andThen(usable, (of) => known(connectionBudget(of, capacity)))),
    demandAtLeast: demands.reduce((all, { atLeast }) => all + atLeast, capacity.operationsReserve),
    demandAtPeak: hidden[0] ?? known(total + capacity.operationsReserve),
    demandOfOthers,
    demandOf: ({ client }) =>
      direct.find(({ pool }) => pool.client === client)?.demand ?? { atLeast: 0, atMost: known(0) },
    proxies: behind,
    shared,
    pools: pools.map((pool) => ({
      ...pool,
      ceiling: withinShared(
        ceilingOf(pool, places.get(pool.client)?.proxy, usable, demandOfOthers, settings),
        pool,
        pools,
        shared,
      ),
    })),
  };
}

interface Direct {
  readonly pool: PoolBudget;
  readonly demand: DatabaseDemand;
}

/**
 * Functions that reserve nothing share the environments of their account: together they run no more than there are, and at
 * worst those run that open the most connections each.
 */
function withinAccount(direct: readonly Direct[]): readonly Direct[] {
  const each = ({ pool }: Direct): number => knownValue(pool.connectionsPerProcess) ?? 0;
  const sharing = direct
    .filter(({ pool }) => pool.client.tasks.shares !== undefined && pool.connections.state === "known")
    .sort((a, b) => each(b) - each(a));
  let left = Math.min(...sharing.map(({ pool }) => pool.client.tasks.shares ?? 0));
  const most = new Map<PoolBudget, number>();
  for (const one of sharing) {
    const environments = Math.min(left, knownValue(one.pool.tasksAtPeak) ?? left);
    left -= environments;
    most.set(one.pool, environments * each(one));
  }
  return direct.map((one) => {
    const cap = most.get(one.pool);
    if (cap === undefined) return one;
    const { atLeast, atMost } = one.demand;
    const bounded = andThen(atMost, (value) => known(Math.min(value, cap)));
    return { pool: one.pool, demand: { atLeast: Math.min(atLeast, cap), atMost: bounded } };
  });
}

/** The lowest limit wins: what the other pools of the same account leave of its limit. */
function withinShared(
  ceiling: Reading<number>,
  pool: PoolBudget,
  pools: readonly PoolBudget[],
  shared: readonly SharedLimit[],
): Reading<number> {
  let least = ceiling;
  for (const { clients, connections } of shared) {
    if (!clients.has(pool.client)) continue;
    const others = sum(
      pools
        .filter(({ client }) => client !== pool.client && clients.has(client))
        .map((each) => each.connections),
    );
    const { tasksAtPeak: tasks, processesPerTask: processes } = pool;
    least = combine({ least, connections, others, tasks, processes }, (of) => {
      const held = Math.max(1, of.tasks * of.processes);
      return Math.max(0, Math.min(of.least, Math.floor((of.connections - of.others) / held)));
    });
  }
  return least;
}

/** Where a pool's connections count: on its own, or as part of a proxy's. */
interface Place {
  readonly demand: DatabaseDemand;
  readonly proxy?: ProxyBudget;
}

/**
 * Connections a pool does not ask for yet, and will once it is raised to its floor: a window drawn without them would
 * close again with the other pool's own fix.
 */
function lackingOf({ client, floor, poolMax, tasksAtPeak, processesPerTask, proxied }: PoolBudget): number {
  if (client.behind !== undefined) return 0;
  const pools = (knownValue(tasksAtPeak) ?? 0) * (knownValue(processesPerTask) ?? 0);
  const missing = (knownValue(floor) ?? 0) - (knownValue(poolMax) ?? Number.POSITIVE_INFINITY);
  return knownValue(proxied) === false && missing > 0 ? missing * pools : 0;
}

/** The one proxy a pool certainly goes through; undefined also where it reaches two. */
const proxyOf = ({ client: { database: link }, proxied }: PoolBudget): string | undefined =>
  link.state === "linked" && knownValue(proxied) === true ? link.proxy : undefined;

/** Of a pool that no proxy of this stack stands for: direct, or perhaps through one that cannot be seen. */
export function looseDemand(pool: PoolBudget, settings: Settings): DatabaseDemand {
  const { behind } = pool.client;
  if (behind?.state === "known") return { atLeast: 0, atMost: known(0) };
  if (behind !== undefined) return { atLeast: 0, atMost: andThen(behind, () => known(0)) };
  const own = knownValue(pool.connectionsAtLeast) ?? 0;
  const isDirect = knownValue(pool.proxied) === false || knownValue(pool.sessions) === "pinned";
  if (isDirect) return { atLeast: own, atMost: pool.connections };
  const shared = multiplexed([pool], settings);
  const least = Math.min(knownValue(shared) ?? 0, knownValue(pool.connections) ?? Number.POSITIVE_INFINITY);
  const isShared = knownValue(pool.proxied) === true && knownValue(pool.sessions) === "multiplexed";
  return { atLeast: least, atMost: isShared && shared.state === "known" ? known(least) : pool.connections };
}

/**
 * The largest `pool.max` that the database allows. Behind a proxy there is one only where every session pins: then
 * the proxy's own share bounds it as well. AWS publishes no limit for a proxy's client side.
 */
function ceilingOf(
  pool: PoolBudget,
  proxy: ProxyBudget | undefined,
  usable: Reading<number>,
  demandOfOthers: (pool: PoolBudget) => Reading<number>,
  { capacity }: Settings,
): Reading<number> {
  if (pool.client.behind !== undefined)
    return unknown("containerDefinitions", "behind a pooler the pool's own size does not bound the database");
  if (knownValue(pool.proxied) !== false && knownValue(pool.sessions) !== "pinned") {
    return unknown(
      "containerDefinitions",
      "with a proxy, the size of the pool does not limit the connections of the database",
    );
  }
  const client = { tasksHoldingPools: pool.tasksAtPeak, processesPerTask: pool.processesPerTask };
  const ofDatabase = computed("parameters", () =>
    combine(
      { usable, otherDemand: demandOfOthers(pool), ...client },
      ({ usable: of, otherDemand, ...holder }) =>
        poolCeiling({ usable: of, client: holder, otherDemand }, capacity),
    ),
  );
  if (!proxy) return ofDatabase;
  const others = sum(
    proxy.pools.filter(({ client: each }) => each !== pool.client).map(({ connections }) => connections),
  );
  return computed("parameters", () =>
    combine({ ofDatabase, allowed: proxy.allowed, others, ...client }, (of) => {
      const pools = Math.max(1, of.tasksHoldingPools * of.processesPerTask);
      return Math.max(0, Math.min(of.ofDatabase, Math.floor((of.allowed - of.others) / pools)));
    }),
  );
}

function grouped<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
