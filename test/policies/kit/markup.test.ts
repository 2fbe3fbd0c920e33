import { describe, expect, it } from "vitest";
import { chartHtml, roundTicks, timeTicks } from "../../../policies/kit/chart";
import { junitXml } from "../../../policies/kit/junit";
import { escapeXml, htmlPage, htmlTable, inlineCode } from "../../../policies/kit/markup";

const HOSTILE = `<img src=x onerror="alert('&')">`;

describe("markup", () => {
  it("has no tag and no attribute that a name could make", () => {
    expect(escapeXml(HOSTILE)).not.toMatch(/[<>"]/);
    expect(escapeXml("plain, ünïcode 🐘\n")).toBe("plain, ünïcode 🐘\n");
    expect(escapeXml("'&\u0007\ud800")).toBe("&#39;&#38;\ufffd\ufffd");
    expect(inlineCode("run `a <b>`")).toBe("run <code>a &#60;b&#62;</code>");
  });

  it("is one page around a body that loads nothing", () => {
    const page = htmlPage({
      title: HOSTILE,
      passed: false,
      facts: [["of", HOSTILE]],
      body: ["<p>1</p>", "<p>2</p>"],
    });
    expect(page).toMatch(/^<!doctype html>\n[\s\S]*<\/html>\n$/);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("<p>1</p>\n<p>2</p>\n</body>");
    expect(page).toContain(`<h1 class="bad">${escapeXml(HOSTILE)}</h1>`);
    expect(page).not.toContain("<img");
    expect(htmlTable([["a"], [HOSTILE]])).toContain(
      `<table><tr><th>a</th></tr><tr><td>${escapeXml(HOSTILE)}</td></tr></table>`,
    );
  });
});

it("JUnit counts what failed and what was skipped, times everything, and holds no control character", () => {
  const xml = junitXml("stress", [
    {
      name: "dev",
      cases: [
        { name: HOSTILE, seconds: 1.5 },
        { name: "b", failures: ["first \u0007", "second"], notes: ["more"] },
        { name: "c", skipped: "why" },
      ],
    },
    { name: "prod", cases: [{ name: "d", seconds: 0.25 }] },
  ]);
  expect(xml).toContain(
    '<testsuites name="stress" tests="4" failures="1" errors="0" skipped="1" time="1.750">',
  );
  expect(xml).toContain('<testsuite name="prod" tests="1" failures="0" errors="0" skipped="0" time="0.250">');
  expect(xml).toContain(`<testcase name="${escapeXml(HOSTILE)}" classname="stress.dev" time="1.500"/>`);
  expect(xml).toContain('<failure message="first \ufffd" type="b">first \ufffd\n\nsecond</failure>');
  expect(xml).toContain('<skipped message="why"/>');
  expect(xml).toContain("<system-out>more</system-out>");
});

describe("a chart", () => {
  const points = [0, 1, 2, 3].map((x) => ({ x, y: x === 1 ? null : 10 * x }));
  const chart = chartHtml({
    title: HOSTILE,
    unit: "ms",
    x: { from: 0, to: 3, ticks: timeTicks(3, (s) => `${s} s`) },
    lines: [{ label: "a", color: 0, points }],
    stretches: [{ label: "warm-up", from: 0, to: 1 }],
    marks: [{ label: "first failure", x: 2, color: 1 }],
  });

  it("breaks its line where nothing was measured, and stays inside its axes", () => {
    expect(chart).toContain('d="M0 200M666.7 66.7L1000 0"');
    expect(chart).toContain('<span style="bottom:100%">30</span>');
  });

  it("names its lines, stretches and marks beside the drawing, and its unit", () => {
    const [, legend = ""] = /<ul class="legend">(.*)<\/ul>/.exec(chart) ?? [];
    for (const label of ["a", "warm-up", "first failure"]) expect(legend).toContain(`${label}</li>`);
    expect(chart).toContain("<small>ms</small>");
    expect(chart).not.toContain("<text");
  });

  it("shows any name as it is", () => {
    expect(chart).toContain(`<figcaption>${escapeXml(HOSTILE)} `);
    expect(chart).not.toContain("<img");
  });

  it.each([
    [0, 30, [0, 10, 20, 30]],
    [0, 100, [0, 50, 100]],
    [0, 7, [0, 2, 4, 6, 8]],
    [-3, 9, [-5, 0, 5, 10]],
    [0, 0.07, [0, 0.02, 0.04, 0.06, 0.08]],
    [0, 0, [0, 0.5]],
  ])("has round ticks from %d to %d", (low, high, ticks) => {
    expect(roundTicks(low, high)).toEqual(ticks);
  });
});
