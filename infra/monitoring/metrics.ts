import type { Statistic } from "../../policies/model/cloudwatch/alarm";
import type { Metric } from "./alarmSpec";

/**
 * Every metric that an alarm or the dashboard reads, with its dimensions: the one place where names are written.
 * An alarm on a name that nothing reports never fires.
 */

/** What the service's pools report, in OpenTelemetry's names (semantic conventions for database clients, 1.44). */
const POOL = "Auth/ConnectionPool";
/** What the service reports of itself. */
const SERVICE = "Auth/Service";
/** What is counted in the database's log. */
export const DATABASE_LOG = "Auth/Database";

const poolName = { "db.client.connection.pool.name": { of: "pool" } } as const;
const service = { service: { of: "pool" } } as const;
const database = { DBInstanceIdentifier: { of: "database" } } as const;
const balancer = { LoadBalancer: { of: "loadBalancer" } } as const;
const targets = { ...balancer, TargetGroup: { of: "targetGroup" } } as const;
const ecsService = { ClusterName: { of: "cluster" }, ServiceName: { of: "service" } } as const;
const proxy = { ProxyName: { of: "proxy" } } as const;

type Dimensions = Metric["dimensions"];

const gauge = (namespace: string, name: string, dimensions: Dimensions, statistic: Statistic = "Average") =>
  ({ namespace, name, statistic, dimensions }) satisfies Metric;
const counter = (namespace: string, name: string, dimensions: Dimensions) =>
  gauge(namespace, name, dimensions, "Sum");
/** Counted in a log of plain text, which can give a metric no dimension. */
const logged = (name: string) =>
  ({ ...counter(DATABASE_LOG, name, {}), namespacePerStack: true }) satisfies Metric;

/** Of one process, unless it says otherwise: each process samples its own pool, and the average is over them. */
export const pool = {
  /** Connections in use. */
  used: gauge(POOL, "db.client.connection.count", { ...poolName, "db.client.connection.state": "used" }),
  idle: gauge(POOL, "db.client.connection.count", { ...poolName, "db.client.connection.state": "idle" }),
  max: gauge(POOL, "db.client.connection.max", poolName),
  /** Requests that wait for a connection. */
  waiting: gauge(POOL, "db.client.connection.pending_requests", poolName),
  /** Exceeded in one sample of 100, over all processes: of up to 100 processes it shows one that is always above it. */
  usedP99: gauge(
    POOL,
    "db.client.connection.count",
    { ...poolName, "db.client.connection.state": "used" },
    "p99",
  ),
  waitingP99: gauge(POOL, "db.client.connection.pending_requests", poolName, "p99"),
  /** Acquisitions that gave up, of all processes. */
  timeouts: counter(POOL, "db.client.connection.timeouts", poolName),
  /** Requests refused at the queue bound, of all processes. */
  refusals: counter(POOL, "auth.pool.refusals", poolName),
  /** Seconds for which an acquisition waited; those that gave up count with what they waited. */
  waitP99: gauge(POOL, "db.client.connection.wait_time", poolName, "p99"),
  /** Seconds for which a connection was held. */
  hold: gauge(POOL, "db.client.connection.use_time", poolName),
  /** Connections given back, of all processes. */
  releases: gauge(POOL, "db.client.connection.use_time", poolName, "SampleCount"),
  /** Connections opened, of all processes. */
  opened: gauge(POOL, "db.client.connection.create_time", poolName, "SampleCount"),
} as const;

export const login = {
  attempts: counter(SERVICE, "auth.login.attempts", service),
  failures: counter(SERVICE, "auth.login.failures", service),
  /** Milliseconds. */
  durationP99: gauge(SERVICE, "auth.login.duration", service, "p99"),
} as const;

/** RDS reports once a minute (RDS User Guide, rds-metrics). */
export const rds = {
  connections: gauge("AWS/RDS", "DatabaseConnections", database, "Maximum"),
  cpu: gauge("AWS/RDS", "CPUUtilization", database),
  /** Active sessions that run on a CPU or wait for one. With Performance Insights only; absent while there is none. */
  loadCpu: gauge("AWS/RDS", "DBLoadCPU", database),
  /** Active sessions that wait for anything else: storage, a lock. */
  loadNonCpu: gauge("AWS/RDS", "DBLoadNonCPU", database),
  /** Bytes. */
  freeableMemory: gauge("AWS/RDS", "FreeableMemory", database),
  /** Bytes. */
  freeStorage: gauge("AWS/RDS", "FreeStorageSpace", database, "Minimum"),
  /** Seconds. */
  readLatency: gauge("AWS/RDS", "ReadLatency", database, "p90"),
  /** Seconds. */
  writeLatency: gauge("AWS/RDS", "WriteLatency", database, "p90"),
  /** Percent of the burst bucket, where the class has one. */
  throughputBalance: { ...gauge("AWS/RDS", "EBSByteBalance%", database), atRest: 99 },
  /** Percent of the burst bucket, where the class has one. */
  ioBalance: { ...gauge("AWS/RDS", "EBSIOBalance%", database), atRest: 99 },
  transactionIds: gauge("AWS/RDS", "MaximumUsedTransactionIDs", database),
} as const;

