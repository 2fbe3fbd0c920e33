import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBinaries } from "../../../drills/stress/database/binaries";
import { Cluster } from "../../../drills/stress/database/cluster";
import { serverSettings } from "../../../drills/stress/database/serverSettings";
import { beginLab, type Lab, openLab } from "../../../drills/stress/lab";
import { steady } from "../../../drills/stress/load/rateProfile";
import { declaredMix } from "../../../drills/stress/load/requestMix";
import { measured } from "../../../drills/stress/measure/measured";
import { runPhase } from "../../../drills/stress/phase";
import { countSessions, sessionProblems, sessionRows } from "../../../drills/stress/reliability/sessionCount";
import { Tidy } from "../../../drills/stress/tidy";
import { smallStack } from "./stackForTests";

/** A real PostgreSQL, a real service, a load of a few seconds. What it asserts does not depend on how busy the machine is. */
describe("the lab", { timeout: 180_000 }, () => {
  let lab: Lab;
  let folder: string;
  let tidy: Tidy;

  beforeAll(async () => {
    const begun = beginLab();
    ({ folder, tidy } = begun);
    lab = await openLab({
      ...begun,
      stack: smallStack,
      holdMs: 40,
      seed: 1,
      databasePort: undefined,
      databaseUrl: undefined,
    });
    await lab.holds.set(1);
  }, 180_000);

  afterAll(async () => {
    expect(await tidy.all()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  }, 60_000);

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
  it("says that its port is taken, and how to do without", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const { folder, tidy, watch } = beginLab();
    try {
      const cluster = await Cluster.create({
        binaries: findBinaries(17),
        settings: serverSettings([], null),
        folder,
        tidy,
        port,
        onStart: watch,
      });
      await expect(cluster.start()).rejects.toThrow(
        /^port \d+ of the loopback address is taken: .*--database-port/,
      );
    } finally {
      await tidy.all();
      taken.close();
    }
  });

  it("says what PostgreSQL itself objects to", async () => {
    const { folder, tidy, watch } = beginLab();
    try {
      const cluster = await Cluster.create({
        binaries: findBinaries(17),
        settings: serverSettings([{ name: "no_such_parameter", value: "1" }], null),
        folder,
        tidy,
        port: undefined,
        onStart: watch,
      });
      await expect(cluster.start()).rejects.toThrow(/PostgreSQL does not start: .*no_such_parameter/);
    } finally {
      await tidy.all();
    }
  });
});

describe("what has to be undone", () => {
  it("is undone once, the last first, past whatever fails", async () => {
    const undone: string[] = [];
    const tidy = new Tidy();
    tidy.add("first", () => void undone.push("first"));
    const early = tidy.add("early", () => void undone.push("early"));
    tidy.add("broken", () => {
      throw new Error("stuck");
    });
    tidy.add("last", async () => void undone.push("last"));
    await early();
    const [failures, again] = await Promise.all([tidy.all(), tidy.all()]);
    expect(undone).toEqual(["early", "last", "first"]);
    expect(failures).toEqual(["broken: stuck"]);
    expect(again).toEqual(failures);
  });

  it("leaves a folder of its own name only", () => {
    const parent = mkdtempSync(join(tmpdir(), "stress-test-"));
    expect(readdirSync(parent)).toEqual([]);
    rmSync(parent, { recursive: true });
  });
});
