import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Context } from "../context";
import { EncryptionKey } from "../security/encryptionKey";
import { policyDocument } from "../security/policy";
import type { AlarmInput, AlarmSpec, MonitoredResource } from "./alarmSpec";
import { alarmsNamed, inOrderOfReading } from "./alarms";
import { limitProblems } from "./cloudwatchQuotas";
import { dashboardBody } from "./dashboard";
import { DATABASE_LOG, filterPattern, LOG_FILTERS } from "./metrics";
import {
  alarmName,
  type RenderInput,
  type ResourceNames,
  renderCompositeAlarm,
  renderMetricAlarm,
} from "./render";

export interface MonitoringArgs {
  readonly context: Context;
  /** The settings that the dashboard shows beside the metrics. */
  readonly settings: AlarmInput;
  readonly alarms: readonly AlarmSpec[];
  readonly resources: ResourceNames;
  /** Where PostgreSQL writes what it refuses. */
  readonly databaseLogGroupName: pulumi.Input<string>;
  /** Whom the alarms tell. */
  readonly subscriptions: readonly string[];
}

/** What the dashboard can name before anything is deployed; the load balancer is shown through its alarms. */
const ON_DASHBOARD: readonly MonitoredResource[] = ["database", "pool", "cluster", "service"];

/** The alarms of a stack, the topic they speak through, the counts they read in the database's log, the dashboard. */
export class Monitoring extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:monitoring:Monitoring", name, {}, opts);
    const { context } = args;
    const names = { prefix: context.name, stack: pulumi.getStack() };
    refuseWhatCloudWatchRefuses(args.alarms, names);
    const topic = new AlarmTopic(
      `${name}-alarms`,
      { context, subscriptions: args.subscriptions },
      { parent: this },
    );
    this.logFilters(name, args);
    this.alarms(name, args.alarms, {
      ...names,
      resources: args.resources,
      topicArn: topic.arn,
      tags: context.tags,
    });
    this.dashboard(name, args);
    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }

  private logFilters(name: string, { context, databaseLogGroupName }: MonitoringArgs): void {
    for (const { metric, phrases } of LOG_FILTERS) {
      new cloudwatch.LogMetricFilter(
        `${name}-log-${metric}`,
        {
          name: metric,
          logGroupName: databaseLogGroupName,
          pattern: filterPattern(phrases),
          metricTransformation: {
            namespace: `${DATABASE_LOG}/${context.name}`,
            name: metric,
            value: "1",
            // Said whenever something else is logged: a zero is worth more than silence.
            defaultValue: "0",
            unit: "Count",
          },
        },
        { parent: this },
      );
    }
  }

  /** A composite names others, and CloudWatch refuses one that names what does not exist. */
  private alarms(name: string, specs: readonly AlarmSpec[], input: RenderInput): void {
    const made = new Map<string, pulumi.Resource>();
    for (const spec of inOrderOfReading(specs)) {
      const resourceName = `${name}-${spec.id}`;
      made.set(
        spec.id,
        spec.kind === "metric"
          ? new cloudwatch.MetricAlarm(resourceName, renderMetricAlarm(spec, input), { parent: this })
          : new cloudwatch.CompositeAlarm(resourceName, renderCompositeAlarm(spec, input), {
              parent: this,
              dependsOn: alarmsNamed(spec).flatMap((id) => made.get(id) ?? []),
            }),
      );
    }
  }

  private dashboard(name: string, { context, settings, alarms, resources }: MonitoringArgs): void {
    const shown = Object.fromEntries(ON_DASHBOARD.map((resource) => [resource, resources[resource]]));
    new cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: context.name,
        dashboardBody: pulumi.output(shown).apply((names) =>
          dashboardBody(settings, alarms, {
            prefix: context.name,
            region: context.region,
            resources: names,
            alarmArn: (id) => arn(context, "cloudwatch", `alarm:${alarmName(context.name, id)}`),
          }),
        ),
      },
      { parent: this },
    );
  }
}

function refuseWhatCloudWatchRefuses(
  specs: readonly AlarmSpec[],
  names: { readonly stack: string; readonly prefix: string },
): void {
  const problems = limitProblems(specs, names);
  if (problems.length === 0) return;
  throw new pulumi.RunError(
    `CloudWatch would refuse these alarms:\n${problems.map((line) => `- ${line}`).join("\n")}`,
  );
}

export interface AlarmTopicArgs {
  readonly context: Context;
  /** E-mail addresses and https:// addresses. An e-mail address has to confirm before it is told anything. */
  readonly subscriptions: readonly string[];
}

/** Where alarms are published: an encrypted topic to which only this account's CloudWatch alarms may write. */
export class AlarmTopic extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:monitoring:AlarmTopic", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const fromAlarms = {
      StringEquals: { "aws:SourceAccount": context.accountId },
      ArnLike: { "aws:SourceArn": arn(context, "cloudwatch", "alarm:*") },
    };
    // Without a grant in the key's own policy, alarms would change state without a notification (CloudWatch User Guide,
    // "Notifying users on alarm changes").
    const key = new EncryptionKey(
      `${name}-key`,
      {
        context,
        description: "Alarm messages of the auth service",
        grants: [
          {
            Sid: "AlarmsEncrypt",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
            Condition: { StringEquals: { "aws:SourceAccount": context.accountId } },
          },
        ],
      },
      parent,
    );
    const topic = new sns.Topic(
      name,
      { kmsMasterKeyId: key.arn, displayName: `${context.name} alarms`, tags: context.tags },
      parent,
    );
    new sns.TopicPolicy(
      `${name}-policy`,
      {
        arn: topic.arn,
        policy: policyDocument([
          {
            Sid: "AlarmsPublish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: fromAlarms,
          },
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ]),
      },
      parent,
    );
    for (const endpoint of args.subscriptions) {
      new sns.TopicSubscription(
        `${name}-to-${endpoint.replace(/[^\w.@-]+/g, "-")}`,
        { topic: topic.arn, protocol: endpoint.startsWith("https://") ? "https" : "email", endpoint },
        parent,
      );
    }
    this.arn = topic.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
