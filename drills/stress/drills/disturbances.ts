import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { messageOf } from "../../../policies/kit/errors";
import { SERVICE_ROLE } from "../lab/admin";
import type { TestEnvironment } from "../lab/testEnvironment";
import type { Disturbance } from "../run/phase";

/** What can happen to a service whose database or tasks have a bad moment; `--drill NAME`, or `all`. */
export const DRILLS = ["restart", "kill", "slow-query", "rolling", "other-client"] as const;
export type DrillName = (typeof DRILLS)[number];

/** One bad moment. */
interface BadMoment {
  readonly what: string;
  /** Whether any request may fail while it lasts. */
  readonly mayFail: boolean;
  /** Brings it about and ends it again; returns what it has to tell. */
  readonly happen: (context: Disturbance) => Promise<readonly string[]>;
  /** Why it cannot be done with a database of the user's own. */
  readonly needsOwnServer?: string;
}

/** How long the database stays away, and how long slow queries or another client stay, in ms. */
const AWAY_MS = 2_000;
const STAY_MS = 4_000;

export const BAD_MOMENTS: { readonly [name in DrillName]: BadMoment } = {
  restart: {
    what: `the database is shut down under load and comes back after ${AWAY_MS / 1000} s`,
    mayFail: true,
    needsOwnServer: "the lab restarts only its own server",
    happen: restart,
  },
  kill: {
    what: "every connection of the service is ended by an administrator, three times a second apart",
    mayFail: true,
    happen: killConnections,
  },
  "slow-query": {
    what: `every query takes twice the statement timeout on average, for ${STAY_MS / 1000} s`,
    mayFail: true,
    happen: slowQueries,
  },
  rolling: {
    what: "every task is replaced by a new one, one after another, as a deployment does",
    mayFail: false,
    happen: rollingRestart,
  },
  "other-client": {
    what: `another client takes every remaining connection for ${STAY_MS / 1000} s, while the service has to reopen its own`,
    mayFail: true,
    happen: otherClient,
  },
};

async function restart({ lab }: Disturbance): Promise<readonly string[]> {
  const started = Date.now();
  await lab.cluster?.stop();
  await sleep(AWAY_MS);
  await lab.cluster?.start();
  return [`it was away for ${((Date.now() - started) / 1000).toFixed(1)} s`];
}

const endSessions = (lab: TestEnvironment): Promise<{ ended: number }[]> =>
  lab.admin.query<{ ended: number }>(
    "SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity WHERE usename = $1",
    [SERVICE_ROLE],
  );

async function killConnections({ lab }: Disturbance): Promise<readonly string[]> {
  let ended = 0;
  for (let round = 0; round < 3; round++) {
    if (round > 0) await sleep(1_000);
    ended += (await endSessions(lab))[0]?.ended ?? 0;
  }
  return [`${ended} connections were ended`];
}

async function slowQueries({ lab }: Disturbance): Promise<readonly string[]> {
  const [row] = await lab.admin.query<{ timeout: number }>(
    "SELECT setting::int AS timeout FROM pg_settings WHERE name = 'statement_timeout'",
  );
  const slowMs = 2 * (row?.timeout || 2_000);
  const before = lab.holds.measuredOverheadMs;
  await lab.admin.query("UPDATE lab.hold_setting SET share = 1, scale_ms = $1", [slowMs]);
  await sleep(STAY_MS);
  await lab.holds.set(before);
  return [`a query took ${slowMs} ms on average`];
}

async function rollingRestart({ fleet, generator }: Disturbance): Promise<readonly string[]> {
  const left: boolean[] = [];
  for (const [place, old] of [...fleet.tasks.entries()]) {
    const fresh = await fleet.startOne();
    fleet.tasks[place] = fresh;
    generator.retarget(place, fresh.port);
    left.push(await fleet.stopOne(old));
  }
  const drained = left.filter((each) => each).length;
  return [`${drained} of ${left.length} old tasks answered what they had and left within their stop timeout`];
}

/** Connections that are opened at once, and how soon a refused one is tried again. */
const AT_ONCE = 10;
const RETRY_MS = 50;
const OTHER_ROLE = "lab_other_client";

async function otherClient({ lab }: Disturbance): Promise<readonly string[]> {
  const password = randomBytes(12).toString("base64url");
  await lab.admin.query(`CREATE ROLE ${OTHER_ROLE} LOGIN PASSWORD '${password}'`);
  await lab.admin.query(`GRANT CONNECT ON DATABASE "${lab.admin.address.database}" TO ${OTHER_ROLE}`);
  const held: Client[] = [];
  let refusal = "none was refused";
  /** Takes what there is, and once there is no more, whatever becomes free until the time given. */
  const take = async (untilMs: number): Promise<void> => {
    for (let isFull = false; !isFull || Date.now() < untilMs; ) {
      try {
        held.push(await lab.admin.connect({ user: OTHER_ROLE, password }));
      } catch (error) {
        isFull = true;
        refusal = messageOf(error);
        await sleep(RETRY_MS);
      }
    }
  };
  const takeAll = (untilMs: number): Promise<unknown> =>
    Promise.all(Array.from({ length: AT_ONCE }, () => take(untilMs)));
  try {
    await takeAll(Date.now());
    const stay = takeAll(Date.now() + STAY_MS);
    await endSessions(lab);
    await stay;
    return [`it held ${held.length} of ${lab.facts.maxConnections} connections: ${refusal}`];
  } finally {
    await Promise.all(held.map((client) => client.end().catch(() => {})));
    await lab.admin.query(`REVOKE ALL ON DATABASE "${lab.admin.address.database}" FROM ${OTHER_ROLE}`);
    await lab.admin.query(`DROP ROLE ${OTHER_ROLE}`);
  }
}
