import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../../policies/kit/text";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { byCause, nameOf } from "../../../policies/reports/headline";
import { code, escaped, toMarkdown } from "../../../policies/reports/markdown";
import type { ReportedViolation } from "../../../policies/reports/report";
import { toText, wrap } from "../../../policies/reports/text";
import { judge } from "../rules/judge";
import { environment, type Sample } from "../samplePlan";
import { HOSTILE, LEVELS, REPORTS, reportOf, STARVED } from "./sampleReports";

const finding = (resource: string, message: string, rule = "timeout-order"): ReportedViolation => ({
  rule,
  level: "mandatory",
  resource: `urn:pulumi:dev::shop::aws:ecs/service:Service::${resource}`,
  message,
  observed: null,
  allowed: null,
  unit: null,
  fix: "Set it",
  docs: "docs/runbooks/timeout-order.md",
});
const missing = (name: string) =>
  finding(
    name,
    `\`lock_timeout\` of ${name} is not set. Set it of container \`${name}-c\` in task definition \`${name}-task\`.`,
  );

describe("findings of one cause", () => {
  it("are one that names the other resources", () => {
    const [cause, ...more] = byCause([missing("api"), missing("jobs"), missing("web")]);
    expect(more).toEqual([]);
    expect(cause?.findings).toHaveLength(3);
    expect(cause?.finding.resource).toMatch(/::api$/);
    expect(cause?.finding.message).toMatch(/The same applies to jobs and web\.$/);
  });

  it("are apart where a number, the rule or the level differs", () => {
    const found = [
      finding("api", "`pool.max` of api is 3."),
      finding("jobs", "`pool.max` of jobs is 4."),
      finding("api", "`pool.max` of api is 3.", "pool-floor"),
      { ...finding("web", "`pool.max` of web is 3."), level: "advisory" as const },
    ];
    expect(byCause(found).map(({ finding: each }) => each)).toEqual(found);
  });

  it("leave a finding that stands alone as it is", () => {
    expect(byCause([missing("api")])[0]?.finding).toEqual(missing("api"));
  });
});

const plain = { color: false, width: 100 };

describe("the report on a terminal", () => {
  it("says the verdict first, then what to do, then the numbers", () => {
    expect(toText(judge({ environment: environment({ DB_POOL_MAX: "3" }) }, {}, LEVELS), plain)).toBe(
      `✖ test: rejected, 1 violation

✖ pool-floor  api
  \`pool.max\` is 3, below the floor of 11: at 400 requests/s over 8 tasks each task keeps 5.0
  connections busy, so at least 40 % of requests would fail. Set \`DB_POOL_MAX\` of container \`api\` in
  task definition \`api-task\` to 11–19 (docs/runbooks/pool-floor.md).

database db: 400 connections (explicit), 389 usable, 53 claimed at peak
  pool  tasks  busy  floor  set  ceiling  failing
  api    8–16  4.95     11    3       19     40 %
`,
    );
  });

  it("says how much was examined when it accepts", () => {
    expect(toText(judge({}, {}, LEVELS), plain)).toMatch(
      /^✔ test: accepted, 1 client of 1 database examined\n/,
    );
  });

  it("ends a finding with the line to mend, where that is known", () => {
    const report = judge({ environment: environment({ DB_POOL_MAX: "3" }) }, {}, LEVELS);
    const at = (line?: number) => ({ at: () => ({ file: "stacks/Pulumi.prod.yaml", line }) });
    const said = toText(report, { ...plain, locations: at(19) });
    expect(said).toMatch(/\(docs\/runbooks\/pool-floor\.md\)\.\n {2}at stacks\/Pulumi\.prod\.yaml:19\n\n/);
    expect(toText(report, { ...plain, locations: at() })).toBe(toText(report, plain));
  });

  it("shows a question mark for what is not known, and says once why", () => {
    const hidden: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
    const text = toText(judge(hidden), plain);
    const reason = "`containerDefinitions` is not known before the deployment";
    expect(text.replace(/\s+/g, " ").split(reason)).toHaveLength(2);
    expect(text).toContain("✖ undecided  api");
    const { undecided: _, ...levels } = DEFAULT_LEVELS;
    const disabled = toText(judge(hidden, {}, levels), plain);
    expect(disabled).toContain("? undecided before the deployment");
    expect(disabled.replace(/\s+/g, " ").split(reason)).toHaveLength(2);
    expect(text).toContain("claimed at peak");
    expect(text).toMatch(/api +8–16 +\? +\? +\? +\? +\?/);
  });

  it("uses colour only when asked to, and never wraps beyond the width", () => {
    const report = judge({ environment: environment({ DB_POOL_MAX: "3" }) }, {}, LEVELS);
    const ansi = String.fromCharCode(27);
    expect(toText(report, plain)).not.toContain(ansi);
    expect(toText(report, { color: true, width: 100 })).toContain(`${ansi}[31m`);
    for (const line of toText(report, { color: false, width: 60 }).split("\n"))
      expect(line.length).toBeLessThanOrEqual(72);
  });

  it("shows what is excepted, by whom and until when, each time", () => {
    const { excepted } = REPORTS;
    if (!excepted) throw new Error("no such sample");
    const text = toText(excepted, plain);
    expect(text).toMatch(/^✔ test: accepted, 1 client of 1 database examined, 1 excepted\n/);
    expect(text).toContain(`~ pool-floor  api
  excepted until 2026-07-01 by team auth: replaced next week
  \`pool.max\` is 3, below the floor of 11`);
  });

  it("prints no control character that a name or a reason brings", () => {
    const { hostile } = REPORTS;
    if (!hostile) throw new Error("no such sample");
    for (const line of toText(hostile, plain).split("\n")) expect(line).toBe(printable(line));
    expect(JSON.stringify(hostile)).toContain("\\u001b");
  });
});

describe("wrapped text", () => {
  it("keeps what stands in backticks on one line, for it is there to be copied", () => {
    const command = "`pulumi config set auth:poolMax 11 --stack prod`";
    for (let before = 1; before < 60; before++) {
      const lines = wrap(`${"x".repeat(before)} Set it: ${command}, then go on.`, 60, "  ");
      expect(
        lines.some((line) => line.includes(command)),
        `${before} columns before`,
      ).toBe(true);
    }
  });

  it("loses no word, and is never wider than asked but for what cannot be broken", () => {
    const word = fc.oneof(
      fc.string({ minLength: 1, maxLength: 30 }),
      fc.constantFrom("`", "`a b c`", "`", "x y"),
    );
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 40, max: 110 }), (parts, width) => {
        const text = parts.join(" ");
        const lines = wrap(text, width, "  ");
        const squeezed = (all: string): string => all.replace(/\s+/g, "");
        expect(squeezed(lines.join(" "))).toBe(squeezed(text));
        for (const line of lines) {
          if (line.length > width) expect(line.trim().replace(/`[^`]*`/g, "")).not.toContain(" ");
        }
      }),
    );
  });
});

describe("a resource's name", () => {
  it("is the last part of its URN", () => {
    expect(nameOf("urn:pulumi:prod::shop::aws:ecs/service:Service::api")).toBe("api");
    expect(nameOf("api")).toBe("api");
  });
});

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
