/** What a review asks AWS, by the names that IAM gives the questions, and what each is for. All of them only read. */
export const ACTIONS = {
  "rds:DescribeDBInstances": "class, version, parameter group and pending changes of the database",
  "rds:DescribeDBParameters": "the parameters of the group in force",
  "ecs:ListServices": "the name of the service, which Pulumi generates",
  "ecs:DescribeServices": "tasks, deployment bounds and tags of the service",
  "ecs:DescribeTaskDefinition": "the environment of the running tasks",
  "application-autoscaling:DescribeScalableTargets": "the bounds of autoscaling, and whether it is suspended",
  "application-autoscaling:DescribeScalingPolicies":
    "the metric that autoscaling tracks, and the load balancer's name",
  "cloudwatch:DescribeAlarms": "the alarms, their states and actions",
  "cloudwatch:GetMetricData": "the peaks of the last days",
} as const;

export type Action = keyof typeof ACTIONS;

const statement = (Sid: string, Action: readonly Action[], Resource: string | readonly string[]) =>
  ({ Sid, Effect: "Allow", Action, Resource }) as const;

/**
 * The least that a review of one stack needs. Where IAM knows no resource for an action, it is `*`: `DescribeAlarms` lists
 * composite alarms to no other resource, and metrics have no ARN (AWS, Service Authorization Reference).
 * @param stack.name - Of the database, its cluster and its alarms: `auth-prod`.
 */
export function iamPolicy(stack: {
  readonly region: string;
  readonly name: string;
  readonly database: string;
}) {
  const arn = (service: string, resource: string): string =>
    `arn:${partitionOf(stack.region)}:${service}:${stack.region}:*:${resource}`;
  return {
    Version: "2012-10-17",
    Statement: [
      // Whatever group is used in the place of the program's is to be read as well.
      statement(
        "Database",
        ["rds:DescribeDBInstances", "rds:DescribeDBParameters"],
        [arn("rds", `db:${stack.database}`), arn("rds", "pg:*")],
      ),
      statement("Service", ["ecs:DescribeServices"], arn("ecs", `service/${stack.name}/*`)),
      statement(
        "WhatHasNoResource",
        [
          "application-autoscaling:DescribeScalableTargets",
          "application-autoscaling:DescribeScalingPolicies",
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "ecs:DescribeTaskDefinition",
          "ecs:ListServices",
        ],
        "*",
      ),
    ],
  } as const;
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return "aws";
}
