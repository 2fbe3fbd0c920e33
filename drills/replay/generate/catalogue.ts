import type { Metric } from "../../../infra/monitoring/alarmSpec";
import {
  databaseLog,
  databaseProxy,
  loadBalancer,
  login,
  pool,
  rds,
  tasks,
} from "../../../infra/monitoring/metrics";
import { type MetricName, metricOf } from "../alarm";
import type { Random, World } from "./schedule";
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
export interface GeneratedMetric extends MetricName {
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

/** Reported once a minute: every statistic of the minute is the same number. */
function once(metric: Metric, of: (m: Moment) => number | null): GeneratedMetric {
  return {
    ...metricOf(metric),
    statistics: ["Average", "SampleCount"],
    alike: ["Maximum", "Minimum", "Sum", "p90", "p99"],
    of: (moment) => {
      const value = of(moment);
      return [value, value === null ? null : 1];
    },
  };
}

function counted(metric: Metric, of: (m: Moment) => number | null): GeneratedMetric {
  return several(metric, ["Sum"], (moment) => [of(moment)]);
}

/** Several statistics, each with its own value. */
function several(metric: Metric, statistics: readonly string[], of: GeneratedMetric["of"]): GeneratedMetric {
  return { ...metricOf(metric), statistics, of };
}

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
    several(pool.used, SAMPLED, ({ service, ...moment }) =>
      sampled(service.used, service.poolMax, service.pools, { service, ...moment }, service.busiest.used),
    ),
    several(pool.idle, SAMPLED, (moment) => {
      const { open, used, poolMax, pools } = moment.service;
      return sampled(Math.max(0, open - used), poolMax, pools, moment);
    }),
    several(pool.max, GAUGE, ({ service: { poolMax, pools } }) => [
      poolMax,
      Math.ceil(poolMax),
      Math.floor(poolMax),
      poolMax * 60 * pools,
      60 * pools,
    ]),
    several(pool.waiting, SAMPLED, ({ service, ...moment }) =>
      sampled(
        service.waiting,
        moment.model.queueMax,
        service.pools,
        { service, ...moment },
        service.busiest.waiting,
      ),
    ),
    counted(pool.timeouts, (moment) => perMinute(moment.service.timeoutsPerSecond, moment)),
    counted(pool.refusals, (moment) => perMinute(moment.service.refusalsPerSecond, moment)),
    several(pool.waitP99, ["p99", "Average", "SampleCount"], (moment) => {
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
    several(pool.hold, ["Average", "p99", "SampleCount"], (moment) => {
      const samples = perMinute(moment.service.releasesPerSecond, moment);
      const mean = moment.service.holdSeconds * moment.random.factor(WOBBLE);
      return samples === 0 ? [null, null, 0] : [mean, 4.6 * mean, samples];
    }),
    several(pool.opened, ["Average", "SampleCount"], (moment) => {
      const opened = perMinute(moment.service.openedPerSecond, moment);
      return opened === 0 ? [null, null] : [0.04 * moment.random.factor(TAIL_WOBBLE), opened];
    }),
  ];
}

function serviceMetrics(): readonly GeneratedMetric[] {
  return [
    counted(login.attempts, (moment) =>
      perMinute(moment.service.requestsPerSecond * loginShare(moment.model), moment),
    ),
    counted(login.failures, (moment) =>
      perMinute(
        moment.service.requestsPerSecond * loginShare(moment.model) * moment.service.failingShare,
        moment,
      ),
    ),
    several(login.durationP99, ["p99"], (moment) => [1000 * responseP99(moment)]),
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
  return [
    counted(loadBalancer.requests, (moment) =>
      onlyIfAny(perMinute(moment.service.requestsPerSecond, moment)),
    ),
    counted(loadBalancer.targetErrors, (moment) =>
      onlyIfAny(
        perMinute(moment.service.requestsPerSecond * (moment.service.failingShare + 0.00002), moment),
      ),
    ),
    counted(loadBalancer.ownErrors, (moment) => {
      // A scanner now and then, and requests to a task that is just leaving.
      const rate = moment.world.deploying >= 0.5 ? 0.05 : 0.001;
      return onlyIfAny(perMinute(rate + 0.2 * moment.world.unhealthyTasks, moment));
    }),
    several(loadBalancer.responseP99, ["p99", "Average", "SampleCount"], (moment) => {
      const p99 = responseP99(moment);
      const requests = perMinute(moment.service.requestsPerSecond, moment);
      return requests === 0 ? [null, null, null] : [p99, 0.2 * p99, requests];
    }),
    once(loadBalancer.unhealthy, ({ world }) => Math.round(world.unhealthyTasks)),
    once(
      { ...loadBalancer.unhealthy, name: "HealthyHostCount" },
      ({ service, world }) => service.tasks - Math.round(world.unhealthyTasks),
    ),
  ];
}

function taskMetrics(): readonly GeneratedMetric[] {
  return [
    once(tasks.cpu, ({ model, service, random }) => {
      const seconds = OTHER_WORK_SECONDS + HASH_SECONDS * loginShare(model) * (1 - service.failingShare);
      const busy = (service.requestsPerSecond * seconds) / (service.tasks * model.taskVcpus);
      return Math.min(100, 100 * busy * random.factor(WOBBLE) + 1);
    }),
    once(tasks.memory, ({ random }) => 52 * random.factor(0.01)),
    once(tasks.running, ({ service }) => service.tasks),
    once(tasks.deployments, ({ world }) => (world.deploying >= 0.5 ? 2 : 1)),
  ];
}

/** Sampled once a second; with no such session in any of the samples nothing is reported. */
function sessions(mean: number, random: Random): number | null {
  const samples = random.poisson(60 * mean);
  return samples === 0 ? null : samples / 60;
}

function databaseMetrics(): readonly GeneratedMetric[] {
  const wobbling =
    (value: number, spread = WOBBLE) =>
    (moment: Moment) =>
      value * moment.random.factor(spread);
  return [
    once(rds.connections, ({ service, random }) =>
      Math.max(0, Math.round(service.databaseConnections + random.normal())),
    ),
    once(rds.cpu, ({ model, service, random }) => {
      // Of the time a session is at work, half is processor; opening a connection costs about 4 ms of it.
      const processors = 0.5 * service.sessionsAtWork + 0.004 * service.openedPerSecond;
      return Math.min(100, (4 + (100 * processors) / model.vcpus) * random.factor(WOBBLE));
    }),
    once({ ...rds.loadCpu, name: "DBLoad" }, ({ service, random }) =>
      sessions(service.sessionsAtWork + service.sessionsWaiting, random),
    ),
    // Half of the work is processor; the other half, such as a commit, waits.
    once(rds.loadCpu, ({ service, random }) => sessions(0.5 * service.sessionsAtWork, random)),
    once(rds.loadNonCpu, ({ service, random }) =>
      sessions(0.5 * service.sessionsAtWork + service.sessionsWaiting, random),
    ),
    once(rds.freeableMemory, ({ model, service, random }) =>
      Math.round((0.55 * model.memoryBytes - 6e6 * service.databaseConnections) * random.factor(0.01)),
    ),
    once(rds.freeStorage, ({ model, minute }) =>
      Math.round(0.6 * model.storageBytes - (minute * GIB) / 2880),
    ),
    once(rds.readLatency, wobbling(0.0008, 0.2)),
    once(rds.writeLatency, wobbling(0.0015, 0.2)),
    once(rds.transactionIds, ({ minute }) => 1.5e8 + 40 * minute),
    counted(databaseLog.refused, (moment) =>
      onlyIfAny(perMinute(moment.service.refusedByDatabasePerSecond, moment)),
    ),
    counted(databaseLog.endedIdleInTransaction, (moment) =>
      onlyIfAny(
        perMinute(moment.service.endedIdleInTransactionPerSecond, moment) +
          Math.round(moment.world.straySessionsEnded),
      ),
    ),
    counted(databaseLog.lockWaits, (moment) => onlyIfAny(perMinute(moment.world.lockWaitsPerSecond, moment))),
  ];
}

function proxyMetrics(): readonly GeneratedMetric[] {
  return [
    once(databaseProxy.borrowLatency, ({ random }) => 300 * random.factor(TAIL_WOBBLE)),
    once(databaseProxy.pinned, ({ random }) => random.poisson(1)),
  ];
}

/** What nothing in the model changes: a scenario's event overrides it. */
function steadyMetrics(): readonly GeneratedMetric[] {
  const known: readonly Metric[] = [pool, login, rds, databaseLog, loadBalancer, tasks].flatMap((group) =>
    Object.values<Metric>(group),
  );
  return known.flatMap((metric) => {
    const { atRest } = metric;
    return atRest === undefined ? [] : [once(metric, () => atRest)];
  });
}

/**
 * Every metric that the stack's service, database and load balancer report, and its value by what the model says of a
 * minute. Their names are those that the alarms read; two that only other alarm sets read stand beside those of their kind.
 */
export function catalogue(connection: "direct" | "proxy"): readonly GeneratedMetric[] {
  return [
    ...poolMetrics(),
    ...serviceMetrics(),
    ...balancerMetrics(),
    ...taskMetrics(),
    ...databaseMetrics(),
    ...steadyMetrics(),
    ...(connection === "proxy" ? proxyMetrics() : []),
  ];
}
