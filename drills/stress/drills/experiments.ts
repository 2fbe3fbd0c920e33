import { exponential, type Random } from "../../../policies/kit/random";
import { waitExceedance } from "../../../policies/model/erlang";
import { deadlockFreeSize, poolAtPeak } from "../../../policies/model/poolFloor";
import type { ExperimentName } from "../commandLine";
import { type ServerOptions, startServer } from "../lab/server";
import { loadPool, type PoolLoad, type PoolLoadResult } from "../load/poolLoad";
import { MAX_LAG_MS } from "../measure/phaseReport";
import {
  cutIntoBatches,
  distributionOf,
  type Interval,
  meanOf,
  shareOf,
  type Timed,
} from "../measure/statistics";
import { percent, withInterval } from "../report/render";
import {
  DEPLOYMENTS,
  type Deployed,
  type Deployment,
  deploy,
  deploymentText,
  judgeDeployment,
  TEN_TASKS,
} from "./drained";

/** What is loaded, and what the model says of it. */
export interface Case {
  readonly name: string;
  readonly load: Omit<PoolLoad, "seconds" | "seed" | "pool">;
  /** Pools of each seed, with arrivals of their own: long holds are rare, and one pool sees few of them. @default 1 */
  readonly pools?: number;
  /** From which size on requests that hold two connections are free of deadlock. */
  readonly safeSize?: number;
  /** The range in which the measured share lies, if a hold costs this machine so much by itself. */
  readonly predict: (overheadMs: number) => Range;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** One case, measured. */
export interface Row {
  readonly name: string;
  readonly poolMax: number;
  readonly safeSize: number | null;
  readonly predicted: Range;
  /**
   * Share of waits beyond the target, or of failed requests where they hold two connections; over all seeds. Of a
   * deployment the most connections at once, and its range over the seeds.
   */
  readonly measured: Interval;
  readonly bySeed: readonly number[];
  /** What a query took beyond its sleep; null for a deployment. */
  readonly overheadMs: number | null;
  /** Connections of a deployment over time, for the first seed. */
  readonly samples?: Deployed["samples"];
  readonly verdict: "as predicted" | "outside" | "void";
  readonly voidReasons: readonly string[];
}

export interface ExperimentReport {
  readonly schemaVersion: 1;
  readonly experiment: ExperimentName;
  readonly outcome: "passed" | "failed" | "void";
  readonly reasons: readonly string[];
  /** Null for deployments, which take as long as they do. */
  readonly seconds: number | null;
  readonly seeds: readonly number[];
  readonly postgres: string;
  readonly rows: readonly Row[];
}

const WAIT_TARGET_MS = 50;
const ACQUIRE_TIMEOUT_MS = 1_000;
/** Of both experiments, so that a request's connections are held 100 ms each on average. */
const REQUESTS_PER_SECOND = 50;
const HOLD_MS = 100;

/** A distribution of mean 1, and its squared coefficient of variation. */
interface Distribution {
  readonly name: string;
  readonly scv: number;
  readonly draw: (random: Random) => number;
}

function lognormal(scv: number): Distribution {
  const variance = Math.log(1 + scv);
  // Box and Muller (1958): a standard normal number from an exponential and a uniform one.
  const normal = (random: Random) => Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random());
  const draw = (random: Random) => Math.exp(Math.sqrt(variance) * normal(random) - variance / 2);
  return { name: `lognormal, CV² ${scv}`, scv, draw };
}

/** Exponential within each class: a share of the requests holds so many times as long as the others. */
function twoClasses(share: number, times: number): Distribution {
  const short = 1 / (1 - share + share * times);
  const scv = 2 * short ** 2 * (1 - share + share * times ** 2) - 1;
  const name = `two classes (${100 * share} % hold ${times} ×), CV² ${scv.toFixed(0)}`;
  return { name, scv, draw: (random) => short * (random() < share ? times : 1) * exponential(random) };
}

export const DISTRIBUTIONS: readonly Distribution[] = [
  { name: "exponential, CV² 1", scv: 1, draw: exponential },
  lognormal(4),
  lognormal(10),
  twoClasses(0.05, 20),
];

/**
 * Five of seven connections busy on average. The lower end is Erlang C of exponential holds: with holds that vary more, such
 * as those of two classes, no fewer wait long where hardly anyone waits (D. Burman and D. Smith, "A light-traffic theorem for
 * multi-server queues", 1983: what is left of a hold is then at least as long), and more do in heavy traffic (J. Köllerström,
 * "Heavy traffic theory for queues with several servers", 1974). The upper end is the Allen-Cunneen approximation, which is
 * no bound: two moments leave the wait open (V. Gupta and others, "On the inapproximability of M/G/K", 2010). For loads
 * between, a simulated queue of each distribution lies within the two. For exponential holds the two are one.
 */
