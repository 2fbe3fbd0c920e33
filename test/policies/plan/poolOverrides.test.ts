import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { judge, only } from "../rules/judge";
import { clientsOf } from "./clientsOf";

const poolMax = (clients: ReturnType<typeof clientsOf>) =>
  clients.map(({ name, settings }) => [name, settings.poolMax.variable, settings.poolMax.reading]);

describe("a pool that the policy configuration describes", () => {
  it("is read from the names it gives, in place of the library's own", () => {
    const pools = [
      {
        client: "api",
        library: "hikaricp",
        variables: { poolMax: ["ORDERS_POOL"], acquireTimeoutMs: ["ORDERS_WAIT"] },
      },
    ];
    const [client] = clientsOf({ ORDERS_POOL: "13", ORDERS_WAIT: "2s", DB_POOL_SIZE: "99" }, { pools });
    expect(client).toMatchObject({
      library: { value: "hikaricp" },
      settings: {
        poolMax: { variable: "ORDERS_POOL", reading: { value: 13 } },
        acquireTimeoutMs: { reading: { value: 2_000 } },
        maxLifetimeMs: { reading: { value: 1_800_000 } },
      },
    });
  });

  it("has the values it gives, where the environment sets none or the same", () => {
    const pools = [{ client: "api-*", values: { poolMax: 21, keepAliveTimeoutMs: 90_000 } }];
    const [client] = clientsOf({ DB_POOL_MAX: "21" }, { pools });
    expect(client?.settings.poolMax).toMatchObject({
      variable: "values.poolMax",
      reading: { value: 21, assumed: "the policy configuration" },
    });
    expect(client?.settings.keepAliveTimeoutMs.reading).toMatchObject({ value: 90_000 });
    const [overruled] = clientsOf({ DB_POOL_MAX: "60" }, { pools });
    expect(overruled?.settings.poolMax.reading).toMatchObject({
      state: "malformed",
      property: "DB_POOL_MAX",
    });
    const wrong = clientsOf({}, { pools: [{ client: "api", values: { poolMax: 0 } }] });
    expect(wrong[0]?.settings.poolMax.reading.state).toBe("malformed");
  });

  it("is one more pool of the container when it has a name, and both are in the budget", () => {
    const pools = [
      {
        client: "api",
        pool: "reporting",
        variables: { poolMax: ["REPORTING_POOL"] },
        library: "node-postgres",
      },
    ];
    const environment = { DB_POOL_MAX: "12", REPORTING_POOL: "4" };
    expect(poolMax(clientsOf(environment, { pools }))).toEqual([
      ["api", "DB_POOL_MAX", { state: "known", value: 12 }],
      ["api (reporting)", "REPORTING_POOL", { state: "known", value: 4 }],
    ]);
    const [budget] = judge({ environment }, { pools }).budgets;
    expect(budget?.demandAtPeak).toBe(16 * (12 + 4) + 5);
  });

  it("does not count the usual names twice", () => {
    const pools = [
      { client: "api", pool: "main", variables: { poolMax: ["MAIN"] } },
      { client: "api", pool: "reporting", values: { poolMax: 2 } },
    ];
    expect(poolMax(clientsOf({ MAIN: "6" }, { pools })).map(([name]) => name)).toEqual([
      "api (main)",
      "api (reporting)",
    ]);
    const [main, second] = clientsOf(
      { MAIN: "6", PG_POOL_MAX: "8" },
      { pools: [{ client: "api", pool: "other" }] },
    );
    expect(main?.settings.poolMax.reading).toMatchObject({ value: 8 });
    expect(second?.settings.poolMax.reading.state).toBe("known");
    expect(second?.settings.poolMax.reading).toMatchObject({ assumed: "node-postgres's default" });
  });

  it("may have a database and a peak of its own", () => {
    const pools = [{ client: "api", pool: "reporting", values: { poolMax: 2 }, database: "elsewhere" }];
    const demand = [{ service: "api (reporting)", peakRequestsPerSecond: 3 }];
    const [, second] = clientsOf({ DB_POOL_MAX: "12" }, { pools, demand });
    expect(second).toMatchObject({
      database: { state: "unlinked", reason: expect.stringContaining('"elsewhere"') },
      declared: { peakRequestsPerSecond: { value: 3 } },
    });
  });

  it("is of one container only where it names one", () => {
    const pools = [{ client: "api", container: "sidecar", values: { poolMax: 5 } }];
    expect(clientsOf({ DB_POOL_MAX: "12" }, { pools })[0]?.settings.poolMax.reading).toMatchObject({
      value: 12,
    });
  });

  it("is named in messages by what sets it", () => {
    const pools = [{ client: "api", variables: { poolMax: ["ORDERS_POOL"] } }];
    const report = judge({ environment: { ORDERS_POOL: "3" } }, { pools });
    expect(only(report, "pool-floor").fix).toMatch(
      /^Set `ORDERS_POOL` of container `api` in task definition/,
    );
  });

  it("has its library's defaults where the environment is hidden and said to set none of its variables", () => {
    const hidden = { taskDefinition: { containerDefinitions: UNKNOWN as never } };
    const entry = { client: "api", library: "node-postgres", environment: "sets none of these" } as const;
    const size = (values: { readonly [setting: string]: number }) =>
      judge(hidden, { pools: [{ ...entry, values }] });
    expect(only(size({ processesPerTask: 1 }), "pool-floor")).toMatchObject({ observed: 10 });
    // The command is hidden too, and may start several processes.
    expect(size({}).undecided.map(({ rule }) => rule)).toContain("pool-floor");
    // Without a library that speaks to the database there are no defaults.
    const wrong = judge(hidden, {
      pools: [{ ...entry, library: "mysql2", values: { processesPerTask: 1 } }],
    });
    expect(wrong.undecided.map(({ rule }) => rule)).toContain("pool-floor");
    const { library: _, ...nameless } = entry;
    const unnamed = judge(hidden, { pools: [{ ...nameless, values: { processesPerTask: 1 } }] });
    expect(unnamed.undecided.map(({ rule }) => rule)).toContain("pool-floor");
  });

  it("keeps what the program sets, whatever the policy configuration says of its environment", () => {
    const pools = [{ client: "api", environment: "sets none of these" } as const];
    const [client] = clientsOf({ DB_POOL_MAX: "12", PGHOST: "db" }, { pools });
    expect(client?.settings.poolMax.reading).toMatchObject({ value: 12 });
  });
});
