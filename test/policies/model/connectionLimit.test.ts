import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConnectionLimitInput, connectionLimit } from "../../../policies/model/connectionLimit";
import { databaseEngine, engineLimits, majorVersion } from "../../../policies/model/engines";
import { evaluateParameterFormula } from "../../../policies/model/formulas";
import { lowestInstanceClassMemory, lowestMemoryShare } from "../../../policies/model/instanceClasses";

const GIB = 2 ** 30;
const postgres = { engine: "postgres", engineVersion: "17.4" } as const;

function limitOf(input: ConnectionLimitInput) {
  const result = connectionLimit(input);
  return result.ok ? result.limit : result.problem;
}

describe("the lower bound of DBInstanceClassMemory", () => {
  const observed = readFileSync(path.join(__dirname, "observedMaxConnections.csv"), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","))
    .map(([name = "", , gib, real]) => ({ name, gib: Number(gib), real: Number(real) }));

  it("is held against every published measurement", () => {
    expect(observed).toHaveLength(16);
  });

  it.each(
    observed,
  )("is not above the $real connections that $name ($gib GiB) really has, nor 20 % below", (row) => {
    const { defaultFormula } = engineLimits("postgres");
    const memory = lowestInstanceClassMemory(row.gib * GIB);
    const estimate = evaluateParameterFormula(defaultFormula, { DBInstanceClassMemory: memory });
    expect(estimate).toBeLessThanOrEqual(row.real);
    expect(estimate).toBeGreaterThan(0.8 * row.real);
  });

  it.each([
    [0, 0],
    [0.3, 0],
    [0.6, 0.5],
    [1, 0.7],
    [1.7, 0.7],
    [2, 0.8],
    [3.75, 0.8],
    [4, 0.89],
    [7.5, 0.88],
    [8, 0.88],
    [4096, 0.88],
  ])("counts, at %d GiB, on a share of %d", (gib, share) => {
    expect(lowestMemoryShare(gib * GIB)).toBeCloseTo(share, 10);
  });

  it("refuses a memory that is negative or not a number", () => {
    expect(() => lowestInstanceClassMemory(-1)).toThrow(RangeError);
    expect(() => lowestMemoryShare(Number.NaN)).toThrow(RangeError);
  });
});

