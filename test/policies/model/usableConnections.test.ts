import { describe, expect, it } from "vitest";
import { usableConnections } from "../../../policies/model/connectionBudget";

const postgres = { engine: "postgres", engineVersion: "17.4", maxConnections: 400 } as const;

describe("usableConnections", () => {
  it("leaves 389 of PostgreSQL's 400: 3 for superusers, 2 for rds_superuser, 6 for RDS itself", () => {
    const { usable, withheld } = usableConnections(postgres);
    expect(usable).toBe(389);
    expect(withheld.map(({ connections }) => connections)).toEqual([3, 2, 6]);
    expect(withheld.map(({ parameter }) => parameter)).toEqual([
      "superuser_reserved_connections",
      "rds.rds_superuser_reserved_connections",
      undefined,
    ]);
  });

  it("withholds reserved_connections from PostgreSQL 16 on, where the parameter exists", () => {
    const reservedConnections = 10;
    expect(usableConnections({ ...postgres, reservedConnections }).usable).toBe(379);
    expect(usableConnections({ ...postgres, reservedConnections, engineVersion: "15.8" }).usable).toBe(389);
    expect(usableConnections({ ...postgres, reservedConnections, engineVersion: undefined }).usable).toBe(
      379,
    );
  });

  it("follows the parameter group where it changes RDS's reserve", () => {
    expect(usableConnections({ ...postgres, rdsSuperuserReservedConnections: 0 }).usable).toBe(391);
    expect(usableConnections({ ...postgres, rdsSuperuserReservedConnections: 20 }).usable).toBe(371);
  });

  it("withholds from Aurora what its engine withholds on RDS, more than the 3 that AWS asks for", () => {
    expect(usableConnections({ ...postgres, engine: "aurora-postgresql" }).usable).toBe(389);
    expect(usableConnections({ ...postgres, engine: "aurora-mysql" }).usable).toBe(393);
  });

  it.each([
    "mysql",
    "mariadb",
  ] as const)("leaves 393 of 400 on %s: 1 for an administrator, 6 for RDS itself", (engine) => {
    expect(usableConnections({ engine, maxConnections: 400 }).usable).toBe(393);
  });

  it("never goes below none", () => {
    expect(usableConnections({ ...postgres, maxConnections: 6 }).usable).toBe(0);
  });

  it.each([
    { maxConnections: 1.5 },
    { maxConnections: Number.NaN },
    { reservedConnections: -1 },
    { rdsSuperuserReservedConnections: 0.5 },
  ])("refuses %o", (wrong) => {
    expect(() => usableConnections({ ...postgres, ...wrong })).toThrow(RangeError);
  });
});