const holdCase = ({ name, scv, draw }: Distribution): Case => ({
  name,
  load: {
    poolMax: 7,
    requestsPerSecond: REQUESTS_PER_SECOND,
    workMs: (random) => HOLD_MS * draw(random),
    heldAtOnce: 1,
    acquireTimeoutMs: 0,
  },
  pools: 8,
  predict: (overheadMs) => {
    const queue = {
      servers: 7,
      arrivalsPerSecond: REQUESTS_PER_SECOND,
      meanHoldSeconds: (HOLD_MS + overheadMs) / 1000,
      waitSeconds: WAIT_TARGET_MS / 1000,
    };
    return { low: waitExceedance(queue), high: waitExceedance({ ...queue, holdScv: scv }) };
  },
});

/** A request works twice as long as a hold: it has one connection all the time, and a second for half of it. */
const NESTED_DEMAND = {
  peakRequestsPerSecond: REQUESTS_PER_SECOND,
  acquisitionsPerRequest: 2,
  holdMs: 1.5 * HOLD_MS,
  tasksServingPeak: 1,
  heldAtOnce: 2,
};

/**
 * No request fails from the size on that is free of deadlock. Below it any may: the model promises only that those fail for
 * which there are no connections.
 */
function nestedCase(poolMax: number, requestsInFlight?: number): Case {
  const demand = { ...NESTED_DEMAND, requestsInFlight };
  const safeSize = deadlockFreeSize(demand);
  return {
    name: requestsInFlight === undefined ? "unbounded" : `${requestsInFlight} requests in flight`,
    load: {
      poolMax,
      requestsPerSecond: REQUESTS_PER_SECOND,
      workMs: (random) => 2 * HOLD_MS * exponential(random),
      heldAtOnce: 2,
      requestsInFlight,
      acquireTimeoutMs: ACQUIRE_TIMEOUT_MS,
    },
    safeSize,
    predict: (overheadMs) => {
      const { failingShare } = poolAtPeak(poolMax, { ...demand, holdMs: demand.holdMs + 1.5 * overheadMs });
      return { low: failingShare, high: poolMax < safeSize ? 1 : failingShare };
    },
  };
}

export const CASES: { readonly [name in Exclude<ExperimentName, "drained">]: readonly Case[] } = {
  holds: DISTRIBUTIONS.map(holdCase),
  nested: [
    ...[9, 18, 30, deadlockFreeSize(NESTED_DEMAND)].map((poolMax) => nestedCase(poolMax)),
    nestedCase(18, 17),
  ],
};

/** Load that is not measured, in seconds: the queue forgets that it began empty. */
export const WARM_UP_SECONDS = 3;
/** Long against what a queue remembers. */
const BATCH_SECONDS = 3;
/** With more of the machine's own in a hold its distribution is another one. */
const MAX_OVERHEAD_MS = HOLD_MS / 10;

/** What a case's runs come to, one for each seed. */
export function judge(of: Case, seeds: readonly (readonly PoolLoadResult[])[], seconds: number): Row {
  const runs = seeds.flat();
  const [from, to] = [1000 * WARM_UP_SECONDS, 1000 * (WARM_UP_SECONDS + seconds)];
  const seriesOf = ({ waitMs, failed }: PoolLoadResult): readonly Timed[] =>
    of.load.heldAtOnce === 2
      ? failed
      : waitMs.map(({ atMs, value }) => ({ atMs, value: value > WAIT_TARGET_MS ? 1 : 0 }));
  const series = runs.map(seriesOf);
  const stretches = Math.max(5, Math.round(seconds / BATCH_SECONDS));
  const measured = shareOf(cutIntoBatches(series, from, to, stretches));
  const overheadMs = meanOf(runs.map((run) => run.overheadMs));
  const lagMs = distributionOf(runs.flatMap((run) => run.lagMs)).percentiles.p99;
  const late = `1 % of requests began more than ${Math.round(lagMs)} ms late, limit ${MAX_LAG_MS} ms`;
  const slow = `a query took ${overheadMs.toFixed(1)} ms more than its sleep, limit ${MAX_OVERHEAD_MS} ms`;
  const predicted = of.predict(Math.max(0, overheadMs));
  const { mean, low = mean, high = mean } = measured;
  const { low: least, high: most } = predicted;
  // A measured interval as wide as the predicted range would reach into it whatever is true.
  const isPrecise = least === most || high - low <= most - least;
  const meets = least === most ? low <= least && least <= high : least <= mean && mean <= most;
  const wide = `the measured interval of ${percent(high - low)} is wider than the predicted range of ${percent(most - least)}: measure for longer with --duration`;
  const voidReasons = [
    ...(lagMs <= MAX_LAG_MS ? [] : [late]),
    ...(overheadMs <= MAX_OVERHEAD_MS ? [] : [slow]),
    ...(isPrecise ? [] : [wide]),
  ];
  return {
    name: of.name,
    poolMax: of.load.poolMax,
    safeSize: of.safeSize ?? null,
    predicted,
    measured,
    bySeed: seeds.map((pools) =>
      meanOf(
        pools
          .flatMap(seriesOf)
          .filter(({ atMs }) => atMs >= from)
          .map(({ value }) => value),
      ),
    ),
    overheadMs,
    verdict: voidReasons.length > 0 ? "void" : meets ? "as predicted" : "outside",
    voidReasons,
  };
}

