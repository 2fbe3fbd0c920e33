import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolClient } from "pg";
import type { Random } from "../../../policies/kit/random";
import { WorkSlots } from "../../../service/auth/workSlots";
import { type AdminAddress, clientOptions } from "../lab/admin";
import type { Timed } from "../measure/statistics";
import { arrivalsAt, requestsAt, steady } from "./arrivals";

/** An open load on one pool, without a service in between: what the model describes, and nothing else. */
export interface PoolLoad {
  readonly poolMax: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
  readonly seed: number;
  /** Which of a seed's pools it is: each has arrivals and holds of its own. @default 0 */
  readonly pool?: number;
  /** Draws how long a request works, in ms. */
  readonly workMs: (random: Random) => number;
  /** With 2, the second half of the work takes a second connection while the first is held. */
  readonly heldAtOnce: 1 | 2;
  /** The most requests that work at once; the others wait before they take a connection. */
  readonly requestsInFlight?: number | undefined;
  /** 0: none. */
  readonly acquireTimeoutMs: number;
}

export interface PoolLoadResult {
  /** Wait of each request's first acquisition, by the time it was due. */
  readonly waitMs: readonly Timed[];
  /** 1 for a request that failed, 0 for one that did not. */
  readonly failed: readonly Timed[];
  /** How much later than due each request began. */
  readonly lagMs: readonly number[];
  /** What a query took beyond its sleep, on average: part of the hold. */
  readonly overheadMs: number;
}

/** node-postgres in its own words; anything else that fails is the lab's problem, not a measurement. */
const ACQUIRE_TIMEOUT = "timeout exceeded when trying to connect";

/**
 * Sends Poisson arrivals to a pool of node-postgres whose connections are open before the first one. A hold is a query that
 * sleeps in the database.
 */
export async function loadPool(address: AdminAddress, load: PoolLoad): Promise<PoolLoadResult> {
  const pool = openPool(address, load);
  try {
    const warm = await Promise.all(Array.from({ length: load.poolMax }, () => pool.connect()));
    for (const client of warm) client.release();
    return await send(pool, load);
  } finally {
    await pool.end();
  }
}

function openPool(address: AdminAddress, load: PoolLoad): Pool {
  const pool = new Pool({
    ...clientOptions(address),
    max: load.poolMax,
    idleTimeoutMillis: 0,
    application_name: "poolproof-stress",
  });
  pool.on("error", () => {}); // an idle connection broke: the query that needs it says so
  return pool;
}

async function send(pool: Pool, load: PoolLoad): Promise<PoolLoadResult> {
  // Not while the connections were opened, which takes its time.
  pool.options.connectionTimeoutMillis = load.acquireTimeoutMs;
  const result = { waitMs: [] as Timed[], failed: [] as Timed[], lagMs: [] as number[] };
  const overheads: number[] = [];
  let broken: unknown;
  const random = requestsAt(load.pool ?? 0, load.seed);
  const slots = load.requestsInFlight === undefined ? undefined : new WorkSlots(load.requestsInFlight);
  const startedAt = performance.now();
  const now = (): number => performance.now() - startedAt;

  const hold = async (client: PoolClient, ms: number): Promise<void> => {
    const from = now();
    await client.query("SELECT pg_sleep($1)", [ms / 1000]);
    overheads.push(now() - from - ms);
  };
  const holding = async (work: (client: PoolClient) => Promise<void>): Promise<void> => {
    const client = await pool.connect();
    try {
      await work(client);
    } finally {
      client.release();
    }
  };
  const request = async (atMs: number, workMs: number): Promise<void> => {
    const from = now();
    const part = workMs / load.heldAtOnce;
    await holding(async (client) => {
      result.waitMs.push({ atMs, value: now() - from });
      await hold(client, part);
      if (load.heldAtOnce === 2) await holding((second) => hold(second, part));
    });
  };
  const outcome = async (atMs: number, workMs: number): Promise<void> => {
    result.lagMs.push(now() - atMs);
    try {
      await (slots === undefined ? request(atMs, workMs) : slots.run(() => request(atMs, workMs)));
      result.failed.push({ atMs, value: 0 });
    } catch (error) {
      if (!(error instanceof Error && error.message === ACQUIRE_TIMEOUT)) broken ??= error;
      result.failed.push({ atMs, value: 1 });
    }
  };

  const sent: Promise<void>[] = [];
  for (const at of arrivalsAt(load.pool ?? 0, load.seed, [steady(load.seconds, load.requestsPerSecond)])) {
    const early = at * 1000 - now();
    if (early > 0) await sleep(early);
    sent.push(outcome(at * 1000, load.workMs(random)));
  }
  await Promise.all(sent);
  if (broken !== undefined) throw broken;
  const overheadMs = overheads.reduce((sum, ms) => sum + ms, 0) / overheads.length;
  return { ...result, overheadMs };
}
