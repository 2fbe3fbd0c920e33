import type { Admin } from "./database/admin";
import type { Cluster } from "./database/cluster";
import { Holds } from "./database/holds";
import { type PreparedDatabase, prepareDatabase } from "./database/prepare";
import { type DatabaseFacts, startServer, useDatabase } from "./database/server";
import { Guard } from "./guard";
import { endEntries } from "./process";
import type { StackUnderTest } from "./settings/stackUnderTest";
import { LAB_HASH_LOG2_N } from "./tasks/taskEnvironment";
import { makeTemporaryFolder, removeFolder } from "./temporaryFolder";
import { Tidy } from "./tidy";

/** A place to run loads in: a folder, a database that is ready, and whatever has to be undone. */
export interface Lab {
  readonly folder: string;
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

export interface LabOptions {
  readonly stack: StackUnderTest;
  readonly folder: string;
  readonly tidy: Tidy;
  readonly watch: (pid: number) => void;
  readonly holdMs: number;
  readonly seed: number;
  readonly databasePort: number | undefined;
  /** A database of the user's own, instead of a server of the lab's. */
  readonly databaseUrl: string | undefined;
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
  tidy.add("helpers", endEntries);
  return { folder, tidy, watch: (pid) => guard.watchProcess(pid) };
}

/** Starts a PostgreSQL with the stack's settings and makes it ready for the service. @throws LabError */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { folder, tidy, watch, databaseUrl } = options;
  const server = await (databaseUrl === undefined ? startServer(options) : useDatabase(databaseUrl, options));
  const { admin, address } = server;
  const { roleSettings } = options.stack.database;
  const prepared = await prepareDatabase(admin, {
    address,
    roleSettings,
    hashLog2N: LAB_HASH_LOG2_N,
    users: USERS,
  });
  const holds = new Holds(admin, options.holdMs, options.seed);
  return { folder, tidy, watch, ...server, prepared, holds };
}
