import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlarmState, CompositeAlarm } from "../../../drills/replay/alarm";
import { inOrder } from "../../../drills/replay/composites/order";
import { alarmsIn, holds, parseRule } from "../../../drills/replay/composites/parseRule";
import { Suppressor } from "../../../drills/replay/composites/suppressor";
import { holds as specHolds } from "../../../infra/monitoring/alarmRule";
import type { AlarmRule } from "../../../infra/monitoring/alarmSpec";
import { ruleText } from "../../../infra/monitoring/alarmSpec";

const states =
  (inAlarm: readonly string[], unknown: readonly string[] = []) =>
  (id: string): AlarmState =>
    inAlarm.includes(id) ? "ALARM" : unknown.includes(id) ? "INSUFFICIENT_DATA" : "OK";

describe("a composite's rule", () => {
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
    expect(holds(parseRule(text, "c"), states(inAlarm, ["u"]))).toBe(expected);
  });

  it.each([
    ['ALARM("a") ALARM("b")', /unexpected b/],
    ['ALARM("a") AND', /it ends too early/],
    ['(ALARM("a")', /it ends too early/],
    ['ALARM("a") XOR ALARM("b")', /not understood from `XOR/],
    ["AND", /unexpected AND/],
    ["", /it ends too early/],
  ])("%s is refused by name", (text, message) => {
    expect(() => parseRule(text, "the-composite")).toThrow(message);
    expect(() => parseRule(text, "the-composite")).toThrow("the-composite");
  });

  it("means what the tree means that a specification makes it from", () => {
    const rule: fc.Arbitrary<AlarmRule> = fc.letrec<{ rule: AlarmRule }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("a", "b", "c").map((alarm) => ({ alarm })),
        tie("rule").map((not) => ({ not })),
        fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
        fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      ),
    })).rule;
    fc.assert(
      fc.property(rule, fc.subarray(["a", "b", "c"]), (tree, inAlarm) => {
        const read = parseRule(
          ruleText(tree, (id) => id),
          "c",
        );
        expect(holds(read, states(inAlarm))).toBe(specHolds(tree, (id) => inAlarm.includes(id)));
      }),
    );
  });

  it("names the alarms that it reads", () => {
    expect(alarmsIn(parseRule("ALARM(a) AND NOT (OK(b) OR TRUE)", "c"))).toEqual(["a", "b"]);
  });
});

const composite = (id: string, rule: string, by?: string): CompositeAlarm => ({
  kind: "composite",
  id,
  intent: "",
  severity: "page",
  role: "cause",
  rule,
  suppression: by === undefined ? undefined : { by, waitSeconds: 60, extensionSeconds: 60 },
});

describe("composites of composites", () => {
  it("come after those that they read", () => {
    const ordered = inOrder(
      [composite("top", "ALARM(middle)"), composite("middle", "ALARM(leaf)")],
      new Set(["top", "middle", "leaf"]),
    );
    expect(ordered.map(({ alarm }) => alarm.id)).toEqual(["middle", "top"]);
  });

  it("are refused when they go in a circle", () => {
    const circle = [composite("a", "ALARM(b)"), composite("b", "NOT ALARM(a)")];
    expect(() => inOrder(circle, new Set(["a", "b"]))).toThrow("a → b → a");
  });

  it("are refused when they read no alarm of the set, with the nearest name", () => {
    const known = new Set(["a", "pool-timeouts"]);
    expect(() => inOrder([composite("a", "ALARM(pool-timeout)")], known)).toThrow(
      "did you mean pool-timeouts?",
    );
    expect(() => inOrder([composite("a", "TRUE", "gone")], known)).toThrow("suppressed by gone");
  });
});

/** AWS's examples: WaitPeriod 2 units, ExtensionPeriod 3. Times are the units of the guide's figures. */
describe("AWS's examples of suppressed actions", () => {
  const acts = (
    changes: readonly (readonly [at: number, who: "composite" | "suppressor", to: AlarmState])[],
  ) => {
    const suppressor = new Suppressor({ by: "s", waitSeconds: 2, extensionSeconds: 3 });
    const at: (number | undefined)[] = [];
    for (let now = 0; now <= 20; now++) {
      at.push(suppressor.passed(now));
      for (const [when, who, to] of changes.filter(([one]) => one === now)) {
        at.push(
          who === "composite" ? suppressor.compositeChanged(when) : suppressor.suppressorChanged(to, when),
        );
      }
    }
    return at.filter((time) => time !== undefined);
  };

  it("1: acts when the wait is over and the suppressor has stayed OK", () => {
    expect(acts([[2, "composite", "ALARM"]])).toEqual([4]);
  });

  it("2: does not act when the suppressor goes to ALARM before the wait is over", () => {
    expect(
      acts([
        [2, "composite", "ALARM"],
        [3, "suppressor", "ALARM"],
      ]),
    ).toEqual([]);
  });

  it("3: begins a new wait when the composite changes during the first", () => {
    expect(
      acts([
        [2, "composite", "ALARM"],
        [3, "composite", "OK"],
      ]),
    ).toEqual([5]);
  });

  it("4: does not act on a change while the suppressor is in ALARM", () => {
    expect(
      acts([
        [1, "suppressor", "ALARM"],
        [2, "composite", "ALARM"],
      ]),
    ).toEqual([]);
  });

  it("5: acts when the extension is over and nothing has changed", () => {
    expect(
      acts([
        [2, "composite", "ALARM"],
        [3, "suppressor", "ALARM"],
        [6, "suppressor", "OK"],
      ]),
    ).toEqual([9]);
  });

  it("6: drops the extension and waits anew when the composite changes during it", () => {
    expect(
      acts([
        [2, "composite", "ALARM"],
        [3, "suppressor", "ALARM"],
        [6, "suppressor", "OK"],
        [7, "composite", "OK"],
      ]),
    ).toEqual([9]);
    expect(
      acts([
        [2, "composite", "ALARM"],
        [3, "suppressor", "ALARM"],
        [6, "suppressor", "OK"],
        [8, "composite", "OK"],
      ]),
    ).toEqual([10]);
  });

  it("acts at the end of the wait even where the suppressor goes to ALARM in that moment", () => {
    expect(
      acts([
        [2, "composite", "ALARM"],
        [4, "suppressor", "ALARM"],
      ]),
    ).toEqual([4]);
  });

  it("does not act when a suppressor comes and goes and the composite has not changed", () => {
    expect(
      acts([
        [2, "suppressor", "ALARM"],
        [5, "suppressor", "OK"],
      ]),
    ).toEqual([]);
  });

  it("acts at once without a wait, and after a suppressor without an extension", () => {
    const none = new Suppressor({ by: "s", waitSeconds: 0, extensionSeconds: 0 });
    expect(none.compositeChanged(5)).toBe(5);
    expect(none.suppressorChanged("ALARM", 6)).toBeUndefined();
    expect(none.compositeChanged(7)).toBeUndefined();
    expect(none.suppressorChanged("OK", 8)).toBe(8);
  });
});
