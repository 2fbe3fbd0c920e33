import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { chartHtml, roundTicks, timeTicks } from "../../../policies/kit/chart";
import {
  CommandLine,
  choice,
  endedBy,
  fileName,
  numberBetween,
  wholeNumber,
} from "../../../policies/kit/cli";
import { codeOf, InputError, messageOf } from "../../../policies/kit/errors";
import { junitXml } from "../../../policies/kit/junit";
import { escapeXml, htmlPage, htmlTable, inlineCode } from "../../../policies/kit/markup";
import { exponential, mulberry32, seeded } from "../../../policies/kit/random";
import {
  closest,
  columns,
  count,
  editDistance,
  list,
  number,
  percent,
  utcMinute,
} from "../../../policies/kit/text";

it.each([
  [number(1234.56), "1,235"],
  [number(1234.56, 1), "1,234.6"],
  [count(1, "task"), "1 task"],
  [count(0, "task"), "0 tasks"],
  [count(1200, "task"), "1,200 tasks"],
  [list([]), ""],
  [list(["a"]), "a"],
  [list(["a", "b"]), "a and b"],
  [list(["a", "b", "c"]), "a, b and c"],
  [percent(0.543), "54 %"],
  [percent(0.0043), "0.4 %"],
  [percent(0.2, 1), "20.0 %"],
  [utcMinute(Date.UTC(2026, 10, 20, 18, 5, 59)), "2026-11-20 18:05 UTC"],
])("writes %j", (written, expected) => {
  expect(written).toBe(expected);
});

it("sets columns to the right, but for those that are said to stand left, and leaves no blanks at the end", () => {
  const rows = [
    ["pool", "wait", "at"],
    ["12", "4", ""],
  ];
  expect(columns(rows)).toEqual(["pool  wait  at", "12       4"]);
  expect(columns(rows, [1])).toEqual(["pool  wait  at", "  12  4"]);
});

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["max_conections", "max_connections", 1],
  ])("between %j and %j is %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is symmetric, and 0 for the same text alone", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,12}$/), fc.stringMatching(/^[a-z]{0,12}$/), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it("does not hang on a text of any length", () => {
    expect(editDistance("a".repeat(1_000_000), "abc")).toBeGreaterThan(100);
  });
});

describe("closest", () => {
  it.each([
    ["statment_timeout", "statement_timeout"],
    ["STATEMENT_TIMEOUT", "statement_timeout"],
    ["stat", "statement_timeout"],
    ["xyzzy", undefined],
  ])("to %s is %s", (typed, found) => {
    expect(closest(typed, ["lock_timeout", "statement_timeout"])).toBe(found);
  });
});

describe("random numbers", () => {
  it("are the same on every machine", () => {
    const first = Array.from({ length: 3 }, mulberry32(1));
    expect(first.map((value) => value.toFixed(6))).toEqual(["0.627074", "0.002736", "0.527447"]);
    expect(seeded(7, 3)()).toBe(seeded(7, 3)());
    expect(seeded(7, 3)()).not.toBe(seeded(7, 4)());
  });

  it("do not follow each other from one stream of a seed to the next", () => {
    const [a, b] = [seeded(1, 0), seeded(1, 1)];
    const pairs = Array.from({ length: 5000 }, () => [a() - 0.5, b() - 0.5] as const);
    const correlation = pairs.reduce((sum, [x, y]) => sum + x * y, 0) / pairs.length / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(0.05);
  });

  it("draw exponential gaps of mean 1", () => {
    const gaps = Array.from(
      { length: 20_000 },
      (
        (random) => () =>
          exponential(random)
      )(seeded(11)),
    );
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeCloseTo(1, 1);
  });
});

it("whatever was thrown has a message of one kind", () => {
  expect(messageOf(new InputError("no"))).toBe("no");
  expect(messageOf(new TypeError())).toBe("TypeError");
  expect(messageOf("text")).toBe("text");
  expect(messageOf(new AggregateError([new Error("inner")]))).toBe("inner");
  expect(messageOf(new AggregateError([new Error("inner")], "outer"))).toBe("outer");
});