describe("connectionLimit", () => {
  it("takes a whole number in the parameter group as it is, whatever the class", () => {
    const explicit = {
      maxConnections: 400,
      source: "explicit",
      upperBound: 400,
      textFrom: "parameter-group",
    };
    expect(limitOf({ ...postgres, parameterValue: "400" })).toMatchObject(explicit);
    expect(limitOf({ ...postgres, parameterValue: "400", instanceClass: "db.nope" })).toMatchObject(explicit);
    expect(limitOf({ ...postgres, parameterValue: "LEAST(400,500)" })).toMatchObject(explicit);
  });

  it("prefers what the deployment sets to what was confirmed before it", () => {
    const limit = limitOf({ ...postgres, parameterValue: "400", confirmedMaxConnections: 200 });
    expect(limit).toMatchObject({ maxConnections: 400, source: "explicit" });
  });

  it.each([
    ["postgres", "17", "db.m7g.large", 793, 901],
    ["postgres", "17", "db.r7g.2xlarge", 5000, 5000],
    ["mysql", "8.0", "db.t3.micro", 59, 85],
    ["mysql", "8.4", "db.m7g.large", 600, 682],
    ["mariadb", "10.4.34", "db.m7g.large", 600, 682],
    ["mariadb", "10.5", "db.m7g.large", 300, 341],
    ["mariadb", undefined, "db.m7g.large", 300, 341],
    ["mariadb", "11.4", "db.x2iedn.32xlarge", 12000, 12000],
    ["mysql", "8.0", "db.x2iedn.32xlarge", 100000, 100000],
  ] as const)("estimates the default of %s %s on %s as %i, at most %i", (engine, engineVersion, instanceClass, least, most) => {
    expect(limitOf({ engine, engineVersion, instanceClass })).toMatchObject({
      maxConnections: least,
      upperBound: most,
      source: "estimated",
      textFrom: "engine-default",
    });
  });

  it("says which share of the memory an estimate counts on, and none where memory plays no part", () => {
    const instanceClass = "db.t4g.small";
    expect(limitOf({ ...postgres, instanceClass })).toMatchObject({ maxConnections: 180, memoryShare: 0.8 });
    const byVcpu = limitOf({ ...postgres, instanceClass, parameterValue: "{DBInstanceVCPU*50}" });
    expect(byVcpu).toMatchObject({ maxConnections: 100, upperBound: 100, memoryShare: undefined });
  });

  it("replaces an estimate by the confirmed number, also where the class is not in the table", () => {
    const confirmed = { ...postgres, confirmedMaxConnections: 832 };
    expect(limitOf({ ...confirmed, instanceClass: "db.m7g.large" })).toMatchObject({
      maxConnections: 832,
      source: "confirmed",
      upperBound: 901,
    });
    expect(limitOf({ ...confirmed, instanceClass: "db.m99.large" })).toMatchObject({
      maxConnections: 832,
      upperBound: undefined,
    });
  });

  it("counts on a confirmed number alone where the group's value cannot be seen", () => {
    const hidden = { ...postgres, isHidden: true, instanceClass: "db.t4g.micro" };
    expect(limitOf(hidden)).toMatchObject({ code: "value-missing" });
    expect(limitOf({ ...hidden, confirmedMaxConnections: 900 })).toMatchObject({
      maxConnections: 900,
      source: "confirmed",
      text: "900",
      textFrom: "confirmed",
      upperBound: undefined,
    });
    expect(limitOf({ ...hidden, confirmedMaxConnections: 5 })).toMatchObject({ code: "out-of-range" });
  });

  it("evaluates formulas on storage and port where they are known", () => {
    const parameterValue = "LEAST({AllocatedStorage/1073741824},{EndPointPort})";
    const known = {
      ...postgres,
      parameterValue,
      instanceClass: "db.m7g.large",
      allocatedStorageGib: 100,
      port: 5432,
    };
    expect(limitOf(known)).toMatchObject({ maxConnections: 100, source: "estimated" });
    expect(limitOf({ ...known, port: undefined })).toMatchObject({ code: "value-missing" });
  });

  it.each([
    [{ instanceClass: "db.m7g.lrge" }, "unknown-class", "did you mean db.m7g.large", undefined],
    [{}, "value-missing", "instance class, which is not known", undefined],
    [
      { parameterValue: "{DBInstanceVCPU*9}", instanceClass: undefined, serverless: { maxAcu: 4 } },
      "value-missing",
      "DBInstanceVCPU",
      undefined,
    ],
    [{ parameterValue: "lots" }, "malformed-formula", "stands alone", 0],
    [{ parameterValue: "" }, "malformed-formula", "expected a whole number", 0],
    [
      { parameterValue: "{DBInstanceClassMemry/9}" },
      "malformed-formula",
      'unknown variable "DBInstanceClassMemry"',
      1,
    ],
    [{ parameterValue: "5" }, "out-of-range", "5 is outside what RDS accepts, 6 to 262143", undefined],
    [{ parameterValue: "262144" }, "out-of-range", "6 to 262143", undefined],
    [{ parameterValue: "-1" }, "out-of-range", "6 to 262143", undefined],
    [
      { parameterValue: "{DBInstanceClassMemory/1024}", instanceClass: "db.m7g.large" },
      "out-of-range",
      "6 to 262143",
      undefined,
    ],
    [
      { instanceClass: "db.m7g.large", confirmedMaxConnections: 902 },
      "confirmed-impossible",
      "at most 901",
      undefined,
    ],
    [{ instanceClass: "db.m7g.large", confirmedMaxConnections: 8.5 }, "out-of-range", "8.5", undefined],
    [{ confirmedMaxConnections: Number.NaN }, "out-of-range", "NaN", undefined],
  ])("refuses %o as %s", (input, code, message, position) => {
    const problem = limitOf({ ...postgres, ...input });
    expect(problem).toMatchObject({ code, position });
    expect("message" in problem && problem.message).toContain(message);
  });

  it("never estimates above what the whole memory would give", () => {
    const cases = fc.record({
      divisor: fc.integer({ min: 1_000_000, max: 100_000_000 }),
      instanceClass: fc.constantFrom(
        "db.t4g.micro",
        "db.t3.small",
        "db.t3.medium",
        "db.m5.large",
        "db.r5.24xlarge",
      ),
      cap: fc.integer({ min: 6, max: 200_000 }),
    });
    fc.assert(
      fc.property(cases, ({ divisor, instanceClass, cap }) => {
        const parameterValue = `LEAST({DBInstanceClassMemory/${divisor}},${cap})`;
        const result = connectionLimit({ ...postgres, instanceClass, parameterValue });
        if (result.ok) expect(result.limit.maxConnections).toBeLessThanOrEqual(result.limit.upperBound ?? 0);
      }),
    );
  });
});

describe("engines", () => {
  it("are known by the names of RDS, Neptune and the old `aurora` not among them", () => {
    expect(databaseEngine("postgres")).toBe("postgres");
    expect(databaseEngine("MariaDB")).toBe("mariadb");
    expect(databaseEngine("aurora-postgresql")).toBe("aurora-postgresql");
    expect(databaseEngine("aurora")).toBeUndefined();
    expect(databaseEngine("neptune")).toBeUndefined();
  });

  it.each([
    ["17", 17],
    ["16.4", 16],
    ["10.11.6-MariaDB", 10],
    ["", undefined],
    ["latest", undefined],
    ["16x", 16],
    [undefined, undefined],
  ])("have the major version of %s: %s", (version, major) => {
    expect(majorVersion(version)).toBe(major);
  });
});
