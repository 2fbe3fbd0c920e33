import { describe, expect, it } from "vitest";
import { Suppressor } from "../../../drills/replay/simulate";

/** A change at a time: `2 composite` or `3 suppressor ALARM`. Times are the units of the guide's figures. */
function actsAfter(...changes: readonly string[]): readonly number[] {
  const suppressor = new Suppressor({ by: "s", waitSeconds: 2, extensionSeconds: 3 });
  const acts: (number | undefined)[] = [];
  for (let now = 0; now <= 20; now++) {
    acts.push(suppressor.timePassed(now));
    for (const change of changes) {
      const [when, who, state] = change.split(" ");
      if (Number(when) !== now) continue;
      const to = state === "ALARM" ? "ALARM" : "OK";
      acts.push(
        who === "composite" ? suppressor.compositeChanged(now) : suppressor.suppressorChanged(to, now),
      );
    }
  }
  return acts.filter((time) => time !== undefined);
}

describe("a composite's suppressed actions", () => {
  it.each([
    // AWS's six examples: WaitPeriod 2 units, ExtensionPeriod 3.
    ["acts when the wait is over and the suppressor has stayed OK", ["2 composite"], [4]],
    [
      "does not act when the suppressor fires before the wait is over",
      ["2 composite", "3 suppressor ALARM"],
      [],
    ],
    ["begins a new wait when the composite changes during the first", ["2 composite", "3 composite"], [5]],
    ["does not act on a change while the suppressor fires", ["1 suppressor ALARM", "2 composite"], []],
    [
      "acts when the extension is over and nothing has changed",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK"],
      [9],
    ],
    [
      "drops the extension and waits anew when the composite changes at once",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK", "7 composite"],
      [9],
    ],
    [
      "drops the extension and waits anew when the composite changes later",
      ["2 composite", "3 suppressor ALARM", "6 suppressor OK", "8 composite"],
      [10],
    ],
    // Where AWS is silent.
    ["acts at the end of a wait at which the suppressor fires", ["2 composite", "4 suppressor ALARM"], [4]],
    ["does not act when a suppressor comes and goes alone", ["2 suppressor ALARM", "5 suppressor OK"], []],
  ])("%s", (_, changes, expected) => {
    expect(actsAfter(...changes)).toEqual(expected);
  });

  it("are taken at once without a wait, and after a suppressor without an extension", () => {
    const none = new Suppressor({ by: "s", waitSeconds: 0, extensionSeconds: 0 });
    expect(none.compositeChanged(5)).toBe(5);
    expect(none.suppressorChanged("ALARM", 6)).toBeUndefined();
    expect(none.compositeChanged(7)).toBeUndefined();
    expect(none.suppressorChanged("OK", 8)).toBe(8);
  });
});
