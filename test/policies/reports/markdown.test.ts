import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { code, escaped, toMarkdown } from "../../../policies/reports/markdown";
import { HOSTILE, REPORTS, reportOf, STARVED } from "./sampleReports";

/** Most characters of a comment on GitHub. */
const COMMENT = 65_536;

describe("the report as Markdown", () => {
  it("says the verdict, what to do and the windows, as a comment on a pull request shows them", () => {
    expect(toMarkdown(reportOf(STARVED))).toBe(`### ✖ test: rejected

1 violation

✖ **pool-floor** on \`api\`: \`pool.max\` is 3, below the floor of 11: at 400 requests/s over 8 tasks each task keeps 5.0 connections busy, so at least 40 % of requests would fail. Set \`DB_POOL_MAX\` of container \`api\` in task definition \`api-task\` to 11–19 (docs/runbooks/pool-floor.md).

**database db**: 400 connections (explicit), 389 usable, 53 claimed at peak

| pool | tasks | busy | floor | set | ceiling | failing |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| \`api\` | 8–16 | 4.95 | 11 | 3 | 19 | 40 % |
`);
  });

  it("folds away what is undecided, excepted and not examined", () => {
    const { undecided, excepted } = REPORTS;
    if (!undecided || !excepted) throw new Error("no such sample");
    expect(toMarkdown(undecided)).toMatch(
      /<details><summary>Undecided before the deployment \(\d+\)<\/summary>\n\n- /,
    );
    expect(toMarkdown(excepted)).toMatch(/^### ✔ test: accepted\n\n.*1 excepted/);
    expect(toMarkdown(excepted)).toContain(
      "- until `2026-07-01` by `team auth` (replaced next week): **pool-floor** on `api`: `pool.max` is 3",
    );
  });

  it("stays below what a comment holds, and says so when something had to go", () => {
    const report = reportOf(STARVED);
    const [violation] = report.violations;
    if (!violation) throw new Error("no violation");
    const many = toMarkdown({ ...report, violations: Array.from({ length: 900 }, () => violation) });
    expect(many.length).toBeLessThan(COMMENT);
    expect(many).toMatch(/^### ✖ test: rejected\n\n900 violations\n/);
    expect(many).toMatch(/_\d+ more: the text or JSON report has them all\._\n$/);
    const huge = toMarkdown({ ...report, violations: [{ ...violation, message: "x".repeat(COMMENT) }] });
    expect(huge.length).toBeLessThan(COMMENT);
    expect(huge).toContain("_1 more:");
  });

  it("lets no name become a tag, a table cell, a link or a mention", () => {
    const page = toMarkdown({ ...reportOf(STARVED), stack: HOSTILE });
    expect(page).not.toMatch(/<script|<\/failure|<!--/);
    expect(page).not.toContain("@everyone");
    expect(page).not.toMatch(/(?<!\\)\[a\]\(http/);
    const { hostile } = REPORTS;
    if (!hostile) throw new Error("no such sample");
    for (const line of toMarkdown(hostile).split("\n")) {
      if (line.startsWith("|")) expect(line.split(/(?<!\\)\|/)).toHaveLength(9);
    }
  });
});

describe("text for Markdown", () => {
  it("keeps code, and escapes the rest", () => {
    expect(escaped("set `a|b` to <1> & *go*")).toBe("set `a\\|b` to &lt;1&gt; &amp; \\*go\\*");
    expect(escaped("one ` alone")).toBe("one  alone");
    expect(code("a`b|c\n")).toBe("`a'b\\|c`");
  });

  it("has only pairs of single backticks, and no bare tag, pipe or bracket outside of them", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom("`", "``", "<b>", "|", "[", "]", "\\", " ", "@x", "a", "\n"), {
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(text, (input) => {
        const shown = escaped(typeof input === "string" ? input : input.join(""));
        expect(shown).not.toMatch(/``|\n/);
        const parts = shown.split("`");
        expect(parts.length % 2).toBe(1);
        for (const [i, part] of parts.entries()) {
          if (i % 2 === 0) expect(part).not.toMatch(/<|>|(?<!\\)(?:\\\\)*[|[\]]/);
          expect(part).not.toMatch(/(?<!\\)\|/);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
