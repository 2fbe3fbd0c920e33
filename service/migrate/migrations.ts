import { join } from "node:path";
import { Client, type ClientConfig } from "pg";
import { type RoleSettings, roleStatements } from "./roleSettings";

/** The role that the service logs in as; the migrations create it. */
export const SERVICE_ROLE = "auth_app";

/** Where the SQL lies, beside this folder in the sources and in what is built of them. */
const FOLDER = join(__dirname, "..", "migrations");

/**
 * Waits for a lock no longer than this: a migration that queues behind a long transaction makes every request queue
 * behind itself. It also bounds the wait for another migration.
 */
const LOCK_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface MigrationRun {
  /** Names of the migrations that were applied now. */
  readonly applied: readonly string[];
}

/**
 * Brings the database up to date over one connection of its own, in one transaction: either all of it holds or
 * nothing does. Two at a time wait for each other (an advisory lock).
 * @param address - Where the database is, and a role that may create tables and roles.
 */
export async function migrate(
  address: ClientConfig,
  roleSettings: RoleSettings,
  log: (message: string) => void,
): Promise<MigrationRun> {
  const client = new Client({
    ...address,
    application_name: "auth-migrate",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // A connection that breaks fails the statement under way; the event itself must not end the process.
  client.on("error", () => {});
  const { runner } = await import("node-pg-migrate");
  try {
    await client.connect();
    const applied = await runner({
      dbClient: client,
      dir: FOLDER,
      direction: "up",
      migrationsTable: "migrations",
      singleTransaction: true,
      advisoryLockMode: "wait",
      log,
    });
    for (const statement of roleStatements(SERVICE_ROLE, roleSettings)) await client.query(statement);
    return { applied: applied.map(({ name }) => name) };
  } finally {
    await client.end();
  }
}
