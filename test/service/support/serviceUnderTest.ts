import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { WorkSlots } from "../../../service/auth/workSlots";
import { migrate } from "../../../service/migrate/migrations";
import { type RunningService, startService } from "../../../service/service";
import { readServiceSettings } from "../../../service/settings/serviceSettings";
import { startPostgres, type TestPostgres } from "../../support/postgres";
import { type Change, ENVIRONMENT, type Reported, readEmf } from "./environment";

/** One answer of the service. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [field: string]: unknown };
}

export interface ServiceUnderTest extends RunningService {
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Answer>;
  post(path: string, body?: unknown, headers?: { readonly [name: string]: string }): Promise<Answer>;
  login(account: object): Promise<Answer>;
  /** A logout of a session that does not exist: one acquisition, held as long as the database was told to. */
  hold(): Promise<Answer>;
  /** Everything written so far. */
  readonly lines: readonly string[];
  /** Stops it, which flushes, and reads the metrics. */
  stopAndRead(): Promise<Reported>;
}

/** Nobody has it, but it could be one. */
export const STRANGE_TOKEN = "A".repeat(43);

/** Starts the service in this process, on a database. */
export async function startUnderTest(
  { port, caFile }: { readonly port: number; readonly caFile?: string },
  change: Change = {},
): Promise<ServiceUnderTest> {
  const lines: string[] = [];
  const settings = readServiceSettings({
    ...ENVIRONMENT,
    DB_PORT: String(port),
    DB_SSL_CA: caFile ?? "",
    ...change,
  });
  const service = await startService(settings, (line) => lines.push(line), { lastRequestsMs: 0 });
  const base = `http://127.0.0.1:${service.port}`;
  const ask = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
  };
  const post: ServiceUnderTest["post"] = (path, body, headers = {}) =>
    ask(path, {
      method: "POST",
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  let stopped: Promise<boolean> | undefined;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  return {
    ...service,
    lines,
    stop,
    get: (path, headers = {}) => ask(path, { headers }),
    post,
    login: (account) => post("/login", account),
    hold: () => post("/logout", undefined, { authorization: `Bearer ${STRANGE_TOKEN}` }),
    async stopAndRead() {
      await stop();
      return readEmf(lines);
    },
  };
}

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
