import { describe, expect, it } from "vitest";
import { parameterGroupFamily } from "../../../infra/database/engineVersion";
import { databaseParameters, roleSettings } from "../../../infra/database/parameters";
import { idleClientTimeoutSeconds, proxyPool } from "../../../infra/database/proxyPool";

const input = {
  engineVersion: "17",
  maxConnections: "400",
  statementTimeoutMs: 2000,
  lockTimeoutMs: 1500,
  idleInTransactionTimeoutMs: 10_000,
};

/** PostgreSQL's own word for a parameter that only a restart changes is the context `postmaster`. */
const STATIC = ["max_connections"];

describe("the database's parameter group", () => {
  const parameters = databaseParameters(input);
  const value = (name: string) => parameters.find((parameter) => parameter.name === name)?.value;

  it("waits for a reboot with static parameters, and with no others", () => {
    const waiting = parameters.filter(({ applyMethod }) => applyMethod === "pending-reboot");
    expect(waiting.map(({ name }) => name)).toEqual(STATIC);
  });

  it("fits in one ModifyDBParameterGroup call, and names each parameter once", () => {
    expect(parameters.length).toBeLessThanOrEqual(20);
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
  });

  it("carries the limit and the timeouts as configured", () => {
    expect(value("max_connections")).toBe("400");
    expect(value("statement_timeout")).toBe("2000");
    expect(value("lock_timeout")).toBe("1500");
    expect(value("idle_in_transaction_session_timeout")).toBe("10000");
  });

  it("passes a formula on as it is", () => {
    const formula = "LEAST({DBInstanceClassMemory/9531392},5000)";
    expect(databaseParameters({ ...input, maxConnections: formula })[0]?.value).toBe(formula);
  });

  it("demands TLS and logs who comes, goes and waits", () => {
    for (const name of ["rds.force_ssl", "log_connections", "log_disconnections", "log_lock_waits"]) {
      expect(value(name)).toBe("1");
    }
  });

  it("names what to log of a connection from PostgreSQL 18 on, where the switch became a list", () => {
    const eighteen = databaseParameters({ ...input, engineVersion: "18" });
    expect(eighteen.find(({ name }) => name === "log_connections")?.value).toBe(
      "receipt,authentication,authorization",
    );
  });

  it("notices a dead client within two minutes", () => {
    const seconds = (name: string) => Number(value(`tcp_keepalives_${name}`));
    expect(seconds("idle") + seconds("interval") * seconds("count")).toBeLessThanOrEqual(120);
  });
});

describe("the family of the parameter group", () => {
  it.each([
    ["17", "postgres17"],
    ["17.4", "postgres17"],
    ["18", "postgres18"],
  ])("of PostgreSQL %s is %s", (version, family) => {
    expect(parameterGroupFamily(version)).toBe(family);
  });

  it("cannot be had of what is no version", () => {
    expect(() => parameterGroupFamily("latest")).toThrow(RangeError);
  });
});

describe("the settings of the role behind a proxy", () => {
  it("are those of the parameter group", () => {
    expect(roleSettings({ ...input, connection: "proxy" })).toBe(
      "statement_timeout=2000,lock_timeout=1500,idle_in_transaction_session_timeout=10000",
    );
  });

  it("are none where the service sends its own", () => {
    expect(roleSettings({ ...input, connection: "direct" })).toBe("");
  });
});

const load = {
  peakRequestsPerSecond: 1200,
  acquisitionsPerRequest: 1.1,
  holdMs: 90,
  maxConnections: 500,
  usable: 489,
  acquireTimeoutMs: 1000,
  queryTimeoutMs: 2500,
};

describe("the proxy's pool", () => {
  it("carries the whole demand as one queue, with AWS's headroom on top", () => {
    // a = 1.25 × 1200 × 1.1 × 0.09 = 148.5 busy; the smallest pool with P(W > 50 ms) ≤ 1 % holds 156 (155 leaves 1.3 % waiting).
    // 1.3 × 156 of 500 is 40.6 %.
    expect(proxyPool(load).maxConnectionsPercent).toBe(41);
  });

  it("leaves the operations reserve beside the budget's share of the database, whatever the demand", () => {
    // ⌊0.80 × 489⌋ − 5 = 386 of 500 = 77.2 %
    expect(proxyPool({ ...load, peakRequestsPerSecond: 12_000 }).maxConnectionsPercent).toBe(77);
  });

  it("takes no less than AWS advises", () => {
    expect(proxyPool({ ...load, peakRequestsPerSecond: 1 }).maxConnectionsPercent).toBe(30);
  });

  it("keeps no more than half of it idle", () => {
    expect(proxyPool(load).maxIdleConnectionsPercent).toBe(20);
  });

  it("waits for a connection no longer than the service would, and less than it waits for the query", () => {
    expect(proxyPool(load).borrowTimeoutSeconds).toBe(1);
    expect(proxyPool({ ...load, acquireTimeoutMs: 5000, queryTimeoutMs: 4000 }).borrowTimeoutSeconds).toBe(3);
    expect(proxyPool({ ...load, acquireTimeoutMs: 0 }).borrowTimeoutSeconds).toBe(1);
  });

  it("gives the budget's share where the demand or the limit is no number, since policies judge those", () => {
    expect(proxyPool({ ...load, holdMs: -1 }).maxConnectionsPercent).toBe(77);
    expect(proxyPool({ ...load, maxConnections: undefined, usable: undefined }).maxConnectionsPercent).toBe(
      80,
    );
  });
});

describe("the proxy's idle client timeout", () => {
  it.each([
    [30_000, 1800],
    [1_800_000, 3600],
    [-1, 1800],
    [1e12, 28_800],
  ])("for clients that close after %d ms is %d s", (clientMs, seconds) => {
    expect(idleClientTimeoutSeconds(clientMs)).toBe(seconds);
  });
});
