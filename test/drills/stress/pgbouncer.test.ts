import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../drills/stress/lab/cluster";
import { serverAccount } from "../../../drills/stress/lab/postgresBinaries";
import { type Server, startServer } from "../../../drills/stress/lab/server";
import { makeWorkspace } from "../../../drills/stress/lab/testEnvironment";
import { mulberry32 } from "../../../policies/kit/random";
import { meanWaitSeconds } from "../../../policies/model/erlang";
import { readIni } from "../../../policies/plan/databases/poolers";
import { smallStack } from "./support";

const version = spawnSync("pgbouncer", ["--version"], { encoding: "utf8" }).stdout?.match(/\d+\.\d+/)?.[0];
const title = "PgBouncer in front of the lab's PostgreSQL";
const why = " (skipped: no `pgbouncer` on this machine; Debian's package has it)";

/**
 * A real PgBouncer, to which the model's two statements about a pooler are held: it refuses what is above `max_client_conn`,
 * and `default_pool_size` connections serve everybody else, whose wait is Erlang C's. Both numbers are read from its file,
 * as `readIni` reads it from a ConfigMap.
 */
describe.skipIf(version === undefined)(
  `${title}${version === undefined ? why : ""}`,
  { timeout: 120_000 },
  () => {
    const workspace = makeWorkspace();
    const account = serverAccount();
    let server: Server;
    let bouncer: ChildProcess | undefined;
    let port = 0;
    let said = "";
    let settings: ReadonlyMap<string, string | undefined>;
    const setting = (option: string): number => Number(settings.get(option));

    beforeAll(async () => {
      // No statement timeout: a busy machine is slow to make a database, and holds are drawn without an upper end.
      const parameters = smallStack.database.parameters.filter(({ name }) => name !== "statement_timeout");
      const stack = { ...smallStack, database: { ...smallStack.database, parameters } };
      server = await startServer({ ...workspace, stack });
      port = await freePort();
      const { user, password, port: database } = server.admin.address;
      const ini = `[databases]
shop = host=127.0.0.1 port=${database} dbname=${server.admin.address.database} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
server_tls_sslmode = require
pool_mode = transaction
max_client_conn = 60
default_pool_size = 5
max_db_connections = 0
`;
      settings = readIni(ini);
      const file = join(workspace.folder, "pgbouncer.ini");
      writeFileSync(file, ini, { mode: 0o600 });
      if (account) chownSync(file, account.uid, account.gid);
      bouncer = spawn("pgbouncer", [file], { ...account, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
      bouncer.stderr?.on("data", (text) => {
        said += String(text);
      });
      if (bouncer.pid !== undefined) workspace.watch(bouncer.pid);
      workspace.cleanup.add("pgbouncer", () => void bouncer?.kill("SIGKILL"));
      for (let tries = 0; tries < 100; tries++) {
        const client = client_();
        const isUp = await client.connect().then(
          () => true,
          () => false,
        );
        await client.end().catch(() => {});
        if (isUp) return;
        await sleep(100);
      }
      throw new Error(`PgBouncer does not answer: ${said}`);
    }, 120_000);

    afterAll(async () => {
      expect(await workspace.cleanup.all()).toEqual([]);
    }, 60_000);

    const address = () => ({ host: "127.0.0.1", port, user: "app", database: "shop" });
    const held = async (): Promise<number> => {
      const [row] = await server.admin.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      return row?.n ?? 0;
    };
    const client_ = () => {
      const client = new Client({ ...address(), connectionTimeoutMillis: 20_000 });
      client.on("error", () => {});
      return client;
    };

    it("refuses each client above `max_client_conn`, and no other", async () => {
      const asked = 75;
      const clients = Array.from({ length: asked }, client_);
      const answers = await Promise.all(
        clients.map((client) =>
          client.connect().then(
            () => "taken",
            (error: Error) => (/no more connections allowed/.test(error.message) ? "refused" : error.message),
          ),
        ),
      );
      await Promise.all(clients.map((client) => client.end().catch(() => {})));
      const most = setting("max_client_conn");
      expect(answers.filter((each) => each === "taken")).toHaveLength(most);
      expect(answers.filter((each) => each === "refused")).toHaveLength(asked - most);
    });

    it("serves as many at once as `default_pool_size`, and the others in turn", async () => {
      await sleep(500);
      const size = setting("default_pool_size");
      const each = 500;
      const clients = Array.from({ length: 3 * size }, client_);
      await Promise.all(clients.map((client) => client.connect()));
      const from = performance.now();
      const work = Promise.all(
        clients.map((client) =>
          client.query("SELECT pg_sleep($1)", [each / 1000]).then(() => performance.now() - from),
        ),
      );
      let most = 0;
      let isOver = false;
      const watched = work.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        most = Math.max(most, await held());
        await sleep(50);
      }
      const ended = (await watched).sort((a, b) => a - b);
      await Promise.all(clients.map((client) => client.end()));
      expect(most).toBeLessThanOrEqual(size);
      // The k-th to end has waited for the ⌊k ÷ size⌋ rounds before its own; a busy machine makes that longer.
      ended.forEach((ms, k) => {
        expect(ms).toBeGreaterThan(0.95 * each * (1 + Math.floor(k / size)));
      });
      expect(ended.at(-1)).toBeLessThan(3 * each * (clients.length / size));
    });

    it("lets a client wait as Erlang C says", async () => {
      const size = setting("default_pool_size");
      const meanHoldSeconds = 0.2;
      const arrivalsPerSecond = 20;
      const predicted = meanWaitSeconds({ servers: size, arrivalsPerSecond, meanHoldSeconds }) ?? Number.NaN;
      const { arrivals, holds, waits } = draw(size, arrivalsPerSecond, meanHoldSeconds);
      // The draw itself is a fair one of that queue: what is measured below is PgBouncer, not luck.
      expect(mean(waits) / predicted).toBeGreaterThan(0.8);
      expect(mean(waits) / predicted).toBeLessThan(1.25);
      const pool = new Pool({ ...address(), max: 50 });
      pool.on("error", () => {});
      const warm = await Promise.all(Array.from({ length: 50 }, () => pool.connect()));
      for (const client of warm) client.release();
      const from = performance.now();
      const latencies = await Promise.all(
        arrivals.map(async (at, i) => {
          await sleep(Math.max(0, at * 1000 - (performance.now() - from)));
          const asked = performance.now();
          await pool.query("SELECT pg_sleep($1)", [holds[i]]);
          return (performance.now() - asked) / 1000 - (holds[i] ?? 0);
        }),
      );
      await pool.end();
      // A busy machine makes everything later; a pooler that did not queue would be at nearly nothing.
      expect(mean(latencies)).toBeGreaterThan(0.7 * predicted);
      expect(mean(latencies)).toBeLessThan(2 * predicted + 0.1);
    });
  },
);

const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;

/** Poisson arrivals, exponential holds, and how long each waits where the first to come is the first served. */
function draw(servers: number, perSecond: number, meanHold: number) {
  const random = mulberry32(SEED);
  const exponential = (scale: number): number => -Math.log(1 - random()) * scale;
  const free = Array.from({ length: servers }, () => 0);
  const arrivals: number[] = [];
  const holds: number[] = [];
  const waits: number[] = [];
  for (let at = 0, n = 0; n < 300; n++) {
    at += exponential(1 / perSecond);
    const hold = exponential(meanHold);
    const next = free.indexOf(Math.min(...free));
    const start = Math.max(at, free[next] ?? 0);
    free[next] = start + hold;
    arrivals.push(at);
    holds.push(hold);
    waits.push(start - at);
  }
  return { arrivals, holds, waits };
}
const SEED = 4;
