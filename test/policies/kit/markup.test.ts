import { describe, expect, it } from "vitest";
import { chartSvg } from "../../../policies/kit/chart";
import { junitXml } from "../../../policies/kit/junit";
import { escapeHtml, escapeXml, htmlPage, htmlTable, LOADS_NOTHING } from "../../../policies/kit/markup";

const HOSTILE = `<img src=x onerror="alert('&')">`;

describe("markup", () => {
  it("has no tag and no attribute that a name could make", () => {
    for (const escaped of [escapeXml, escapeHtml]) {
      expect(escaped(HOSTILE)).not.toMatch(/[<>"]/);
      expect(escaped("plain, ünïcode")).toBe("plain, ünïcode");
    }
    expect(escapeXml("'&")).toBe("&#39;&#38;");
    expect(escapeHtml("'&")).toBe("'&amp;");
  });

  it("is one page around a body", () => {
    const page = htmlPage({
      title: "t",
      style: "p {}",
      head: [LOADS_NOTHING],
      body: ["<p>1</p>", "<p>2</p>"],
    });
    expect(page).toMatch(
      /^<!doctype html>\n[\s\S]*<title>t<\/title>\n<style>p \{\}<\/style>[\s\S]*<\/html>\n$/,
    );
    expect(page).toContain("default-src 'none'");
    expect(page).toContain("<body>\n<p>1</p>\n<p>2</p>\n</body>");
    expect(htmlTable([["a"], [HOSTILE]], escapeHtml)).toBe(
      `<table><tr><th>a</th></tr><tr><td>${escapeHtml(HOSTILE)}</td></tr></table>`,
    );
  });
});

it("JUnit counts what failed and what was skipped, and holds no control character", () => {
  const xml = junitXml("stress", "dev", [
    { name: HOSTILE, failures: [] },
    { name: "b", failures: ["first \u0007", "second"] },
    { name: "c", failures: [], skipped: "why" },
  ]);
  expect(xml).toContain('<testsuites name="stress" tests="3" failures="1" errors="0" skipped="1">');
  expect(xml).toContain(`<testcase name="${escapeXml(HOSTILE)}" classname="stress.dev"/>`);
  expect(xml).toContain('<failure message="first ?">first ?\nsecond</failure>');
  expect(xml).toContain('<skipped message="why"/>');
});

describe("a chart", () => {
  const points = [0, 1, 2, 3].map((x) => ({ x, y: x === 1 ? null : 10 * x }));
  const svg = chartSvg({
    title: HOSTILE,
    xLabel: "s",
    yLabel: "ms",
    lines: [{ label: "a", color: "red", points }],
  });

  it("breaks its line where nothing was measured, and stays inside its axes", () => {
    // From 0 to the next of 1, 2, 5 and their tens: 50.
    expect(svg).toContain('<path d="M56.0 200.0M437.3 131.2L628.0 96.8" stroke="red"/>');
    expect(svg).toContain(">50</text>");
  });

  it("shows any name as it is", () => {
    expect(svg).toContain(`<figcaption>${escapeXml(HOSTILE)}</figcaption>`);
    expect(svg).not.toContain("<img");
  });
});
