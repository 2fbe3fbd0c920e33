import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import type { Context } from "../infra/context";
import { EncryptionKey } from "../infra/security/encryptionKey";
import { policyDocument } from "../infra/security/policy";

/** How long a state that was written over can be had back. */
const KEPT_DAYS = 90;

/**
 * The bucket of Pulumi's state and the key for it and for the secrets in it.
 *
 * Every version is kept for a while: a state that was lost or broken is taken back from there (docs/guides/rollback.md).
 * Protected, because with it goes Pulumi's knowledge of everything it has made.
 */
export class StateStore extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;

  constructor(
    name: string,
    { context }: { readonly context: Context },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("auth:delivery:StateStore", name, {}, opts);
    const parent = { parent: this };
    const key = new EncryptionKey(
      `${name}-key`,
      { context, description: "Pulumi's state and its secrets" },
      parent,
    );
    const bucket = new s3.Bucket(
      name,
      { bucketPrefix: `${context.name}-state-`, tags: context.tags },
      { parent: this, protect: true },
    );
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
      {
        ...of,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            bucketKeyEnabled: true,
          },
        ],
      },
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
            id: "forget-old-versions",
            status: "Enabled",
            filter: { prefix: "" },
            noncurrentVersionExpiration: { noncurrentDays: KEPT_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ],
      },
      { parent: this, dependsOn: [versioning] },
    );
    new s3.BucketPolicy(
      `${name}-policy`,
      {
        ...of,
        policy: policyDocument([
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ]),
      },
      { parent: this, dependsOn: [closed] },
    );
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    this.keyArn = key.arn;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
