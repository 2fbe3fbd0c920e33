import type { AlarmSpec } from "./alarmSpec";
import { capacityAlarms } from "./alarms/capacity";
import { databaseSignals } from "./alarms/database";
import { demandAlarms } from "./alarms/demand";
import { poolSignals } from "./alarms/pool";
import { proxyAlarms } from "./alarms/proxy";
import { symptomSignals } from "./alarms/symptoms";
import { causeAlarms } from "./composites/causes";
import { symptomAlarms } from "./composites/symptoms";
import type { AlarmInput } from "./input";

export type { AlarmInput } from "./input";

/**
 * The alarms of a stack, their thresholds derived from its own settings: what acts first, causes before symptoms,
 * then what it reads, then what runs out slowly.
 */
export function alarmSpecs(input: AlarmInput): readonly AlarmSpec[] {
  const causes = causeAlarms(input);
  return [
    ...causes,
    ...symptomAlarms(causes),
    ...poolSignals(input),
    ...databaseSignals(input),
    ...symptomSignals(input),
    ...proxyAlarms(input),
    ...demandAlarms(input),
    ...capacityAlarms(input),
  ];
}
