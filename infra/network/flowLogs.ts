import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { assumedBy, policyDocument } from "../security/policy";

export interface FlowLogsArgs {
  readonly context: Context;
  readonly vpcId: pulumi.Input<string>;
  /** Encrypts the log group. */
  readonly keyArn: pulumi.Input<string>;
  readonly retentionDays: number;
}

/** Records every connection into, out of and inside the VPC, accepted or refused. */
export class FlowLogs extends pulumi.ComponentResource {
  constructor(name: string, args: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:network:FlowLogs", name, {}, opts);
    const { context } = args;
    const logGroup = new cloudwatch.LogGroup(
      name,
      {
        name: `/auth/${context.name}/flow-logs`,
        kmsKeyId: args.keyArn,
        retentionInDays: args.retentionDays,
        tags: context.tags,
      },
      { parent: this },
    );
    const role = new iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: assumedBy(context, "vpc-flow-logs.amazonaws.com", {
          service: "ec2",
          resource: "vpc-flow-log/*",
        }),
        tags: context.tags,
      },
      { parent: this },
    );
    new iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: policyDocument([
          {
            Action: [
              "logs:CreateLogStream",
              "logs:PutLogEvents",
              "logs:DescribeLogGroups",
              "logs:DescribeLogStreams",
            ],
            Resource: pulumi.interpolate`${logGroup.arn}:*`,
          },
        ]),
      },
      { parent: this },
    );
    new ec2.FlowLog(
      `${name}-flow-log`,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: logGroup.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags: context.tags,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
