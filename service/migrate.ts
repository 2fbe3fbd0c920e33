import { migrate } from "./migrate/migrations";
import { parseRoleSettings } from "./migrate/roleSettings";
import { toPgAddress } from "./pool/database";
import { readDatabaseSettings } from "./settings/databaseSettings";
import { EnvironmentError } from "./settings/environment";

const UNUSABLE_INPUT = 2;

/** Brings the database up to date and ends: run once before a revision that needs it is deployed. */
async function main(): Promise<void> {
  const log = (fields: object) => process.stdout.write(`${JSON.stringify({ level: "info", ...fields })}\n`);
  const address = toPgAddress(readDatabaseSettings({ ...process.env, DB_POOL_NAME: "auth-migrate" }));
  const roleSettings = parseRoleSettings(process.env.DB_ROLE_SETTINGS ?? "");
  const { applied } = await migrate(address, roleSettings, (message) => log({ event: "migration", message }));
  log({ event: "migrated", applied });
}

main().catch((error: unknown) => {
  if (error instanceof EnvironmentError) {
    for (const problem of error.problems) process.stderr.write(`✖ ${problem}\n`);
    process.exit(UNUSABLE_INPUT);
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `✖ The migrations were not applied; nothing was changed: ${message.split("\n", 1)[0]}\n`,
  );
  process.exit(1);
});
