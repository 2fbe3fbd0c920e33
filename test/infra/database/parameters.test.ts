import { describe, expect, it } from "vitest";
import { parameterGroupFamily } from "../../../infra/database/engineVersion";
import { databaseParameters, roleSettings } from "../../../infra/database/parameters";

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
