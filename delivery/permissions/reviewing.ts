/** What `npm run review` asks AWS: measurements, and things as they run. A test holds it against the review's own list. */
export const REVIEWING: readonly string[] = [
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingPolicies",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "ecs:DescribeServices",
  "ecs:DescribeTaskDefinition",
  "ecs:ListServices",
  "rds:DescribeDBInstances",
  "rds:DescribeDBParameters",
];
