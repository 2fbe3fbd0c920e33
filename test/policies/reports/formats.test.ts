import { readFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { render, toJunit } from "../../../policies/reports/render";
import { toSarif } from "../../../policies/reports/sarif";
import { CATALOGUE } from "../../../policies/rules/catalogue";
import { environment, SERVICE } from "../samplePlan";
import { HOSTILE, LEVELS, REPORTS, reportOf, STARVED } from "./sampleReports";

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly automationDetails: { readonly id: string };
      readonly results: readonly Result[];
    },
  ];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly object[];
  readonly partialFingerprints: { readonly [version: string]: string };
  readonly suppressions: readonly object[];
}

const logOf = (...given: Parameters<typeof toSarif>): Log["runs"][0] =>
  (JSON.parse(toSarif(...given)) as Log).runs[0];

/*
 * The schema of SARIF 2.1.0 as OASIS published it with revision rtm.5, from the npm package @microsoft/jest-sarif
 * 1.0.0-beta.0 (MIT). It is written in draft 4, which for this schema differs from draft 7 in the names of two keywords.
 */
const {
  $schema: _,
  id: __,
  ...official
} = JSON.parse(readFileSync(path.join(__dirname, "sarif-2.1.0-rtm.5.schema.json"), "utf8")) as {
  readonly [keyword: string]: unknown;
};
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(official);

describe("the report as SARIF", () => {
  it.each(Object.entries(REPORTS))("fits the official schema: %s", (_kind, report) => {
    validate(JSON.parse(toSarif(report, { at: () => ({ file: "stacks/a b#c.yaml", line: 3 }) })));
    expect(validate.errors).toBeNull();
    validate(JSON.parse(toSarif(report)));
    expect(validate.errors).toBeNull();
  });

  it("is refused by that schema when it is not SARIF", () => {
    expect(validate({ version: "2.1.0", runs: [{ results: [] }] })).toBe(false);
  });

  it("gives a violation its rule, its level, and the line where it is fixed", () => {
    const { tool, results } = logOf(reportOf(STARVED), {
      at: ({ resource }) =>
        resource === SERVICE ? { file: "stacks/Pulumi.prod.yaml", line: 12 } : undefined,
    });
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({
      ruleId: "pool-floor",
      level: "error",
      message: { text: expect.stringContaining("`pool.max` is 3, below the floor of 11") },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "stacks/Pulumi.prod.yaml" },
            region: { startLine: 12 },
          },
          logicalLocations: [{ name: "api", fullyQualifiedName: SERVICE }],
        },
      ],
      suppressions: [],
    });
    expect(tool.driver.rules[results[0]?.ruleIndex ?? -1]?.id).toBe("pool-floor");
  });

  it("names the resource alone where no file is known, and a file without a line where that is all", () => {
    const [bare] = logOf(reportOf(STARVED)).results;
    expect(bare?.locations).toEqual([{ logicalLocations: [expect.objectContaining({ name: "api" })] }]);
    const [file] = logOf(reportOf(STARVED), { at: () => ({ file: "dir with space/ä.ts" }) }).results;
    expect(file?.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: "dir%20with%20space/%C3%A4.ts" } },
    });
    expect(JSON.stringify(file)).not.toContain("region");
  });

  it("keeps a finding's fingerprint when numbers and lines move, and tells findings apart", () => {
    const of = (pool: string, line: number): (string | undefined)[] =>
      logOf(reportOf({ environment: environment({ DB_POOL_MAX: pool, DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }) }), {
        at: () => ({ file: "a.yaml", line }),
      }).results.map(({ partialFingerprints }) => partialFingerprints["poolproofFinding/v1"]);
    expect(of("3", 10)).toEqual(of("4", 99));
    expect(new Set(of("3", 10)).size).toBe(2);
    for (const mark of of("3", 10)) expect(mark).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows what is excepted as suppressed, with who answers for it", () => {
    const excepted = REPORTS.excepted;
    if (!excepted) throw new Error("no such sample");
    expect(logOf(excepted).results).toEqual([
      expect.objectContaining({
        ruleId: "pool-floor",
        level: "error",
        suppressions: [
          {
            kind: "external",
            status: "accepted",
            justification: "replaced next week (team auth, until 2026-07-01)",
          },
        ],
      }),
    ]);
  });

  it("shows what is undecided as notes, beside the violation that rejects it", () => {
    const undecided = REPORTS.undecided;
    if (!undecided) throw new Error("no such sample");
    const levels = logOf(undecided).results.map(({ ruleId, level }) => `${ruleId}: ${level}`);
    expect(levels).toContain("undecided: error");
    expect(levels).toContain("pool-floor: note");
  });

  it("keeps the runs of two stacks apart", () => {
    expect(logOf({ ...reportOf({}), stack: "prod" }).automationDetails.id).toBe("poolproof/prod/");
  });
});

const suiteOf = (text: string): XmlElement => {
  const [suite] = parseXml(text).children;
  if (!suite) throw new Error("no suite");
  return suite;
};

const caseOf = (text: string, rule: string): XmlElement => {
  const found = suiteOf(text).children.find(({ attributes }) => attributes.name === rule);
  if (!found) throw new Error(`no case of ${rule}`);
  return found;
};

