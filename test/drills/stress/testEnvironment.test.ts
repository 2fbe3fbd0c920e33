import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countSessions, sessionProblems, sessionRows } from "../../../drills/stress/drills/runDrills";
import { Cluster, type GroupParameter, serverSettings } from "../../../drills/stress/lab/cluster";
import { findBinaries } from "../../../drills/stress/lab/postgresBinaries";
import {
  makeWorkspace,
  openTestEnvironment,
  type TestEnvironment,
} from "../../../drills/stress/lab/testEnvironment";
import { steady } from "../../../drills/stress/load/arrivals";
import { declaredMix } from "../../../drills/stress/load/requests";
import { measured } from "../../../drills/stress/measure/measured";
import { runPhase } from "../../../drills/stress/run/phase";
import { smallStack } from "./support";

/** A real PostgreSQL, a real service, a load of a few seconds. What it asserts does not depend on how busy the machine is. */
describe("the lab", { timeout: 180_000 }, () => {
  const workspace = makeWorkspace();
  let lab: TestEnvironment;

  beforeAll(async () => {
    lab = await openTestEnvironment({
      ...workspace,
      stack: smallStack,
      holdMs: 40,
      seed: 1,
    });
    await lab.holds.set(1);
  });

  afterAll(async () => {
    expect(await workspace.cleanup.all()).toEqual([]);
    expect(existsSync(workspace.folder)).toBe(false);
  });

  it("runs the stack's parameters on a server that refuses to do without TLS", async () => {
    const [row] = await lab.admin.query(
      "SELECT current_setting('max_connections') AS max, current_setting('statement_timeout') AS timeout, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS ssl",
    );
    expect(row).toEqual({ max: "60", timeout: "2s", ssl: true });
    expect(lab.facts.notReproduced.join("\n")).toContain("rds.force_ssl=1");
  });

  it("holds once a statement, rows or no rows, and repeats its draws with the seed", async () => {
    const from = await lab.holds.position();
    await lab.admin.query("SELECT * FROM lab.users WHERE username = 'user-1'");
    await lab.admin.query("SELECT * FROM lab.users WHERE username = 'nobody'");
    await lab.admin.query(
      "WITH gone AS (DELETE FROM lab.sessions WHERE expires_at < now()) INSERT INTO lab.sessions (token_hash, user_id, expires_at) SELECT sha256('x'), id, now() FROM public.users LIMIT 1",
    );
    const to = await lab.holds.position();
    expect(to - from).toBe(3);
    const first = await lab.holds.meanSleepMs(from, to);
    await lab.holds.set(1);
    expect(await lab.holds.meanSleepMs(from, to)).toBe(first);
    await lab.admin.query("DELETE FROM public.sessions WHERE token_hash = sha256('x')");
  });

  it("answers a load as its outcomes say, and keeps every session it gave out", async () => {
    const before = await sessionRows(lab.admin);
    const record = await runPhase({
      lab,
      stack: smallStack,
      poolMax: 4,
      tasks: 1,
      profile: [steady(1, 20), steady(4, 20)],
      measured: 1,
      mix: { ...declaredMix(1.5), wrongShare: 0.2 },
      seed: 3,
      onProgress: () => {},
    });
    const seen = measured(record, 50);
    expect(record.load.sent).toBe(record.scheduled);
    expect(record.load.records).toHaveLength(record.scheduled);
    expect(seen.outcomes.wrong_answer).toBeUndefined();
    expect(seen.attempted).toBeGreaterThan(40);
    expect(seen.succeeded).toBeGreaterThan(0);
    // Every acquisition is in the service's own metrics; a busy machine makes them longer, never fewer.
    expect(seen.acquisitions).toBeGreaterThan(40);
    expect(seen.holdMs).toBeGreaterThan(20);
    expect(record.database.length).toBeGreaterThan(0);
    const sessions = await countSessions(lab.admin, record, before);
    expect(sessions.answered).toBeGreaterThan(5);
    expect(sessionProblems(sessions)).toEqual([]);
  });
});

describe("a database that cannot be started", { timeout: 60_000 }, () => {
  async function starting(parameters: readonly GroupParameter[], port?: number): Promise<unknown> {
    const { folder, cleanup, watch } = makeWorkspace();
    const settings = serverSettings(parameters, null);
    try {
      const cluster = await Cluster.create({
        binaries: findBinaries(17),
        settings,
        folder,
        cleanup,
        port,
        onStart: watch,
      });
      return await cluster.start().catch((error: unknown) => error);
    } finally {
      await cleanup.all();
    }
  }

  it("says that its port is taken, and how to do without", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(String(await starting([], port))).toMatch(new RegExp(`port ${port} .*--database-port`));
    taken.close();
  });

  it("says what PostgreSQL itself objects to", async () => {
    const parameters = [{ name: "no_such_parameter", value: "1" }];
    expect(String(await starting(parameters))).toMatch(/PostgreSQL.*no_such_parameter/);
  });
});
