import { describe, expect, it } from "vitest";
import { Suppressor } from "../../../drills/replay/composites/suppressor";
import type { AlarmState } from "../../../policies/model/cloudwatch/alarm";

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
