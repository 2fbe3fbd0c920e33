import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POSTGRES_START_MS, skipsWithoutPostgres } from "../support/postgres";
import { readEmf, spawnService } from "./support/environment";
import { type AuthDatabase, STRANGE_TOKEN, startAuthDatabase } from "./support/serviceUnderTest";

describe("a service that cannot start", { timeout: 120_000 }, () => {
  it("says everything that is wrong with its environment, a line each, and exits 2", async () => {
    const service = spawnService({ DB_POOL_MAX: "0", DB_PASSWORD: "", REQUEST_TIMEOUT_MS: "soon" });
    expect(await service.exit).toBe(2);
    const lines = service.stderr().trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^✖ DB_POOL_MAX is "0", but .* node-postgres .* replaces 0 with 10\. Set it, for example, to 8\.$/,
    );
    expect(lines[1]).toMatch(/^✖ REQUEST_TIMEOUT_MS is "soon"/);
    expect(lines[2]).toMatch(/^✖ DB_PASSWORD is not set/);
    expect(service.stdout()).toBe("");
  });

  it("says in one line that its port is taken, and exits 2", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "0.0.0.0", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const service = spawnService({ PORT: String(port) });
    expect(await service.exit).toBe(2);
    expect(service.stderr()).toBe(
      `✖ PORT is ${port}, but the service cannot listen on it (another process uses the port). Set it to a free port, or to 0 for any.\n`,
    );
    taken.close();
  });

  it("says in one line which certificates it cannot read, and exits 2, from several processes as from one", async () => {
    for (const processes of ["1", "2"]) {
      const service = spawnService({ DB_SSL_CA: "/nowhere/ca.pem", WEB_CONCURRENCY: processes });
      expect(await service.exit).toBe(2);
      expect(service.stderr()).toMatch(
        /^(✖ DB_SSL_CA is "\/nowhere\/ca.pem", which cannot be read \(ENOENT\)[^\n]*\n){1,2}$/,
      );
    }
  });
});

describe.skipIf(skipsWithoutPostgres())("a service that is told to stop", { timeout: 120_000 }, () => {
  let database: AuthDatabase;
  const onDatabase = () => ({ DB_PORT: String(database.port), DB_SSL_CA: database.caFile });

  beforeAll(async () => {
    database = await startAuthDatabase();
  }, POSTGRES_START_MS);
  beforeEach(() => database.holdLogouts(0));
  afterAll(() => database?.stop());

  it("loses no request of clients that keep their connections, and ends with 0", async () => {
    const service = spawnService(onDatabase());
    const port = await service.listening;
    await database.holdLogouts(20);
    const clients = Array.from({ length: 8 }, () => new Client(port));
    const running = clients.map((client) => client.run());
    await expect.poll(() => clients.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(80);
    service.child.kill("SIGTERM");
    await Promise.all(running);
    expect(await service.exit).toBe(0);
    expect(clients.flatMap(({ lost }) => lost)).toEqual([]);
    // They were told to go, on the last answer that each got.
    expect(clients.map(({ lastConnection }) => lastConnection)).toEqual(Array(8).fill("close"));
    const reported = readEmf(emfLines(service.stdout()));
    const answered = clients.reduce((sum, client) => sum + client.answered, 0);
    expect(reported.values("db.client.connection.wait_time")).toHaveLength(answered);
    expect(service.stdout()).toContain('"event":"stopped","complete":true');
  });

  it("answers what is under way, however slow, before it ends", async () => {
    const service = spawnService(onDatabase());
    const port = await service.listening;
    await database.holdLogouts(1_600);
    const slow = new Client(port);
    const answer = slow.once();
    await expect
      .poll(() => database.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
      .not.toEqual([]);
    service.child.kill("SIGTERM");
    expect(await answer).toBe(204);
    expect(await service.exit).toBe(0);
    expect(await database.run("SELECT 1 FROM pg_stat_activity WHERE usename = 'auth_app'")).toEqual([]);
  });

  it("runs as many processes as it is told, replaces one that dies, and stops them all", async () => {
    const service = spawnService({ ...onDatabase(), WEB_CONCURRENCY: "2", DB_POOL_NAME: "auth-two" });
    const port = await service.listening;
    expect(service.stdout()).toContain('"processes":2');
    const client = new Client(port);
    const processes = async () => {
      for (let each = 0; each < 6; each++) expect(await new Client(port).once()).toBe(204);
      const rows = await database.run(
        "SELECT count(DISTINCT client_port)::int AS connections FROM pg_stat_activity WHERE application_name = 'auth-two'",
      );
      return rows[0]?.connections;
    };
    expect(await processes()).toBe(2);
    const { workers } = JSON.parse(service.stdout().split("\n")[0] ?? "") as { workers: number[] };
    process.kill(workers[0] ?? 0, "SIGKILL");
    await expect
      .poll(() => service.stdout(), { timeout: 60_000 })
      .toMatch(/worker_died[\s\S]*worker_replaced/);
    expect(await client.once()).toBe(204);
    service.child.kill("SIGTERM");
    expect(await service.exit).toBe(0);
  });
});

const emfLines = (stdout: string) => stdout.split("\n").filter((line) => line.startsWith('{"_aws"'));

/** A client with one connection that it keeps, asking as fast as it is answered. */
class Client {
  answered = 0;
  lastConnection: string | undefined;
  /** Requests that were sent over an open connection and not answered. */
  readonly lost: string[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly port: number) {}

  /** Until a new connection is refused, which loses nothing: nothing was sent. */
  async run(): Promise<void> {
    for (;;) {
      try {
        const status = await this.once();
        if (status !== 204) this.lost.push(`status ${status}`);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "ECONNREFUSED") this.lost.push(String(code));
        this.agent.destroy();
        return;
      }
    }
  }

  once(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          port: this.port,
          host: "127.0.0.1",
          method: "POST",
          path: "/logout",
          agent: this.agent,
          headers: { authorization: `Bearer ${STRANGE_TOKEN}` },
        },
        (response) => {
          response.resume();
          response.once("end", () => {
            this.answered++;
            this.lastConnection = response.headers.connection;
            resolve(response.statusCode);
          });
        },
      );
      outgoing.once("error", reject);
      outgoing.end();
    });
  }
}
