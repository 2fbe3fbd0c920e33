import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../context";
import { policyDocument } from "../security/policy";

export interface AccessLogsArgs {
  readonly context: Context;
  /** Whether the bucket may only be deleted once it is empty. */
  readonly production: boolean;
  readonly retentionDays: number;
}

/**
 * The bucket for the load balancer's access logs.
 *
 * Encrypted with S3's own key: a load balancer cannot write to a bucket with any other (ELB User Guide, "Access
 * logs"). The bucket keeps no log of its own, which would be a log of the log.
 */
export class AccessLogs extends pulumi.ComponentResource {
  /** Writable once this component is there: depend on it. */
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("auth:service:AccessLogs", name, {}, opts);
    const { context } = args;
    const parent = { parent: this };
    const bucket = new s3.Bucket(name, { forceDestroy: !args.production, tags: context.tags }, parent);
    const of = { bucket: bucket.bucket };
    const closed = new s3.BucketPublicAccessBlock(
      `${name}-closed`,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      parent,
    );
    const versioning = new s3.BucketVersioning(
      `${name}-versioning`,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        ...of,
        rules: [
          {
            id: "expire",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: args.retentionDays },
            noncurrentVersionExpiration: { noncurrentDays: 7 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      { parent: this, dependsOn: [versioning] },
    );
    new s3.BucketPolicy(
      `${name}-policy`,
      { ...of, policy: bucketPolicy(context, bucket.bucket) },
      { parent: this, dependsOn: [closed] },
    );
    this.bucketName = bucket.bucket;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

function bucketPolicy(context: Context, bucketName: pulumi.Output<string>): pulumi.Output<string> {
  const { partition, region, accountId } = context;
  const bucketArn = pulumi.interpolate`arn:${partition}:s3:::${bucketName}`;
  return policyDocument([
    {
      Sid: "LoadBalancersOfThisAccountWrite",
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${accountId}/*`,
      Condition: {
        ArnLike: {
          "aws:SourceArn": `arn:${partition}:elasticloadbalancing:${region}:${accountId}:loadbalancer/*`,
        },
      },
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
}
