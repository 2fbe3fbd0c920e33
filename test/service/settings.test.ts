import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { logInOf, readMigrationSettings } from "../../service/migrate/migrationSettings";
import { parseRoleSettings, roleStatements } from "../../service/migrate/roleSettings";
import { toPgAddress } from "../../service/pool/database";
import { readPoolSettings } from "../../service/poolSettings";
import { EnvironmentError } from "../../service/settings/environment";
import { readServiceSettings } from "../../service/settings/serviceSettings";
import { type Change, ENVIRONMENT } from "./support/environment";

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

const problems = (change: Change) => problemsOf(() => readServiceSettings({ ...ENVIRONMENT, ...change }));
const CLOUD = {
  DB_AUTH: "iam",
  DB_PASSWORD: "",
  AWS_REGION: "eu-west-1",
  DB_SSL_CA: "ca.pem",
  SCRYPT_LOG2_N: "14",
};

describe("the environment", () => {
  it("is read as it stands", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ ...CLOUD, DB_HOST: "database.example" })).toEqual([]);
    expect(
      readPoolSettings({ ...ENVIRONMENT, DB_POOL_MAX_LIFETIME_MS: "0", DB_POOL_QUEUE_MAX: "0" }),
    ).toMatchObject({
      maxLifetimeMs: 0,
      queueMax: 0,
    });
  });

  it.each([
    ["DB_POOL_MAX", "0"],
    ["DB_POOL_MAX", "1e1"],
    ["DB_POOL_MAX", "8.0"],
    ["DB_POOL_MAX", "-1"],
    ["DB_POOL_MAX", "NaN"],
    ["DB_POOL_MAX", " 8"],
    ["DB_POOL_ACQUIRE_TIMEOUT_MS", "0"],
    ["DB_POOL_ACQUIRE_TIMEOUT_MS", "2147483648"],
    ["DB_POOL_IDLE_TIMEOUT_MS", "false"],
    ["DB_POOL_QUEUE_MAX", "infinity"],
    ["DB_CONNECTION", "both"],
    ["WEB_CONCURRENCY", "0"],
    ["PORT", "70000"],
    ["SCRYPT_LOG2_N", "3"],
    ["DB_AUTH", "trust"],
  ])("is refused when %s is %j, in one line that names it and what it is", (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${name} is "${value}", but must be `);
    expect(found[0]).toMatch(/Set it, for example, to \S+\.$/);
  });

  it("has no defaults: every variable that is missing is named, all of them together", () => {
    const names = Object.keys(ENVIRONMENT).filter((name) => !["DB_PASSWORD"].includes(name));
    const found = problemsOf(() => readServiceSettings({}));
    expect(found.map((problem) => problem.split(" ")[0]).sort()).toEqual(names.sort());
  });

  it("lets nothing but a lab hash cheaply, do without TLS, or log in with a password", () => {
    expect(problems({ ...CLOUD, SCRYPT_LOG2_N: "13" })).toEqual([
      expect.stringMatching(/^SCRYPT_LOG2_N is 13, below 14: .* Set it to 14\.$/),
    ]);
    expect(problems({ ...CLOUD, DB_SSL_CA: "" })).toEqual([expect.stringMatching(/^DB_SSL_CA is not set/)]);
    expect(problems({ ...CLOUD, AWS_REGION: "" })).toEqual([expect.stringMatching(/^AWS_REGION is not set/)]);
    expect(problems({ DB_HOST: "database.example" })).toEqual([
      expect.stringMatching(/^DB_SSL_CA is not set/),
    ]);
    const found = problems({ ...CLOUD, DB_PASSWORD: "hunter2" });
    expect(found).toEqual([expect.stringMatching(/^DB_PASSWORD is set, but DB_AUTH is iam/)]);
    expect(found[0]).not.toContain("hunter2");
  });

  it("leads to a connection that verifies the certificate by the host's name, with a new token each time", async () => {
    const caFile = join(tmpdir(), `auth-test-ca-${process.pid}.pem`);
    writeFileSync(caFile, "-----BEGIN CERTIFICATE-----\n");
    const { database } = readServiceSettings({
      ...ENVIRONMENT,
      ...CLOUD,
      DB_SSL_CA: caFile,
      DB_HOST: "db.example",
    });
    const address = toPgAddress(database);
    expect(address.ssl).toMatchObject({ rejectUnauthorized: true, servername: "db.example" });
    expect(toPgAddress({ ...database, host: "10.0.0.1" }).ssl).not.toHaveProperty("servername");
    expect(address.password).toBeTypeOf("function");
    writeFileSync(caFile, "no certificate");
    expect(problemsOf(() => toPgAddress(database))).toEqual([
      expect.stringContaining("contains no PEM certificate"),
    ]);
    rmSync(caFile);
  });
});

describe("the migrations' environment", () => {
  const LAB = {
    DB_HOST: "localhost",
    DB_PORT: "5432",
    DB_NAME: "auth",
    DB_AUTH: "password",
    DB_USER: "postgres",
    DB_PASSWORD: "x",
  };
  const CLOUD_RUN = {
    DB_HOST: "db.example",
    DB_PORT: "5432",
    DB_NAME: "auth",
    DB_AUTH: "secret",
    DB_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1",
    AWS_REGION: "eu-west-1",
    DB_SSL_CA: "ca.pem",
  };

  it("names what is missing for its way to log in", () => {
    expect(readMigrationSettings(LAB).logIn).toEqual({ kind: "password", user: "postgres", password: "x" });
    const missing = (environment: Change) => problemsOf(() => readMigrationSettings(environment));
    expect(missing({ ...LAB, DB_PASSWORD: "" })).toEqual([
      "DB_PASSWORD is not set, but DB_AUTH is password, which requires it. Set it.",
    ]);
    const { DB_SECRET_ARN, ...others } = CLOUD_RUN;
    expect(missing(others)).toHaveLength(1);
    expect(missing({ ...CLOUD_RUN, DB_SSL_CA: "", DB_SECRET_ARN })).toEqual([
      expect.stringMatching(/^DB_SSL_CA is not set/),
    ]);
  });

  it("leads to the name and password that RDS keeps, and never shows a secret that is something else", async () => {
    const settings = readMigrationSettings(CLOUD_RUN);
    const fetched: string[][] = [];
    const logIn = await logInOf(settings, async (...asked) => {
      fetched.push(asked);
      return '{"username":"auth_admin","password":"p"}';
    });
    expect(logIn).toEqual({ user: "auth_admin", password: "p" });
    expect(fetched).toEqual([[CLOUD_RUN.DB_SECRET_ARN, "eu-west-1"]]);
    for (const secret of [undefined, "hunter2", '{"username":"a"}']) {
      const error = await logInOf(settings, async () => secret).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(EnvironmentError);
      expect(String(error)).not.toContain("hunter2");
    }
  });

  it("sets on the role what it is told, takes off the rest, and takes no SQL for a setting", () => {
    expect(
      roleStatements("auth_app", parseRoleSettings("statement_timeout=2000, lock_timeout=1500")),
    ).toEqual([
      'ALTER ROLE "auth_app" SET statement_timeout = 2000',
      'ALTER ROLE "auth_app" SET lock_timeout = 1500',
      'ALTER ROLE "auth_app" RESET idle_in_transaction_session_timeout',
    ]);
    expect(roleStatements("auth_app", parseRoleSettings("")).every((each) => each.includes("RESET"))).toBe(
      true,
    );
    for (const text of [
      "statement_timeout=2000; DROP TABLE users",
      "search_path=1",
      "lock_timeout=1s",
      "lock_timeout",
    ]) {
      expect(problemsOf(() => parseRoleSettings(text))).toHaveLength(1);
    }
  });
});
