import type { Comparison, Statistic } from "../../policies/model/cloudwatch/alarm";
import data from "./recommended.data.json";

/** One alarm that AWS recommends for RDS or ECS. */
export interface Recommendation {
  readonly namespace: string;
  readonly metric: string;
  /** Names joined by `+`; a fixed value stands behind its name: `Role=WRITER`. */
  readonly dimensions: string;
  readonly statistic: Statistic;
  readonly comparison: Comparison;
  /** `null` where it depends on the resource. */
  readonly threshold: number | null;
}

/** AWS's list, every line of it. Where it comes from is in the data file. */
export const RECOMMENDATIONS: readonly Recommendation[] = (data.alarms as unknown as readonly Row[]).map(
  ([namespace, metric, dimensions, statistic, comparison, threshold]) => ({
    namespace,
    metric,
    dimensions,
    statistic,
    comparison,
    threshold,
  }),
);

type Row = readonly [string, string, string, Statistic, Comparison, number | null, number, number, string];

/** What this stack makes of a recommendation: an alarm, or the reason why none. */
export type Answer = { readonly covered: string; readonly differs?: string } | { readonly waived: string };

/** Name of a recommendation: its metric with its dimensions. */
export function nameOf({ namespace, metric, dimensions }: Recommendation): string {
  return `${namespace} ${metric} ${dimensions}`;
}

const INSTANCE = "DBInstanceIdentifier";
const CLUSTER = "ClusterName";
const SERVICE = "ClusterName+ServiceName";
const INSIGHTS = "ECS/ContainerInsights";

const AURORA = { waived: "the database is an RDS instance, not Aurora: it does not report this" };
const ONE_SERVICE = { waived: "the cluster has one service, whose own alarm covers the same" };
const FARGATE = { waived: "the tasks run on Fargate: there is no instance capacity to reserve" };
const AURORA_MYSQL = { waived: "only for Aurora MySQL; the database is PostgreSQL" };

/** Capacity alarms that are not on AWS's list, with the reason why the stack has them. */
export const BEYOND_THE_LIST: { readonly [alarm: string]: string } = {
  "load-above-declared": "the pools are sized for the declared peak, so traffic above it is the first sign",
};

/** Every recommendation by its name; a test holds it complete, and each alarm to what it says it covers. */
export const ANSWERS: { readonly [name: string]: Answer } = {
  [`AWS/RDS CPUUtilization ${INSTANCE}`]: { covered: "database-cpu" },
  [`AWS/RDS DatabaseConnections ${INSTANCE}`]: {
    covered: "connections-near-limit",
    differs: "the maximum of each minute instead of the average, because a single refused login is too many",
  },
  [`AWS/RDS DBLoad ${INSTANCE}`]: {
    waived:
      "its two parts have an alarm each, since they name different causes: DBLoadCPU database-load, DBLoadNonCPU database-waiting",
  },
  [`AWS/RDS FreeableMemory ${INSTANCE}`]: { covered: "database-memory" },
  [`AWS/RDS FreeStorageSpace ${INSTANCE}`]: { covered: "database-storage" },
  [`AWS/RDS ReadLatency ${INSTANCE}`]: { covered: "read-latency" },
  [`AWS/RDS WriteLatency ${INSTANCE}`]: { covered: "write-latency" },
  [`AWS/RDS EBSByteBalance% ${INSTANCE}`]: { covered: "throughput-balance" },
  [`AWS/RDS EBSIOBalance% ${INSTANCE}`]: { covered: "io-balance" },
  [`AWS/RDS MaximumUsedTransactionIDs ${INSTANCE}`]: { covered: "transaction-ids" },
  [`AWS/RDS ReplicaLag ${INSTANCE}`]: { waived: "the database has no read replica" },
  [`AWS/RDS FreeLocalStorage ${INSTANCE}`]: AURORA,
  [`AWS/RDS BlockedTransactions ${INSTANCE}`]: AURORA,
  [`AWS/RDS BufferCacheHitRatio ${INSTANCE}`]: AURORA,
  [`AWS/RDS RollbackSegmentHistoryListLength ${INSTANCE}`]: AURORA_MYSQL,
  "AWS/RDS AuroraVolumeBytesLeftTotal DBClusterIdentifier": AURORA,
  "AWS/RDS AuroraBinlogReplicaLag DBClusterIdentifier+Role=WRITER": AURORA_MYSQL,
  "AWS/RDS EngineUptime DBClusterIdentifier+Role=WRITER": AURORA,
  "AWS/RDS StorageNetworkThroughput DBClusterIdentifier+Role=WRITER": AURORA,

  [`AWS/ECS CPUUtilization ${SERVICE}`]: { covered: "service-cpu" },
  [`AWS/ECS MemoryUtilization ${SERVICE}`]: { covered: "service-memory" },
  [`AWS/ECS CPUReservation ${CLUSTER}`]: FARGATE,
  [`AWS/ECS MemoryReservation ${CLUSTER}`]: FARGATE,
  [`AWS/ECS HTTPCode_Target_5XX_Count ${SERVICE}`]: {
    waived: "reported only with Service Connect; login-failure-rate counts the same at the load balancer",
  },
  [`AWS/ECS TargetResponseTime ${SERVICE}`]: {
    waived: "reported only with Service Connect; login-latency-p99 measures the same at the load balancer",
  },
  [`AWS/ECS EBSFilesystemUtilization ${SERVICE}`]: { waived: "the tasks have no EBS volume" },

  [`${INSIGHTS} RunningTaskCount ${SERVICE}`]: {
    covered: "running-tasks",
    differs: "below the service's minimum, which is before no task runs",
  },
  [`${INSIGHTS} TaskCpuUtilization ${SERVICE}`]: {
    waived: "a task is one container of one service: service-cpu covers the same",
  },
  [`${INSIGHTS} ContainerCpuUtilization ${SERVICE}`]: {
    waived: "a task is one container of one service: service-cpu covers the same",
  },
  [`${INSIGHTS} TaskMemoryUtilization ${SERVICE}`]: {
    waived: "a task is one container of one service: service-memory covers the same",
  },
  [`${INSIGHTS} ContainerMemoryUtilization ${SERVICE}`]: {
    waived: "a task is one container of one service: service-memory covers the same",
  },
  [`${INSIGHTS} EphemeralStorageUtilized ${SERVICE}`]: {
    waived:
      "the container's file system is read-only and its log goes to CloudWatch: nothing can fill the disk",
  },
  [`${INSIGHTS} TaskEphemeralStorageUtilization ${SERVICE}`]: {
    waived:
      "the container's file system is read-only and its log goes to CloudWatch: nothing can fill the disk",
  },
  [`${INSIGHTS} TaskCpuUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} ContainerCpuUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} TaskMemoryUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} ContainerMemoryUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} TaskEphemeralStorageUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} instance_filesystem_utilization InstanceId+ContainerInstanceId+ClusterName`]: FARGATE,
};
