import { readFileSync } from "node:fs";
import { InputError, messageOf } from "../../../policies/kit/errors";
import type { StackUnderTest } from "../stackUnderTest";
import { Admin, type AdminAddress, SERVICE_ROLE } from "./admin";
import type { Cleanup } from "./cleanup";
import { ADMIN, Cluster, serverSettings } from "./cluster";
import { UNHOLD_SQL } from "./holds";
import { findBinaries } from "./postgresBinaries";

/** A PostgreSQL that the lab can work with, empty. */
export interface Server {
  readonly admin: Admin;
  /** Undefined for a database of the user's own. */
  readonly cluster: Cluster | undefined;
  /** The service's address of the database, as its environment variables. */
  readonly address: DatabaseAddress;
  readonly facts: DatabaseFacts;
}

export type DatabaseAddress = { readonly [variable: string]: string };

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
  /** Without a stack: what an experiment sets. */
  readonly stack: Pick<StackUnderTest, "database" | "environment">;
  readonly folder: string;
  readonly cleanup: Cleanup;
  readonly watch: (pid: number) => void;
  readonly databasePort?: number;
}

/** Starts a PostgreSQL of the lab's own, with the stack's settings. @throws InputError */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { stack, cleanup } = options;
  const major = Number.parseInt(stack.database.engineVersion, 10);
  const binaries = findBinaries(major);
  const settings = serverSettings(stack.database.parameters, stack.database.maxConnections);
  const cluster = await Cluster.create({
    ...options,
    binaries,
    settings,
    port: options.databasePort,
    onStart: options.watch,
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
  cleanup.add("connection to the database", () => admin.close());
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
      source:
        binaries.major === major
          ? binaries.source
          : `${binaries.source}; the stack's PostgreSQL ${major} is not on this machine`,
      applied: settings.applied.map(({ name, value }) => `${name}=${value}`),
      notReproduced: settings.notReproduced,
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

/** Takes a database of the user's own, as it is set up; what the lab makes in it is removed at the end. @throws InputError */
export async function useDatabase(url: string, { stack, cleanup }: ServerOptions): Promise<Server> {
  const own = readDatabaseUrl(url);
  const admin = new Admin(own.admin);
  cleanup.add("connection to the database", () => admin.close());
  await checkOwnDatabase(admin);
  cleanup.add("what the lab made in the database", () => cleanOwnDatabase(admin));
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

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Reads `postgresql://user:password@host:port/database[?sslrootcert=FILE]`. No message shows the password.
 * @throws InputError
 */
export function readDatabaseUrl(text: string): {
  readonly admin: AdminAddress;
  readonly address: DatabaseAddress;
} {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shape = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new InputError(`--database-url is not of the form ${shape}`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host === "" || database === "" || url.username === "" || url.password === "") {
    throw new InputError(`--database-url lacks a user, a password, a host or a database: ${shape}`);
  }
  const file = url.searchParams.get("sslrootcert") ?? undefined;
  if (file === undefined && !LOOPBACK.test(host)) {
    throw new InputError(
      `--database-url names another machine (${host}): add ?sslrootcert=FILE, the authority that its certificate is verified with`,
    );
  }
  const port = Number(url.port) || 5432;
  return {
    admin: {
      host,
      port,
      database,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      authority: file === undefined ? undefined : readAuthority(file),
      serverName: host,
    },
    address: { DB_HOST: host, DB_PORT: String(port), DB_NAME: database, DB_SSL_CA: file ?? "" },
  };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`--database-url: sslrootcert=${file} cannot be read: ${messageOf(error)}`);
  }
}

/** @throws InputError when it cannot be used; nothing has been written then. */
async function checkOwnDatabase(admin: Admin): Promise<void> {
  const { host, port, database, user } = admin.address;
  let row: { superuser: boolean; role: boolean } | undefined;
  try {
    [row] = await admin.query<{ superuser: boolean; role: boolean }>(
      "SELECT current_setting('is_superuser')::boolean AS superuser, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role",
      [SERVICE_ROLE],
    );
  } catch (error) {
    throw new InputError(
      `--database-url: ${host}:${port}/${database} cannot be reached as ${user}: ${messageOf(error)}`,
    );
  }
  if (!row?.superuser) {
    throw new InputError(
      `--database-url: ${user} is not a superuser; the lab makes the role ${SERVICE_ROLE}, ends its sessions and needs a reserved connection`,
    );
  }
  if (row.role) {
    throw new InputError(
      `--database-url: the server has a role ${SERVICE_ROLE} already; the lab makes one of that name and removes it, so give it a server that no auth service uses`,
    );
  }
}

/** Removes what the lab and the migrations made. */
async function cleanOwnDatabase(admin: Admin): Promise<void> {
  await admin.query(UNHOLD_SQL);
  await admin.query("DROP TABLE IF EXISTS public.sessions, public.users, public.migrations");
  const [row] = await admin.query<{ role: boolean }>(
    "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role",
    [SERVICE_ROLE],
  );
  if (!row?.role) return;
  await admin.query(`DROP OWNED BY ${SERVICE_ROLE}`);
  await admin.query(`DROP ROLE ${SERVICE_ROLE}`);
}
