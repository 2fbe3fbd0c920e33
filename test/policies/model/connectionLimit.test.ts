import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConnectionLimitInput,
  connectionLimit,
  provisionedLimit,
  serverlessLimit,
} from "../../../policies/model/connectionLimit";
import {
  type AuroraEngine,
  DATABASE_ENGINES,
  databaseEngine,
  engineLimits,
  majorVersion,
} from "../../../policies/model/engines";
import { evaluateParameterFormula } from "../../../policies/model/formulas";
import {
  connectionsForMemory,
  findInstanceClass,
  instanceClassFamily,
  lowestInstanceClassMemory,
  lowestMemoryShare,
  memoryForConnections,
} from "../../../policies/model/instanceClasses";

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

const rows = readFileSync(path.join(__dirname, "auroraDefaultMaxConnections.csv"), "utf8")
  .trim()
  .split(/\r?\n/)
  .slice(1)
  .map((line) => line.split(",") as [string, string, string]);
const provisioned = rows.filter(([, size]) => !size.startsWith("maxACU="));
const serverless = rows.filter(([, size]) => size.startsWith("maxACU="));
const ENGINES = ["aurora-postgresql", "aurora-mysql"] as const;

describe("AWS's table of Aurora limits", () => {
  it("has 81 rows of classes and 14 of capacities", () => {
    expect([provisioned.length, serverless.length]).toEqual([81, 14]);
  });

  it.each(
    provisioned,
  )("of %s on %s is %s, an estimate that is no lower bound", (engine, instanceClass, limit) => {
    expect(provisionedLimit(engine as AuroraEngine, instanceClass)?.maxConnections).toBe(Number(limit));
    const result = connectionLimit({ engine: engine as AuroraEngine, instanceClass });
    expect(result.ok && result.limit).toMatchObject({
      maxConnections: Number(limit),
      source: "estimated",
      basis: "table",
    });
  });

  it.each(serverless)("of %s at %s is %s", (name, size, limit) => {
    const engine = name.replace("-serverless-v2", "") as AuroraEngine;
    const capacity = { maxAcu: Number(size.replace("maxACU=", "")), minAcu: 1 };
    const result = connectionLimit({ engine, serverless: capacity });
    expect(result.ok && result.limit).toMatchObject({
      maxConnections: Number(limit),
      source: "estimated",
      basis: "table",
    });
  });

  it("has no class of the other engine, none by an inherited name, and none that is new", () => {
    expect(provisionedLimit("aurora-postgresql", "db.t2.small")).toBeUndefined();
    expect(provisionedLimit("aurora-mysql", "constructor")).toBeUndefined();
    expect(provisionedLimit("aurora-mysql", "db.r99.large")).toBeUndefined();
  });

  it("is for AWS's default alone: a formula of one's own goes by the memory", () => {
    const own = connectionLimit({
      engine: "aurora-postgresql",
      instanceClass: "db.r6g.large",
      parameterValue: "LEAST({DBInstanceClassMemory/9531393},5000)",
    });
    expect(own.ok && own.limit).toMatchObject({ maxConnections: 1586, basis: "memory" });
    const repeated = connectionLimit({
      engine: "aurora-postgresql",
      instanceClass: "db.r6g.large",
      parameterValue: "least( {DBInstanceClassMemory/9531392}, 5000 )",
    });
    expect(repeated.ok && repeated.limit).toMatchObject({ maxConnections: 1722, basis: "table" });
  });
});

describe("a class that is not in the table", () => {
  it.each([
    // 16 GiB × 0.88 = 15118284881 bytes: ÷ 9531392 = 1586.
    ["aurora-postgresql", "db.r8g.large", 1586],
    ["aurora-postgresql", "db.r8g.48xlarge", 5000],
    // log2(15118284881 ÷ 8187281408) = 0.88, rounded to 1, × 1000.
    ["aurora-mysql", "db.r8g.large", 1000],
    ["aurora-mysql", "db.r7g.2xlarge", 3000],
  ] as const)("of %s, %s, gets the formula on a lower bound of its memory: %i", (engine, instanceClass, limit) => {
    expect(provisionedLimit(engine, instanceClass)).toBeUndefined();
    const result = connectionLimit({ engine, instanceClass });
    expect(result.ok && result.limit).toMatchObject({ maxConnections: limit, basis: "memory" });
  });
});

describe("the formula of Aurora MySQL", () => {
  const factor = 8_187_281_408;
  /** Independent of the evaluator: the larger of two rounded logarithms. */
  const expected = (memory: number) =>
    Math.max(Math.round(Math.log2(memory / 805_306_368)) * 45, Math.round(Math.log2(memory / factor)) * 1000);

  it.each(
    provisioned.filter(([engine]) => engine === "aurora-mysql"),
  )("gives, on the whole memory, what AWS's table has: %s %s %s", (_engine, instanceClass, limit) => {
    const memory = findInstanceClass(instanceClass)?.memoryBytes ?? 0;
    // r3.large is 15.25 GiB where AWS's table counts the class as one of 16.
    expect(expected(memory)).toBe(Number(limit));
  });

  it("is evaluated as an independent calculation does, and never above 16000", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4096 }), (gib) => {
        const result = connectionLimit({
          engine: "aurora-mysql",
          parameterValue: `LEAST(16000,GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/${factor})*1000}))`,
          serverless: { maxAcu: gib / 2, minAcu: 1 },
        });
        if (!result.ok) throw new Error(result.problem.message);
        expect(result.limit.upperBound).toBe(Math.min(16_000, expected(gib * 2 ** 30)));
        expect(result.limit.maxConnections).toBeLessThanOrEqual(result.limit.upperBound ?? 0);
      }),
    );
  });

  it.each([
    ["16000", true],
    ["16001", false],
  ])("may be replaced by %s: %s", (parameterValue, isAccepted) => {
    expect(connectionLimit({ engine: "aurora-mysql", parameterValue }).ok).toBe(isAccepted);
  });
});

