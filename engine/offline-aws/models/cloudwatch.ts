import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { arn, type ServiceModels, text } from "./resourceState";

/** Behaviour of alarms, dashboards, log groups and metric filters. */
export const cloudwatch: ServiceModels = {
  "aws:cloudwatch/logGroup:LogGroup": {
    replaceOn: ["logGroupClass", "name", "namePrefix"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({
      arn: arn("logs", region, `log-group:${id}`),
      deletionProtectionEnabled: false,
      logGroupClass: "STANDARD",
    }),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    replaceOn: ["name"],
    id: (inputs) => text(inputs, "name"),
    outputs: ({ id, region }) => ({
      arn: arn("cloudwatch", region, `alarm:${id}`),
      evaluateLowSampleCountPercentiles: "",
    }),
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    replaceOn: ["actionsEnabled", "alarmName"],
    id: (inputs) => text(inputs, "alarmName"),
    outputs: ({ id, region }) => ({ arn: arn("cloudwatch", region, `alarm:${id}`) }),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    replaceOn: ["dashboardName"],
    id: (inputs) => text(inputs, "dashboardName"),
    // Dashboards have no region: `arn:aws:cloudwatch::123456789012:dashboard/auth`.
    outputs: ({ id }) => ({ dashboardArn: `arn:aws:cloudwatch::${ACCOUNT_ID}:dashboard/${id}` }),
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    replaceOn: ["logGroupName", "name"],
    id: (inputs) => text(inputs, "name"),
    outputs: () => ({ applyOnTransformedLogs: false }),
  },
};
