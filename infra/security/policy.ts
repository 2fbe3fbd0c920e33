import * as pulumi from "@pulumi/pulumi";
import { arn, type Context } from "../context";

/** One statement of an IAM, key, topic or bucket policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect?: "Allow" | "Deny";
  readonly Principal?: "*" | { readonly [kind: string]: string };
  readonly Action: string | readonly string[];
  readonly Resource?: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: {
    readonly [operator: string]: { readonly [key: string]: pulumi.Input<string> | readonly string[] };
  };
}

/** A policy document; what has no effect of its own allows. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });
}

/**
 * Lets an AWS service assume a role, but only when it acts for this account: without the condition another
 * account's resource could borrow the role through the service (the confused deputy, IAM User Guide).
 * @param source - Which of this account's resources may stand behind the call, such as `ecs` and `*`.
 */
export function assumedBy(
  context: Context,
  service: string,
  source?: { readonly service: string; readonly resource: string },
): pulumi.Output<string> {
  return policyDocument([
    {
      Action: "sts:AssumeRole",
      Principal: { Service: service },
      Condition: {
        StringEquals: { "aws:SourceAccount": context.accountId },
        ...(source && { ArnLike: { "aws:SourceArn": arn(context, source.service, source.resource) } }),
      },
    },
  ]);
}
