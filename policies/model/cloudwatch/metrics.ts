/**
 * Metrics that AWS publishes for what poolproof reads: databases, proxies, load balancers, services. Names and what
 * each counts are those of the pages "Amazon CloudWatch metrics for Amazon RDS" and "… for Amazon Aurora", "Monitoring
 * RDS Proxy metrics", "CloudWatch metrics for your Application Load Balancer", "Amazon ECS CloudWatch metrics" and
 * "Container Insights metrics for Amazon ECS".
 */
export interface AwsMetric {
  readonly namespace: string;
  readonly name: string;
  /**
   * `gauge`: how much there is at a moment, so that samples must not be added up. `count`: how often since the last
   * sample, which only a sum makes whole. `duration`: one sample an event.
   */
  readonly kind: "gauge" | "count" | "duration";
  readonly of: MetricSubject;
  /** The least and the most that it can be; infinite where nothing bounds it. */
  readonly least: number;
  readonly most: number;
  /** Whether it is a percentage. */
  readonly isPercent: boolean;
  /** Whether AWS's own alarm recommendations leave missing data missing: it is absent at rest. */
  readonly isAbsentAtRest: boolean;
}

export type MetricSubject = "database" | "proxy" | "loadBalancer" | "targetGroup" | "service";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

interface Group {
  readonly namespace: string;
  readonly of: MetricSubject;
  readonly kind: AwsMetric["kind"];
  readonly names: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    namespace: "AWS/RDS",
    of: "database",
    kind: "gauge",
    names: words(`
      DatabaseConnections CPUUtilization FreeableMemory FreeStorageSpace DBLoad DBLoadCPU DBLoadNonCPU
      DBLoadRelativeToNumVCPUs BinLogDiskUsage BurstBalance CheckpointLag ConnectionAttempts CPUCreditUsage
      CPUCreditBalance CPUSurplusCreditBalance CPUSurplusCreditsCharged DiskQueueDepth DiskQueueDepthLogVolume
      EBSByteBalance% EBSIOBalance% FailedSQLServerAgentJobsCount FreeLocalStorage FreeLocalStoragePercent
      FreeStorageSpaceLogVolume IamDbAuthConnectionRequests MaximumUsedTransactionIDs NetworkReceiveThroughput
      NetworkTransmitThroughput OldestLogicalReplicationSlotLag OldestReplicationSlotLag ReadIOPS
      ReadIOPSLocalStorage ReadIOPSLogVolume ReadLatency ReadLatencyLocalStorage ReadLatencyLogVolume ReadThroughput
      ReadThroughputLocalStorage ReadThroughputLogVolume ReplicaLag ReplicationChannelLag ReplicationSlotDiskUsage
      SwapUsage TransactionLogsDiskUsage TransactionLogsGeneration WriteIOPS WriteIOPSLocalStorage
      WriteIOPSLogVolume WriteLatency WriteLatencyLocalStorage WriteLatencyLogVolume WriteThroughput
      WriteThroughputLocalStorage WriteThroughputLogVolume
      ACUUtilization AbortedClients ActiveTransactions AuroraBinlogReplicaLag AuroraDMLRejectedMasterFull
      AuroraDMLRejectedWriterFull AuroraEstimatedSharedMemoryBytes AuroraGlobalDBDataTransferBytes
      AuroraGlobalDBProgressLag AuroraGlobalDBReplicatedWriteIO AuroraGlobalDBReplicationLag AuroraGlobalDBRPOLag
      AuroraMemoryHealthState AuroraMemoryNumDeclinedSqlTotal AuroraMemoryNumKillConnTotal
      AuroraMemoryNumKillQueryTotal AuroraOptimizedReadsCacheHitRatio AuroraReplicaLag AuroraReplicaLagMaximum
      AuroraReplicaLagMinimum AuroraSlowConnectionHandleCount AuroraSlowHandshakeCount AuroraVolumeBytesLeftTotal
      BacktrackChangeRecordsCreationRate BacktrackChangeRecordsStored BacktrackWindowActual BacktrackWindowAlert
      BackupRetentionPeriodStorageUsed BlockedTransactions BufferCacheHitRatio CommitLatency CommitThroughput
      DDLLatency DDLThroughput Deadlocks DeleteLatency DeleteThroughput DMLLatency DMLThroughput EngineUptime
      FreeEphemeralStorage InsertLatency InsertThroughput LoginFailures NetworkThroughput NumBinaryLogFiles
      PurgeBoundary PurgeFinishedPoint Queries RDSToAuroraPostgreSQLReplicaLag ReadIOPSEphemeralStorage
      ReadLatencyEphemeralStorage ReadThroughputEphemeralStorage ResultSetCacheHitRatio
      RollbackSegmentHistoryListLength RowLockTime SelectLatency SelectThroughput ServerlessDatabaseCapacity
      SnapshotStorageUsed StorageNetworkReceiveThroughput StorageNetworkThroughput StorageNetworkTransmitThroughput
      SumBinaryLogSize TempStorageIOPS TempStorageThroughput TotalBackupStorageBilled TransactionAgeMaximum
      TruncateFinishedPoint UpdateLatency UpdateThroughput VolumeBytesUsed VolumeReadIOPs VolumeWriteIOPs
      WriteIOPSEphemeralStorage WriteLatencyEphemeralStorage WriteThroughputEphemeralStorage
    `),
  },
  {
    namespace: "AWS/RDS",
    of: "proxy",
    kind: "gauge",
    names: words(`
      AvailabilityPercentage ClientConnections ClientConnectionsNoTLS ClientConnectionsTLS
      DatabaseConnectionsCurrentlyBorrowed DatabaseConnectionsCurrentlyInTransaction
      DatabaseConnectionsCurrentlySessionPinned DatabaseConnectionsWithTLS MaxDatabaseConnectionsAllowed
    `),
  },
  {
    namespace: "AWS/RDS",
    of: "proxy",
    kind: "count",
    names: words(`
      ClientConnectionsClosed ClientConnectionsReceived ClientConnectionsSetupFailedAuth
      ClientConnectionsSetupSucceeded DatabaseConnectionRequests DatabaseConnectionRequestsWithTLS
      DatabaseConnectionsSetupFailed DatabaseConnectionsSetupSucceeded QueryRequests QueryRequestsNoTLS
      QueryRequestsTLS
    `),
  },
  {
    namespace: "AWS/RDS",
    of: "proxy",
    kind: "duration",
    names: words("DatabaseConnectionsBorrowLatency QueryDatabaseResponseLatency QueryResponseLatency"),
  },
  {
    namespace: "AWS/ApplicationELB",
    of: "loadBalancer",
    kind: "count",
    names: words(`
      ActiveConnectionCount ClientTLSNegotiationErrorCount ConsumedLCUs PeakLCUs
      DesyncMitigationMode_NonCompliant_Request_Count DroppedInvalidHeaderRequestCount ELBAuthError ELBAuthFailure
      ELBAuthRefreshTokenSuccess ELBAuthSuccess ELBAuthUserClaimsSizeExceeded ForwardedInvalidHeaderRequestCount
      GrpcRequestCount HTTP_Fixed_Response_Count HTTP_Redirect_Count HTTP_Redirect_Url_Limit_Exceeded_Count
      HTTPCode_ELB_3XX_Count HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count HTTPCode_ELB_500_Count
      HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count HTTPCode_ELB_504_Count HTTPCode_Target_2XX_Count
      HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count IPv6ProcessedBytes
      IPv6RequestCount LambdaInternalError LambdaTargetProcessedBytes LambdaUserError LowReputationPacketsDropped
      LowReputationRequestsDenied NewConnectionCount NonStickyRequestCount ProcessedBytes RejectedConnectionCount
      RequestCount RuleEvaluations TargetConnectionErrorCount TargetTLSNegotiationErrorCount
      UnhealthyRoutingRequestCount
    `),
  },
  {
    namespace: "AWS/ApplicationELB",
    of: "targetGroup",
    kind: "gauge",
    names: words(`
      AnomalousHostCount HealthyHostCount HealthyStateDNS HealthyStateRouting MitigatedHostCount UnHealthyHostCount
      UnhealthyStateDNS UnhealthyStateRouting ZonalShiftedHostCount
    `),
  },
  { namespace: "AWS/ApplicationELB", of: "targetGroup", kind: "count", names: ["RequestCountPerTarget"] },
  {
    namespace: "AWS/ApplicationELB",
    of: "loadBalancer",
    kind: "duration",
    names: words("TargetResponseTime ELBAuthLatency"),
  },
  {
    namespace: "AWS/ECS",
    of: "service",
    kind: "gauge",
    names: words(`
      CPUReservation CPUUtilization EBSFilesystemUtilization GPUReservation MemoryReservation MemoryUtilization
    `),
  },
  {
    namespace: "AWS/ECS",
    of: "service",
    kind: "count",
    names: words(`
      ActiveConnectionCount ClientTLSNegotiationErrorCount GrpcRequestCount HTTPCode_Target_2XX_Count
      HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count NewConnectionCount
      ProcessedBytes RequestCount RequestCountPerTarget TargetProcessedBytes TargetTLSNegotiationErrorCount
    `),
  },
  { namespace: "AWS/ECS", of: "service", kind: "duration", names: ["TargetResponseTime"] },
  {
    namespace: "ECS/ContainerInsights",
    of: "service",
    kind: "gauge",
    names: words(`
      ContainerCpuReserved ContainerCpuUtilization ContainerCpuUtilized ContainerInstanceCount
      ContainerMemoryReserved ContainerMemoryUtilization ContainerMemoryUtilized CpuReserved CpuUtilized
      DeploymentCount DesiredTaskCount EBSFilesystemSize EBSFilesystemUtilized EphemeralStorageReserved
      EphemeralStorageUtilized MemoryReserved MemoryUtilized NetworkRxBytes NetworkTxBytes PendingTaskCount
      RunningTaskCount ServiceCount StorageReadBytes StorageWriteBytes TaskCount TaskCpuUtilization
      TaskEphemeralStorageUtilization TaskMemoryUtilization TaskSetCount UnHealthyContainerHealthStatus
      instance_filesystem_utilization
    `),
  },
  { namespace: "ECS/ContainerInsights", of: "service", kind: "count", names: ["RestartCount"] },
];