interface ExperimentOptions extends Omit<ServerOptions, "stack"> {
  readonly seconds: number;
  readonly seed: number;
  readonly say: (text: string) => void;
  /** @default all of the experiment's */
  readonly cases?: readonly (Case | Deployment)[];
}

const SERVER: ServerOptions["stack"] = {
  environment: {},
  database: {
    engineVersion: "17",
    instanceClass: "",
    parameters: [{ name: "max_connections", value: "400" }],
    roleSettings: "",
    maxConnections: 400,
  },
};

/**
 * Starts a PostgreSQL and runs the cases one after another, each with three seeds at once; a void one is repeated once.
 * @throws InputError
 */
export async function runExperiment(
  experiment: ExperimentName,
  options: ExperimentOptions,
): Promise<ExperimentReport> {
  const { seconds, seed, say, cleanup } = options;
  const isDrained = experiment === "drained";
  const cases = options.cases ?? (isDrained ? DEPLOYMENTS : CASES[experiment]);
  const all = WARM_UP_SECONDS + seconds;
  const seeds = [seed, seed + 1, seed + 2];
  const what = isDrained ? "deployments of up to a minute" : `loads of ${all} s`;
  say(`▸ ${experiment}: ${cases.length} ${what}; a void one is repeated once\n`);
  const { admin, facts } = await startServer({ ...options, stack: SERVER });
  const run = async (of: Case | Deployment): Promise<Row> => {
    if ("tasks" in of) {
      return judgeDeployment(of, await Promise.all(seeds.map((each) => deploy(admin, cleanup, of, each))));
    }
    const pools = Array.from({ length: of.pools ?? 1 }, (_, pool) => pool);
    const load = (each: number) =>
      Promise.all(
        pools.map((pool) => loadPool(admin.address, { ...of.load, seed: each, pool, seconds: all })),
      );
    return judge(of, await Promise.all(seeds.map(load)), seconds);
  };
  const rows: Row[] = [];
  for (const each of cases) {
    const first = await run(each);
    const isVoid = first.verdict === "void";
    if (isVoid) say(`  ${titleOf(first)}: void: ${first.voidReasons.join("; ")}. Repeating it once\n`);
    const row = isVoid ? await run(each) : first;
    say(`  ${titleOf(row)}: ${measuredText(row)}\n`);
    rows.push(row);
  }
  return {
    schemaVersion: 1,
    experiment,
    ...outcomeOf(rows),
    seconds: isDrained ? null : seconds,
    seeds,
    postgres: facts.version,
    rows,
  };
}

/** A contradiction is one whatever else is void. */
export function outcomeOf(rows: readonly Row[]): Pick<ExperimentReport, "outcome" | "reasons"> {
  const outside = rows.filter(({ verdict }) => verdict === "outside").map(contradiction);
  if (outside.length > 0) return { outcome: "failed", reasons: outside };
  const reasons = rows.flatMap((row) => row.voidReasons.map((reason) => `${titleOf(row)}: ${reason}`));
  return { outcome: reasons.length > 0 ? "void" : "passed", reasons };
}

export const titleOf = ({ name, poolMax }: Row): string => `${name}, pool of ${poolMax}`;

export const contradiction = (row: Row): string =>
  `${titleOf(row)}: ${measuredText(row)} measured, ${predictedText(row)} predicted`;

/** Connections of a deployment, shares of everything else. */
export const unitOf = ({ samples }: Row): ((value: number) => string) =>
  samples === undefined ? percent : String;

export const measuredText = (row: Row): string =>
  row.samples !== undefined && row.measured.low === row.measured.high
    ? String(row.measured.mean)
    : withInterval(row.measured, unitOf(row));

export function predictedText(row: Row): string {
  const { low, high } = row.predicted;
  const unit = unitOf(row);
  return low === high ? unit(low) : `${unit(low).replace(" %", "")}–${unit(high)}`;
}

/** What was measured, under which load. */
export const LOADS: { readonly [name in ExperimentName]: string } = {
  holds: `share of waits beyond ${WAIT_TARGET_MS} ms; ${REQUESTS_PER_SECOND} requests/s hold a connection for ${HOLD_MS} ms on average`,
  nested: `share of requests that fail; ${REQUESTS_PER_SECOND} requests/s hold a connection for ${2 * HOLD_MS} ms and a second one for half of it, acquire timeout ${ACQUIRE_TIMEOUT_MS} ms`,
  drained: `most connections at once while a deployment replaces the tasks; ${deploymentText(TEN_TASKS)}`,
};
