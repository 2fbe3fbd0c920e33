import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import type { LiveAlarm } from "./liveState";

/** Every alarm whose name starts so, metric and composite ones: the latter are told only to whom asks for them. */
export async function describeAlarms(
  cloudwatch: CloudWatchClient,
  prefix: string,
): Promise<readonly LiveAlarm[]> {
  const found: LiveAlarm[] = [];
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch, pageSize: 100 },
    { AlarmNamePrefix: prefix, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
  )) {
    found.push(...MetricAlarms.map((alarm) => alarmFrom("metric", alarm)));
    found.push(...CompositeAlarms.map((alarm) => alarmFrom("composite", alarm)));
  }
  return found;
}

function alarmFrom(kind: LiveAlarm["kind"], alarm: MetricAlarm | CompositeAlarm): LiveAlarm {
  return {
    name: alarm.AlarmName ?? "",
    kind,
    state: alarm.StateValue ?? "unknown",
    stateSince: alarm.StateUpdatedTimestamp,
    // CloudWatch leaves it out where it is so.
    actionsEnabled: alarm.ActionsEnabled ?? true,
    actions: alarm.AlarmActions?.length ?? 0,
    settings: {
      ...scalarsOf(alarm),
      ...("Dimensions" in alarm || "Metrics" in alarm ? signalOf(alarm) : {}),
    },
  };
}

type Settings = LiveAlarm["settings"];

function scalarsOf(alarm: MetricAlarm | CompositeAlarm): Settings {
  return Object.fromEntries(
    Object.entries(alarm).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );
}

/** What a metric alarm looks at, by the names that `readAlarms` gives the same. */
function signalOf({ Dimensions = [], Metrics = [] }: MetricAlarm): Settings {
  const result = Metrics.find(
    ({ ReturnData, Expression }) => ReturnData !== false && Expression !== undefined,
  );
  return {
    ...Object.fromEntries(Dimensions.map(({ Name, Value = "" }) => [`Dimensions.${Name}`, Value])),
    ...(result?.Expression !== undefined && { Expression: result.Expression }),
  };
}
