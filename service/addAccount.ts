import { text as readAll } from "node:stream/consumers";
import { Client } from "pg";
import { costOf, PasswordHasher } from "./auth/passwordHash";
import { normalizeUsername } from "./auth/username";
import { WorkSlots } from "./auth/workSlots";
import { logInOf, readMigrationSettings } from "./migrate/migrationSettings";
import { toPgServer } from "./pool/database";
import { EnvironmentError } from "./settings/environment";
import { reportAndExit } from "./settings/reportAndExit";
import { PRODUCTION_LOG2_N } from "./settings/serviceSettings";

/**
 * Makes an account, or gives one a new password: `addAccount NAME`, the password on standard input, where no list of
 * processes and no history of a shell shows it. It logs in as the migrations do: the service's own role may not.
 */
async function main(): Promise<void> {
  const username = normalizeUsername(process.argv[2] ?? "");
  const settings = readMigrationSettings(process.env);
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, "");
  if (username === "" || username.length > 254 || password === "" || password.length > 1024) {
    throw new EnvironmentError([
      "addAccount needs a name of 1 to 254 characters, and a password of 1 to 1024 characters on standard input: `addAccount ada < password.txt`.",
    ]);
  }
  const hash = await new PasswordHasher(costOf(PRODUCTION_LOG2_N), new WorkSlots(1)).hash(password);
  const client = new Client({ ...toPgServer(settings), ...(await logInOf(settings)) });
  await client.connect();
  try {
    // A row that an INSERT has made has no version before it: xmax is 0.
    const { rows } = await client.query<{ readonly made: boolean }>(
      `INSERT INTO users (username, password_hash) VALUES ($1, $2)
       ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash
       RETURNING xmax = 0 AS made`,
      [username, hash],
    );
    process.stdout.write(
      rows[0]?.made ? `Made the account ${username}.\n` : `Gave the account ${username} a new password.\n`,
    );
  } finally {
    await client.end();
  }
}

main().catch((error: unknown) => reportAndExit(error, "The account was not written"));
