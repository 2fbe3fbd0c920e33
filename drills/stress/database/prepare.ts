import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { hashOfToken, newToken } from "../../../service/auth/sessionToken";
import { WorkSlots } from "../../../service/auth/workSlots";
import { LabError } from "../labError";
import type { Credentials } from "../load/plan";
import { lastLine, runEntry } from "../process";
import { REPOSITORY } from "../settings/loadStack";
import type { Admin } from "./admin";
import { holdSql } from "./holdSql";
import { SERVICE_ROLE } from "./serviceRole";

export interface PreparedDatabase {
  /** Of the service's role. */
  readonly password: string;
  readonly credentials: Credentials;
}

export interface PrepareOptions {
  /** The service's address of the database, as its environment variables. */
  readonly address: { readonly [variable: string]: string };
  /** What the migrations make the service's role carry. */
  readonly roleSettings: string;
  /** Cost of a password hash, scrypt's N as a power of two. */
  readonly hashLog2N: number;
  readonly users: number;
}

/**
 * Makes an empty database one that the service can work with: its own migrations, the lab's holds, accounts and
 * sessions.
 * @throws LabError when the database is not empty, or the migrations fail.
 */
export async function prepareDatabase(admin: Admin, options: PrepareOptions): Promise<PreparedDatabase> {
  const [row] = await admin.query<{ taken: boolean }>(
    "SELECT to_regclass('public.users') IS NOT NULL OR to_regclass('public.sessions') IS NOT NULL OR to_regnamespace('lab') IS NOT NULL AS taken",
  );
  if (row?.taken) {
    throw new LabError(
      `the database "${admin.address.database}" already holds tables of an auth service (users, sessions or schema lab): the lab writes and removes its own, so give it an empty one`,
    );
  }
  await migrate(admin, options);
  const password = randomBytes(18).toString("base64url");
  await admin.query(`ALTER ROLE ${SERVICE_ROLE} PASSWORD '${password}'`);
  await admin.query(holdSql(SERVICE_ROLE));
  return { password, credentials: await fill(admin, options) };
}

/** The service's own way of bringing a database up to date, run as a one-off task is. */
async function migrate(admin: Admin, { address, roleSettings }: PrepareOptions): Promise<void> {
  const { user, password } = admin.address;
  const env = {
    PATH: process.env.PATH,
    ...address,
    DB_AUTH: "password",
    DB_USER: user,
    DB_PASSWORD: password,
    DB_ROLE_SETTINGS: roleSettings,
  };
  const { code, stderr } = await runEntry(join(REPOSITORY, "service", "migrate.ts"), [], env, REPOSITORY);
  if (code !== 0)
    throw new LabError(`the service's migrations failed: ${lastLine(stderr) || `exit code ${code}`}`);
}

async function fill(admin: Admin, { users, hashLog2N }: PrepareOptions): Promise<Credentials> {
  const password = randomBytes(12).toString("base64url");
  const hash = await new PasswordHasher(costOf(hashLog2N), new WorkSlots(1)).hash(password);
  const inserted = await admin.query<{ id: string }>(
    "INSERT INTO public.users (username, password_hash) SELECT 'user-' || n, $2 FROM generate_series(0, $1::int - 1) AS n RETURNING id, username",
    [users, hash],
  );
  const userIds = inserted.map(({ id }) => id);
  const tokens = userIds.map(() => newToken());
  await admin.query(
    "INSERT INTO public.sessions (token_hash, user_id, expires_at) SELECT h, u::uuid, now() + interval '1 day' FROM unnest($1::bytea[], $2::text[]) AS t(h, u)",
    [tokens.map(hashOfToken), userIds],
  );
  await admin.query("ANALYZE public.users, public.sessions");
  return { users, password, tokens, userIds };
}
