import type { Random } from "./random";
import type { World } from "./schedule";
import type { ServiceMinute, ServiceModel } from "./service";

/** What a metric's value in one minute is made of. */
export interface Moment {
  readonly model: ServiceModel;
  readonly service: ServiceMinute;
  readonly world: World;
  /** The metric's own: what another metric draws does not change it. */
  readonly random: Random;
  /** Minutes from the start. */
  readonly minute: number;
}

/** A metric, and what is reported of it in a minute by statistic; `null` where nothing is. */
export interface GeneratedMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: { readonly [dimension: string]: string };
  readonly statistics: readonly string[];
  /** Statistics that are the same as the first. */
  readonly alike?: readonly string[] | undefined;
  readonly of: (moment: Moment) => readonly (number | null)[];
}

/** Share of requests that are logins: each takes two acquisitions, so that 1.1 acquisitions mean a tenth. */
function loginShare({ acquisitionsPerRequest }: ServiceModel): number {
  return Math.min(1, Math.max(0.01, acquisitionsPerRequest - 1));
}

const HASH_SECONDS = 0.1;
const OTHER_WORK_SECONDS = 0.0015;
const GIB = 1024 ** 3;

/** Gauges and percentiles wobble by this much from minute to minute. */
const WOBBLE = 0.03;
const TAIL_WOBBLE = 0.1;

const poolName = { "db.client.connection.pool.name": "pool" };
const state = (name: string) => ({ ...poolName, "db.client.connection.state": name });
const database = { DBInstanceIdentifier: "database" };
const balancer = { LoadBalancer: "loadBalancer" };
const targets = { ...balancer, TargetGroup: "targetGroup" };
const ecs = { ClusterName: "cluster", ServiceName: "service" };

const POOL = "Auth/ConnectionPool";

/** Reported once a minute: every statistic of the minute is the same number. */
function once(
  namespace: string,
  metric: string,
  dimensions: GeneratedMetric["dimensions"],
  of: (m: Moment) => number | null,
): GeneratedMetric {
  return {
    namespace,
    metric,
    dimensions,
    statistics: ["Average", "SampleCount"],
    alike: ["Maximum", "Minimum", "Sum", "p90", "p99"],
    of: (moment) => {
      const value = of(moment);
      return [value, value === null ? null : 1];
    },
  };
}

function counted(
  namespace: string,
  metric: string,
  dimensions: GeneratedMetric["dimensions"],
  of: (m: Moment) => number | null,
): GeneratedMetric {
  return { namespace, metric, dimensions, statistics: ["Sum"], of: (moment) => [of(moment)] };
}

/** Several statistics of a pool's metric, each with its own value. */
const several = (
  metric: string,
  dimensions: GeneratedMetric["dimensions"],
  statistics: readonly string[],
  of: GeneratedMetric["of"],
): GeneratedMetric => ({ namespace: POOL, metric, dimensions, statistics, of });

/** A counter that reports 0 as well. */
const perMinute = (rate: number, { random }: Moment) => random.poisson(60 * rate);
/** A counter that reports only what there is: the load balancer, a log filter. */
const onlyIfAny = (count: number) => (count === 0 ? null : count);

/**
 * A gauge that each process samples every second: its mean, the largest and smallest sample, and the p99 of all samples,
 * which is that of the processes that are worst off.
 */
function sampled(
  mean: number,
  top: number,
  pools: number,
  { random }: Moment,
  busiest = mean,
): readonly number[] {
  const spread = Math.sqrt(mean / (60 * Math.max(1, pools)));
  const average = Math.min(top, Math.max(0, mean + spread * random.normal()));
  const swing = 3 * Math.sqrt(average);
  const samples = 60 * Math.round(pools);
  const maximum = Math.min(top, Math.ceil(average + swing));
  const p99 = Math.min(top, Math.round(busiest + 2.33 * Math.sqrt(busiest)));
  return [average, maximum, Math.max(0, Math.floor(average - swing)), average * samples, samples, p99];
}

const GAUGE = ["Average", "Maximum", "Minimum", "Sum", "SampleCount"];
const SAMPLED = [...GAUGE, "p99"];

