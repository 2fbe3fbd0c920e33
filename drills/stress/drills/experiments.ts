import { junitXml } from "../../../policies/kit/junit";
import { exponential, type Random } from "../../../policies/kit/random";
import { columns } from "../../../policies/kit/text";
import { waitExceedance } from "../../../policies/model/erlang";
import { deadlockFreeSize, poolAtPeak } from "../../../policies/model/poolFloor";
import type { ExperimentName, Format } from "../commandLine";
import { type ServerOptions, startServer } from "../lab/server";
import { loadPool, type PoolLoad, type PoolLoadResult } from "../load/poolLoad";
import { MAX_LAG_MS } from "../measure/phaseReport";
import { cutIntoBatches, distributionOf, type Interval, meanOf, shareOf } from "../measure/statistics";
import { percent, rounded, withInterval } from "../report/render";

/** What is loaded, and what the model says of it. */
export interface Case {
  readonly name: string;
  readonly load: Omit<PoolLoad, "seconds" | "seed">;
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
  /** Share of waits beyond the target, or of failed requests where they hold two connections; over all seeds. */
  readonly measured: Interval;
  readonly bySeed: readonly number[];
  readonly overheadMs: number;
  readonly verdict: "as predicted" | "outside" | "void";
  readonly voidReasons: readonly string[];
}

