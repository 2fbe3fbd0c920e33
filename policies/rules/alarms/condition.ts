import type { Comparison } from "../../model/cloudwatch/alarm";
import type { AlarmReading } from "../../plan/alarmReading";
import { plain } from "../format";
import type { RuleContext } from "../rule";
import type { Bound } from "./metricRange";

/** When an alarm goes off. */
export interface Condition {
  readonly comparison: Comparison;
  readonly threshold: number;
}

/** "above 350", "from 350 up", "below 1": when the alarm goes off. */
export function conditionInWords({ comparison, threshold }: Condition): string {
  switch (comparison) {
    case "GreaterThanThreshold":
      return `above ${plain(threshold)}`;
    case "GreaterThanOrEqualToThreshold":
      return `from ${plain(threshold)} up`;
    case "LessThanThreshold":
      return `below ${plain(threshold)}`;
    default:
      return `at ${plain(threshold)} or below`;
  }
}

/** What hides a bound is noted where it is hidden; a pool that is none at all is left to the rule that sizes it. */
export function cannotDecide(
  { resource }: AlarmReading,
  { value, owner }: Bound,
  context: RuleContext,
): void {
  const isMistyped = value.state === "unset" || value.state === "malformed";
  context.cannotDecide(owner ?? resource.urn, value, isMistyped ? "pool-floor" : undefined);
}