it("the system's code is told where there is one", () => {
  expect(codeOf(Object.assign(new Error("x"), { code: "EEXIST" }))).toBe("EEXIST");
  expect([codeOf(new Error("x")), codeOf({ code: 1 }), codeOf(null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

const line = () =>
  new CommandLine("try")
    .argument("[names...]")
    .option("-o, --output <file>", "where to", fileName)
    .option("--days <n>", "how many", wholeNumber(1, 14))
    .option("--rate <n>", "how fast", numberBetween(0, 1e6, "requests/s"))
    .option("--format <format>", "how", choice(["text", "json"]), "text")
    .option("--write", "do it");

const parsed = (...argv: string[]) => line().parse(argv, { from: "user" });

/** What the command says on stderr, and its exit code. */
function refused(...argv: string[]) {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    parsed(...argv);
  } catch (error) {
    return { code: endedBy(error, "it failed"), said: write.mock.calls.map(([text]) => text).join("") };
  } finally {
    write.mockRestore();
  }
  throw new Error(`${argv.join(" ")} was taken`);
}

describe("a command line", () => {
  it("reads options, their types and what stands after `--`", () => {
    const argv = ["a", "--days", "7", "-o", "x.txt", "--rate", "2.5", "--", "--b"];
    expect(parsed(...argv).opts()).toEqual({ days: 7, output: "x.txt", rate: 2.5, format: "text" });
    expect(parsed(...argv).args).toEqual(["a", "--b"]);
  });

  it.each([
    [["--output", "--write"], /--output.*--write/],
    [["-o", "--write"], /--output.*--write/],
    [["--output", "--anything"], /--output.*--anything/],
    [["--output", "-o"], /--output.*-o/],
    [["--output"], /--output/],
    [["--output", ""], /--output.*file name/],
    [["--days", "-3"], /--days.*'-3'.*from 1 to 14/],
    [["--days", "1e1"], /--days.*'1e1'.*from 1 to 14/],
    [["--rate", "0"], /--rate.*'0'.*above 0 and at most 1000000 requests\/s/],
    [["--rate", "NaN"], /--rate.*'NaN'/],
    [["--format", "jsn"], /--format.*'jsn'.*text, json.*did you mean json\?/i],
    [["--formta", "json"], /--formta.*did you mean --format\?/i],
    [["--write=yes"], /--write' takes no value/],
    [["-x"], /-x/],
  ])("refuses %j in one line that names the option, with exit code 2", (argv, said) => {
    const line = refused(...argv);
    expect(line.code).toBe(2);
    expect(line.said).toMatch(said);
    expect(line.said).toMatch(/^error: [^\n]+\n$/);
  });

  it("takes a file whose name begins with dashes where it is tied to its option, and - for stdin", () => {
    expect(parsed("--output=--write").opts()).toMatchObject({ output: "--write" });
    expect(parsed("--output", "-").opts()).toMatchObject({ output: "-" });
    expect(parsed("--output", "-5.txt").opts()).toMatchObject({ output: "-5.txt" });
  });

  it("prints help on stdout and ends with 0", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    let code: number | undefined;
    try {
      parsed("--help");
    } catch (error) {
      code = endedBy(error, "it failed");
    }
    const said = write.mock.calls.map(([text]) => text).join("");
    write.mockRestore();
    expect(code).toBe(0);
    expect(said).toMatch(/^Usage: try .*--output <file>/s);
  });

  it("tells input that cannot be used from what failed", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const codes = [
      endedBy(new InputError("no such file"), "it failed"),
      endedBy(new Error("x"), "it failed"),
    ];
    const said = write.mock.calls.map(([text]) => text);
    write.mockRestore();
    expect(codes).toEqual([2, 2]);
    expect(said).toEqual(["error: no such file\n", "error: it failed: x\n"]);
  });
});

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
