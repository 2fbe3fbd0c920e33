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

/** Name of a recommendation: its metric with its dimensions. */
export function nameOf({ namespace, metric, dimensions }: Recommendation): string {
  return `${namespace} ${metric} ${dimensions}`;
}

const INSTANCE = "DBInstanceIdentifier";
const CLUSTER = "ClusterName";
const SERVICE = "ClusterName+ServiceName";
const INSIGHTS = "ECS/ContainerInsights";

const AURORA = "the database is an RDS instance, not Aurora: it does not report this";
const AURORA_MYSQL = "only for Aurora MySQL; the database is PostgreSQL";
const ONE_SERVICE = "the cluster has one service, whose own alarm covers the same";
const FARGATE = "the tasks run on Fargate: there is no instance capacity to reserve";
const ONE_CONTAINER_CPU = "a task is one container of one service: service-cpu covers the same";
const ONE_CONTAINER_MEMORY = "a task is one container of one service: service-memory covers the same";
const READ_ONLY =
  "the container's file system is read-only and its log goes to CloudWatch: nothing can fill the disk";

/** Where an alarm on the recommended metric differs from the recommendation on purpose, and how. */
export const DIFFERS: { readonly [name: string]: string } = {
  [`AWS/RDS DatabaseConnections ${INSTANCE}`]:
    "connections-near-limit: the maximum of each minute instead of the average, because a single refused login is too many",
  [`${INSIGHTS} RunningTaskCount ${SERVICE}`]:
    "running-tasks: below the service's minimum, which is before no task runs",
};

/**
 * Recommendations that the stack has no alarm for, each with the reason. A test holds every other one to an alarm on the
 * metric, with AWS's own statistic, direction and threshold.
 */
export const WAIVED: { readonly [name: string]: string } = {
  [`AWS/RDS DBLoad ${INSTANCE}`]:
    "its two parts have an alarm each, since they name different causes: DBLoadCPU database-load, DBLoadNonCPU database-waiting",
  [`AWS/RDS ReplicaLag ${INSTANCE}`]: "the database has no read replica",
  [`AWS/RDS FreeLocalStorage ${INSTANCE}`]: AURORA,
  [`AWS/RDS BlockedTransactions ${INSTANCE}`]: AURORA,
  [`AWS/RDS BufferCacheHitRatio ${INSTANCE}`]: AURORA,
  [`AWS/RDS RollbackSegmentHistoryListLength ${INSTANCE}`]: AURORA_MYSQL,
  "AWS/RDS AuroraVolumeBytesLeftTotal DBClusterIdentifier": AURORA,
  "AWS/RDS AuroraBinlogReplicaLag DBClusterIdentifier+Role=WRITER": AURORA_MYSQL,
  "AWS/RDS EngineUptime DBClusterIdentifier+Role=WRITER": AURORA,
  "AWS/RDS StorageNetworkThroughput DBClusterIdentifier+Role=WRITER": AURORA,

  [`AWS/ECS CPUReservation ${CLUSTER}`]: FARGATE,
  [`AWS/ECS MemoryReservation ${CLUSTER}`]: FARGATE,
  [`AWS/ECS HTTPCode_Target_5XX_Count ${SERVICE}`]:
    "reported only with Service Connect; login-failure-rate counts the same at the load balancer",
  [`AWS/ECS TargetResponseTime ${SERVICE}`]:
    "reported only with Service Connect; login-latency-p99 measures the same at the load balancer",
  [`AWS/ECS EBSFilesystemUtilization ${SERVICE}`]: "the tasks have no EBS volume",

  [`${INSIGHTS} TaskCpuUtilization ${SERVICE}`]: ONE_CONTAINER_CPU,
  [`${INSIGHTS} ContainerCpuUtilization ${SERVICE}`]: ONE_CONTAINER_CPU,
  [`${INSIGHTS} TaskMemoryUtilization ${SERVICE}`]: ONE_CONTAINER_MEMORY,
  [`${INSIGHTS} ContainerMemoryUtilization ${SERVICE}`]: ONE_CONTAINER_MEMORY,
  [`${INSIGHTS} EphemeralStorageUtilized ${SERVICE}`]: READ_ONLY,
  [`${INSIGHTS} TaskEphemeralStorageUtilization ${SERVICE}`]: READ_ONLY,
  [`${INSIGHTS} TaskCpuUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} ContainerCpuUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} TaskMemoryUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} ContainerMemoryUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} TaskEphemeralStorageUtilization ${CLUSTER}`]: ONE_SERVICE,
  [`${INSIGHTS} instance_filesystem_utilization InstanceId+ContainerInstanceId+ClusterName`]: FARGATE,
};
