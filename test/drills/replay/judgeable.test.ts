import { describe, expect, it } from "vitest";
import type { Alarm, MetricAlarm } from "../../../drills/replay/alarm";
import { judgeable } from "../../../drills/replay/judgeable";
import { replay } from "../../../drills/replay/replay";
import type { Trace } from "../../../drills/replay/trace";

const metric = { namespace: "NS", metric: "m", dimensions: {}, statistic: "Average" };
const trace: Trace = {
  startsAt: "2024-09-02T02:00:00Z",
  periodSeconds: 60,
  series: [{ ...metric, values: [1, 2, 3, 9, 9, 9, 9, 9] }],
};

function alarm(id: string, change: Partial<MetricAlarm> = {}): MetricAlarm {
  return {
    kind: "metric",
    id,
    intent: "",
    severity: "page",
    role: "symptom",
    statistic: "Average",
    periodSeconds: 60,
    evaluationPeriods: 2,
    comparison: "GreaterThanThreshold",
    threshold: 5,
    signal: { kind: "metric", metric },
    ...change,
  };
}

const math = (expression: string): Partial<MetricAlarm> => ({
  signal: { kind: "math", metrics: { m1: metric }, expressions: { e1: expression }, returns: "e1" },
});

const composite = (id: string, rule: string, by?: string): Alarm => ({
  kind: "composite",
  id,
  intent: "",
  severity: "page",
  role: "symptom",
  rule,
  suppression: by === undefined ? undefined : { by, waitSeconds: 60, extensionSeconds: 60 },
});

const reasons = (...alarms: readonly Alarm[]) =>
  judgeable({ alarms, unjudged: [] }, trace).unjudged.map(({ alarm: id, why }) => `${id}: ${why}`);

describe("of somebody's alarms", () => {
  it("all that can be replayed are, whatever else is in the file", () => {
    const set = judgeable(
      {
        alarms: [
          alarm("good"),
          alarm("search", math("SEARCH('{NS} m', 'Average')")),
          composite("on-good", "ALARM(good)"),
        ],
        unjudged: [{ alarm: "band", why: "compares with an anomaly band", whatToDo: "…" }],
      },
      trace,
    );
    expect(set.alarms.map(({ id }) => id)).toEqual(["good", "on-good"]);
    expect(set.unjudged.map(({ alarm: id }) => id)).toEqual(["band", "search"]);
    expect(replay(set.alarms, trace).actions.map(({ alarm: id }) => id)).toEqual(["good", "on-good"]);
  });

  it.each([
    [alarm("a", math("SEARCH('{NS} m', 'Average')")), /^a: SEARCH is outside the metric math/],
    [alarm("a", math("SELECT AVG(m) FROM NS")), /^a: /],
    [alarm("a", { periodSeconds: 10 }), /^a: needs datapoints of 10 s/],
    [alarm("a", { datapointsToAlarm: 3 }), /^a: datapointsToAlarm is 3/],
    [
      alarm("a", { signal: { kind: "metric", metric: { ...metric, statistic: "p99" } } }),
      /^a: reads p99 of NS m .*the trace has Average/,
    ],
    [
      alarm("a", { signal: { kind: "metric", metric: { ...metric, namespace: "AWS/Lambda" } } }),
      /^a: it watches AWS\/Lambda, of which nothing is in the trace/,
    ],
    [composite("a", "ALARM(b"), /^a: its rule is not understood/],
    [composite("a", "ALARM(b)"), /^a: it reads b, which is not in the file/],
    [composite("a", "TRUE", "b"), /^a: it reads b, which is not in the file/],
    [composite("a", "NOT ALARM(a)"), /^a: its rule reads itself/],
  ])("one that cannot be replayed is left out with the reason: %#", (one, reason) => {
    expect(reasons(one)).toEqual([expect.stringMatching(reason)]);
  });

  it("those that read one that is left out are left out as well, and theirs", () => {
    expect(
      reasons(
        composite("top", "ALARM(middle)"),
        composite("middle", "ALARM(bad) OR ALARM(good)"),
        alarm("bad", { periodSeconds: 10 }),
        alarm("good"),
      ),
    ).toEqual([
      expect.stringMatching(/^bad: needs/),
      "middle: it reads bad, which was not judged",
      "top: it reads middle, which was not judged",
    ]);
  });

  it("a circle loses no more than what is in it, or reads it", () => {
    const set = judgeable(
      {
        alarms: [
          composite("a", "ALARM(b)"),
          composite("b", "ALARM(a)"),
          composite("c", "ALARM(good)"),
          alarm("good"),
        ],
        unjudged: [],
      },
      trace,
    );
    expect(set.alarms.map(({ id }) => id)).toEqual(["c", "good"]);
  });
});