function poolMetrics(): readonly GeneratedMetric[] {
  return [
    several("db.client.connection.count", state("used"), SAMPLED, ({ service, ...moment }) =>
      sampled(service.used, service.poolMax, service.pools, { service, ...moment }, service.busiest.used),
    ),
    several("db.client.connection.count", state("idle"), SAMPLED, (moment) => {
      const { open, used, poolMax, pools } = moment.service;
      return sampled(Math.max(0, open - used), poolMax, pools, moment);
    }),
    several("db.client.connection.max", poolName, GAUGE, ({ service: { poolMax, pools } }) => [
      poolMax,
      Math.ceil(poolMax),
      Math.floor(poolMax),
      poolMax * 60 * pools,
      60 * pools,
    ]),
    several("db.client.connection.pending_requests", poolName, SAMPLED, ({ service, ...moment }) =>
      sampled(
        service.waiting,
        moment.model.queueMax,
        service.pools,
        { service, ...moment },
        service.busiest.waiting,
      ),
    ),
    counted(POOL, "db.client.connection.timeouts", poolName, (moment) =>
      perMinute(moment.service.timeoutsPerSecond, moment),
    ),
    counted(POOL, "auth.pool.refusals", poolName, (moment) =>
      perMinute(moment.service.refusalsPerSecond, moment),
    ),
    several("db.client.connection.wait_time", poolName, ["p99", "Average", "SampleCount"], (moment) => {
      const { service, random, model } = moment;
      const samples = perMinute(service.acquisitionsPerSecond, moment);
      const p99 = Math.min(
        service.waitP99Seconds * random.factor(TAIL_WOBBLE),
        model.acquireTimeoutSeconds * 1.02,
      );
      return samples === 0
        ? [null, null, 0]
        : [p99, service.meanWaitSeconds * random.factor(WOBBLE), samples];
    }),
    several("db.client.connection.use_time", poolName, ["Average", "p99", "SampleCount"], (moment) => {
      const samples = perMinute(moment.service.releasesPerSecond, moment);
      const mean = moment.service.holdSeconds * moment.random.factor(WOBBLE);
      return samples === 0 ? [null, null, 0] : [mean, 4.6 * mean, samples];
    }),
    several("db.client.connection.create_time", poolName, ["Average", "SampleCount"], (moment) => {
      const opened = perMinute(moment.service.openedPerSecond, moment);
      return opened === 0 ? [null, null] : [0.04 * moment.random.factor(TAIL_WOBBLE), opened];
    }),
  ];
}

function serviceMetrics(): readonly GeneratedMetric[] {
  const dimensions = { service: "pool" };
  return [
    counted("Auth/Service", "auth.login.attempts", dimensions, (moment) =>
      perMinute(moment.service.requestsPerSecond * loginShare(moment.model), moment),
    ),
    counted("Auth/Service", "auth.login.failures", dimensions, (moment) =>
      perMinute(
        moment.service.requestsPerSecond * loginShare(moment.model) * moment.service.failingShare,
        moment,
      ),
    ),
    {
      namespace: "Auth/Service",
      metric: "auth.login.duration",
      dimensions,
      statistics: ["p99"],
      of: (moment) => [1000 * responseP99(moment)],
    },
  ];
}

/** Seconds within which 99 of 100 requests are answered: a login's hash, its waits and its holds. */
function responseP99({ model, service, world, random }: Moment): number {
  const failing = service.timeoutsPerSecond > 0.01 * service.acquisitionsPerSecond;
  const work = (1.4 * HASH_SECONDS + OTHER_WORK_SECONDS) * world.otherWorkFactor;
  const waiting = failing ? model.acquireTimeoutSeconds : service.waitP99Seconds;
  const cold = service.tasks > model.maxTasks && world.deploying >= 0.5 ? 1.5 : 1;
  return (work * cold + waiting + 4.6 * model.holdSeconds * world.holdFactor) * random.factor(TAIL_WOBBLE);
}

function balancerMetrics(): readonly GeneratedMetric[] {
  const namespace = "AWS/ApplicationELB";
  return [
    counted(namespace, "RequestCount", balancer, (moment) =>
      onlyIfAny(perMinute(moment.service.requestsPerSecond, moment)),
    ),
    counted(namespace, "HTTPCode_Target_5XX_Count", balancer, (moment) =>
      onlyIfAny(
        perMinute(moment.service.requestsPerSecond * (moment.service.failingShare + 0.00002), moment),
      ),
    ),
    counted(namespace, "HTTPCode_ELB_5XX_Count", balancer, (moment) => {
      // A scanner now and then, and requests to a task that is just leaving.
      const rate = moment.world.deploying >= 0.5 ? 0.05 : 0.001;
      return onlyIfAny(perMinute(rate + 0.2 * moment.world.unhealthyTasks, moment));
    }),
    {
      namespace,
      metric: "TargetResponseTime",
      dimensions: balancer,
      statistics: ["p99", "Average", "SampleCount"],
      of: (moment) => {
        const p99 = responseP99(moment);
        const requests = perMinute(moment.service.requestsPerSecond, moment);
        return requests === 0 ? [null, null, null] : [p99, 0.2 * p99, requests];
      },
    },
    once(namespace, "UnHealthyHostCount", targets, ({ world }) => Math.round(world.unhealthyTasks)),
    once(
      namespace,
      "HealthyHostCount",
      targets,
      ({ service, world }) => service.tasks - Math.round(world.unhealthyTasks),
    ),
  ];
}

