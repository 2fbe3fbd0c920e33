import { logInOf, readMigrationSettings } from "./migrate/migrationSettings";
import { migrate } from "./migrate/migrations";
import { toPgServer } from "./pool/database";
import { reportAndExit } from "./settings/reportAndExit";

/** Brings the database up to date and ends: run once before a revision that needs it takes requests. */
async function main(): Promise<void> {
  const log = (fields: object) =>
    process.stdout.write(`${JSON.stringify({ level: "info", time: Date.now(), ...fields })}\n`);
  const settings = readMigrationSettings(process.env);
  const address = { ...toPgServer(settings), ...(await logInOf(settings)) };
  const { applied } = await migrate(address, settings.roleSettings, (message) =>
    log({ event: "migration", message }),
  );
  log({ event: "migrated", applied });
}

main().catch((error: unknown) =>
  reportAndExit(error, "The migrations were not applied; nothing was changed"),
);
