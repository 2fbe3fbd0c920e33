import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmState } from "../../../../policies/model/cloudwatch/alarm";
import {
  alarmsRead,
  type CompositeRule,
  orderOfReading,
  parseCompositeRule,
  referencesIn,
  ruleHolds,
  ruleText,
} from "../../../../policies/model/cloudwatch/compositeRule";

const named = (id: string) => `auth-prod-${id}`;

const { rule: anyRule } = fc.letrec<{ rule: CompositeRule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4 },
    fc.record({ alarm: fc.constantFrom("a", "b", "c", "d") }),
    fc.record({ not: tie("rule") }),
    fc.record({ all: fc.array(tie("rule"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("rule"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

const states =
  (inAlarm: readonly string[], unknown: readonly string[] = []) =>
  (id: string): AlarmState =>
    inAlarm.includes(id) ? "ALARM" : unknown.includes(id) ? "INSUFFICIENT_DATA" : "OK";

/** CloudWatch's reading of a rule text, as far as `ruleText` writes it, with JavaScript's own operators. */
function readAsText(text: string, inAlarm: ReadonlySet<string>): boolean {
  const body = text
    .replace(/ALARM\("([^"]+)"\)/g, (_, name: string) => String(inAlarm.has(name)))
    .replace(/\bNOT\b/g, "!")
    .replace(/\bAND\b/g, "&&")
    .replace(/\bOR\b/g, "||");
  return Boolean(Function(`return ${body}`)());
}

describe("a composite's rule as CloudWatch's text", () => {
  it.each<[CompositeRule, string]>([
    [{ alarm: "a" }, 'ALARM("auth-prod-a")'],
    [{ not: { alarm: "a" } }, 'NOT ALARM("auth-prod-a")'],
    [{ all: [{ alarm: "a" }, { not: { alarm: "b" } }] }, 'ALARM("auth-prod-a") AND NOT ALARM("auth-prod-b")'],
    [
      { all: [{ alarm: "a" }, { any: [{ alarm: "b" }, { alarm: "c" }] }] },
      'ALARM("auth-prod-a") AND (ALARM("auth-prod-b") OR ALARM("auth-prod-c"))',
    ],
    [
      { not: { any: [{ alarm: "a" }, { alarm: "b" }] } },
      'NOT (ALARM("auth-prod-a") OR ALARM("auth-prod-b"))',
    ],
    [{ any: [{ alarm: "a" }] }, 'ALARM("auth-prod-a")'],
    [{ any: [{ alarm: "a", state: "OK" }, { constant: false }] }, 'OK("auth-prod-a") OR FALSE'],
  ])("%j", (rule, text) => {
    expect(ruleText(rule, named)).toBe(text);
  });

  it("means what the tree means, whatever is in ALARM", () => {
    fc.assert(
      fc.property(anyRule, fc.subarray(["a", "b", "c", "d"]), (rule, inAlarm) => {
        const text = ruleText(rule, named);
        const asTree = ruleHolds(rule, states(inAlarm));
        expect(readAsText(text, new Set(inAlarm.map(named)))).toBe(asTree);
        expect(ruleHolds(parseCompositeRule(text), states(inAlarm.map(named)))).toBe(asTree);
      }),
    );
  });

  it("refuses a group of nothing, and a name that would end its own quotes", () => {
    expect(() => ruleText({ all: [] }, named)).toThrow(/at least one/);
    expect(() => ruleText({ alarm: "a" }, () => 'x") OR TRUE OR ALARM("y')).toThrow(/quotation mark/);
  });

  it("reads each alarm that decides it, and no other", () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const read = alarmsRead(rule);
        const written = [...ruleText(rule, (id) => id).matchAll(/ALARM\("(\w)"\)/g)].map(([, id]) => id);
        expect(read).toEqual([...new Set(written)]);
      }),
    );
  });
});

describe("a composite's rule, read", () => {
  it.each([
    ['ALARM("a") AND NOT ALARM("b")', ["a"], true],
    ['ALARM("a") AND NOT ALARM("b")', ["a", "b"], false],
    ["ALARM(a) OR ALARM(b) AND ALARM(c)", ["a"], true],
    ["(ALARM(a) OR ALARM(b)) AND ALARM(c)", ["a"], false],
    ["NOT (ALARM('a') OR OK('b'))", [], false],
    ["INSUFFICIENT_DATA(u)", [], true],
    ["OK(u)", [], false],
    ["TRUE AND NOT FALSE", [], true],
    ["not alarm(a)", [], true],
    ['ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a")', ["a"], true],
    ['ALARM("a name (with all) AND more")', ["a name (with all) AND more"], true],
  ])("%s with %o in ALARM is %s", (text, inAlarm, expected) => {
    expect(ruleHolds(parseCompositeRule(text), states(inAlarm, ["u"]))).toBe(expected);
  });

  it.each([
    ['ALARM("a") ALARM("b")', /unexpected b/],
    ['ALARM("a") AND', /it ends too early/],
    ['(ALARM("a")', /it ends too early/],
    ['ALARM("a") XOR ALARM("b")', /not understood from `XOR/],
    ["AND", /unexpected AND/],
    ["", /it ends too early/],
  ])("%s is refused by what is wrong in it", (text, message) => {
    expect(() => parseCompositeRule(text)).toThrow(message);
  });

  it("names the alarms that it reads, and in which states, where it is no rule as well", () => {
    expect(alarmsRead(parseCompositeRule("ALARM(a) AND NOT (OK(b) OR TRUE)"))).toEqual(["a", "b"]);
    expect(referencesIn("ALARM(a) XOR (INSUFFICIENT_DATA('b') ok(c)")).toEqual([
      { alarm: "a", state: "ALARM" },
      { alarm: "b", state: "INSUFFICIENT_DATA" },
      { alarm: "c", state: "OK" },
    ]);
  });
});

describe("the order of reading", () => {
  const reads = (of: { readonly [id: string]: readonly string[] }) =>
    orderOfReading(Object.keys(of), (id) => of[id] ?? []);

  it("puts each alarm after those that it reads", () => {
    expect(reads({ top: ["middle", "leaf"], middle: ["leaf"] })).toEqual({ order: ["middle", "top"] });
  });

  it("is none where alarms read each other in a circle", () => {
    expect(reads({ outside: ["a"], a: ["b"], b: ["a"] })).toEqual({ circle: ["a", "b", "a"] });
    expect(reads({ a: ["a"] })).toEqual({ circle: ["a", "a"] });
  });
});
