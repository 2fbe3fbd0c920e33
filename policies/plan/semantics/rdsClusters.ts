import { RDS_PARAMETER_GROUP } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/**
 * Aurora and Multi-AZ clusters. Their identifiers are the one name here that Pulumi does not make: the provider's
 * `tf-…` appears at creation (pulumi-aws, pull request 1301), so a preview does not know it.
 */
export const rdsClusters: ServiceSemantics = {
  "aws:rds/cluster:Cluster": {
    required: words("engine"),
    defaults: {
      copyTagsToSnapshot: false,
      deleteAutomatedBackups: true,
      enableGlobalWriteForwarding: false,
      enableHttpEndpoint: false,
      enableLocalWriteForwarding: false,
      engineMode: "provisioned",
      skipFinalSnapshot: false,
    },
    nestedDefaults: {
      scalingConfiguration: {
        autoPause: true,
        maxCapacity: 16,
        minCapacity: 1,
        secondsBeforeTimeout: 300,
        timeoutAction: "RollbackCapacityChange",
      },
    },
    nestedComputedUnlessSet: { serverlessv2ScalingConfiguration: words("secondsUntilAutoPause") },
    numbers: words(`
      allocatedStorage backtrackWindow backupRetentionPeriod iops monitoringInterval
      performanceInsightsRetentionPeriod port
    `),
    computed: words(`
      arn caCertificateValidTill clusterResourceId endpoint engineVersionActual hostedZoneId
      masterUserSecrets readerEndpoint tagsAll upgradeRolloutOrder
    `),
    computedUnlessSet: words(`
      allocatedStorage applyImmediately autoMinorVersionUpgrade availabilityZones backupRetentionPeriod
      caCertificateIdentifier clusterIdentifier clusterIdentifierPrefix clusterMembers
      clusterScalabilityType databaseInsightsMode databaseName dbClusterParameterGroupName
      dbSubnetGroupName dbSystemId engineLifecycleSupport engineVersion iamRoles kmsKeyId
      masterUserSecretKmsKeyId masterUsername monitoringInterval monitoringRoleArn networkType
      performanceInsightsKmsKeyId performanceInsightsRetentionPeriod port preferredBackupWindow
      preferredMaintenanceWindow region storageEncrypted storageType vpcSecurityGroupIds
    `),
  },
  "aws:rds/clusterInstance:ClusterInstance": {
    required: words("clusterIdentifier engine instanceClass"),
    defaults: {
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: false,
      forceDestroy: false,
      monitoringInterval: 0,
      promotionTier: 0,
    },
    numbers: words("monitoringInterval performanceInsightsRetentionPeriod promotionTier"),
    computed: words(`
      arn dbiResourceId endpoint engineVersionActual kmsKeyId networkType port storageEncrypted tagsAll
      writer
    `),
    computedUnlessSet: words(`
      applyImmediately availabilityZone caCertIdentifier dbParameterGroupName dbSubnetGroupName
      engineVersion identifier identifierPrefix monitoringRoleArn performanceInsightsEnabled
      performanceInsightsKmsKeyId performanceInsightsRetentionPeriod preferredBackupWindow
      preferredMaintenanceWindow publiclyAccessible region
    `),
  },
  "aws:rds/clusterEndpoint:ClusterEndpoint": {
    required: words("clusterEndpointIdentifier clusterIdentifier customEndpointType"),
    computed: words("arn endpoint tagsAll"),
    computedUnlessSet: words("region"),
  },
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
    required: words("family"),
    autoName: {
      property: "name",
      separator: "-",
      maxLength: 255,
      unless: "namePrefix",
      rule: RDS_PARAMETER_GROUP,
    },
    defaults: { description: "Managed by Pulumi" },
    nestedDefaults: { parameters: { applyMethod: "immediate" } },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("namePrefix region"),
  },
};
