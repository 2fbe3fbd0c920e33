import { migrate } from "./migrate/migrations";
import { parseRoleSettings } from "./migrate/roleSettings";
import { toPgAddress } from "./pool/database";
import { readDatabaseSettings } from "./settings/databaseSettings";
import { reportAndExit } from "./settings/reportAndExit";

/** Brings the database up to date and ends: run once before a revision that needs it is deployed. */
async function main(): Promise<void> {
  const log = (fields: object) => process.stdout.write(`${JSON.stringify({ level: "info", ...fields })}\n`);
  const address = toPgAddress(readDatabaseSettings({ ...process.env, DB_POOL_NAME: "auth-migrate" }));
  const roleSettings = parseRoleSettings(process.env.DB_ROLE_SETTINGS ?? "");
  const { applied } = await migrate(address, roleSettings, (message) => log({ event: "migration", message }));
  log({ event: "migrated", applied });
}

main().catch((error: unknown) =>
  reportAndExit(error, "The migrations were not applied; nothing was changed"),
);
