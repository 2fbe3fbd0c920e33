import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { WorkSlots } from "../../../service/auth/workSlots";
import { migrate } from "../../../service/migrate/migrations";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { ENVIRONMENT } from "./environment";

/** A migrated database with one account, in a server of its own. */
export interface AuthDatabase extends TestPostgres {
  readonly account: { readonly username: string; readonly password: string };
  /** From now on every DELETE of sessions, so every logout, holds its connection for so long. */
  holdLogouts(ms: number): Promise<void>;
  /** Runs SQL in the auth database, as the superuser. */
  run(text: string): Promise<{ [column: string]: unknown }[]>;
}

const ACCOUNT = { username: "ada", password: "correct horse battery staple" };

/** Statement-level, so that it holds also where no row is deleted; it reads its time as its owner. */
const HOLD = `
  CREATE TABLE test_hold (ms integer NOT NULL);
  INSERT INTO test_hold VALUES (0);
  CREATE FUNCTION test_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  BEGIN
    PERFORM pg_sleep((SELECT ms FROM test_hold) / 1000.0);
    RETURN NULL;
  END $$;
  CREATE TRIGGER test_hold BEFORE DELETE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION test_hold();`;

/** @param log2N - Cost of the account's hash. */
export async function startAuthDatabase(log2N = 4): Promise<AuthDatabase> {
  const postgres = await startPostgres();
  const run = (text: string) => postgres.sql(text, ENVIRONMENT.DB_NAME);
  await postgres.sql(`CREATE DATABASE ${ENVIRONMENT.DB_NAME}`);
  await migrate(postgres.address(ENVIRONMENT.DB_NAME), {}, () => {});
  const hash = await new PasswordHasher(costOf(log2N), new WorkSlots(1)).hash(ACCOUNT.password);
  await run(`ALTER ROLE auth_app PASSWORD '${ENVIRONMENT.DB_PASSWORD}'`);
  await run(`INSERT INTO users (username, password_hash) VALUES ('${ACCOUNT.username}', '${hash}')`);
  await run(HOLD);
  return {
    ...postgres,
    account: ACCOUNT,
    run,
    async holdLogouts(ms) {
      await run(`UPDATE test_hold SET ms = ${ms}`);
    },
  };
}
