import type * as pulumi from "@pulumi/pulumi";
import type { Context } from "../../infra/context";
import type { Statement } from "../../infra/security/policy";
import { inRegion, named } from "./deploying";

/** What Pulumi's AWS provider calls to read back each service's resources of the auth stack: for a drift, and before a change. */
export const READING: readonly string[] = [
  "application-autoscaling:Describe*",
  "application-autoscaling:ListTagsForResource",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetDashboard",
  "cloudwatch:ListTagsForResource",
  "ec2:Describe*",
  "ecs:Describe*",
  "ecs:ListTagsForResource",
  "elasticloadbalancing:Describe*",
  "iam:GetRole",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
  "iam:ListInstanceProfilesForRole",
  "iam:ListRolePolicies",
  "iam:ListRoleTags",
  "kms:DescribeKey",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListResourceTags",
  "logs:DescribeLogGroups",
  "logs:DescribeMetricFilters",
  "logs:ListTagsForResource",
  "rds:Describe*",
  "rds:ListTagsForResource",
  "sns:GetSubscriptionAttributes",
  "sns:GetTopicAttributes",
  "sns:ListTagsForResource",
  "ssm:DescribeParameters",
  "ssm:ListTagsForResource",
];

/** Settings of a bucket, never what is in it. */
export const READING_BUCKETS: readonly string[] = [
  "s3:GetAccelerateConfiguration",
  "s3:GetBucket*",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
  "s3:GetReplicationConfiguration",
  "s3:ListBucket",
];

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

/** Where Pulumi's state is, and the key that it is encrypted with. */
export interface StatePlace {
  readonly bucketArn: pulumi.Input<string>;
  /** Everything in the bucket: its ARN with a star behind it. */
  readonly objectsArn: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
}

/** Names that the auth stack's roles and buckets begin with: the logical names of its parts. */
const ROLE_NAMES = ["auth-*", "database-*", "migrations-roles-*", "network-*"] as const;
const BUCKET_NAMES = ["auth-*"] as const;

/** Services that the stack's roles are for: no other can be handed one. */
const ROLE_USERS = [
  "ecs-tasks.amazonaws.com",
  "monitoring.rds.amazonaws.com",
  "rds.amazonaws.com",
  "vpc-flow-logs.amazonaws.com",
] as const;

/** Reads the state and the resources, and changes neither. A preview takes no lock in a bucket. */
export function previewing({ partition }: Context, state: StatePlace): readonly Statement[] {
  return [
    { Sid: "ReadState", Action: "s3:GetObject", Resource: state.objectsArn },
    { Sid: "ListState", Action: "s3:ListBucket", Resource: state.bucketArn },
    // Secrets in the state and the stack's file: every role that may preview may read them.
    { Sid: "UnlockState", Action: ["kms:Decrypt", "kms:DescribeKey"], Resource: state.keyArn },
    { Sid: "Read", Action: READING, Resource: "*" },
    {
      Sid: "ReadBucketSettings",
      Action: READING_BUCKETS,
      Resource: BUCKET_NAMES.map((name) => `arn:${partition}:s3:::${name}`),
    },
    {
      Sid: "ReadHostParameter",
      Action: ["ssm:GetParameter", "ssm:GetParameters"],
      Resource: parameters(partition),
    },
  ];
}

/** Reads what runs and what was measured; of the state it sees nothing. */
export const reviewing: readonly Statement[] = [{ Sid: "Read", Action: REVIEWING, Resource: "*" }];

/** Deploys the auth stack: its types alone, its names where a service lets them be said, its region otherwise. */
export function deploying(context: Context, state: StatePlace): readonly Statement[] {
  const { partition, accountId, region } = context;
  const roles = ROLE_NAMES.map((name) => `arn:${partition}:iam::${accountId}:role/${name}`);
  return [
    {
      Sid: "KeepState",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
      Resource: state.objectsArn,
    },
    { Sid: "ListState", Action: "s3:ListBucket", Resource: state.bucketArn },
    {
      Sid: "LockAndUnlockState",
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
      Resource: state.keyArn,
    },
    { Sid: "Read", Action: READING, Resource: "*" },
    {
      Sid: "Deploy",
      Action: inRegion,
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    { Sid: "Roles", Action: named("iam"), Resource: roles },
    {
      Sid: "HandRolesOver",
      Action: "iam:PassRole",
      Resource: roles,
      Condition: { StringEquals: { "iam:PassedToService": ROLE_USERS } },
    },
    {
      Sid: "Buckets",
      Action: [...READING_BUCKETS, ...named("s3")],
      Resource: BUCKET_NAMES.map((name) => `arn:${partition}:s3:::${name}`),
    },
    { Sid: "Parameters", Action: named("ssm"), Resource: parameters(partition) },
    {
      Sid: "UseKeysOfTheStack",
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      // RDS and CloudWatch Logs call with the deployer's permission; no person decrypts through this.
      Condition: { StringLike: { "kms:ViaService": `*.${region}.amazonaws.com` } },
    },
    {
      Sid: "ServiceLinkedRoles",
      Action: "iam:CreateServiceLinkedRole",
      Resource: `arn:${partition}:iam::${accountId}:role/aws-service-role/*`,
      Condition: {
        StringEquals: {
          "iam:AWSServiceName": [
            "ecs.amazonaws.com",
            "ecs.application-autoscaling.amazonaws.com",
            "elasticloadbalancing.amazonaws.com",
            "rds.amazonaws.com",
          ],
        },
      },
    },
  ];
}

const parameters = (partition: string): string => `arn:${partition}:ssm:*:*:parameter/auth/*`;
