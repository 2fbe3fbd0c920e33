import { describe, expect, it } from "vitest";
import { explanationOf } from "../../../policies/explain/explanation";
import { explanationToSvg, type PoolChart, picture, poolChart } from "../../../policies/explain/toSvg";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { samplePlan } from "../samplePlan";

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
