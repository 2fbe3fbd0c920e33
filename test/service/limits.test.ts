import { rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { throwawayCertificates } from "../../drills/stress/lab/certificates";
import { toPgServer } from "../../service/pool/database";
import { POSTGRES_START_MS, skipsWithoutPostgres } from "../support/postgres";
import type { Change } from "./support/environment";
import {
  type AuthDatabase,
  type ServiceUnderTest,
  startAuthDatabase,
  startUnderTest,
} from "./support/serviceUnderTest";

const WAIT = "db.client.connection.wait_time";
const USE = "db.client.connection.use_time";
const CREATE = "db.client.connection.create_time";
const TIMEOUTS = "db.client.connection.timeouts";
const REFUSALS = "auth.pool.refusals";

describe.skipIf(skipsWithoutPostgres())("a request that meets a limit", () => {
  let database: AuthDatabase;
  const running: ServiceUnderTest[] = [];
  // Wide limits, of which each test narrows its own: a busy machine must not meet another one first.
  const WIDE = {
    DB_POOL_ACQUIRE_TIMEOUT_MS: "5000",
    DB_STATEMENT_TIMEOUT_MS: "5000",
    DB_QUERY_TIMEOUT_MS: "6000",
  };
  const start = async (change?: Change, where: Parameters<typeof startUnderTest>[0] = database) => {
    const service = await startUnderTest(where, { ...WIDE, ...change });
    running.push(service);
    return service;
  };
  const failed = (error: string) => ({ status: 503, body: { error } });

  beforeAll(async () => {
    database = await startAuthDatabase();
  }, POSTGRES_START_MS);
  beforeEach(() => database.holdLogouts(0));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });
  afterAll(() => database?.stop());

  it("is refused at once when as many wait as may, and told when to come back", async () => {
    const service = await start({
      DB_POOL_MAX: "1",
      DB_POOL_QUEUE_MAX: "1",
      DB_POOL_ACQUIRE_TIMEOUT_MS: "10000",
    });
    await service.hold();
    await database.holdLogouts(1_500);
    let held = true;
    const holder = service.hold().finally(() => {
      held = false;
    });
    await expect.poll(() => service.pool.sample().used).toBe(1);
    const waiter = service.hold();
    await expect.poll(() => service.pool.sample().pending).toBe(1);
    const refused = await service.hold();
    expect(held).toBe(true);
    expect(refused).toMatchObject(failed("queue_refused"));
    expect(refused.headers.get("retry-after")).toBe("1");
    expect([(await holder).status, (await waiter).status]).toEqual([204, 204]);

    const reported = await service.stopAndRead();
    expect(reported.sum(REFUSALS)).toBe(1);
    expect(reported.sum(TIMEOUTS)).toBe(0);
    expect(reported.values(WAIT)).toHaveLength(3);
    expect(reported.values(USE)).toHaveLength(3);
  });

  it("is served without a queue as long as a connection is free, and refused when none is", async () => {
    const service = await start({ DB_POOL_MAX: "2", DB_POOL_QUEUE_MAX: "0" });
    for (let request = 0; request < 5; request++) expect((await service.hold()).status).toBe(204);
    await database.holdLogouts(300);
    const answers = await Promise.all([service.hold(), service.hold(), service.hold(), service.hold()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 204, 503, 503]);
  });

  it("gives up when no connection comes free in time, and its wait is reported", async () => {
    const service = await start({ DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "700" });
    await service.hold();
    await database.holdLogouts(1_800);
    const holder = service.hold();
    await expect.poll(() => service.pool.sample().used).toBe(1);
    expect(await service.hold()).toMatchObject(failed("pool_timeout"));
    expect((await holder).status).toBe(204);
    // The database is well: the task stays where it is.
    expect((await service.get("/readyz")).status).toBe(200);

    const reported = await service.stopAndRead();
    expect(reported.sum(TIMEOUTS)).toBe(1);
    const longest = Math.max(...reported.values(WAIT));
    expect(longest).toBeGreaterThan(0.69);
    expect(longest).toBeLessThan(1.5);
  });

  it("has its health answered while every connection is taken", async () => {
    const service = await start({ DB_POOL_MAX: "1" });
    await database.holdLogouts(1_500);
    let held = true;
    const holder = service.hold().finally(() => {
      held = false;
    });
    await expect.poll(() => service.pool.sample().used).toBe(1);
    expect((await service.get("/healthz")).status).toBe(200);
    expect((await service.get("/readyz")).status).toBe(200);
    expect(held).toBe(true);
    await holder;
  });

  it("ends with the statement's limit, and its connection serves the next one", async () => {
    const service = await start({
      DB_POOL_MAX: "1",
      DB_STATEMENT_TIMEOUT_MS: "200",
      DB_LOCK_TIMEOUT_MS: "100",
    });
    await database.holdLogouts(1_000);
    expect(await service.hold()).toMatchObject(failed("statement_timeout"));
    await database.holdLogouts(0);
    expect((await service.hold()).status).toBe(204);
    expect((await service.stopAndRead()).values(CREATE)).toHaveLength(1);
  });

  it("ends with the client's own limit, and its connection, which may still be busy, is closed", async () => {
    const service = await start({ DB_POOL_MAX: "1", DB_QUERY_TIMEOUT_MS: "500" });
    await database.holdLogouts(1_800);
    expect(await service.hold()).toMatchObject(failed("query_timeout"));
    await database.holdLogouts(0);
    expect((await service.hold()).status).toBe(204);
    expect((await service.stopAndRead()).values(CREATE)).toHaveLength(2);
  });

  it("ends with the lock's limit", async () => {
    const service = await start({ DB_LOCK_TIMEOUT_MS: "100" });
    const locking = database.run("BEGIN; LOCK TABLE sessions; SELECT pg_sleep(1); COMMIT");
    await expect
      .poll(() => database.run("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"))
      .not.toEqual([]);
    expect(await service.hold()).toMatchObject(failed("lock_timeout"));
    await locking;
  });

  it("is answered by its deadline, though the database is not done", async () => {
    const service = await start({ REQUEST_TIMEOUT_MS: "250" });
    await database.holdLogouts(1_800);
    const startedAtMs = performance.now();
    expect(await service.hold()).toMatchObject(failed("request_timeout"));
    expect(performance.now() - startedAtMs).toBeLessThan(1_700);
  });

  it("is told that the database has no connection left", async () => {
    const service = await start();
    await database.run("ALTER ROLE auth_app CONNECTION LIMIT 0");
    expect(await service.hold()).toMatchObject(failed("too_many_connections"));
    await database.run("ALTER ROLE auth_app CONNECTION LIMIT -1");
    expect((await service.hold()).status).toBe(204);
  });

  it("makes the task unready when no connection can be opened, and ready again when one is", async () => {
    const service = await start({ DB_PASSWORD: "wrong" });
    expect(await service.hold()).toMatchObject(failed("connect_failed"));
    expect(await service.get("/readyz")).toMatchObject({
      status: 503,
      body: { status: "database_unreachable" },
    });
    expect((await service.get("/healthz")).status).toBe(200);
    await database.run("ALTER ROLE auth_app PASSWORD 'wrong'");
    expect((await service.hold()).status).toBe(204);
    expect((await service.get("/readyz")).status).toBe(200);
    await database.run("ALTER ROLE auth_app PASSWORD 'password-of-the-role'");
  });

  it("gives up on a server that accepts and never answers", async () => {
    const silent: Server = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const service = await start({ DB_POOL_ACQUIRE_TIMEOUT_MS: "200" }, { port });
    expect(await service.hold()).toMatchObject(failed("connect_timeout"));
    expect((await service.stopAndRead()).sum(TIMEOUTS)).toBe(1);
    silent.close();
  });

  it("is not sent to a database whose certificate comes from somebody else", async () => {
    const stranger = join(tmpdir(), `auth-test-stranger-${process.pid}.pem`);
    writeFileSync(stranger, throwawayCertificates().authority);
    const service = await start({}, { port: database.port, caFile: stranger });
    expect(await service.hold()).toMatchObject(failed("connect_failed"));
    expect(service.lines.join("")).toMatch(/DEPTH_ZERO|UNABLE_TO|CERT_|self-signed/);
    rmSync(stranger);
  });

  it("is sent to a database whose certificate is of its address, and to none whose is of another", async () => {
    const byAddress = await start({ DB_HOST: "127.0.0.1" });
    expect((await byAddress.hold()).status).toBe(204);
    const other = toPgServer({
      host: "database.example",
      port: 1,
      database: "auth",
      caFile: database.caFile,
    });
    const { checkServerIdentity } = typeof other.ssl === "object" ? other.ssl : {};
    const certificate = {
      subject: { CN: "localhost" },
      subjectaltname: "DNS:localhost, IP Address:127.0.0.1",
    };
    expect(checkServerIdentity?.("localhost", certificate as PeerCertificate)).toBeInstanceOf(Error);
  });

  it("fails alone when its connection is killed, and the next one gets a new connection", async () => {
    const service = await start({ DB_POOL_MAX: "1" });
    await database.holdLogouts(1_500);
    const killed = service.hold();
    await expect.poll(() => service.pool.sample().used).toBe(1);
    const backends = () =>
      database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    await expect.poll(backends).not.toEqual([]);
    expect(await killed).toMatchObject(failed("connection_lost"));
    await database.holdLogouts(0);
    expect((await service.hold()).status).toBe(204);
  });

  it("outlives a connection that breaks in its hands, between two statements", async () => {
    const service = await start();
    const between = service.pool.use(async (client) => {
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
      await database.run(`SELECT pg_terminate_backend(${rows[0]?.pid})`);
      await expect.poll(() => service.lines.join("")).toContain("connection_broken");
      return client.query("SELECT 1");
    });
    await expect(between).rejects.toMatchObject({ code: "connection_lost" });
    expect((await service.hold()).status).toBe(204);
  });

  it("outlives a restart of the database, and so does the service", async () => {
    const service = await start();
    await Promise.all(Array.from({ length: 4 }, () => service.hold()));
    await database.restart();
    // All of them broke while they were idle.
    await expect.poll(() => service.pool.sample().idle).toBe(0);
    const after = await Promise.all(Array.from({ length: 4 }, () => service.login(database.account)));
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(service.lines.join("")).toContain("connection_broken");
  });
});