/** Percentages that cannot be more than 100: a task on Fargate or EC2 may use more CPU than it reserved. */
const AT_MOST_100 = new Set(
  words(`
    AWS/RDS:CPUUtilization AWS/RDS:BurstBalance AWS/RDS:EBSByteBalance% AWS/RDS:EBSIOBalance% AWS/RDS:ACUUtilization
    AWS/RDS:BufferCacheHitRatio AWS/RDS:ResultSetCacheHitRatio AWS/RDS:AuroraOptimizedReadsCacheHitRatio
    AWS/RDS:FreeLocalStoragePercent AWS/RDS:AvailabilityPercentage AWS/ECS:CPUReservation AWS/ECS:MemoryReservation
    AWS/ECS:EBSFilesystemUtilization ECS/ContainerInsights:TaskEphemeralStorageUtilization
    ECS/ContainerInsights:instance_filesystem_utilization
  `),
);

/** A replica says −1 where it does not replicate. */
const FROM_MINUS_1 = new Set(
  words("ReplicaLag AuroraBinlogReplicaLag ReplicationChannelLag OldestReplicationSlotLag"),
);

/** AWS: "Recommended alarms", the metrics whose missing data it treats as missing. */
const ABSENT_AT_REST = new Set(
  words(`
    AWS/RDS:DBLoad AWS/RDS:DBLoadCPU AWS/RDS:DBLoadNonCPU AWS/RDS:DBLoadRelativeToNumVCPUs AWS/RDS:EBSByteBalance%
    AWS/RDS:EBSIOBalance% AWS/RDS:FreeLocalStorage AWS/RDS:MaximumUsedTransactionIDs AWS/RDS:ReadLatency
    AWS/RDS:WriteLatency AWS/RDS:BufferCacheHitRatio AWS/RDS:StorageNetworkThroughput AWS/ECS:TargetResponseTime
    AWS/ECS:EBSFilesystemUtilization
  `),
);

