import { describe, expect, it } from "vitest";
import {
  familyOfDefaultGroup,
  isDefaultGroup,
  parameterFamily,
  parseFamily,
} from "../../../policies/model/parameters";

describe("the family of a parameter group", () => {
  it.each([
    ["postgres", "17", "postgres17"],
    ["postgres", "17.4", "postgres17"],
    ["postgres", "9.6.24", "postgres9.6"],
    ["mysql", "8.0", "mysql8.0"],
    ["mysql", "8.0.42", "mysql8.0"],
    ["mysql", "8.4.5", "mysql8.4"],
    ["mysql", "8", undefined],
    ["mariadb", "10.11.9", "mariadb10.11"],
    ["mariadb", "11.4", "mariadb11.4"],
    ["aurora-postgresql", "16.4", "aurora-postgresql16"],
    ["aurora-mysql", "8.0.mysql_aurora.3.08.2", "aurora-mysql8.0"],
    ["aurora-mysql", "5.7.mysql_aurora.2.12.5", "aurora-mysql5.7"],
    ["postgres", "latest", undefined],
  ] as const)("of %s %s is %s", (engine, version, family) => {
    expect(parameterFamily(engine, version)).toBe(family);
  });

  it("names its engine, which may begin like another", () => {
    expect(parseFamily("aurora-postgresql16")).toEqual({ engine: "aurora-postgresql", version: "16" });
    expect(parseFamily("MySQL8.0")).toEqual({ engine: "mysql", version: "8.0" });
    expect(parseFamily("sqlserver-ee-15.0")).toBeUndefined();
    expect(parseFamily("postgres")).toBeUndefined();
    expect(parseFamily("postgres17; drop")).toBeUndefined();
  });

  it("is what the name of a default group ends in", () => {
    expect(familyOfDefaultGroup("default.postgres17")).toBe("postgres17");
    expect(familyOfDefaultGroup("my-default.postgres17")).toBeUndefined();
    expect(isDefaultGroup("Default.mysql8.0")).toBe(true);
  });
});