interface ExperimentReport {
  readonly schemaVersion: 1;
  readonly experiment: ExperimentName;
  readonly outcome: "passed" | "failed" | "void";
  readonly reasons: readonly string[];
  readonly seconds: number;
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
 * Five of seven connections busy on average. Erlang C of exponential holds is a lower bound for those that vary more, and the
 * Allen-Cunneen approximation an upper one; for exponential ones the two are one.
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

export const CASES: { readonly [name in ExperimentName]: readonly Case[] } = {
  holds: DISTRIBUTIONS.map(holdCase),
  nested: [
    ...[9, 18, 30, deadlockFreeSize(NESTED_DEMAND)].map((poolMax) => nestedCase(poolMax)),
    nestedCase(18, 17),
  ],
};

/** Load that is not measured, in seconds: the queue forgets that it began empty. */
const WARM_UP_SECONDS = 3;
/** Long against what a queue remembers. */
const BATCH_SECONDS = 3;
/** With more of the machine's own in a hold its distribution is another one. */
const MAX_OVERHEAD_MS = HOLD_MS / 10;

/** What a case's runs come to, one for each seed. */
export function judge(of: Case, runs: readonly PoolLoadResult[], seconds: number): Row {
  const [from, to] = [1000 * WARM_UP_SECONDS, 1000 * (WARM_UP_SECONDS + seconds)];
  const series = runs.map(({ waitMs, failed }) =>
    of.load.heldAtOnce === 2
      ? failed
      : waitMs.map(({ atMs, value }) => ({ atMs, value: value > WAIT_TARGET_MS ? 1 : 0 })),
  );
  const stretches = Math.max(5, Math.round(seconds / BATCH_SECONDS));
  const measured = shareOf(cutIntoBatches(series, from, to, stretches));
  const overheadMs = meanOf(runs.map((run) => run.overheadMs));
  const lagMs = distributionOf(runs.flatMap((run) => run.lagMs)).percentiles.p99;
  const late = `1 % of requests began more than ${Math.round(lagMs)} ms late, limit ${MAX_LAG_MS} ms`;
  const slow = `a query took ${overheadMs.toFixed(1)} ms more than its sleep, limit ${MAX_OVERHEAD_MS} ms`;
  const voidReasons = [
    ...(lagMs <= MAX_LAG_MS ? [] : [late]),
    ...(overheadMs <= MAX_OVERHEAD_MS ? [] : [slow]),
  ];
  const predicted = of.predict(Math.max(0, overheadMs));
  const { mean, low = mean, high = mean } = measured;
  const meets = low <= predicted.high && predicted.low <= high;
  return {
    name: of.name,
    poolMax: of.load.poolMax,
    safeSize: of.safeSize ?? null,
    predicted,
    measured,
    bySeed: series.map((each) => meanOf(each.filter(({ atMs }) => atMs >= from).map(({ value }) => value))),
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
  readonly cases?: readonly Case[];
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
 * Starts a PostgreSQL and runs the cases one after another, each with three seeds at once, on a pool each; a void one is
 * repeated once. @throws InputError
 */
export async function runExperiment(
  experiment: ExperimentName,
  options: ExperimentOptions,
): Promise<ExperimentReport> {
  const { seconds, seed, say, cases = CASES[experiment] } = options;
  const all = WARM_UP_SECONDS + seconds;
  const seeds = [seed, seed + 1, seed + 2];
  say(`▸ ${experiment}: ${cases.length} loads of ${all} s; a void one is repeated once\n`);
  const { admin, facts } = await startServer({ ...options, stack: SERVER });
  const run = async (of: Case): Promise<Row> => {
    const load = (each: number) => loadPool(admin.address, { ...of.load, seed: each, seconds: all });
    return judge(of, await Promise.all(seeds.map(load)), seconds);
  };
  const rows: Row[] = [];
  for (const each of cases) {
    const first = await run(each);
    const isVoid = first.verdict === "void";
    if (isVoid) say(`  ${titleOf(first)}: void: ${first.voidReasons.join("; ")}. Repeating it once\n`);
    const row = isVoid ? await run(each) : first;
    say(`  ${titleOf(row)}: ${withInterval(row.measured, percent)}\n`);
    rows.push(row);
  }
  return { schemaVersion: 1, experiment, ...outcomeOf(rows), seconds, seeds, postgres: facts.version, rows };
}

/** A contradiction is one whatever else is void. */
export function outcomeOf(rows: readonly Row[]): Pick<ExperimentReport, "outcome" | "reasons"> {
  const outside = rows.filter(({ verdict }) => verdict === "outside").map(contradiction);
  if (outside.length > 0) return { outcome: "failed", reasons: outside };
  const reasons = rows.flatMap((row) => row.voidReasons.map((reason) => `${titleOf(row)}: ${reason}`));
  return { outcome: reasons.length > 0 ? "void" : "passed", reasons };
}

const titleOf = ({ name, poolMax }: Row): string => `${name}, pool of ${poolMax}`;

const contradiction = (row: Row): string =>
  `${titleOf(row)}: ${withInterval(row.measured, percent)} measured, ${rangeText(row.predicted)} predicted`;

const rangeText = ({ low, high }: Range): string =>
  low === high ? percent(low) : `${percent(low).replace(" %", "")}–${percent(high)}`;

export function renderExperiment(report: ExperimentReport, format: Format, seconds = 0): string {
  if (format === "text") return toText(report);
  if (format === "json") return `${JSON.stringify(report, rounded, 2)}\n`;
  const cases = report.rows.map((row) => ({
    name: titleOf(row),
    seconds: seconds / report.rows.length,
    ...(row.verdict === "void"
      ? { skipped: `not judged: ${row.voidReasons.join("; ")}` }
      : { failures: row.verdict === "outside" ? [contradiction(row)] : [] }),
  }));
  return junitXml("stress", [{ name: `experiment ${report.experiment}`, cases }]);
}

const HEADLINES = {
  passed: ["✔", "every measured share is as predicted"],
  failed: ["✖", "the model and the measurement disagree"],
  void: ["∅", "no verdict, a run is void"],
} as const;

function toText({ experiment, outcome, reasons, seconds, seeds, postgres, rows }: ExperimentReport): string {
  const [mark, what] = HEADLINES[outcome];
  const isNested = experiment === "nested";
  const lines = [
    `${mark} ${experiment}: ${what}`,
    ...reasons.map((reason) => `  ${reason}`),
    "",
    isNested
      ? `share of requests that fail; ${REQUESTS_PER_SECOND} requests/s hold a connection for ${2 * HOLD_MS} ms and a second one for half of it, acquire timeout ${ACQUIRE_TIMEOUT_MS} ms`
      : `share of waits beyond ${WAIT_TARGET_MS} ms; ${REQUESTS_PER_SECOND} requests/s hold a connection for ${HOLD_MS} ms on average`,
    `node-postgres on PostgreSQL ${postgres}, ${seconds} s after ${WARM_UP_SECONDS} s of warm-up, seeds ${seeds.join(", ")}`,
    "",
    ...columns([
      ["", "pool", ...(isNested ? ["safe from"] : []), "predicted", "measured", "by seed", ""],
      ...rows.map((row) => [
        row.name,
        String(row.poolMax),
        ...(isNested ? [String(row.safeSize)] : []),
        rangeText(row.predicted),
        withInterval(row.measured, percent),
        row.bySeed.map(percent).join(", "),
        row.verdict,
      ]),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}
