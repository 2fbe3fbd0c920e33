import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../service/migrate/migrations";
import { parseRoleSettings } from "../../service/migrate/roleSettings";
import { POSTGRES_START_MS, skipsWithoutPostgres } from "../support/postgres";
import { ENVIRONMENT } from "./support/environment";
import {
  type AuthDatabase,
  type ServiceUnderTest,
  startAuthDatabase,
  startUnderTest,
} from "./support/serviceUnderTest";

const ROOT = join(__dirname, "..", "..");

describe.skipIf(skipsWithoutPostgres())("the migrations, on a real PostgreSQL", () => {
  let database: AuthDatabase;
  const asService = async (sql: string) => {
    const { DB_USER: user, DB_PASSWORD: password, DB_NAME } = ENVIRONMENT;
    const client = new Client({ ...database.address(DB_NAME), user, password });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } catch (error) {
      return String(error);
    } finally {
      await client.end();
    }
  };

  const command = (
    file: string,
    change: { readonly [name: string]: string },
    { args = [], input = "" }: { readonly args?: readonly string[]; readonly input?: string } = {},
  ) =>
    spawnSync(process.execPath, ["--import", "tsx", join(ROOT, "service", file), ...args], {
      cwd: ROOT,
      encoding: "utf8",
      input,
      env: {
        PATH: process.env.PATH ?? "",
        DB_HOST: "localhost",
        DB_SSL_CA: database.caFile,
        DB_PORT: String(database.port),
        DB_NAME: ENVIRONMENT.DB_NAME,
        DB_AUTH: "password",
        DB_USER: database.superuser.user,
        DB_PASSWORD: database.superuser.password,
        ...change,
      },
    });

  beforeAll(async () => {
    database = await startAuthDatabase();
  }, POSTGRES_START_MS);
  afterAll(() => database?.stop());

  it("are applied once, however often they run, and two at a time wait for each other", async () => {
    await database.sql("CREATE DATABASE twice");
    const runs = await Promise.all([
      migrate(database.address("twice"), {}, () => {}),
      migrate(database.address("twice"), {}, () => {}),
    ]);
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 2]);
    const names = await database.sql("SELECT name FROM migrations ORDER BY id", "twice");
    expect(names.map(({ name }) => name)).toEqual(["0001_accounts", "0002_service_role"]);
  });

  it("give the service's role what it does, and nothing else", async () => {
    expect(await asService("SELECT id, username, password_hash FROM users")).toHaveLength(1);
    for (const sql of [
      "SELECT created_at FROM users",
      "INSERT INTO users (username, password_hash) VALUES ('eve', '$scrypt$')",
      "UPDATE users SET password_hash = '$scrypt$'",
      "UPDATE sessions SET expires_at = now()",
      "TRUNCATE sessions",
      "CREATE TABLE mine ()",
      "CREATE TEMP TABLE mine ()",
      "SELECT * FROM migrations",
    ]) {
      expect([sql, await asService(sql)]).toEqual([
        sql,
        expect.stringMatching(/permission denied|must be owner/),
      ]);
    }
  });

  it("let the role log in with IAM tokens where the server knows them", async () => {
    await database.sql("CREATE ROLE rds_iam");
    await database.sql("CREATE DATABASE cloud");
    await migrate(database.address("cloud"), {}, () => {});
    const members = await database.sql(
      "SELECT 1 FROM pg_auth_members WHERE roleid = 'rds_iam'::regrole AND member = 'auth_app'::regrole",
    );
    expect(members).toHaveLength(1);
    await database.sql("DROP DATABASE cloud");
    await database.sql("DROP ROLE rds_iam");
  });

  it("make the role carry the timeouts behind a proxy, and take them off again", async () => {
    const set = parseRoleSettings(
      "statement_timeout=2000,lock_timeout=1500,idle_in_transaction_session_timeout=10000",
    );
    await migrate(database.address(ENVIRONMENT.DB_NAME), set, () => {});
    const service = await startUnderTest(database, { DB_CONNECTION: "proxy" });
    expect(await shown(service)).toEqual({ statement: "2s", lock: "1500ms", idle: "10s" });
    await service.stop();
    await migrate(database.address(ENVIRONMENT.DB_NAME), {}, () => {});
    const bare = await startUnderTest(database, { DB_CONNECTION: "proxy" });
    expect(await shown(bare)).toEqual({ statement: "0", lock: "0", idle: "0" });
    await bare.stop();
  });

  it("leave a direct connection to send its own timeouts, which reach the server as the stack set them", async () => {
    const service = await startUnderTest(database, {
      DB_STATEMENT_TIMEOUT_MS: "1234",
      DB_LOCK_TIMEOUT_MS: "567",
      DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "8901",
      DB_POOL_MAX: "7",
    });
    expect(await shown(service)).toEqual({ statement: "1234ms", lock: "567ms", idle: "8901ms" });
    expect(service.pool.options).toMatchObject({
      max: 7,
      connectionTimeoutMillis: 1000,
      idleTimeoutMillis: 30_000,
      maxLifetimeSeconds: 1800,
    });
    await service.stop();
  });

  it("let an account be made, and be given a new password, which no argument carries", async () => {
    const service = await startUnderTest(database);
    for (const [password, said] of [
      ["first", "Made the account grace.\n"],
      ["second", "Gave the account grace a new password.\n"],
    ] as const) {
      const made = command("addAccount.ts", {}, { args: ["Grace"], input: `${password}\n` });
      expect([made.status, made.stdout, made.stderr]).toEqual([0, said, ""]);
      expect((await service.login({ username: "grace", password })).status).toBe(200);
    }
    expect((await service.login({ username: "grace", password: "first" })).status).toBe(401);
    await service.stop();
    const nameless = command("addAccount.ts", {}, { input: "x" });
    expect(nameless.status).toBe(2);
    expect(nameless.stderr).toMatch(/^✖ addAccount needs a name [^\n]*\n$/);
  });

  it("as a command say what they did, and in one line why they could not", () => {
    const done = command("migrate.ts", {});
    expect([done.status, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toContain('"event":"migrated","applied":[]');
    const refused = command("migrate.ts", { DB_PASSWORD: "hunter2" });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe(
      '✖ The migrations were not applied; nothing was changed: password authentication failed for user "postgres"\n',
    );
  });
});

async function shown(service: ServiceUnderTest): Promise<unknown> {
  const { rows } = await service.pool.use((client) =>
    client.query(
      "SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle",
    ),
  );
  return rows[0];
}
