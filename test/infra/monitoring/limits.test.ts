import { describe, expect, it } from "vitest";
import type {
  AlarmSpec,
  CompositeAlarmSpec,
  Metric,
  MetricAlarmSpec,
} from "../../../infra/monitoring/alarmSpec";
import { limitProblems } from "../../../infra/monitoring/cloudwatchQuotas";
import { composites, metricAlarm } from "./stackAlarms";

const names = { stack: "prod", prefix: "auth-prod" };
const alarm = metricAlarm("pool-timeouts");
const math = metricAlarm("hold-time");
const composite = composites("prod").find(({ id }) => id === "pool-starved") as CompositeAlarmSpec;
const metric: Metric = { namespace: "A", name: "m", statistic: "Sum", dimensions: {} };

const problems = (spec: AlarmSpec) => limitProblems([spec], names);
const changed = (change: Partial<MetricAlarmSpec>) => problems({ ...alarm, ...change });
const changedMath = (change: Partial<Extract<MetricAlarmSpec["signal"], { kind: "math" }>>) =>
  math.signal.kind === "math" ? problems({ ...math, signal: { ...math.signal, ...change } }) : [];
const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);

describe("what CloudWatch refuses is said before anything is deployed", () => {
  it("in one line that names the alarm, what it has and what CloudWatch allows", () => {
    expect(changed({ periodSeconds: 45 })).toEqual([
      "alarm pool-timeouts: its period is 45 s, CloudWatch allows 10, 20, 30 or a multiple of 60",
    ]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a period of 0", changed({ periodSeconds: 0 }), /period is 0 s/],
    ["a window over a day", changed({ evaluationPeriods: 1441 }), /1441 × 60 s.*86400 s/],
    ["half a window", changed({ evaluationPeriods: 5.5 }), /window is 5.5 × 60 s/],
    ["a long period over a week", changed({ periodSeconds: 3600, evaluationPeriods: 169 }), /604800 s/],
    ["more data points than the window has", changed({ datapointsToAlarm: 6 }), /6 of 5/],
    ["a threshold that is none", changed({ threshold: { ...alarm.threshold, value: Number.NaN } }), /NaN/],
    ["a long name", changed({ id: "x".repeat(250) }), /name has 260 characters, CloudWatch allows 255/],
    ["a long description", changed({ intent: "x".repeat(1024) }), /CloudWatch allows 1024/],
    [
      "31 dimensions",
      changed({
        signal: {
          kind: "metric",
          metric: { ...metric, dimensions: Object.fromEntries(many(31).map((name) => [name, "1"])) },
        },
      }),
      /31 dimensions/,
    ],
    [
      "a namespace that begins with a colon",
      changed({ signal: { kind: "metric", metric: { ...metric, namespace: ":a" } } }),
      /begin with a colon/,
    ],
    ["an expression of 2,049 characters", changedMath({ expression: "1".repeat(2049) }), /2049 characters/],
    [
      "eleven metrics",
      changedMath({ metrics: Object.fromEntries(many(11).map((id) => [id, metric])) }),
      /uses 11 metrics/,
    ],
    ["an expression over nothing", changedMath({ metrics: {} }), /uses 0 metrics/],
    ["an id in capitals", changedMath({ metrics: { Used: metric } }), /metric id Used/],
    [
      "101 children",
      problems({ ...composite, rule: { any: many(101).map((id) => ({ alarm: id })) } }),
      /uses 101 alarms/,
    ],
    [
      "a rule of more than 10,240 characters",
      problems({ ...composite, rule: { any: many(90).map((id) => ({ alarm: id + "x".repeat(110) })) } }),
      /its rule has \d+ characters, CloudWatch allows 10240/,
    ],
    [
      "a wait of half a second",
      problems({
        ...composite,
        suppression: { by: "a", waitSeconds: 0.5, extensionSeconds: 60, reason: "a test" },
      }),
      /waits for 0.5 s/,
    ],
  ])("%s", (_what, found, expected) => {
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it("an alarm that 151 composites read", () => {
    const readers = many(151).map((id) => ({ ...composite, id, rule: { alarm: "pool-timeouts" } }));
    expect(limitProblems([alarm, ...readers], names)[0]).toMatch(/used by more than 150 composites/);
    expect(limitProblems([alarm, ...readers.slice(1)], names)).toEqual([]);
  });

  it.each([10, 20, 30, 60, 120, 3600])("but not a period of %i s", (periodSeconds) => {
    expect(changed({ periodSeconds })).toEqual([]);
  });
});
