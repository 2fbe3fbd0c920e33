import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Context } from "../context";
import { EncryptionKey } from "../security/encryptionKey";
import { policyDocument } from "../security/policy";

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
    // Without a grant in the key's own policy, alarms would change state and tell nobody (CloudWatch User Guide,
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
