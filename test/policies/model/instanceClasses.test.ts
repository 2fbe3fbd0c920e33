import { describe, expect, it } from "vitest";
import type { DatabaseEngine } from "../../../policies/model/engines";
import {
  CLASS_TABLE,
  findInstanceClass,
  instanceClassFamily,
  similarInstanceClasses,
} from "../../../policies/model/instanceClasses";
import data from "../../../policies/model/instanceClasses.data.json";
import { parameterFamily, parseFamily } from "../../../policies/model/parameters";

const GIB = 2 ** 30;

describe("findInstanceClass", () => {
  it.each([
    ["db.t4g.micro", 2, 1],
    ["db.m7g.large", 2, 8],
    ["db.r7g.2xlarge", 8, 64],
    ["db.m8g.12xlarge", 48, 192],
    ["db.x2iedn.32xlarge", 128, 4096],
    ["db.m9g.large", 2, 8],
    ["db.m8a.24xlarge", 96, 384],
    ["db.r8a.48xlarge", 192, 1536],
  ])("knows %s: %i vCPUs and %i GiB", (name, vcpus, gib) => {
    expect(findInstanceClass(name)).toMatchObject({
      name,
      vcpus,
      memoryBytes: gib * GIB,
      previousGeneration: false,
    });
  });

  it.each([
    "db.m7g.huge",
    "",
    "constructor",
    "__proto__",
    "DB.M7G.LARGE",
    " db.m7g.large",
  ])("does not know %j: names are exact, as RDS takes them", (name) => {
    expect(findInstanceClass(name)).toBeUndefined();
  });

  it.each([
    ["db.m8a.24xlarge", ["postgres", "mysql", "mariadb"]],
    ["db.r8a.24xlarge", ["postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"]],
    ["db.m8i.large", []],
  ])("knows which engines run on %s", (name, engines) => {
    expect(findInstanceClass(name)?.engines).toEqual(engines);
  });

  it("says of what versions and of which day the table is", () => {
    expect(CLASS_TABLE.date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(CLASS_TABLE.source).toMatch(/^cfn-lint [\d.]+, botocore [\d.]+, moto [\d.]+ /);
  });

  it("knows the family of every engine version that the table has", () => {
    for (const [engine, versions] of Object.entries(data.engineVersions)) {
      for (const version of versions) {
        expect(parseFamily(`${engine}${version}`)).toEqual({ engine, version });
        expect(parameterFamily(engine as DatabaseEngine, version)).toBe(`${engine}${version}`);
      }
    }
  });

  it("holds 388 classes, each with processors, a plausible size and a set of engines, 307 of them offered for PostgreSQL", () => {
    const all = Object.keys(data.classes).map((name) => findInstanceClass(name));
    expect(all).toHaveLength(388);
    expect(all.filter((found) => found?.engines.includes("postgres"))).toHaveLength(307);
    for (const found of all) {
      expect(found?.name).toMatch(/^db\.[a-z0-9]+\.[a-z0-9-]+(\.tpc\d\.mem\dx)?$/);
      expect(found?.memoryBytes).toBeGreaterThan(0.6 * GIB);
      expect(found?.memoryBytes).toBeLessThanOrEqual(4096 * GIB);
      expect(found?.vcpus).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("instanceClassFamily", () => {
  it("lists a family from the smallest memory to the largest", () => {
    expect(instanceClassFamily("db.t4g").map(({ name }) => name)).toEqual(
      ["micro", "small", "medium", "large", "xlarge", "2xlarge"].map((size) => `db.t4g.${size}`),
    );
    expect(instanceClassFamily("db.t")).toEqual([]);
  });
});

describe("similarInstanceClasses", () => {
  it.each([
    ["db.m7g.lrge", "db.m7g.large"],
    ["m7g.large", "db.m7g.large"],
    ["DB.R6I.XLARGE", "db.r6i.xlarge"],
    ["db.t3micro", "db.t3.micro"],
  ])("takes %s for %s", (typed, meant) => {
    expect(similarInstanceClasses(typed)[0]).toBe(meant);
  });

  it("suggests nothing for a name that is near none, however long", () => {
    expect(similarInstanceClasses("foo")).toEqual([]);
    expect(similarInstanceClasses("x".repeat(100_000))).toEqual([]);
  });
});