describe("Serverless v2", () => {
  it("takes the lower of two rows as a lower bound, and the higher as what a confirmed number cannot exceed", () => {
    expect(serverlessLimit("aurora-mysql", { maxAcu: 12, minAcu: 1 })).toEqual({
      maxConnections: 1000,
      upperBound: 2000,
      rowAcu: 8,
    });
    const between = { engine: "aurora-mysql", serverless: { maxAcu: 12, minAcu: 1 } } as const;
    const estimate = connectionLimit(between);
    expect(estimate.ok && estimate.limit).toMatchObject({ maxConnections: 1000, basis: "row-below" });
    const confirmed = connectionLimit({ ...between, confirmedMaxConnections: 1500 });
    expect(confirmed.ok && confirmed.limit).toMatchObject({ maxConnections: 1500, source: "confirmed" });
    expect(connectionLimit({ ...between, confirmedMaxConnections: 2001 })).toMatchObject({
      problem: { code: "confirmed-impossible" },
    });
  });

  it.each([
    [0, 2000],
    [0.5, 2000],
    [1, 5000],
    [undefined, 2000],
  ])("caps PostgreSQL with a minimum of %s ACU at %i", (minAcu, limit) => {
    const result = serverlessLimit("aurora-postgresql", { maxAcu: 64, minAcu });
    expect(result?.maxConnections).toBe(limit);
    // A minimum nobody knows may be high: a number measured above 2000 is possible.
    expect(result?.upperBound).toBe(minAcu === undefined ? 5000 : limit);
  });

  it.each([
    [1, 189],
    [2, 401],
    [3, 594],
    [4, 823],
    [6, 1189],
    [8, 1669],
    [12, 2379],
    [24, 4758],
  ])("counts on the higher of row and formula for PostgreSQL: %i ACU give %i", (maxAcu, limit) => {
    expect(serverlessLimit("aurora-postgresql", { maxAcu, minAcu: 1 })?.maxConnections).toBe(limit);
  });

  it("never counts on more than the row above says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 256 }), (halves) => {
        const found = serverlessLimit("aurora-postgresql", { maxAcu: halves / 2, minAcu: 1 });
        expect(found?.maxConnections).toBeLessThanOrEqual(found?.upperBound ?? 0);
      }),
    );
  });

  it("leaves MySQL's limit alone at a low minimum", () => {
    expect(serverlessLimit("aurora-mysql", { maxAcu: 64, minAcu: 0 })?.maxConnections).toBe(4000);
  });

  it("goes on with the last row above it, where only MySQL's may rise", () => {
    expect(serverlessLimit("aurora-mysql", { maxAcu: 256, minAcu: 1 })).toMatchObject({
      maxConnections: 5000,
      upperBound: undefined,
    });
    expect(serverlessLimit("aurora-postgresql", { maxAcu: 256, minAcu: 1 })).toMatchObject({
      maxConnections: 5000,
      upperBound: 5000,
    });
  });

  it("says nothing below 1 ACU, which is no maximum", () => {
    expect(serverlessLimit("aurora-mysql", { maxAcu: 0.5, minAcu: 0.5 })).toBeUndefined();
  });

  it("never has a lower limit for more capacity", () => {
    const acu = fc.integer({ min: 2, max: 512 }).map((halves) => halves / 2);
    fc.assert(
      fc.property(fc.constantFrom(...ENGINES), acu, acu, acu, (engine, minAcu, a, b) => {
        const of = (maxAcu: number) => serverlessLimit(engine, { minAcu, maxAcu })?.maxConnections ?? 0;
        expect(of(Math.max(a, b))).toBeGreaterThanOrEqual(of(Math.min(a, b)));
      }),
    );
  });
});

describe("the connections that memory carries", () => {
  it("are those of AWS's own formula, without its cap", () => {
    expect(connectionsForMemory("postgres", 8 * GIB)).toBe(901);
    expect(connectionsForMemory("postgres", 64 * GIB)).toBe(7209);
    expect(connectionsForMemory("mysql", 8 * GIB)).toBe(682);
    expect(connectionsForMemory("aurora-mysql", 16 * GIB)).toBe(1365);
  });

  it.each(DATABASE_ENGINES)("are never fewer than the default of %s, on any class of today", (engine) => {
    const classes = ["db.t4g", "db.m7g", "db.r7g", "db.r8g", "db.x2g"].flatMap(instanceClassFamily);
    expect(classes.length).toBeGreaterThan(30);
    for (const { name } of classes) {
      const limit = connectionLimit({ engine, engineVersion: "17", instanceClass: name });
      const memory = findInstanceClass(name)?.memoryBytes ?? 0;
      const most = connectionsForMemory(engine, memory);
      if (limit.ok) expect(limit.limit.maxConnections, name).toBeLessThanOrEqual(most);
    }
  });

  it("fit into the memory they need, and one more does not", () => {
    const engines = fc.constantFrom(...DATABASE_ENGINES);
    fc.assert(
      fc.property(engines, fc.integer({ min: 1, max: 4096 * GIB }), (engine, bytes) => {
        const most = connectionsForMemory(engine, bytes);
        expect(memoryForConnections(engine, most)).toBeLessThanOrEqual(bytes);
        expect(memoryForConnections(engine, most + 1)).toBeGreaterThan(bytes);
      }),
    );
  });
});
