import { parseMetricMath } from "../../model/metricMath";
import { knownValue } from "../../plan/reading";
import type { JudgedAlarm, JudgedMetric } from "./judgedAlarms";

/** Ends far enough apart that whatever depends on a count of connections or requests tells them apart. */
const [FEW, MANY] = [0, 1e6];

/**
 * Whether what an alarm compares changes with a metric. Math may read one only for its data points (`count + 0 * other`
 * has a value whenever the other one has), and such an alarm does not watch it. What cannot be computed may.
 */
export function dependsOn({ metrics, expressions }: JudgedAlarm, { id, isReturned }: JudgedMetric): boolean {
  if (id === undefined || isReturned) return true;
  const returned = expressions.find((each) => each.isReturned);
  const text = knownValue(returned?.text ?? { state: "unset" });
  const parsed = text === undefined ? undefined : parseMetricMath(text);
  if (parsed === undefined || "problem" in parsed) return true;
  const known = new Set(metrics.map((metric) => metric.id));
  if (parsed.ids.some((each) => !known.has(each))) return true;
  const at = (value: number, others: number): number =>
    parsed.evaluate({ ...Object.fromEntries(parsed.ids.map((each) => [each, others])), [id]: value });
  return [0, 1].some((others) => {
    const [low, high] = [at(FEW, others), at(MANY, others)];
    return Number.isFinite(low) && Number.isFinite(high) && low !== high;
  });
}
