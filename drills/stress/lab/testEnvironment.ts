import { randomBytes } from "node:crypto";
import { InputError } from "../../../policies/kit/errors";
import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { hashOfToken, newToken } from "../../../service/auth/sessionToken";
import { WorkSlots } from "../../../service/auth/workSlots";
import type { Credentials } from "../load/generatorProcess";
import { type Admin, SERVICE_ROLE } from "./admin";
import { endEntries, lastLine, runEntry } from "./childProcess";
import { Cleanup, makeTemporaryFolder, removeFolder, Watchdog } from "./cleanup";
import { LAB_HASH_LOG2_N } from "./fleet";
import { HOLD_SQL, Holds } from "./holds";
import { type DatabaseAddress, type Server, type ServerOptions, startServer, useDatabase } from "./server";

/** What there is before anything is started: a folder, and what removes whatever will be. */
interface Workspace {
  readonly folder: string;
  readonly cleanup: Cleanup;
  /** Told every process, so that none outlives the lab. */
  readonly watch: (pid: number) => void;
}

/** A place to run loads in: a database that is ready for the service, and whatever has to be undone. */
export interface TestEnvironment extends Workspace, Server {
  readonly holds: Holds;
  /** Password of the service's role. */
  readonly password: string;
  readonly credentials: Credentials;
}

/** The cleanup is for a lab that is asked to stop, the watchdog for one that is not asked any more. */
export function makeWorkspace(): Workspace {
  const cleanup = new Cleanup();
  const folder = makeTemporaryFolder();
  const watchdog = new Watchdog();
  watchdog.watchFolder(folder);
  cleanup.add("watchdog", () => watchdog.dismiss());
  cleanup.add("folder", () => removeFolder(folder));
  cleanup.add("helpers", endEntries);
  return { folder, cleanup, watch: (pid) => watchdog.watchProcess(pid) };
}

interface TestEnvironmentOptions extends ServerOptions {
  readonly holdMs: number;
  readonly seed: number;
  /** A database of the user's own, instead of a server of the lab's. */
  readonly databaseUrl?: string;
}

/**
 * Starts a PostgreSQL with the stack's settings and makes it one that the service can work with: its own migrations, the
 * lab's holds, accounts and sessions.
 * @throws InputError when there is none, it is not empty, or the migrations fail.
 */
export async function openTestEnvironment(options: TestEnvironmentOptions): Promise<TestEnvironment> {
  const { folder, cleanup, watch, databaseUrl, stack } = options;
  const server = await (databaseUrl === undefined ? startServer(options) : useDatabase(databaseUrl, options));
  const { admin, address } = server;
  await refuseTaken(admin);
  await migrate(admin, address, stack.database.roleSettings);
  const password = randomBytes(18).toString("base64url");
  await admin.query(`ALTER ROLE ${SERVICE_ROLE} PASSWORD '${password}'`);
  await admin.query(HOLD_SQL);
  const credentials = await fill(admin);
  const holds = new Holds(admin, options.holdMs, options.seed);
  return { folder, cleanup, watch, ...server, password, credentials, holds };
}

async function refuseTaken(admin: Admin): Promise<void> {
  const [row] = await admin.query<{ taken: boolean }>(
    "SELECT to_regclass('public.users') IS NOT NULL OR to_regclass('public.sessions') IS NOT NULL OR to_regnamespace('lab') IS NOT NULL AS taken",
  );
  if (!row?.taken) return;
  throw new InputError(
    `the database "${admin.address.database}" already holds tables of an auth service (users, sessions or schema lab): the lab writes and removes its own, so give it an empty one`,
  );
}

/** The service's own way of bringing a database up to date, run as a one-off task is. */
async function migrate(admin: Admin, address: DatabaseAddress, roleSettings: string): Promise<void> {
  const { user, password } = admin.address;
  const { code, stderr } = await runEntry("service/migrate.ts", [], {
    PATH: process.env.PATH,
    ...address,
    DB_AUTH: "password",
    DB_USER: user,
    DB_PASSWORD: password,
    DB_ROLE_SETTINGS: roleSettings,
  });
  if (code === 0) return;
  throw new InputError(`the service's migrations failed: ${lastLine(stderr) || `exit code ${code}`}`);
}

/** Accounts in the lab's database: enough that two logins of one of them rarely meet. */
const USERS = 1_000;

async function fill(admin: Admin): Promise<Credentials> {
  const password = randomBytes(12).toString("base64url");
  const hash = await new PasswordHasher(costOf(LAB_HASH_LOG2_N), new WorkSlots(1)).hash(password);
  const inserted = await admin.query<{ id: string }>(
    "INSERT INTO public.users (username, password_hash) SELECT 'user-' || n, $2 FROM generate_series(0, $1::int - 1) AS n RETURNING id, username",
    [USERS, hash],
  );
  const userIds = inserted.map(({ id }) => id);
  const tokens = userIds.map(() => newToken());
  await admin.query(
    "INSERT INTO public.sessions (token_hash, user_id, expires_at) SELECT h, u::uuid, now() + interval '1 day' FROM unnest($1::bytea[], $2::text[]) AS t(h, u)",
    [tokens.map(hashOfToken), userIds],
  );
  await admin.query("ANALYZE public.users, public.sessions");
  return { users: USERS, password, tokens, userIds };
}
