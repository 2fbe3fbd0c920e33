import { describe, expect, it } from "vitest";
import type { Alarm } from "../../../drills/replay/alarm";
import { evaluableAlarms } from "../../../drills/replay/evaluable";
import { simulate } from "../../../drills/replay/simulate";
import { composite, METRIC, mathAlarm, metricAlarm, traceOf } from "./samples";

const trace = traceOf([1, 2, 3, 9, 9, 9, 9, 9]);
const search = { e: "SEARCH('{NS} m', 'Average')" };
const suppression = { by: "b", waitSeconds: 60, extensionSeconds: 60 };

const excludedOf = (...alarms: readonly Alarm[]) =>
  evaluableAlarms({ alarms, excluded: [] }, trace).excluded.map(({ alarm, why }) => `${alarm}: ${why}`);

describe("of a file's alarms", () => {
  it("all that can be replayed are, whatever else is in the file", () => {
    const set = evaluableAlarms(
      {
        alarms: [
          metricAlarm({ id: "good" }),
          mathAlarm(search, { id: "search" }),
          composite({ id: "on-good", rule: "ALARM(good)" }),
        ],
        excluded: [{ alarm: "band", why: "compares with an anomaly band", whatToDo: "…" }],
      },
      trace,
    );
    expect(set.alarms.map(({ id }) => id)).toEqual(["good", "on-good"]);
    expect(set.excluded.map(({ alarm }) => alarm)).toEqual(["band", "search"]);
    expect(simulate(set.alarms, trace).actions.map(({ alarm }) => alarm)).toEqual(["good", "on-good"]);
  });

  it.each([
    [mathAlarm(search), /^a: SEARCH is outside the metric math/],
    [mathAlarm({ e: "SELECT AVG(m) FROM NS" }), /^a: SELECT/],
    [metricAlarm({ periodSeconds: 10 }), /^a: needs datapoints of 10 s/],
    [metricAlarm({ datapointsToAlarm: 4 }), /^a: datapointsToAlarm is 4/],
    [metricAlarm({ statistic: "p99" }), /^a: reads p99 of NS m .*the trace has Average/],
    [
      metricAlarm({ signal: { kind: "metric", metric: { ...METRIC, namespace: "AWS/Lambda" } } }),
      /^a: it watches AWS\/Lambda, of which nothing is in the trace/,
    ],
    [composite({ rule: "ALARM(b" }), /^c: its rule is not understood/],
    [composite({ rule: "ALARM(b)" }), /^c: it reads b, which is not in the file/],
    [composite({ rule: "TRUE", suppression }), /^c: it reads b, which is not in the file/],
    [composite({ rule: "NOT ALARM(c)" }), /^c: its rule reads itself/],
  ])("one that cannot be replayed is excluded with the reason: %#", (alarm, reason) => {
    expect(excludedOf(alarm)).toEqual([expect.stringMatching(reason)]);
  });

  it("those that read one that is excluded are excluded as well, and theirs", () => {
    expect(
      excludedOf(
        composite({ id: "top", rule: "ALARM(middle)" }),
        composite({ id: "middle", rule: "ALARM(bad) OR ALARM(good)" }),
        metricAlarm({ id: "bad", periodSeconds: 10 }),
        metricAlarm({ id: "good" }),
      ),
    ).toEqual([
      expect.stringMatching(/^bad: needs/),
      "middle: it reads bad, which was not judged",
      "top: it reads middle, which was not judged",
    ]);
  });

  it("a circle loses no more than what is in it, or reads it", () => {
    const alarms = [
      composite({ id: "reader", rule: "ALARM(b)" }),
      composite({ id: "a", rule: "ALARM(b)" }),
      composite({ id: "b", rule: "ALARM(a)" }),
      composite({ id: "other", rule: "ALARM(good)" }),
      metricAlarm({ id: "good" }),
    ];
    const set = evaluableAlarms({ alarms, excluded: [] }, trace);
    expect(set.alarms.map(({ id }) => id)).toEqual(["other", "good"]);
    expect(set.excluded.map(({ alarm }) => alarm)).toEqual(["a", "b", "reader"]);
  });
});
