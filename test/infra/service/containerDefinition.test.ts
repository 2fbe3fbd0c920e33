import { describe, expect, it } from "vitest";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import { demandTags } from "../../../infra/service/authService";
import { containerDefinitions } from "../../../infra/service/containerDefinition";
import { ecrRepository } from "../../../infra/service/imageReference";
import { stackConfig } from "../plannedProgram";

function container(change: { readonly [key: string]: string } = {}) {
  const result = parseStackConfig({ ...stackConfig("prod"), ...change });
  if (!result.ok) throw new Error("the stack cannot be read");
  const [definition] = JSON.parse(
    containerDefinitions({
      settings: result.config,
      region: "eu-west-1",
      poolName: "auth-prod",
      hostParameterArn: "arn:aws:ssm:eu-west-1:123456789012:parameter/auth/auth-prod/database/host",
      logGroupName: "/auth/auth-prod/service",
    }),
  );
  return definition;
}

function environment(change?: { readonly [key: string]: string }): { readonly [name: string]: string } {
  const pairs: readonly { readonly name: string; readonly value: string }[] = container(change).environment;
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

describe("the container", () => {
  it("is told every setting of the pool and of the timeouts, with its unit in the name", () => {
    expect(environment()).toMatchObject({
      DB_POOL_MAX: "8",
      DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
      DB_POOL_IDLE_TIMEOUT_MS: "30000",
      DB_POOL_MAX_LIFETIME_MS: "1800000",
      DB_POOL_QUEUE_MAX: "64",
      DB_STATEMENT_TIMEOUT_MS: "2000",
      DB_LOCK_TIMEOUT_MS: "1500",
      DB_QUERY_TIMEOUT_MS: "2500",
      DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "10000",
      REQUEST_TIMEOUT_MS: "8000",
      HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
      WEB_CONCURRENCY: "1",
    });
  });

  it.each([
    ["auth:poolMax", "DB_POOL_MAX"],
    ["auth:acquireTimeoutMs", "DB_POOL_ACQUIRE_TIMEOUT_MS"],
    ["auth:idleTimeoutMs", "DB_POOL_IDLE_TIMEOUT_MS"],
    ["auth:maxLifetimeMs", "DB_POOL_MAX_LIFETIME_MS"],
    ["auth:queueMax", "DB_POOL_QUEUE_MAX"],
    ["auth:statementTimeoutMs", "DB_STATEMENT_TIMEOUT_MS"],
    ["auth:lockTimeoutMs", "DB_LOCK_TIMEOUT_MS"],
    ["auth:queryTimeoutMs", "DB_QUERY_TIMEOUT_MS"],
    ["auth:idleInTransactionTimeoutMs", "DB_IDLE_IN_TRANSACTION_TIMEOUT_MS"],
    ["auth:requestTimeoutMs", "REQUEST_TIMEOUT_MS"],
    ["auth:httpKeepAliveTimeoutMs", "HTTP_KEEP_ALIVE_TIMEOUT_MS"],
    ["auth:processesPerTask", "WEB_CONCURRENCY"],
  ])("gets %s as %s, and nothing else changes with it", (setting, variable) => {
    const { [variable]: changed, ...others } = environment({ [setting]: "4711" });
    const { [variable]: _before, ...unchanged } = environment();
    expect(changed).toBe("4711");
    expect(others).toEqual(unchanged);
  });

  it("logs in as the service's own role, and gets the host from a parameter and no password at all", () => {
    expect(environment()).toMatchObject({
      DB_USER: "auth_app",
      DB_AUTH: "iam",
      DB_NAME: "auth",
      DB_PORT: "5432",
      AWS_REGION: "eu-west-1",
    });
    expect(container().secrets).toEqual([
      {
        name: "DB_HOST",
        valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/auth/auth-prod/database/host",
      },
    ]);
    expect(JSON.stringify(container())).not.toMatch(/password|secretsmanager/i);
  });

  it("knows whether a proxy stands in between, which refuses start-up parameters", () => {
    expect(environment().DB_CONNECTION).toBe("direct");
    expect(environment({ "auth:connection": "proxy" }).DB_CONNECTION).toBe("proxy");
  });

  it("can neither write, nor be root, nor gain a privilege", () => {
    const { user, readonlyRootFilesystem, privileged, linuxParameters } = container();
    expect(Number(user.split(":")[0])).toBeGreaterThan(0);
    expect(readonlyRootFilesystem).toBe(true);
    expect(privileged).toBe(false);
    expect(linuxParameters.capabilities).toEqual({ drop: ["ALL"] });
  });

  it("is asked for its liveness alone, without a shell", () => {
    const [kind, program, , probe] = container().healthCheck.command;
    expect([kind, program]).toEqual(["CMD", "node"]);
    expect(probe).toContain("http://127.0.0.1:8080/healthz");
    expect(() => new Function(probe)).not.toThrow();
  });
});

describe("the repository of an image", () => {
  it.each([
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/auth:1.0.0",
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/auth@sha256:${"0".repeat(64)}`,
  ])("is known for ECR: %s", (image) => {
    expect(ecrRepository(image)).toEqual({
      accountId: "123456789012",
      region: "eu-west-1",
      name: "team/auth",
    });
  });

  it.each([
    "public.ecr.aws/team/auth:1.0.0",
    "ghcr.io/team/auth:1.0.0",
    "auth:1.0.0",
  ])("needs no permission elsewhere: %s", (image) => {
    expect(ecrRepository(image)).toBeUndefined();
  });
});

const settings = {
  peakRequestsPerSecond: 400,
  dbHoldMs: 90,
  dbAcquisitionsPerRequest: 1.1,
  tasksAtPeak: 8,
  connection: "direct" as const,
};

describe("the tags of the declared demand", () => {
  it("carry each number as text, under the name the policies read", () => {
    expect(demandTags(settings, "auth-prod")).toEqual({
      "poolproof:peak-requests-per-second": "400",
      "poolproof:db-hold-ms": "90",
      "poolproof:db-acquisitions-per-request": "1.1",
      "poolproof:tasks-at-peak": "8",
      "poolproof:database": "auth-prod",
      "poolproof:pool-library": "node-postgres",
    });
  });

  it("say that sessions do not pin where a proxy stands in between, and only there", () => {
    const proxied = demandTags({ ...settings, connection: "proxy" }, "auth-prod");
    expect(proxied["poolproof:proxy-sessions"]).toBe("multiplexed");
    expect(demandTags(settings, "auth-prod")).not.toHaveProperty("poolproof:proxy-sessions");
  });
});
