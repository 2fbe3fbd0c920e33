import { describe, expect, it } from "vitest";
import { dialectOf, SERVER_TIMEOUTS } from "../../../policies/rules/timeouts/support";

describe("dialectOf", () => {
  it.each([
    ["postgres", "postgres"],
    ["aurora-postgresql", "postgres"],
    ["mysql", "mysql"],
    ["aurora-mysql", "mysql"],
    // Aurora MySQL 5.6, before there was another Aurora.
    ["aurora", "mysql"],
    ["mariadb", "mariadb"],
    [undefined, "postgres"],
  ])("takes %s for %s, whose parameters bound its statements", (engine, dialect) => {
    expect(dialectOf(engine)).toBe(dialect);
    expect(SERVER_TIMEOUTS[dialectOf(engine)].statement.name).toBe(
      { postgres: "statement_timeout", mysql: "max_execution_time", mariadb: "max_statement_time" }[dialect],
    );
  });
});
