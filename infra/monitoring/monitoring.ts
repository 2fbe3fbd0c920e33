import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import type { AlarmSpec } from "./alarmSpec";
import { AlarmTopic } from "./alarmTopic";
import { type ResourceNames, renderAlarm } from "./render";

export interface MonitoringArgs {
  readonly context: Context;
  readonly alarms: readonly AlarmSpec[];
  readonly resources: ResourceNames;
  /** Whom the alarms tell. */
  readonly subscriptions: readonly string[];
}

/** The alarms of a stack, and the topic they speak through. */
export class Monitoring extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:monitoring:Monitoring", name, {}, opts);
    const { context, resources } = args;
    const topic = new AlarmTopic(
      `${name}-alarms`,
      { context, subscriptions: args.subscriptions },
      { parent: this },
    );
    for (const spec of args.alarms) {
      new cloudwatch.MetricAlarm(
        `${name}-${spec.id}`,
        renderAlarm(spec, {
          alarmName: `${context.name}-${spec.id}`,
          resources,
          topicArn: topic.arn,
          tags: context.tags,
        }),
        { parent: this },
      );
    }
    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}
