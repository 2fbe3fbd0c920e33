/** What a review asks AWS, by the names that IAM gives the questions, and what each is for. All of them only read. */
export const ACTIONS = {
  "rds:DescribeDBInstances": "class, version, parameter group and pending changes of the database",
  "rds:DescribeDBParameters": "the parameters of the group in force",
  "ecs:ListServices": "the service's name, which Pulumi generates",
  "ecs:DescribeServices": "tasks, deployment bounds and tags of the service",
  "ecs:DescribeTaskDefinition": "the environment that the running tasks were given",
  "application-autoscaling:DescribeScalableTargets": "the bounds of autoscaling, and whether it is suspended",
  "application-autoscaling:DescribeScalingPolicies": "what autoscaling follows, and the load balancer's name",
  "cloudwatch:DescribeAlarms": "the alarms, their states and actions",
  "cloudwatch:GetMetricData": "the peaks of the last days",
} as const;

export type Action = keyof typeof ACTIONS;

export interface PolicyNames {
  readonly region: string;
  /** Of the database, its cluster and its alarms: `auth-prod`. */
  readonly name: string;
  readonly database: string;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly Action[];
  readonly Resource: string | readonly string[];
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * The least that a review of one stack needs. Where IAM knows no resource for an action, it is `*`: `DescribeAlarms` lists
 * composite alarms to nobody else, and metrics have no ARN (AWS, Service Authorization Reference).
 */
export function iamPolicy(names: PolicyNames): PolicyDocument {
  const arn = (service: string, resource: string) =>
    `arn:${partitionOf(names.region)}:${service}:${names.region}:*:${resource}`;
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Database",
        Effect: "Allow",
        Action: ["rds:DescribeDBInstances", "rds:DescribeDBParameters"],
        // Whatever group a hand has put in the place of the program's is to be read as well.
        Resource: [arn("rds", `db:${names.database}`), arn("rds", "pg:*")],
      },
      {
        Sid: "Service",
        Effect: "Allow",
        Action: ["ecs:DescribeServices"],
        Resource: arn("ecs", `service/${names.name}/*`),
      },
      {
        Sid: "WhatHasNoResource",
        Effect: "Allow",
        Action: [
          "application-autoscaling:DescribeScalableTargets",
          "application-autoscaling:DescribeScalingPolicies",
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "ecs:DescribeTaskDefinition",
          "ecs:ListServices",
        ],
        Resource: "*",
      },
    ],
  };
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return "aws";
}
