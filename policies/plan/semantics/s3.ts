import { S3_BUCKET } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** Buckets, each aspect its own resource. */
export const s3: ServiceSemantics = {
  "aws:s3/bucket:Bucket": {
    required: [],
    autoName: {
      property: "bucket",
      separator: "-",
      maxLength: 63,
      lowercase: true,
      unless: "bucketPrefix",
      rule: S3_BUCKET,
    },
    defaults: { forceDestroy: false },
    documents: words("policy"),
    computed: words(`
      arn bucketDomainName bucketRegion bucketRegionalDomainName hostedZoneId tagsAll websiteDomain
      websiteEndpoint
    `),
    computedUnlessSet: words(`
      accelerationStatus acl bucketNamespace bucketPrefix corsRules grants lifecycleRules logging
      objectLockConfiguration objectLockEnabled policy region replicationConfiguration requestPayer
      serverSideEncryptionConfiguration versioning website
    `),
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    required: words("bucket policy"),
    documents: words("policy"),
    computed: [],
    computedUnlessSet: words("region"),
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    required: words("bucket"),
    defaults: {
      blockPublicAcls: false,
      blockPublicPolicy: false,
      ignorePublicAcls: false,
      restrictPublicBuckets: false,
    },
    computed: [],
    computedUnlessSet: words("region"),
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    required: words("bucket rules"),
    computed: [],
    computedUnlessSet: words("region"),
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    required: words("bucket"),
    computed: [],
    computedUnlessSet: words("expectedBucketOwner region transitionDefaultMinimumObjectSize"),
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    required: words("bucket rule"),
    computed: [],
    computedUnlessSet: words("region"),
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    required: words("bucket versioningConfiguration"),
    computed: [],
    computedUnlessSet: words("region"),
    nestedComputedUnlessSet: { versioningConfiguration: words("mfaDelete") },
  },
};
