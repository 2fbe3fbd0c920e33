import { describe, expect, it } from "vitest";
import { connectionLimit } from "../../../policies/model/connectionLimit";
import { connectionsForMemory, findInstanceClass } from "../../../policies/model/instanceClasses";
import { limitLevers } from "../../../policies/model/remedies";

const postgres = (instanceClass: string, parameterValue?: string) => ({
  engine: "postgres" as const,
  engineVersion: "17",
  instanceClass,
  parameterValue,
});
const carries = (name: string) =>
  connectionsForMemory("postgres", findInstanceClass(name)?.memoryBytes ?? Number.NaN);
const NONE = { maxConnections: null, instanceClass: null, largerClass: null };

describe("how a higher limit can come about", () => {
  it("is not, where none is needed or the engine takes none", () => {
    expect(limitLevers(null, postgres("db.m7g.large"))).toEqual(NONE);
    expect(limitLevers(1e9, postgres("db.m7g.large"))).toEqual(NONE);
  });

  it("is the number itself up to what the memory carries, and a larger class from there on", () => {
    const most = carries("db.t4g.micro");
    expect(limitLevers(most, postgres("db.t4g.micro", "20")).maxConnections).toBe(most);
    expect(limitLevers(most + 1, postgres("db.t4g.micro", "20"))).toEqual({
      maxConnections: null,
      instanceClass: null,
      largerClass: { instanceClass: "db.t4g.small", maxConnections: most + 1 },
    });
    expect(
      limitLevers(carries("db.t4g.small"), postgres("db.t4g.micro", "20")).largerClass?.instanceClass,
    ).toBe("db.t4g.small");
    expect(
      limitLevers(carries("db.t4g.small") + 1, postgres("db.t4g.micro", "20")).largerClass?.instanceClass,
    ).toBe("db.t4g.medium");
  });

  it("is the smallest class of the family whose own formula grants it, to the last connection", () => {
    const result = connectionLimit(postgres("db.t4g.small"));
    const granted = result.ok ? result.limit.maxConnections : Number.NaN;
    expect(limitLevers(granted, postgres("db.t4g.micro")).instanceClass).toBe("db.t4g.small");
    expect(limitLevers(granted + 1, postgres("db.t4g.micro")).instanceClass).toBe("db.t4g.medium");
    // A number in the group stays where it is on any class.
    expect(limitLevers(granted, postgres("db.t4g.micro", "20")).instanceClass).toBeNull();
  });

  it("is left to the memory rule on a class that nobody knows", () => {
    expect(limitLevers(4_000, postgres("db.x99.large", "20"))).toEqual({ ...NONE, maxConnections: 4_000 });
    const { instanceClass: _, ...hidden } = postgres("");
    expect(limitLevers(4_000, hidden)).toEqual({ ...NONE, maxConnections: 4_000 });
  });

  it("offers MariaDB the classes of MySQL, and no engine one that it does not run on", () => {
    const mariadb = { engine: "mariadb" as const, engineVersion: "11.4", instanceClass: "db.t4g.micro" };
    const mysql = { ...mariadb, engine: "mysql" as const, engineVersion: "8.4" };
    const [ofMaria, ofMysql] = [limitLevers(120, mariadb), limitLevers(120, mysql)];
    expect(ofMaria.instanceClass ?? ofMaria.largerClass?.instanceClass).toBeDefined();
    expect(ofMysql.instanceClass ?? ofMysql.largerClass?.instanceClass).toBeDefined();
    // Aurora has no class below medium in this family.
    const aurora = {
      engine: "aurora-postgresql" as const,
      engineVersion: "16.4",
      instanceClass: "db.t4g.micro",
    };
    const offered = limitLevers(30, { ...aurora, parameterValue: undefined }).instanceClass;
    expect(offered === null || offered === "db.t4g.medium" || offered === "db.t4g.large").toBe(true);
  });
});