const key = (namespace: string, name: string): string => `${namespace}:${name}`;

const METRICS: ReadonlyMap<string, AwsMetric> = new Map(
  GROUPS.flatMap(({ namespace, of, kind, names }) =>
    names.map((name): [string, AwsMetric] => {
      const id = key(namespace, name);
      const isPercent = AT_MOST_100.has(id);
      return [
        id,
        {
          namespace,
          name,
          kind,
          of,
          least: FROM_MINUS_1.has(name) ? -1 : 0,
          most: isPercent ? 100 : Number.POSITIVE_INFINITY,
          isPercent,
          isAbsentAtRest: ABSENT_AT_REST.has(id),
        },
      ];
    }),
  ),
);

const NAMESPACES = [...new Set(GROUPS.map(({ namespace }) => namespace))];

export const findAwsMetric = (namespace: string, name: string): AwsMetric | undefined =>
  METRICS.get(key(namespace, name));

/** The namespace that is meant, letter case and a missing `AWS/` aside: CloudWatch tells `AWS/Rds` from `AWS/RDS`. */
export function namespaceMeant(text: string): string | undefined {
  const bare = (name: string): string => name.toLowerCase().replace(/^aws\//, "");
  return NAMESPACES.find((namespace) => bare(namespace) === bare(text));
}

export const namesInNamespace = (namespace: string): readonly string[] =>
  [...METRICS.values()].flatMap((metric) => (metric.namespace === namespace ? [metric.name] : []));

/** Namespaces that have a metric of this name. */
export const namespacesOf = (name: string): readonly string[] =>
  NAMESPACES.filter((namespace) => METRICS.has(key(namespace, name)));

interface DimensionSet {
  /** One of these sets must be there whole. */
  readonly required: readonly (readonly string[])[];
  /** What may stand beside it. */
  readonly allowed: readonly string[];
}

/** What the metrics of each kind of resource are published under (the same pages). */
export const METRIC_DIMENSIONS: { readonly [of in MetricSubject]: DimensionSet } = {
  database: {
    required: [["DBInstanceIdentifier"], ["DBClusterIdentifier"]],
    allowed: ["Role", "EngineName", "DatabaseClass", "SourceRegion", "PrimaryCluster", "SecondaryRegion"],
  },
  proxy: {
    required: [["ProxyName"]],
    allowed: ["EndpointName", "TargetGroup", "Target", "TargetRole"],
  },
  loadBalancer: { required: [["LoadBalancer"]], allowed: ["TargetGroup", "AvailabilityZone"] },
  targetGroup: { required: [["LoadBalancer", "TargetGroup"]], allowed: ["AvailabilityZone"] },
  service: {
    required: [["ClusterName"]],
    allowed: [
      "ServiceName",
      "TaskDefinitionFamily",
      "TaskId",
      "ContainerName",
      "DiscoveryName",
      "TargetDiscoveryName",
      "ContainerInstanceId",
      "InstanceId",
      "CapacityProviderName",
      "DaemonName",
    ],
  },
};
