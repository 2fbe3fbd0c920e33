import { describe, expect, it } from "vitest";
import type { MetricAlarm } from "../../../drills/replay/alarm";
import { type Bar, barOf } from "../../../drills/replay/bar";
import { readData, SCENARIOS } from "../../../drills/replay/files";
import { judgeAnySet } from "../../../drills/replay/judgeAnySet";
import type { Action, Replay } from "../../../drills/replay/replay";
import { parseScenario } from "../../../drills/replay/scenario";
import type { Trace } from "../../../drills/replay/trace";

const minutes = 60;
const errors = Array.from({ length: minutes }, (_, minute) => (minute >= 32 ? 400 : 1));
const trace: Trace = {
  startsAt: "2024-09-02T02:00:00Z",
  periodSeconds: 60,
  series: [
    {
      namespace: "AWS/ApplicationELB",
      metric: "HTTPCode_Target_5XX_Count",
      dimensions: {},
      statistic: "Sum",
      values: errors,
    },
  ],
};
const alarm: MetricAlarm = {
  kind: "metric",
  id: "whatever",
  intent: "",
  severity: "page",
  role: "symptom",
  statistic: "Sum",
  periodSeconds: 60,
  evaluationPeriods: 1,
  comparison: "GreaterThanThreshold",
  threshold: 1,
  signal: {
    kind: "metric",
    metric: { namespace: "n", metric: "m", dimensions: {}, statistic: "Sum" },
  },
};

/** What a set does that wakes somebody in these minutes. */
function pagesAt(...at: readonly number[]): Replay {
  const actions = at.map((minute): Action => ({ atSeconds: minute * 60, alarm: "whatever", state: "ALARM" }));
  return { transitions: [], actions, blind: [], equallyWeighted: [] };
}
const problems = (replay: Replay, bar: Bar, alarms = [alarm]) =>
  judgeAnySet(alarms, replay, trace, bar).problems;

const faulty: Bar = { wakes: true, fault: "02:30", withinMinutes: 5 };
const quiet: Bar = { wakes: false, fault: undefined, withinMinutes: 5 };

describe("any set of alarms", () => {
  it("has to wake somebody within the bar, counted from the first failure", () => {
    expect(problems(pagesAt(37), faulty)).toEqual([]);
    expect(problems(pagesAt(38), faulty)).toEqual([
      "somebody was woken 6 minutes after the first failure, and 5 are the bar",
    ]);
    expect(problems(pagesAt(), faulty)).toEqual([
      "nobody was woken, and 5 minutes after the first failure are the bar",
    ]);
  });

  it("may wake somebody before the first failure, but not before anything is wrong", () => {
    expect(problems(pagesAt(31), faulty)).toEqual([]);
    expect(problems(pagesAt(29, 33), faulty)).toEqual([
      "whatever woke somebody at 02:29, before anything was wrong",
    ]);
    expect(problems(pagesAt(29), faulty)).toEqual([
      "whatever woke somebody at 02:29, before anything was wrong",
      "nobody was woken, and 5 minutes after the first failure are the bar",
    ]);
  });

  it("has to be quiet where nobody has to be woken", () => {
    expect(problems(pagesAt(), quiet)).toEqual([]);
    expect(problems(pagesAt(10, 20), quiet)).toEqual([
      "whatever woke somebody 2 times, first at 02:10, and nobody has to be woken here",
    ]);
  });

  it("is not called quiet where none of it can be judged", () => {
    expect(problems(pagesAt(), quiet, [])).toEqual(["none of the alarms can be judged here"]);
  });
});

describe("what is asked of any set", () => {
  const bar = (name: string) => {
    const path = `${SCENARIOS}/${name}.yaml`;
    return barOf(parseScenario(readData(path), path));
  };

  it.each([
    ["outage-2024-09-02", true, "02:15", 5],
    ["near-limit", true, "11:00", 15],
    ["tasks-down", true, "08:30", 5],
    ["quiet-weeks", false, undefined, 5],
    ["slow-hashing", false, undefined, 5],
    // What a faulty set does is not what is right.
    ["defect-database-only", true, "02:15", 5],
    ["defect-gauge-summed", false, undefined, 5],
  ])("in %s follows from the scenario: %s", (name, wakes, fault, withinMinutes) => {
    expect(bar(name)).toEqual({ wakes, fault, withinMinutes });
  });
});
