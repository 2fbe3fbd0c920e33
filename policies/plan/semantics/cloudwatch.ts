import { type ServiceSemantics, words } from "./types";

/** CloudWatch alarms, dashboards, log groups and metric filters. */
export const cloudwatch: ServiceSemantics = {
  "aws:cloudwatch/logGroup:LogGroup": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    defaults: { retentionInDays: 0, skipDestroy: false },
    numbers: words("retentionInDays"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("deletionProtectionEnabled logGroupClass namePrefix region"),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255 },
    defaults: { actionsEnabled: true, treatMissingData: "missing" },
    numbers: words("datapointsToAlarm evaluationPeriods period threshold"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("evaluateLowSampleCountPercentiles region"),
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    required: words("alarmName alarmRule"),
    defaults: { actionsEnabled: true },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("region"),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    required: words("dashboardBody dashboardName"),
    computed: words("dashboardArn"),
    computedUnlessSet: words("region"),
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    required: words("logGroupName metricTransformation pattern"),
    autoName: { property: "name", separator: "-", maxLength: 255 },
    nestedDefaults: { metricTransformation: { unit: "None" } },
    computed: [],
    computedUnlessSet: words("applyOnTransformedLogs region"),
  },
};
