import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { arn, type ServiceModels, text, uuid } from "./resourceState";

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

/** Protocols whose endpoint a person or a server must confirm first. */
const CONFIRMED_BY_HAND: ReadonlySet<string> = new Set(["email", "email-json", "http", "https"]);

/** Behaviour of topics, their policies and subscriptions. */
export const sns: ServiceModels = {
  "aws:sns/topic:Topic": {
    replaceOn: ["fifoTopic", "name", "namePrefix"],
    id: (inputs, _digits, region) => arn("sns", region, text(inputs, "name")),
    outputs: ({ id }) => ({
      arn: id,
      beginningArchiveTime: "",
      fifoThroughputScope: "",
      owner: ACCOUNT_ID,
      policy: JSON.stringify({
        Id: "__default_policy_ID",
        Statement: [
          {
            Action: ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:SetTopicAttributes", "SNS:Subscribe"],
            Condition: { StringEquals: { "AWS:SourceOwner": ACCOUNT_ID } },
            Effect: "Allow",
            Principal: { AWS: "*" },
            Resource: id,
            Sid: "__default_statement_ID",
          },
        ],
        Version: "2008-10-17",
      }),
      signatureVersion: 0,
      tracingConfig: "",
    }),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    replaceOn: ["arn"],
    id: (inputs) => text(inputs, "arn"),
    outputs: () => ({ owner: ACCOUNT_ID }),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    replaceOn: ["endpoint", "protocol", "topic"],
    id: (inputs, digits) => `${text(inputs, "topic")}:${uuid(digits("id", 32))}`,
    outputs: ({ id, inputs }) => {
      const isPending = CONFIRMED_BY_HAND.has(text(inputs, "protocol"));
      return {
        arn: id,
        confirmationWasAuthenticated: !isPending,
        filterPolicyScope: inputs.filterPolicy === undefined ? "" : "MessageAttributes",
        ownerId: ACCOUNT_ID,
        pendingConfirmation: isPending,
      };
    },
  },
};