function taskMetrics(): readonly GeneratedMetric[] {
  return [
    once("AWS/ECS", "CPUUtilization", ecs, ({ model, service, random }) => {
      const seconds = OTHER_WORK_SECONDS + HASH_SECONDS * loginShare(model) * (1 - service.failingShare);
      const busy = (service.requestsPerSecond * seconds) / (service.tasks * model.taskVcpus);
      return Math.min(100, 100 * busy * random.factor(WOBBLE) + 1);
    }),
    once("AWS/ECS", "MemoryUtilization", ecs, ({ random }) => 52 * random.factor(0.01)),
    once("ECS/ContainerInsights", "RunningTaskCount", ecs, ({ service }) => service.tasks),
    once("ECS/ContainerInsights", "DeploymentCount", ecs, ({ world }) => (world.deploying >= 0.5 ? 2 : 1)),
  ];
}

/** Sampled once a second; with no such session in any of the samples nothing is reported. */
function sessions(mean: number, random: Random): number | null {
  const samples = random.poisson(60 * mean);
  return samples === 0 ? null : samples / 60;
}

function databaseMetrics(): readonly GeneratedMetric[] {
  const rds = (metric: string, of: (moment: Moment) => number | null) =>
    once("AWS/RDS", metric, database, of);
  const wobbling =
    (value: number, spread = WOBBLE) =>
    (moment: Moment) =>
      value * moment.random.factor(spread);
  return [
    rds("DatabaseConnections", ({ service, random }) =>
      Math.max(0, Math.round(service.databaseConnections + random.normal())),
    ),
    rds("CPUUtilization", ({ model, service, random }) => {
      // Of the time a session is at work, half is processor; opening a connection costs about 4 ms of it.
      const processors = 0.5 * service.sessionsAtWork + 0.004 * service.openedPerSecond;
      return Math.min(100, (4 + (100 * processors) / model.vcpus) * random.factor(WOBBLE));
    }),
    rds("DBLoad", ({ service, random }) =>
      sessions(service.sessionsAtWork + service.sessionsWaiting, random),
    ),
    // Half of the work is processor; the other half, such as a commit, waits.
    rds("DBLoadCPU", ({ service, random }) => sessions(0.5 * service.sessionsAtWork, random)),
    rds("DBLoadNonCPU", ({ service, random }) =>
      sessions(0.5 * service.sessionsAtWork + service.sessionsWaiting, random),
    ),
    rds("FreeableMemory", ({ model, service, random }) =>
      Math.round((0.55 * model.memoryBytes - 6e6 * service.databaseConnections) * random.factor(0.01)),
    ),
    rds("FreeStorageSpace", ({ model, minute }) =>
      Math.round(0.6 * model.storageBytes - (minute * GIB) / 2880),
    ),
    rds("ReadLatency", wobbling(0.0008, 0.2)),
    rds("WriteLatency", wobbling(0.0015, 0.2)),
    rds("EBSByteBalance%", () => 99),
    rds("EBSIOBalance%", () => 99),
    rds("MaximumUsedTransactionIDs", ({ minute }) => 1.5e8 + 40 * minute),
    counted("Auth/Database", "connections-refused", {}, (moment) =>
      onlyIfAny(perMinute(moment.service.refusedByDatabasePerSecond, moment)),
    ),
    counted("Auth/Database", "sessions-ended-idle-in-transaction", {}, (moment) =>
      onlyIfAny(
        perMinute(moment.service.endedIdleInTransactionPerSecond, moment) +
          Math.round(moment.world.straySessionsEnded),
      ),
    ),
    counted("Auth/Database", "lock-waits", {}, (moment) =>
      onlyIfAny(perMinute(moment.world.lockWaitsPerSecond, moment)),
    ),
  ];
}

function proxyMetrics(): readonly GeneratedMetric[] {
  const proxy = { ProxyName: "proxy" };
  return [
    once(
      "AWS/RDS",
      "DatabaseConnectionsBorrowLatency",
      proxy,
      ({ random }) => 300 * random.factor(TAIL_WOBBLE),
    ),
    once("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", proxy, ({ random }) => random.poisson(1)),
  ];
}

/**
 * Every metric that the stack's service, database and load balancer report, named by the words that alarms use for
 * resources. Namespaces and names: the service's own metrics, AWS's guides for RDS, Elastic Load Balancing and ECS.
 */
export function catalogue(connection: "direct" | "proxy"): readonly GeneratedMetric[] {
  return [
    ...poolMetrics(),
    ...serviceMetrics(),
    ...balancerMetrics(),
    ...taskMetrics(),
    ...databaseMetrics(),
    ...(connection === "proxy" ? proxyMetrics() : []),
  ];
}
