import { describe, expect, it } from "vitest";
import type { AlarmSpec, CompositeAlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { alarmsNamed, inOrderOfReading } from "../../../infra/monitoring/order";
import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";

function composite(id: string, rule: CompositeRule, by?: string): CompositeAlarmSpec {
  return {
    kind: "composite",
    id,
    intent: "A test.",
    rule,
    severity: "signal",
    role: "signal",
    runbook: "docs/runbooks/none.md",
    ...(by && { suppression: { by, waitSeconds: 60, extensionSeconds: 60, reason: "a test" } }),
  };
}

function metric(id: string): AlarmSpec {
  return {
    kind: "metric",
    id,
    intent: "A test.",
    signal: { kind: "metric", metric: { namespace: "n", name: "m", statistic: "Sum", dimensions: {} } },
    periodSeconds: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    comparison: "GreaterThanThreshold",
    threshold: { value: 1, unit: "", formula: "", inputs: {} },
    missingData: { treatAs: "ignore", reason: "a test" },
    severity: "signal",
    role: "signal",
    runbook: "docs/runbooks/none.md",
  };
}

describe("the order in which alarms are made", () => {
  it("puts each after all that it reads and after what suppresses it", () => {
    const specs = [
      composite("symptom", { alarm: "rate" }, "suppressor"),
      composite("suppressor", { any: [{ alarm: "cause" }] }),
      composite("cause", { all: [{ alarm: "rate" }, { not: { alarm: "hold" } }] }),
      metric("rate"),
      metric("hold"),
    ];
    const order = inOrderOfReading(specs).map(({ id }) => id);
    expect([...order].sort()).toEqual(specs.map(({ id }) => id).sort());
    for (const spec of specs) {
      for (const named of alarmsNamed(spec))
        expect(order.indexOf(named)).toBeLessThan(order.indexOf(spec.id));
    }
  });

  it("refuses what CloudWatch could not make, and says which", () => {
    expect(() => inOrderOfReading([composite("a", { alarm: "b" })])).toThrow(
      "alarm a reads b, which no alarm is called",
    );
    expect(() => inOrderOfReading([metric("a"), metric("a")])).toThrow(/two alarms have the id a/);
    expect(() => inOrderOfReading([composite("a", { alarm: "b" }), composite("b", { alarm: "a" })])).toThrow(
      "alarms wait for each other: a → b → a",
    );
  });
});
