import { readFileSync } from "node:fs";
import type { StackUnderTest } from "../settings/stackUnderTest";
import type { Tidy } from "../tidy";
import { Admin, type AdminAddress } from "./admin";
import { findBinaries } from "./binaries";
import { ADMIN, Cluster } from "./cluster";
import { type OwnDatabase, readDatabaseUrl, tidyOwnDatabase } from "./ownDatabase";
import { serverSettings } from "./serverSettings";

/** A PostgreSQL that the lab can work with, empty. */
export interface Server {
  readonly admin: Admin;
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

export interface ServerOptions {
  readonly stack: StackUnderTest;
  readonly folder: string;
  readonly tidy: Tidy;
  readonly watch: (pid: number) => void;
  readonly databasePort: number | undefined;
}

/** Starts a PostgreSQL of the lab's own, with the stack's settings. @throws LabError */
export async function startServer({
  stack,
  folder,
  tidy,
  watch,
  databasePort,
}: ServerOptions): Promise<Server> {
  const major = Number.parseInt(stack.database.engineVersion, 10);
  const binaries = findBinaries(major);
  const settings = serverSettings(stack.database.parameters, stack.database.maxConnections);
  const cluster = await Cluster.create({
    binaries,
    settings,
    folder,
    tidy,
    port: databasePort,
    onStart: watch,
  });
  await cluster.start();
  const database = stack.environment.DB_NAME ?? "auth";
  const login = {
    host: "127.0.0.1",
    port: cluster.port,
    user: ADMIN,
    password: cluster.adminPassword,
    authority: readFileSync(cluster.authorityFile, "utf8"),
  };
  await createDatabase({ ...login, database: "postgres" }, database);
  const admin = new Admin({ ...login, database });
  tidy.add("connection to the database", () => admin.close());
  const isWanted = binaries.major === major;
  return {
    admin,
    cluster,
    address: {
      DB_HOST: "localhost",
      DB_PORT: String(cluster.port),
      DB_NAME: database,
      DB_SSL_CA: cluster.authorityFile,
    },
    facts: {
      ...(await serverFacts(admin)),
      source: isWanted
        ? binaries.source
        : `${binaries.source}; the stack's PostgreSQL ${major} is not on this machine`,
      applied: settings.applied.map(({ name, value }) => `${name}=${value}`),
      notReproduced: settings.notReproduced,
    },
  };
}

/** Takes a database of the user's own, as it is set up; what the lab makes in it is removed at the end. @throws LabError */
export async function useDatabase(url: string, { stack, tidy }: ServerOptions): Promise<Server> {
  const own: OwnDatabase = readDatabaseUrl(url);
  const admin = new Admin(own.admin);
  tidy.add("connection to the database", () => admin.close());
  await own.check(admin);
  tidy.add("what the lab made in the database", () => tidyOwnDatabase(admin));
  return {
    admin,
    cluster: undefined,
    address: own.address,
    facts: {
      ...(await serverFacts(admin)),
      source: "a database of your own",
      applied: [],
      notReproduced: [
        `the parameter group (${stack.database.parameters.map(({ name }) => name).join(", ")}): the server's own settings hold`,
        "the database's CPU: it cannot be read from here",
      ],
    },
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

async function serverFacts(admin: Admin): Promise<Pick<DatabaseFacts, "version" | "maxConnections">> {
  const [row] = await admin.query<{ version: string; max: number }>(
    "SELECT current_setting('server_version') AS version, current_setting('max_connections')::int AS max",
  );
  return { version: (row?.version ?? "").split(" ")[0] ?? "", maxConnections: row?.max ?? 0 };
}
