import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explanationToText, numberLine } from "../../../policies/explain/explain";
import { type Explanation, explanationOf } from "../../../policies/explain/explanation";
import { explanationToSvg, type PoolChart, picture, poolChart } from "../../../policies/explain/toSvg";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { judge } from "../rules/judge";
import { resource, SAFE, type Sample, samplePlan } from "../samplePlan";

const explain = (changes: Partial<Sample> = {}): Explanation =>
  explanationOf(samplePlan(changes), DEFAULT_SETTINGS);
const pool = (explanation: Explanation) => explanation.databases[0]?.pools[0];
const text = (explanation: Explanation, width = 100) =>
  explanationToText(explanation, { color: false, width });
const flat = (explanation: Explanation) => text(explanation).replace(/\s+/g, " ");
const withPool = (size: number) => ({ environment: { ...SAFE.environment, DB_POOL_MAX: String(size) } });

describe("what explain says of a pool", () => {
  it("is what the report of check says", () => {
    const [budget] = judge().budgets;
    const [client] = budget?.clients ?? [];
    const explanation = explain();
    expect(explanation.databases[0]).toMatchObject({
      maxConnections: budget?.maxConnections,
      usable: budget?.usable,
    });
    expect(pool(explanation)).toMatchObject({
      poolMax: client?.poolMax,
      floor: client?.floor,
      ceiling: client?.ceiling,
      tasksAtPeak: client?.tasksAtPeak,
    });
  });

  it.each([
    [3, "too low"],
    [10, "too low"],
    [11, "safe"],
    [19, "safe"],
    [20, "too high"],
  ])("with %i connections is %s", (size, status) => {
    expect(pool(explain(withPool(size)))?.status).toBe(status);
  });

  it("spells out where the floor and the ceiling come from, and the arithmetic holds", () => {
    const said = flat(explain(withPool(3)));
    expect(said).toContain("400 connections (explicit) → 389 usable × 0.8 = 311 that clients may claim");
    expect(said).toContain(
      "400 requests/s × 1.25 × 1.1 acquisitions × 90 ms / 8 tasks = 6.19 connections busy",
    );
    expect((400 * 1.25 * 1.1 * 0.09) / 8).toBeCloseTo(6.19, 2);
    expect(said).toContain("(311 - 5 for operations - 0 for other clients) / 16 tasks at peak = 19");
    expect(Math.floor((311 - 5) / 16)).toBe(19);
    expect(said).toContain("now: with 3, at the declared peak at least 40 % of requests fail");
  });

  it("says which levers open an empty window, and of no other window", () => {
    const parameters = [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }];
    const empty = explain({ parameters });
    expect(pool(empty)).toMatchObject({ status: "empty", floor: 11, ceiling: 9 });
    expect(flat(empty)).toContain("its window is empty, no size is safe");
    expect(flat(empty)).toMatch(/Any one of these opens it: raise `max_connections` to \d+;/);
    expect(pool(explain())?.levers).toBeNull();
  });

  it("never says that at least less than something fails", () => {
    const explanation = explain(withPool(3));
    const failing = (failingShare: number) =>
      flat({
        ...explanation,
        databases: explanation.databases.map((database) => ({
          ...database,
          pools: database.pools.map((each) => ({ ...each, failingShare })),
        })),
      });
    expect(failing(0.02)).toMatch(/at least 2(\.0)? % of requests fail/);
    expect(failing(0.0004)).not.toContain("of requests fail");
    expect(failing(0.0004)).toMatch(/of acquisitions wait longer than 50 ms/);
  });

  it("says what hides a number instead of drawing it", () => {
    const hidden = explain({ taskDefinition: { containerDefinitions: UNKNOWN } });
    expect(flat(hidden)).toContain("`containerDefinitions` is not known before the deployment");
    const undeclared = explain({ tags: {} });
    expect(pool(undeclared)).toMatchObject({ status: "unknown", floor: null, demand: null });
    expect(flat(undeclared)).toContain("not known: `poolproof:peak-requests-per-second` is not set");
  });

  it("explains a pool whose database is not known by its floor alone", () => {
    const second = resource("aws:rds/instance:Instance", "other", { engine: "postgres" });
    const { unlinked } = explain({ extra: [second] });
    expect(unlinked).toEqual([expect.objectContaining({ name: "api", floor: 11, ceiling: null })]);
  });

  it("takes a stack without pools or databases", () => {
    const nothing = explanationOf({ resources: [] }, DEFAULT_SETTINGS, "empty");
    expect(text(nothing)).toBe("empty: 0 pools of 0 databases\n");
  });

  it.each([48, 60, 80, 110])("fits a terminal of %i columns, long words apart", (width) => {
    const parameters = [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }];
    for (const line of text(explain({ parameters }), width).split("\n")) {
      if (/`[^`]*`/.test(line)) continue;
      expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it("colours only where it is asked to", () => {
    const coloured = explanationToText(explain(), { color: true, width: 100 });
    expect(coloured).toContain("\u001b[32m✔");
    expect(text(explain())).not.toContain("\u001b");
  });

  it("lets no name move the terminal's cursor", () => {
    const plan = samplePlan();
    const hostile = plan.resources.map((each) =>
      each.name === "db" ? { ...each, name: "db\u001b[2J\u202e" } : each,
    );
    const said = text(explanationOf({ resources: hostile }, DEFAULT_SETTINGS));
    expect(said).not.toContain("\u001b");
    expect(said).not.toContain("\u202e");
  });
});

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

const chart: PoolChart = {
  heading: "api on db",
  floor: 11,
  ceiling: 19,
  setting: 3,
  settingLabel: "now: 3",
  load: {
    requestsPerSecond: 50,
    acquisitionsPerSecond: 55,
    meanHoldSeconds: 0.09,
    acquisitionsPerRequest: 1.1,
  },
  waitTargetMs: 50,
};

/** Every number that places something. */
const numbers = (svg: string): number[] =>
  [...svg.matchAll(/ (?:[xy][12]?|cx|cy|width|height)="([^"]*)"/g)].map(([, value]) => Number(value));

/** WCAG 2.2's contrast of two colours. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe("the picture of a pool's window", () => {
  it("says in a title and a description what it shows", () => {
    const svg = explanationToSvg(explanationOf(samplePlan(), DEFAULT_SETTINGS));
    expect(svg).toContain('role="img" aria-labelledby="title description"');
    expect(svg).toContain('<title id="title">Safe windows of the connection pools of test</title>');
    expect(svg).toContain("api on db: safe window from 11 to 19 connections; set to 12.");
    expect(svg).toContain(">safe window: 11–19<");
  });

  it.each([
    ["an empty window", { floor: 19, ceiling: 11 }, ">no safe size<"],
    ["no floor", { floor: null, load: null }, "ceiling 19, from the database"],
    ["no ceiling", { ceiling: null }, "floor 11, from demand"],
    ["nothing known", { floor: null, ceiling: null, setting: null, load: null }, "pool.max, in connections"],
    ["a pool of thousands", { floor: 2000, ceiling: 5000, setting: 3000 }, "safe window: 2000–5000"],
    ["a setting far beyond", { setting: 100_000 }, ">now: 3<"],
    ["a ceiling of 0", { ceiling: 0 }, ">no safe size<"],
  ])("draws %s without leaving the picture", (_name, changes, expected) => {
    const svg = picture("title", [{ ...chart, ...changes }]);
    expect(svg).toContain(expected);
    for (const number of numbers(svg)) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThanOrEqual(520);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("is one XML document whatever the names hold", () => {
    const hostile = `</text><script>alert("1")</script>&\u0000'`;
    const svg = picture(hostile, [{ ...chart, heading: hostile, settingLabel: hostile }]);
    expect(svg).not.toContain("<script");
    expect(svg).not.toContain("\u0000");
  });

  it("draws a chart for each pool, one below the other", () => {
    const svg = picture("title", [chart, chart]);
    expect(svg).toContain("translate(0 470)");
    expect(svg).toContain('viewBox="0 0 520 940"');
    expect(picture("title", [])).toContain("The stack has no pool.");
  });

  it("can be read on a light and on a dark page: every text has a contrast of 4.5 : 1", () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(picture("title", [chart]))?.[1] ?? "";
    const [light = "", dark = ""] = style.split("@media (prefers-color-scheme: dark)");
    for (const theme of [light, dark]) {
      const colour = (name: string) => new RegExp(`\\.${name} \\{ fill: (#\\w{6})`).exec(theme)?.[1] ?? "";
      for (const ink of ["ink", "safe", "waiting", "failing"]) {
        for (const ground of ["ground", "window", "gap"]) {
          expect(contrast(colour(ink), colour(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });

  it("marks the setting where the failing share at that size is", () => {
    expect(poolChart(chart)).toMatch(/<circle cx="\S+" cy="\S+" r="5" class="failing"\/>/);
    expect(poolChart({ ...chart, setting: 12 })).toContain('class="safe"/>');
  });
});
