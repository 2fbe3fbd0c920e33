import { parseMetricMath } from "../../model/cloudwatch/metricMath";
import { knownValue } from "../../plan/reading";
import type { JudgedAlarm, JudgedMetric } from "./judgedAlarms";

/** None, one and far more: whatever depends on a count of connections or requests tells two of them apart. */
const COUNTS = [0, 1, 1e6];

/**
 * Whether what an alarm compares changes with a metric. Math may read one only for its data points (`count + 0 * other`
 * has a value whenever the other one has), and such an alarm does not watch it. What cannot be computed may.
 */
export function dependsOn({ metrics, expressions }: JudgedAlarm, { id = "" }: JudgedMetric): boolean {
  const returned = expressions.find((each) => each.isReturned);
  // Without an expression the alarm compares the metric itself.
  const text = returned && knownValue(returned.text);
  const parsed = text === undefined ? undefined : parseMetricMath(text);
  if (parsed === undefined || "problem" in parsed) return true;
  const known = new Set(metrics.map((metric) => metric.id));
  if (parsed.ids.some((each) => !known.has(each))) return true;
  return [0, 1].some((others) => {
    const rest = Object.fromEntries(parsed.ids.map((each) => [each, others]));
    const results = COUNTS.map((value) => parsed.evaluate({ ...rest, [id]: value }));
    return new Set(results.filter(Number.isFinite)).size > 1;
  });
}
