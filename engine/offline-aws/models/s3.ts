import { type ResourceModel, type ServiceModels, text } from "./resourceState";

/** One aspect of a bucket: it has the bucket's own name as its id. */
const ASPECT: ResourceModel = {
  replaceOn: ["bucket", "expectedBucketOwner"],
  id: (inputs) => text(inputs, "bucket"),
  outputs: () => ({}),
};

/** Behaviour of buckets and of their aspects. */
export const s3: ServiceModels = {
  "aws:s3/bucket:Bucket": {
    replaceOn: ["bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled"],
    id: (inputs) => text(inputs, "bucket"),
    outputs: ({ id, region }) => ({
      arn: `arn:aws:s3:::${id}`,
      bucketDomainName: `${id}.s3.amazonaws.com`,
      bucketRegion: region,
      bucketRegionalDomainName: `${id}.s3.${region}.amazonaws.com`,
      // One zone for all: which it really is depends on the region and matters to website records alone.
      hostedZoneId: "Z3AQBSTGFYJSTF",
      objectLockEnabled: false,
      requestPayer: "BucketOwner",
      websiteDomain: "",
      websiteEndpoint: "",
    }),
  },
  "aws:s3/bucketPolicy:BucketPolicy": ASPECT,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ASPECT,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ASPECT,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    ...ASPECT,
    outputs: () => ({
      expectedBucketOwner: "",
      transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
    }),
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ASPECT,
  "aws:s3/bucketVersioning:BucketVersioning": {
    ...ASPECT,
    nestedOutputs: { versioningConfiguration: { mfaDelete: "" } },
  },
};
