import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toJunit } from "../../../policies/reports/junit";
import { render } from "../../../policies/reports/render";
import { CATALOGUE } from "../../../policies/rules/catalogue";
import { environment } from "../samplePlan";
import { HOSTILE, LEVELS, REPORTS, reportOf, STARVED } from "./sampleReports";

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