/** Counted in PostgreSQL's log by the metric filters below; nothing is reported while nothing is logged. */
export const databaseLog = {
  refused: logged("connections-refused"),
  endedIdleInTransaction: logged("sessions-ended-idle-in-transaction"),
  lockWaits: logged("lock-waits"),
} as const;

/** RDS User Guide, rds-proxy.monitoring. */
export const databaseProxy = {
  /** Microseconds until the proxy has a database connection for a query. */
  borrowLatency: gauge("AWS/RDS", "DatabaseConnectionsBorrowLatency", proxy),
  pinned: gauge("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", proxy),
} as const;

/** Reported only while requests flow; health checks are left out (Elastic Load Balancing, load-balancer-cloudwatch-metrics). */
export const loadBalancer = {
  requests: counter("AWS/ApplicationELB", "RequestCount", balancer),
  targetErrors: counter("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", balancer),
  ownErrors: counter("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer),
  /** Seconds. */
  responseP99: gauge("AWS/ApplicationELB", "TargetResponseTime", balancer, "p99"),
  unhealthy: gauge("AWS/ApplicationELB", "UnHealthyHostCount", targets, "Maximum"),
} as const;

/** Container Insights is on for the cluster. */
export const tasks = {
  /** Percent of what the tasks reserve. */
  cpu: gauge("AWS/ECS", "CPUUtilization", ecsService),
  memory: gauge("AWS/ECS", "MemoryUtilization", ecsService),
  running: gauge("ECS/ContainerInsights", "RunningTaskCount", ecsService),
  /** More than one while a deployment is under way. */
  deployments: gauge("ECS/ContainerInsights", "DeploymentCount", ecsService, "Maximum"),
} as const;

/** Counts lines of the database's log that say the same. */
export interface LogFilter {
  /** Name of the metric that it feeds, in the namespace of the stack. */
  readonly metric: string;
  /** A line that holds one of these is counted. PostgreSQL's own words, which RDS logs in English. */
  readonly phrases: readonly string[];
}

export const LOG_FILTERS: readonly LogFilter[] = [
  {
    metric: databaseLog.refused.name,
    phrases: [
      // Up to version 15 it goes on "for non-replication superuser connections", from 16 on "for roles with the
      // SUPERUSER attribute" or "for roles with privileges of the …" (InitPostgres in utils/init/postinit.c).
      "remaining connection slots are reserved",
      // InitProcess in storage/lmgr/proc.c
      "sorry, too many clients already",
      // ALTER ROLE … and ALTER DATABASE … CONNECTION LIMIT, the same files
      "too many connections for role",
      "too many connections for database",
    ],
  },
  {
    metric: databaseLog.endedIdleInTransaction.name,
    // ProcessInterrupts in tcop/postgres.c
    phrases: ["terminating connection due to idle-in-transaction timeout"],
  },
  {
    metric: databaseLog.lockWaits.name,
    phrases: [
      // With `log_lock_waits`, after `deadlock_timeout` (ProcSleep in storage/lmgr/proc.c)
      "still waiting for",
      // ProcessInterrupts in tcop/postgres.c
      "canceling statement due to lock timeout",
    ],
  },
];

/**
 * CloudWatch's pattern for lines with at least one of the phrases: `?` before a term means that it or another has to
 * be there, and a term that is more than letters and digits stands in quotation marks.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws RangeError for no phrase, for one with a quotation mark or a backslash, and for a pattern above 1,024 characters.
 */
export function filterPattern(phrases: readonly string[]): string {
  const odd = phrases.find((phrase) => /["\\]/.test(phrase) || phrase.trim() === "");
  if (odd !== undefined || phrases.length === 0) {
    throw new RangeError(`a log filter cannot look for ${JSON.stringify(odd ?? "nothing")}`);
  }
  const terms = phrases.map((phrase) => `"${phrase}"`);
  // A single term after a question mark would be an alternative to nothing.
  const pattern = terms.length === 1 ? terms.join("") : terms.map((term) => `?${term}`).join(" ");
  if (pattern.length <= 1024) return pattern;
  throw new RangeError(`a log filter's pattern has ${pattern.length} characters, CloudWatch Logs takes 1024`);
}
