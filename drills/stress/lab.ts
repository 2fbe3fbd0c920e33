import { readFileSync } from "node:fs";
import { Admin, type AdminAddress } from "./database/admin";
import { findBinaries } from "./database/binaries";
import { ADMIN, Cluster } from "./database/cluster";
import { Holds } from "./database/holds";
import { type PreparedDatabase, prepareDatabase } from "./database/prepare";
import { serverSettings } from "./database/serverSettings";
import { Guard } from "./guard";
import type { StackUnderTest } from "./settings/stackUnderTest";
import { LAB_HASH_LOG2_N } from "./tasks/taskEnvironment";
import { makeTemporaryFolder, removeFolder } from "./temporaryFolder";
import { Tidy } from "./tidy";

/** A place to run loads in: a folder, a database that is ready, and whatever has to be undone. */
export interface Lab {
  readonly tidy: Tidy;
  /** Told every process, so that none outlives the lab. */
  readonly watch: (pid: number) => void;
  readonly admin: Admin;
  readonly holds: Holds;
  readonly prepared: PreparedDatabase;
  /** Undefined for a database of the user's own. */
  readonly cluster: Cluster | undefined;
  /** The service's address of the database, as its environment variables. */
  readonly address: { readonly [variable: string]: string };
  readonly facts: DatabaseFacts;
}

/** What the report says of the database. */
export interface DatabaseFacts {
  /** As it calls itself: `17.10`. */
  readonly version: string;
  readonly source: string;
  readonly maxConnections: number;
  readonly applied: readonly string[];
  readonly notReproduced: readonly string[];
}

export interface LabOptions {
  readonly stack: StackUnderTest;
  readonly folder: string;
  readonly tidy: Tidy;
  readonly watch: (pid: number) => void;
  readonly holdMs: number;
  readonly seed: number;
  readonly databasePort: number | undefined;
}

/** Accounts in the lab's database: enough that two logins of one of them rarely meet. */
const USERS = 1_000;

/** The folder and the two that clean up: whoever is asked to stop, and whoever is left when nobody was asked. */
export function beginLab(): { folder: string; tidy: Tidy; watch: (pid: number) => void } {
  const tidy = new Tidy();
  const folder = makeTemporaryFolder();
  const guard = Guard.start();
  guard.watchFolder(folder);
  tidy.add("guard", () => guard.dismiss());
  tidy.add("folder", () => removeFolder(folder));
  return { folder, tidy, watch: (pid) => guard.watchProcess(pid) };
}

/** Starts a PostgreSQL with the stack's settings and makes it ready for the service. @throws LabError */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { stack, folder, tidy, watch } = options;
  const major = Number.parseInt(stack.database.engineVersion, 10);
  const binaries = findBinaries(major);
  const settings = serverSettings(stack.database.parameters, stack.database.maxConnections);
  const cluster = await Cluster.create({
    binaries,
    settings,
    folder,
    port: options.databasePort,
    onStart: watch,
  });
  tidy.add("database", () => cluster.stop());
  await cluster.start();
  const database = stack.environment.DB_NAME ?? "auth";
  const authority = readFileSync(cluster.authorityFile, "utf8");
  const host = {
    host: "127.0.0.1",
    port: cluster.port,
    user: ADMIN,
    password: cluster.adminPassword,
    authority,
  };
  await createDatabase({ ...host, database: "postgres" }, database);
  const admin = new Admin({ ...host, database });
  tidy.add("connection to the database", () => admin.close());
  const address = {
    DB_HOST: "localhost",
    DB_PORT: String(cluster.port),
    DB_NAME: database,
    DB_SSL_CA: cluster.authorityFile,
  };
  const prepared = await prepareDatabase(admin, { address, hashLog2N: LAB_HASH_LOG2_N, users: USERS });
  return {
    tidy,
    watch,
    admin,
    cluster,
    address,
    prepared,
    holds: new Holds(admin, options.holdMs, options.seed),
    facts: await factsOf(admin, {
      source: versionNote(binaries.source, binaries.major, major),
      applied: settings.applied.map(({ name, value }) => `${name}=${value}`),
      notReproduced: settings.notReproduced,
    }),
  };
}

async function createDatabase(address: AdminAddress, name: string): Promise<void> {
  const server = new Admin(address);
  try {
    await server.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  } finally {
    await server.close();
  }
}

async function factsOf(
  admin: Admin,
  known: Pick<DatabaseFacts, "source" | "applied" | "notReproduced">,
): Promise<DatabaseFacts> {
  const [row] = await admin.query<{ version: string; max: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('max_connections')::int AS max",
  );
  return { version: (row?.version ?? "").split(" ")[0] ?? "", maxConnections: row?.max ?? 0, ...known };
}

function versionNote(source: string, major: number, wanted: number): string {
  return major === wanted ? source : `${source}; the stack's PostgreSQL ${wanted} is not on this machine`;
}
