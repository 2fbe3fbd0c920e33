import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { policyDocument, type Statement } from "./policy";

export interface EncryptionKeyArgs {
  readonly context: Context;
  /** What is encrypted with it. */
  readonly description: string;
  /**
   * Services that use the key on their own behalf. In a key policy `Resource: "*"` means this one key.
   * @default none: principals of the account use it as their own policies allow
   */
  readonly grants?: readonly Statement[];
}

/**
 * A KMS key of our own, renewed each year. About 1 USD a month.
 *
 * The account itself may do anything with the key, which hands the decision to IAM policies (KMS Developer Guide,
 * default key policy); without that statement a lost role would lock everybody out for good.
 */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:security:EncryptionKey", name, {}, opts);
    const { context, description, grants = [] } = args;
    const key = new kms.Key(
      name,
      {
        description,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: policyDocument([
          {
            Sid: "AccountDecidesByIam",
            Principal: { AWS: `arn:${context.partition}:iam::${context.accountId}:root` },
            Action: "kms:*",
            Resource: "*",
          },
          ...grants,
        ]),
        tags: context.tags,
      },
      { parent: this },
    );
    new kms.Alias(
      `${name}-alias`,
      { name: `alias/${context.name}-${name}`, targetKeyId: key.keyId },
      { parent: this },
    );
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/**
 * Lets CloudWatch Logs encrypt the log groups of one name prefix (CloudWatch Logs User Guide, "Encrypt log data").
 * The star at the end stands for the rest of a group's name.
 */
export function logsGrant(context: Context, groupPrefixes: readonly string[]): readonly Statement[] {
  return groupPrefixes.map((prefix, index) => ({
    Sid: `CloudWatchLogs${index}`,
    Principal: { Service: `logs.${context.region}.amazonaws.com` },
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": `arn:${context.partition}:logs:${context.region}:${context.accountId}:log-group:${prefix}*`,
      },
    },
  }));
}
