import { RDS_IDENTIFIER, RDS_PARAMETER_GROUP, RDS_SUBNET_GROUP } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

/** RDS instances, their groups, and RDS Proxy. */
export const rds: ServiceSemantics = {
  "aws:rds/instance:Instance": {
    required: words("instanceClass"),
    autoName: {
      property: "identifier",
      separator: "",
      maxLength: 63,
      unless: "identifierPrefix",
      rule: RDS_IDENTIFIER,
    },
    defaults: {
      applyImmediately: false,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: false,
      deleteAutomatedBackups: true,
      monitoringInterval: 0,
      performanceInsightsEnabled: false,
      publiclyAccessible: false,
      skipFinalSnapshot: false,
    },
    numbers: words(`
      allocatedStorage backupRetentionPeriod iops maxAllocatedStorage monitoringInterval
      performanceInsightsRetentionPeriod port
    `),
    computed: words(`
      address arn endpoint engineVersionActual hostedZoneId latestRestorableTime listenerEndpoints
      masterUserSecrets replicas resourceId status tagsAll upgradeRolloutOrder
    `),
    computedUnlessSet: words(`
      allocatedStorage availabilityZone backupRetentionPeriod backupTarget backupWindow caCertIdentifier
      characterSetName databaseInsightsMode dbName dbSubnetGroupName domainFqdn engine
      engineLifecycleSupport engineVersion identifierPrefix iops kmsKeyId licenseModel maintenanceWindow
      masterUserSecretKmsKeyId monitoringRoleArn multiAz ncharCharacterSetName networkType
      optionGroupName parameterGroupName performanceInsightsKmsKeyId performanceInsightsRetentionPeriod
      port region replicaMode snapshotIdentifier storageThroughput storageType timezone username
      vpcSecurityGroupIds
    `),
  },
  "aws:rds/parameterGroup:ParameterGroup": {
    required: words("family"),
    autoName: {
      property: "name",
      separator: "-",
      maxLength: 255,
      unless: "namePrefix",
      rule: RDS_PARAMETER_GROUP,
    },
    defaults: { description: "Managed by Pulumi", skipDestroy: false },
    nestedDefaults: { parameters: { applyMethod: "immediate" } },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("namePrefix region"),
  },
  "aws:rds/subnetGroup:SubnetGroup": {
    required: words("subnetIds"),
    autoName: {
      property: "name",
      separator: "-",
      maxLength: 255,
      unless: "namePrefix",
      rule: RDS_SUBNET_GROUP,
    },
    defaults: { description: "Managed by Pulumi" },
    computed: words("arn supportedNetworkTypes tagsAll vpcId"),
    computedUnlessSet: words("namePrefix region"),
  },
  "aws:rds/proxy:Proxy": {
    required: words("engineFamily roleArn vpcSubnetIds"),
    autoName: { property: "name", separator: "-", maxLength: 63, rule: RDS_IDENTIFIER },
    numbers: words("idleClientTimeout"),
    computed: words("arn endpoint tagsAll"),
    computedUnlessSet: words(`
      defaultAuthScheme endpointNetworkType idleClientTimeout region targetConnectionNetworkType
      vpcSecurityGroupIds
    `),
    nestedComputedUnlessSet: { auths: words("clientPasswordAuthType") },
  },
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
    required: words("dbProxyName"),
    nestedDefaults: {
      connectionPoolConfig: {
        connectionBorrowTimeout: 120,
        maxConnectionsPercent: 100,
        maxIdleConnectionsPercent: 50,
      },
    },
    computed: words("arn name"),
    computedUnlessSet: words("connectionPoolConfig region"),
  },
  "aws:rds/proxyEndpoint:ProxyEndpoint": {
    required: words("dbProxyEndpointName dbProxyName vpcSubnetIds"),
    defaults: { targetRole: "READ_WRITE" },
    computed: words("arn endpoint isDefault tagsAll vpcId"),
    computedUnlessSet: words("region vpcSecurityGroupIds"),
  },
  "aws:rds/proxyTarget:ProxyTarget": {
    required: words("dbProxyName targetGroupName"),
    computed: words("endpoint port rdsResourceId targetArn trackedClusterId type"),
    computedUnlessSet: words("region"),
  },
};

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
