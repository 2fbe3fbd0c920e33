import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import type { AlarmSpec } from "./alarmSpec";
import { AlarmTopic } from "./alarmTopic";
import { alarmsNamed, inOrderOfReading } from "./order";
import { type ResourceNames, renderCompositeAlarm, renderMetricAlarm } from "./render";

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
    const input = {
      prefix: context.name,
      stack: pulumi.getStack(),
      resources,
      topicArn: topic.arn,
      tags: context.tags,
    };
    // A composite names others, and CloudWatch refuses one that names what does not exist.
    const made = new Map<string, pulumi.Resource>();
    for (const spec of inOrderOfReading(args.alarms)) {
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
    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}
