import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionLimit, provisionedLimit, serverlessLimit } from "../../../policies/model/connectionLimit";
import type { AuroraEngine } from "../../../policies/model/engines";
import { findInstanceClass } from "../../../policies/model/instanceClasses";

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
