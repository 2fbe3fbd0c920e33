import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberLine } from "../../../policies/explain/explain";

const draw = (floor: number | null, ceiling: number | null, setting: number | null, width = 41) =>
  numberLine({ floor, ceiling, setting }, width).map((line) => line.trimEnd());

describe("a pool's number line", () => {
  it("shows the window between floor and ceiling, and the setting where it stands", () => {
    expect(draw(10, 20, 4)).toEqual([
      "         floor 10              20 ceiling",
      "|-----*---------[===============]-------|",
      "      4 now",
    ]);
  });

  it("crosses out the gap of an empty window", () => {
    const [labels, line] = draw(20, 10, 12);
    expect(labels).toMatch(/ceiling 10 +20 floor/);
    expect(line).toMatch(/^\|-+\]x+\*x+\[-+\|$/);
  });

  it("leaves an unknown side open", () => {
    expect(draw(10, null, 12)[1]).toMatch(/^\|-+\[=+\*=+\|$/);
    expect(draw(null, 10, 4)[1]).toMatch(/^\|=+\*=+\]-+\|$/);
    expect(draw(null, null, 4)).toEqual([
      "",
      expect.stringMatching(/^\|-+\*-+\|$/),
      expect.stringMatching(/4 now/),
    ]);
    expect(draw(null, null, null)).toEqual(["", expect.stringMatching(/^\|-+\|$/), ""]);
  });

  it("says of a setting far beyond the window that it is off the line", () => {
    const [, line, setting] = draw(10, 20, 1000);
    expect(line).toMatch(/=\]-*>$/);
    expect(setting).toMatch(/^ +1000 now, off the line$/);
  });

  it("shows a window of one size", () => {
    expect(draw(5, 5, 5)[1]).toContain("*");
    expect(draw(5, 5, 4)[1]).toMatch(/\*-*H/);
  });

  it("never leaves its width, and keeps floor, setting and ceiling in their order", () => {
    const size = fc.option(fc.integer({ min: 0, max: 100_000 }));
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 36, max: 110 }), (floor, ceiling, setting, width) => {
        const lines = numberLine({ floor, ceiling, setting }, width);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        const [labels = "", line = ""] = lines;
        if (floor !== null) expect(labels).toContain(String(floor));
        if (ceiling !== null) expect(labels).toContain(String(ceiling));
        const at = (mark: string) => line.indexOf(mark);
        if (at("*") < 0) return;
        if (at("[") >= 0) expect(Math.sign(at("*") - at("["))).toBe(Math.sign((setting ?? 0) - (floor ?? 0)));
        if (at("]") >= 0)
          expect(Math.sign(at("*") - at("]"))).toBe(Math.sign((setting ?? 0) - (ceiling ?? 0)));
      }),
    );
  });
});
