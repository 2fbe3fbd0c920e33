import { describe, expect, it } from "vitest";
import { environment, tags } from "../samplePlan";
import { by, judge, only } from "./judge";

/** The sample without node-postgres's names, on another library. */
const on = (library: { [name: string]: string }, more: { [name: string]: string | undefined } = {}) =>
  judge({
    environment: environment({
      DB_POOL_MAX: undefined,
      DB_POOL_ACQUIRE_TIMEOUT_MS: undefined,
      ...library,
      ...more,
    }),
  });

describe("a pool below its floor", () => {
  it.each([
    [
      { SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "3" },
      "`pool.max` is 3, below the floor of 11",
      "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
    ],
    [
      { SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop" },
      "`pool.max` is 10 (HikariCP's default), below the floor of 11",
      "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
    ],
    [
      { SQLALCHEMY_POOL_SIZE: "2", SQLALCHEMY_MAX_OVERFLOW: "1" },
      "`pool.max` is 3, below the floor of 11",
      "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW",
    ],
    [{ DB_MAX_OPEN_CONNS: "3" }, "`pool.max` is 3, below the floor of 11", "DB_MAX_OPEN_CONNS"],
    [
      { DATABASE_URL: "postgresql://app:hunter2@db/shop?connection_limit=3" },
      "`pool.max` is 3, below the floor of 11",
      "connection_limit in DATABASE_URL",
    ],
    [{ POOL_MAX: "3" }, "`pool.max` is 3, below the floor of 11", "POOL_MAX"],
  ])("is named in the words of its library: %j", (library, text, variable) => {
    const violation = only(on(library), "pool-floor");
    expect(violation.message).toContain(text);
    expect(violation.fix).toBe(
      `Set \`${variable}\` of container \`api\` in task definition \`api-task\` to 11–19`,
    );
    expect(JSON.stringify(on(library))).not.toContain("hunter2");
  });

  it.each([
    [
      { DB_MAX_OPEN_CONNS: "0" },
      "unlimited (`DB_MAX_OPEN_CONNS` is 0), not a whole number of connections from 1 up",
    ],
    [
      { DB_CONN_MAX_LIFETIME: "5m" },
      "unlimited: without `SetMaxOpenConns` database/sql opens as many as are asked for",
    ],
    [{ SQLALCHEMY_MAX_OVERFLOW: "-1" }, "unlimited (`SQLALCHEMY_MAX_OVERFLOW` is -1)"],
  ])("has no size at all when nothing bounds it: %j", (library, text) => {
    const violation = only(on(library), "pool-floor");
    expect(violation.message).toContain(text);
    expect(violation.message).toContain(
      "nothing bounds it, so one burst may take every connection the database has",
    );
    expect(violation.allowed).toEqual({ min: 11, max: 19 });
    expect(by(on(library), "connection-budget")).toEqual([]);
  });

  it("is not told from two names that disagree", () => {
    const violation = only(
      judge({ environment: environment({ DB_POOL_MAX: "12", POOL_MAX: "3" }) }),
      "pool-floor",
    );
    expect(violation.message).toContain(
      "`pool.max` of api is 12 by `DB_POOL_MAX` and 3 by `POOL_MAX`, not one value: which of them the program reads is left to chance",
    );
  });
});

describe("the wait for a connection", () => {
  it("is accepted at the default of a library that has a sound one", () => {
    const hikari = { SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "12" };
    expect(by(on(hikari, { REQUEST_TIMEOUT_MS: "60000" }), "acquire-timeout")).toEqual([]);
    expect(only(on(hikari), "acquire-timeout").message).toContain(
      "is 30000 ms (HikariCP's default), not below the request timeout of 8000 ms",
    );
  });

  it("is put right in the unit of its variable", () => {
    const alchemy = { SQLALCHEMY_POOL_SIZE: "2", SQLALCHEMY_MAX_OVERFLOW: "10" };
    expect(only(on(alchemy), "acquire-timeout").fix).toBe(
      "Set `SQLALCHEMY_POOL_TIMEOUT` of container `api` in task definition `api-task` to a value below the request timeout of 8 s",
    );
    const endless = { ...alchemy, SQLALCHEMY_POOL_TIMEOUT: "none" };
    expect(only(on(endless, { REQUEST_TIMEOUT_MS: undefined }), "acquire-timeout").fix).toContain(
      "to 1 s to 2 s",
    );
  });

  it("is bounded in Go by the request's deadline, and by nothing without one", () => {
    const go = { DB_MAX_OPEN_CONNS: "12" };
    expect(by(on(go), "acquire-timeout")).toEqual([]);
    const violation = only(on(go, { REQUEST_TIMEOUT_MS: undefined }), "acquire-timeout");
    expect(violation.message).toContain(
      "waits for a connection for as long as its request lasts (go-database-sql has no timeout of its own)",
    );
    expect(violation.fix).toContain("Set `REQUEST_TIMEOUT_MS` of container `api`");
    expect(violation.fix).toContain("give every query the request's context");
  });
});

describe("a client whose library nobody can tell", () => {
  it("is undecided once, with every rule that needs it, and says how to name it", () => {
    const report = judge({ environment: { REQUEST_TIMEOUT_MS: "8000" }, tags: tags({}) });
    const said = by(report, "undecided").filter(({ message }) => message.includes("which library holds it"));
    expect(said).toHaveLength(1);
    expect(said[0]?.message).toMatch(
      /pool-floor, connection-budget, acquire-timeout.* could not be decided for api: nothing that can be seen of its environment says how large its pool is/,
    );
    expect(said[0]?.fix).toMatch(
      /^Name the library in the tag `poolproof:pool-library` \(node-postgres, hikaricp, sqlalchemy, go-database-sql, prisma\)/,
    );
    expect(report.verdict).toBe("rejected");
  });

  it("is decided as far as its size goes where only the size is set", () => {
    const report = on({ DB_POOL_SIZE: "12" });
    expect(by(report, "pool-floor")).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "connection-budget")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).toContain("acquire-timeout");
  });
});
