import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlarmRule, alarmsRead, holds, ruleText } from "../../../infra/monitoring/alarmRule";

const named = (id: string) => `auth-prod-${id}`;

const { rule: anyRule } = fc.letrec<{ rule: AlarmRule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4 },
    fc.record({ alarm: fc.constantFrom("a", "b", "c", "d") }),
    fc.record({ not: tie("rule") }),
    fc.record({ all: fc.array(tie("rule"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("rule"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

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
  it.each<[AlarmRule, string]>([
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
  ])("%j", (rule, text) => {
    expect(ruleText(rule, named)).toBe(text);
  });

  it("means what the tree means, whatever is in ALARM", () => {
    fc.assert(
      fc.property(anyRule, fc.subarray(["a", "b", "c", "d"]), (rule, inAlarm) => {
        const asTree = holds(rule, (id) => inAlarm.includes(id));
        expect(readAsText(ruleText(rule, named), new Set(inAlarm.map(named)))).toBe(asTree);
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
