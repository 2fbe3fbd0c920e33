import { IAM_NAME, KMS_ALIAS, S3_BUCKET, SNS_TOPIC } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** CloudWatch alarms, dashboards, log groups and metric filters. */
export const cloudwatch: ServiceSemantics = {
  "aws:cloudwatch/logGroup:LogGroup": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    defaults: { retentionInDays: 0, skipDestroy: false },
    numbers: words("retentionInDays"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("deletionProtectionEnabled logGroupClass namePrefix region"),
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255 },
    defaults: { actionsEnabled: true, treatMissingData: "missing" },
    numbers: words("datapointsToAlarm evaluationPeriods period threshold"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("evaluateLowSampleCountPercentiles region"),
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    required: words("alarmName alarmRule"),
    defaults: { actionsEnabled: true },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("region"),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    required: words("dashboardBody dashboardName"),
    computed: words("dashboardArn"),
    computedUnlessSet: words("region"),
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    required: words("logGroupName metricTransformation pattern"),
    autoName: { property: "name", separator: "-", maxLength: 255 },
    nestedDefaults: { metricTransformation: { unit: "None" } },
    computed: [],
    computedUnlessSet: words("applyOnTransformedLogs region"),
  },
};

/** Roles and their policies. */
export const iam: ServiceSemantics = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    required: words("clientIdLists url"),
    computed: words("arn tagsAll"),
    computedUnlessSet: words("thumbprintLists"),
  },
  "aws:iam/role:Role": {
    required: words("assumeRolePolicy"),
    autoName: { property: "name", separator: "-", maxLength: 64, unless: "namePrefix", rule: IAM_NAME },
    defaults: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
    documents: words("assumeRolePolicy"),
    computed: words("arn createDate tagsAll uniqueId"),
    computedUnlessSet: words("inlinePolicies managedPolicyArns namePrefix"),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    required: words("policy role"),
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    documents: words("policy"),
    computed: [],
    computedUnlessSet: words("namePrefix"),
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    required: words("policyArn role"),
    computed: [],
    computedUnlessSet: words(""),
  },
};

/** Encryption keys. */
export const kms: ServiceSemantics = {
  "aws:kms/key:Key": {
    required: [],
    defaults: {
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      enableKeyRotation: false,
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
    },
    computed: words("arn keyId tagsAll"),
    computedUnlessSet: words("description multiRegion policy region rotationPeriodInDays"),
  },
  "aws:kms/alias:Alias": {
    required: words("targetKeyId"),
    autoName: {
      property: "name",
      separator: "-",
      maxLength: 238,
      prefix: "alias/",
      unless: "namePrefix",
      rule: KMS_ALIAS,
    },
    computed: words("arn targetKeyArn"),
    computedUnlessSet: words("namePrefix region"),
  },
};

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

/** Secrets. */
export const secretsmanager: ServiceSemantics = {
  "aws:secretsmanager/secret:Secret": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    defaults: { forceOverwriteReplicaSecret: false, recoveryWindowInDays: 30 },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("namePrefix policy region"),
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    required: words("secretId"),
    computed: words("arn hasSecretStringWo secretArn versionId"),
    computedUnlessSet: words("region versionStages"),
  },
};

/** Notification topics. */
export const sns: ServiceSemantics = {
  "aws:sns/topic:Topic": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 80, unless: "namePrefix", rule: SNS_TOPIC },
    defaults: { contentBasedDeduplication: false, fifoTopic: false },
    computed: words("arn beginningArchiveTime owner tagsAll"),
    computedUnlessSet: words(`
      fifoThroughputScope namePrefix policy region signatureVersion tracingConfig
    `),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    required: words("arn policy"),
    documents: words("policy"),
    computed: words("owner"),
    computedUnlessSet: words("region"),
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    required: words("endpoint protocol topic"),
    defaults: { confirmationTimeoutInMinutes: 1, endpointAutoConfirms: false, rawMessageDelivery: false },
    computed: words("arn confirmationWasAuthenticated ownerId pendingConfirmation"),
    computedUnlessSet: words("filterPolicyScope region"),
  },
};

/** Parameters. The name is required by AWS and generated by Pulumi. */
export const ssm: ServiceSemantics = {
  "aws:ssm/parameter:Parameter": {
    required: words("type"),
    autoName: { property: "name", separator: "-", maxLength: 255 },
    computed: words("hasValueWo tagsAll version"),
    computedUnlessSet: words("arn dataType insecureValue keyId region tier value"),
  },
};