describe("the report as JUnit XML", () => {
  it.each(Object.entries(REPORTS))("is well-formed, and counts what it holds: %s", (_kind, report) => {
    const suite = suiteOf(toJunit(report, LEVELS));
    const holding = (kind: string): number =>
      suite.children.filter(({ children }) => children.some(({ name }) => name === kind)).length;
    expect(suite.attributes).toMatchObject({
      name: "test",
      tests: String(CATALOGUE.length),
      failures: String(holding("failure")),
      skipped: String(holding("skipped")),
    });
    expect(holding("failure") > 0).toBe(report.verdict === "rejected");
  });

  it("says how long the judgement took, of all and of the stack", () => {
    const text = render(reportOf(STARVED), "junit", { color: false, width: 100, seconds: 1.25 });
    expect(text.match(/<testsuites? [^>]*time="1.250">/g)).toHaveLength(2);
  });

  it("fails the case of the rule that rejects, with what to do", () => {
    const failing = caseOf(toJunit(reportOf(STARVED)), "pool-floor");
    expect(failing.attributes.classname).toBe("poolproof.test");
    expect(failing.children.map(({ name }) => name)).toEqual(["failure"]);
    expect(failing.children[0]?.attributes.message).toContain("`pool.max` is 3, below the floor of 11");
    expect(failing.children[0]?.text).toContain("api: `pool.max` is 3");
    expect(caseOf(toJunit(reportOf(STARVED)), "acquire-timeout").children).toEqual([]);
  });

  it("names every finding of a rule in its one case", () => {
    const env = environment({ DB_POOL_MAX: "60", DB_POOL_ACQUIRE_TIMEOUT_MS: "0" });
    const report = reportOf({ environment: env });
    for (const { rule, message } of report.violations) {
      expect(caseOf(toJunit(report), rule).children[0]?.text).toContain(message);
    }
  });

  it("skips a rule whose findings are excepted, and says by whom and until when", () => {
    const excepted = REPORTS.excepted;
    if (!excepted) throw new Error("no such sample");
    const [skipped, output] = caseOf(toJunit(excepted, LEVELS), "pool-floor").children;
    expect(skipped).toMatchObject({ name: "skipped", attributes: { message: "every finding is excepted" } });
    expect(output?.text).toContain("excepted until 2026-07-01 by team auth: replaced next week");
  });

  it("skips a rule that the policy configuration disables, where the levels are given", () => {
    const disabled = caseOf(toJunit(reportOf({}), LEVELS), "max-connections");
    expect(disabled.children[0]?.attributes.message).toBe("disabled in the policy configuration");
    expect(caseOf(toJunit(reportOf({})), "max-connections").children).toEqual([]);
  });

  it("is well-formed whatever names, reasons and messages hold", () => {
    const hostile = fc.oneof(fc.string({ unit: "binary" }), fc.constant(HOSTILE), fc.constant("]]>"));
    const report = reportOf(STARVED);
    const [violation] = report.violations;
    if (!violation) throw new Error("no violation");
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const text = toJunit({
          ...report,
          stack: one,
          violations: [{ ...violation, resource: other, message: one }],
          undecided: [{ rule: "acquire-timeout", resource: one, property: other, reason: one }],
        });
        expect(() => parseXml(text)).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});

describe("the XML reader of these tests", () => {
  it.each([
    "<a>",
    "<a></b>",
    "<a>&</a>",
    "<a>]]></a>",
    "<a/><b/>",
    '<a b="1" b="2"/>',
    "<a>\u0001</a>",
    "<a b='c'/>",
  ])("refuses %j, which is not well-formed or not what we write", (text) => {
    expect(() => parseXml(text)).toThrow();
  });
});

/** An element of an XML document, with its text. */
interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: XmlElement[];
  text: string;
}

const NAME = "[A-Za-z_][\\w.-]*";
const TOKEN = new RegExp(
  `<(?<close>/)?(?<name>${NAME})(?<attributes>(?:\\s+${NAME}="[^"<]*")*)\\s*(?<empty>/)?>|(?<text>[^<]+)`,
  "uy",
);

/**
 * Reads the part of XML 1.0 that a JUnit report needs: elements, attributes, text, numeric references. It takes nothing
 * that is not well-formed (W3C XML 1.0, sections 2.2, 2.4, 3.1), so it stands for the parser of a build server.
 * @throws Error at the first character that a parser would refuse.
 */
function parseXml(document: string): XmlElement {
  const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(document);
  if (forbidden) throw new Error(`character ${forbidden[0].charCodeAt(0)} is not allowed in XML`);
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, "");
  const top: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const at = TOKEN.lastIndex;
    const { groups } = TOKEN.exec(body) ?? {};
    const parent = open.at(-1);
    if (!groups || !parent) throw new Error(`not well-formed at: ${body.slice(at, at + 60)}`);
    const { close, name = "", attributes = "", empty, text } = groups;
    if (text !== undefined) parent.text += decoded(text);
    else if (close !== undefined) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element = { name, attributes: attributesOf(attributes), children: [], text: "" };
      parent.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  const [root, ...more] = top.children;
  if (open.length !== 1 || !root || more.length > 0 || top.text.trim() !== "")
    throw new Error("not one element");
  return root;
}

function attributesOf(text: string): { readonly [name: string]: string } {
  const pairs = [...text.matchAll(/([\w.-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
    name,
    decoded(value),
  ]);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length)
    throw new Error(`twice the same attribute: ${text}`);
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  if (/&(?!#\d+;)|]]>/.test(text)) throw new Error(`a bare & or ]]> in: ${text}`);
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}
