import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionLimit } from "../../../policies/model/connectionLimit";
import { DATABASE_ENGINES } from "../../../policies/model/engines";
import {
  connectionsForMemory,
  findInstanceClass,
  instanceClassFamily,
  memoryForConnections,
} from "../../../policies/model/instanceClasses";

const GIB = 2 ** 30;

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
