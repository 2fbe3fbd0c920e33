import { describe, expect, it } from "vitest";
import type { Metric, MetricAlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { DIFFERS, nameOf, RECOMMENDATIONS, WAIVED } from "../../../infra/monitoring/recommended";
import { metricAlarms } from "./stackAlarms";

const specs = metricAlarms("prod");
const metricsOf = ({ signal }: MetricAlarmSpec): readonly Metric[] =>
  signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);
const keyOf = ({ namespace, name, dimensions }: Metric): string =>
  [namespace, name, Object.keys(dimensions).join("+")].join(" ");

const isBelow = (comparison: string) => comparison.startsWith("Less");

describe("AWS's list of recommended alarms for RDS and ECS", () => {
  const names = RECOMMENDATIONS.map(nameOf);

  it("is whole, and nothing else is waived or said to differ", () => {
    expect(RECOMMENDATIONS).toHaveLength(39);
    for (const [name, reason] of [...Object.entries(WAIVED), ...Object.entries(DIFFERS)]) {
      expect(names).toContain(name);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  const covered = RECOMMENDATIONS.filter((recommendation) => !(nameOf(recommendation) in WAIVED)).map(
    (recommendation) => ({ name: nameOf(recommendation), recommendation }),
  );

  it.each(covered)("$name is covered by an alarm on this metric alone, in this direction", ({
    name,
    recommendation: { comparison, statistic, threshold },
  }) => {
    const covering = specs.filter(
      ({ signal, comparison: own, threshold: { value } }) =>
        signal.kind === "metric" &&
        keyOf(signal.metric) === name &&
        isBelow(own) === isBelow(comparison) &&
        // Where it is not AWS's own number or statistic, it is said how it differs.
        (name in DIFFERS ||
          (signal.metric.statistic === statistic && (threshold === null || value === threshold))),
    );
    expect(covering).toHaveLength(1);
  });

  it("is waived for no metric that an alarm has anyway", () => {
    const watched = new Set(specs.flatMap((spec) => metricsOf(spec).map(keyOf)));
    expect(Object.keys(WAIVED).filter((name) => watched.has(name))).toEqual([]);
  });
});
