import { describe, expect, it } from "vitest";
import type { Settings } from "../../../policies/plan/settings";
import { environment, SAFE, type Sample, tags } from "../samplePlan";
import { by, judge, only } from "./judge";

const parameters = (statement: string): Sample["parameters"] => [
  ...(SAFE.parameters as readonly []),
  { name: "lock_timeout", value: "1500" },
  { name: "statement_timeout", value: statement },
];
const on = (
  library: string,
  variables: { readonly [name: string]: string },
  settings: Partial<Settings> = {},
  statement = "2000",
) =>
  judge(
    {
      environment: { DB_POOL_SIZE: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000", ...variables },
      tags: tags({ "poolproof:pool-library": library }),
      parameters: parameters(statement),
    },
    settings,
  );
const inTask = (name: string): string => `\`${name}\` of container \`api\` in task definition \`api-task\``;

describe("a fix in whole seconds", () => {
  const SOCKET = "socket_timeout in DATABASE_URL";
  const prisma = (more: string, request = "8000", statement?: string, settings?: Partial<Settings>) => {
    const url = `postgres://u@h/d?connection_limit=12&pool_timeout=1${more}`;
    return on("prisma", { DATABASE_URL: url, REQUEST_TIMEOUT_MS: request }, settings, statement);
  };

  it.each([
    ["2000", "3 s"],
    ["2900", "3 s"],
    ["2901", "4 s"],
  ])("is the next second that outlasts a statement of %s ms", (statement, least) => {
    expect(only(prisma("&socket_timeout=2", "8000", statement), "timeout-order").fix).toBe(
      `Set ${inTask(SOCKET)} to at least ${least}, or lower \`statement_timeout\``,
    );
  });

  it.each([
    ["8000", "3 s"],
    ["4500", "3 s"],
  ])("of a query that never ends stays within a request of %s ms", (request, value) => {
    expect(only(prisma("", request), "timeout-order").fix).toBe(`Set ${inTask(SOCKET)} to ${value}`);
    expect(by(prisma("&socket_timeout=3", request), "timeout-order")).toEqual([]);
  });

  it("is cut to a second that the request has room for, and what is inside fits below it", () => {
    const url = "postgres://u@h/d?connection_limit=12&pool_timeout=1";
    const report = judge({
      environment: { DATABASE_URL: url, REQUEST_TIMEOUT_MS: "4500", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" },
      tags: tags({ "poolproof:pool-library": "prisma" }),
    });
    expect(only(report, "timeout-order").fix).toBe(
      `Set \`lock_timeout\` in parameter group \`db-params\` to 1200 ms; set \`statement_timeout\` in parameter group \`db-params\` to 2400 ms; set ${inTask(SOCKET)} to 3 s`,
    );
  });

  it("is a command in seconds where a config key sets the parameter", () => {
    const configKeys = { [SOCKET]: "shop:socketTimeoutSeconds" };
    expect(only(prisma("", "8000", "2000", { configKeys }), "timeout-order").fix).toBe(
      "Set `shop:socketTimeoutSeconds` to 3 s: `pulumi config set shop:socketTimeoutSeconds 3 --stack test`",
    );
  });
});

describe("a fix by a config key", () => {
  const configKeys = { DB_QUERY_TIMEOUT_MS: "shop:queryMs", DB_STATEMENT_TIMEOUT_MS: "shop:statementMs" };

  it("has no command where any value from a least one up will do", () => {
    const report = judge({ environment: environment({ DB_QUERY_TIMEOUT_MS: "2000" }) }, { configKeys });
    expect(only(report, "timeout-order").fix).toBe(
      "Set `shop:queryMs` to at least 2100 ms, or lower `shop:statementMs`",
    );
  });

  it("names neither the server's parameter nor the library's way, which the key stands for", () => {
    const report = judge({ environment: environment({ DB_STATEMENT_TIMEOUT_MS: "0" }) }, { configKeys });
    expect(only(report, "timeout-order").fix).toBe(
      "Set `shop:statementMs` to 2000 ms: `pulumi config set shop:statementMs 2000 --stack test`",
    );
    const times = { REQUEST_TIMEOUT_MS: "8000", HIKARI_CONNECTION_TIMEOUT: "1000" };
    expect(only(on("hikaricp", times, { configKeys }), "timeout-order").fix).toBe(
      "Set `shop:queryMs` to 2500 ms: `pulumi config set shop:queryMs 2500 --stack test`",
    );
  });
});

describe("a fix in the notation of its variable", () => {
  it("is a Go duration where the program reads one", () => {
    const report = on("go-database-sql", { REQUEST_TIMEOUT: "2s" });
    expect(only(report, "timeout-order").fix).toBe(
      `Set ${inTask("REQUEST_TIMEOUT")} to at least 2100ms, or lower \`statement_timeout\``,
    );
    expect(by(on("go-database-sql", { REQUEST_TIMEOUT: "2100ms" }), "timeout-order")).toEqual([]);
  });

  it("is the library's own way where nothing reads a variable", () => {
    const times = { REQUEST_TIMEOUT_MS: "8000", HIKARI_CONNECTION_TIMEOUT: "1000" };
    expect(only(on("hikaricp", times), "timeout-order").fix).toBe(
      "End a query after 2500 ms by the driver's `socketTimeout` in the JDBC URL, and give it as `values.queryTimeoutMs` of api under `pools` in the policy configuration",
    );
  });
});
