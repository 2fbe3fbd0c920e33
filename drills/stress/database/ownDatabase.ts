import { readFileSync } from "node:fs";
import { LabError, messageOf } from "../labError";
import type { Admin, AdminAddress } from "./admin";
import { UNHOLD_SQL } from "./holdSql";
import { SERVICE_ROLE } from "./serviceRole";

/** A database that the user names. */
export interface OwnDatabase {
  readonly admin: AdminAddress;
  readonly address: { readonly [variable: string]: string };
  /** @throws LabError when it cannot be used; nothing has been written then. */
  readonly check: (admin: Admin) => Promise<void>;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Reads `postgresql://user:password@host:port/database[?sslrootcert=FILE]`. No message shows the password.
 * @throws LabError
 */
export function readDatabaseUrl(text: string): OwnDatabase {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shape = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new LabError(`--database-url is not of the form ${shape}`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const database = decodeURIComponent(url.pathname.slice(1));
  if (host === "" || database === "" || url.username === "" || url.password === "") {
    throw new LabError(`--database-url lacks a user, a password, a host or a database: ${shape}`);
  }
  const file = url.searchParams.get("sslrootcert") ?? undefined;
  if (file === undefined && !LOOPBACK.test(host)) {
    throw new LabError(
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
    address: {
      DB_HOST: host,
      DB_PORT: String(port),
      DB_NAME: database,
      DB_SSL_CA: file ?? "",
    },
    check,
  };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new LabError(`--database-url: sslrootcert=${file} cannot be read: ${messageOf(error)}`);
  }
}

async function check(admin: Admin): Promise<void> {
  const { host, port, database, user } = admin.address;
  let row: { superuser: boolean; role: boolean } | undefined;
  try {
    [row] = await admin.query<{ superuser: boolean; role: boolean }>(
      "SELECT current_setting('is_superuser')::boolean AS superuser, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role",
      [SERVICE_ROLE],
    );
  } catch (error) {
    throw new LabError(
      `--database-url: ${host}:${port}/${database} cannot be reached as ${user}: ${messageOf(error)}`,
    );
  }
  if (!row?.superuser) {
    throw new LabError(
      `--database-url: ${user} is no superuser; the lab makes the role ${SERVICE_ROLE}, ends its sessions and needs a reserved connection`,
    );
  }
  if (row.role) {
    throw new LabError(
      `--database-url: the server has a role ${SERVICE_ROLE} already; the lab makes one of that name and removes it, so give it a server that no auth service uses`,
    );
  }
}

/** Removes what the lab and the migrations made. */
export async function tidyOwnDatabase(admin: Admin): Promise<void> {
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
