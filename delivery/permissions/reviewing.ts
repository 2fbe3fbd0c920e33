/** What a review of a deployed stack reads beside its resources: measurements, and tasks as they run. */
export const REVIEWING: readonly string[] = [
  "application-autoscaling:Describe*",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "cloudwatch:GetMetricStatistics",
  "cloudwatch:ListMetrics",
  "ecs:Describe*",
  "ecs:List*",
  "elasticloadbalancing:Describe*",
  "rds:Describe*",
  "rds:ListTagsForResource",
];
