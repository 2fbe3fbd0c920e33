import { describe, expect, it } from "vitest";
import type { Metric, MetricAlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { ANSWERS, BEYOND_THE_LIST, nameOf, RECOMMENDATIONS } from "../../../infra/monitoring/recommended";
import { metricAlarm, metricAlarms } from "./stackAlarms";

const metricsOf = ({ signal }: MetricAlarmSpec): readonly Metric[] =>
  signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);

const isBelow = (comparison: string) => comparison.startsWith("Less");

describe("AWS's list of recommended alarms for RDS and ECS", () => {
  it("is answered line by line, and no line is made up", () => {
    expect(RECOMMENDATIONS).toHaveLength(39);
    expect(Object.keys(ANSWERS).sort()).toEqual(RECOMMENDATIONS.map(nameOf).sort());
  });

  const covered = RECOMMENDATIONS.flatMap((recommendation) => {
    const answer = ANSWERS[nameOf(recommendation)];
    return answer && "covered" in answer ? [{ name: nameOf(recommendation), recommendation, answer }] : [];
  });

  it.each(covered)("$name is covered by an alarm on this metric, in this direction", ({
    recommendation,
    answer,
  }) => {
    const spec = metricAlarm(answer.covered);
    const metric = metricsOf(spec).find(
      ({ namespace, name }) => namespace === recommendation.namespace && name === recommendation.metric,
    );
    expect(metric).toBeDefined();
    expect(Object.keys(metric?.dimensions ?? {}).join("+")).toBe(recommendation.dimensions);
    expect(isBelow(spec.comparison)).toBe(isBelow(recommendation.comparison));
    // Where it is not AWS's own number or statistic, the answer says how it differs.
    if (answer.differs === undefined) {
      expect(metric?.statistic).toBe(recommendation.statistic);
      if (recommendation.threshold !== null) expect(spec.threshold.value).toBe(recommendation.threshold);
    } else expect(answer.differs.length).toBeGreaterThan(20);
  });

  it("is waived with a reason, and never for a metric that an alarm has anyway", () => {
    const watched = new Set(
      metricAlarms("prod").flatMap((spec) =>
        metricsOf(spec).map(({ namespace, name, dimensions }) =>
          [namespace, name, Object.keys(dimensions).join("+")].join(" "),
        ),
      ),
    );
    for (const [name, answer] of Object.entries(ANSWERS)) {
      if (!("waived" in answer)) continue;
      expect(answer.waived.length).toBeGreaterThan(20);
      expect(watched).not.toContain(name);
    }
  });

  it("is covered by what the capacity alarms watch, and what else these watch has a reason", () => {
    const ids = metricAlarms("prod")
      .filter(({ role }) => role === "capacity")
      .map(({ id }) => id);
    const covering = covered.map(({ answer }) => answer.covered);
    expect(ids.filter((id) => !covering.includes(id))).toEqual(Object.keys(BEYOND_THE_LIST));
  });
});
