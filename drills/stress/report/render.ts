import { junitXml, type TestCase } from "../../../policies/kit/junit";
import { columns, count, number, percent as percentOf } from "../../../policies/kit/text";
import type { Format } from "../commandLine";
import { type PhaseReport, voidReasons } from "../measure/phaseReport";
import type { Agreed, Agreement } from "../measure/prediction";
import type { Interval } from "../measure/statistics";
import type { LimitResult, StressReport } from "./stressReport";

/** @param seconds - How long the run took, for build servers. */
export function render(report: StressReport, format: Format, seconds = 0): string {
  switch (format) {
    case "text":
      return toText(report);
    case "json":
      return `${JSON.stringify(report, rounded, 2)}\n`;
    case "junit":
      return junitXml("stress", [{ name: report.stack, cases: casesOf(report, seconds) }]);
  }
}

/** Digits beyond the sixth are noise; what is not known, or not finite, is null. */
export const rounded = (_key: string, value: unknown): unknown => {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
};

/**
 * For build servers: the outcome, each self-check, each drill, each ratio of the baseline. A run that fails its self-checks
 * fails by them: what it was to answer was not judged.
 */
function casesOf(report: StressReport, seconds: number): TestCase[] {
  const { outcome, phases, drills, baseline, pgbench, reasons } = report;
  const [main] = phases;
  const isVoid = outcome === "void" && main?.selfChecks.some(({ passed }) => !passed) === true;
  return [
    {
      name: questionOf(report),
      seconds,
      ...(isVoid
        ? { skipped: `not judged: ${reasons.join("; ")}` }
        : { failures: outcome === "passed" ? [] : reasons }),
    },
    ...(main?.selfChecks ?? []).map(({ name, passed, detail }) => ({
      name,
      failures: passed ? [] : [detail],
    })),
    ...drills.map(({ name, passed, reasons }) => ({
      name: `drill ${name}`,
      failures: passed ? [] : reasons,
    })),
    ...baseline.map(({ name, now, baseline: kept, limit, within }) => ({
      name: `baseline: ${name}`,
      failures: within ? [] : [`${now.toFixed(2)} is more than ${limit} × ${kept.toFixed(2)}`],
    })),
    { name: "pgbench agrees", failures: [], skipped: pgbench.ran ? undefined : pgbench.reason },
  ];
}

function questionOf({ run, pool: { poolMax } }: StressReport): string {
  const questions = {
    pool: `logins hold with a pool of ${poolMax}`,
    incident: `the incident with a pool of ${poolMax} shows as predicted, and a safe pool prevents it`,
    drills: "the service recovers by itself",
  };
  return questions[run];
}

/** The report for a terminal. */
export function toText(report: StressReport): string {
  const sections = [
    [headline(report), ...report.reasons.map((reason) => `  ${reason}`)],
    probes(report),
    setup(report),
    incident(report),
    mainRun(report),
    modelBesideMeasurement(report),
    drills(report),
    pgbench(report),
    baseline(report),
    notReproduced(report),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function setup({ setup, pool: { tasks } }: StressReport): string[] {
  const { database, hashing, objectives } = setup;
  return [
    `${number(setup.requestsPerSecond)} requests/s over ${count(tasks, "task")} (scale ${setup.scale}, ${setup.scaleReason}; the stack: ${number(setup.declaredRequestsPerSecond)}/s), ${percent(setup.loginShare)} logins,`,
    `each acquisition holds ${setup.holdMs} ms on average; ${setup.seconds} s after ${setup.warmUpSeconds} s of warm-up, seed ${setup.seed}`,
    `PostgreSQL ${database.version} (${database.source}), max_connections ${database.maxConnections}; ${ms(setup.overheadMs)} of a hold are this machine's own`,
    `tolerated: ${objectives.toleratedFailurePercent} % failing, p99 ${objectives.toleratedLatencyMs} ms, ${100 * objectives.exceedance} % of waits beyond ${objectives.waitTargetMs} ms`,
    `hashing at production cost (2^${hashing.log2N}) takes ${Math.round(hashing.cpuMsPerHash)} ms of CPU: ${hashing.vcpuPerTask.toFixed(2)} of the ${hashing.taskVcpu} vCPU of a task; the lab hashes at next to none`,
  ];
}

/** Left out of a report on drills, in which the pool is not what is measured. */
function mainRun({ phases, drills }: StressReport): string[] {
  const [phase] = phases;
  if (phase === undefined || drills.length > 0) return [];
  const { measured, predicted, database } = phase;
  const failures = Object.entries(measured.outcomes).filter(([name]) => name !== "ok");
  return [
    `pool of ${phase.poolMax}`,
    ...columns([
      ["  ", "measured", "predicted"],
      ["  requests failed", withInterval(measured.failedShare, percent), percent(predicted.failedShare)],
      [
        "  waits beyond target",
        withInterval(measured.waitBeyondTarget, percent),
        percent(predicted.waitBeyondTarget),
      ],
      [
        "  mean wait",
        withInterval(measured.meanWaitMs, ms),
        predicted.meanWaitMs === undefined ? "grows" : ms(predicted.meanWaitMs),
      ],
      ["  wait p99", ms(measured.waitMs.p99), ms(predicted.waitP99Ms)],
      ["  latency p50, p99", `${ms(measured.latencyMs.p50)}, ${ms(measured.latencyMs.p99)}`, ""],
    ]),
    `  ${number(measured.attempted)} requests: ${number(measured.succeeded)} ok${failures.map(([name, n]) => `, ${number(n ?? 0)} ${name}`).join("")}`,
    `  database meanwhile: ${number(database.connections.max)} connections, ${fixed(database.active, 1)} sessions at work, ${database.cpus === null ? "CPU unknown" : `${database.cpus.toFixed(2)} CPUs`}, ${fixed(database.lockWaits, 1)} lock waits`,
    ...rampLine(phase),
    ...machineLines(phase),
  ];
}

function rampLine({ ramp }: PhaseReport): string[] {
  if (ramp === null) return [];
  const end =
    ramp.failingFrom === null ? "holds" : `first failures from ${ramp.failingFrom.toFixed(2)} × the peak`;
  return [
    `  beyond the peak, up to ${ramp.upTo} ×: ${end}; ${number(ramp.failed)} of ${number(ramp.attempted)} failed, p99 ${ms(ramp.latencyP99Ms)}`,
  ];
}

function machineLines({ bottlenecks, selfChecks }: PhaseReport): string[] {
  return [
    ...voidReasons({ selfChecks }).map((reason) => `  ∅ void: ${reason}`),
    ...bottlenecks.map(
      (reason) => `  ! the machine was the bottleneck: ${reason}; the model is not judged by this run`,
    ),
  ];
}

function modelBesideMeasurement(report: StressReport): string[] {
  if (report.drills.length > 0) return [];
  return [
    "model against measurement (95 % intervals by batch means)",
    ...columns(modelTable(report).map(([pool = "", ...cells]) => [`  ${pool}`, ...cells])),
    ...agreementLines(report.phases),
  ];
}

function agreementLines(phases: readonly PhaseReport[]): string[] {
  return phases.flatMap(({ poolMax, agreement, bottlenecks, predicted, predictedAsMeasured, measured }) => {
    if (predicted.utilisation >= 1) return [];
    if (bottlenecks.length > 0)
      return [`  pool of ${poolMax}: not judged, the machine was the bottleneck: ${bottlenecks.join("; ")}`];
    const asMeasured =
      predictedAsMeasured === null
        ? ""
        : `; held for ${ms(measured.holdMs)} on average, for which ${percent(predictedAsMeasured.waitBeyondTarget)} and ${ms(predictedAsMeasured.meanWaitMs)} are predicted`;
    return [`  pool of ${poolMax}: ${agreementText(agreement)}${asMeasured}`];
  });
}

/** `predicted P(wait) within the interval, mean wait outside it`. */
function agreementText({ waitBeyondTarget, meanWaitMs }: Agreement): string {
  const said: { readonly [agreed in NonNullable<Agreed>]: string } = {
    within: "within the interval",
    outside: "outside the interval",
    "too small to measure": "too small to measure, as predicted",
  };
  const of = (agreed: Agreed): string => (agreed === null ? "cannot be told" : said[agreed]);
  return waitBeyondTarget === meanWaitMs
    ? `predicted P(wait) and mean wait: ${of(waitBeyondTarget)}`
    : `predicted P(wait): ${of(waitBeyondTarget)}; mean wait: ${of(meanWaitMs)}`;
}

function incident({ incident }: StressReport): string[] {
  if (incident === null) return [];
  const { databaseShare } = incident;
  return [
    `the incident, rehearsed (${incident.report})`,
    `  ${percent(incident.measuredFailedShare)} of requests failed, ${percent(incident.predictedFailedShare)} predicted: ${incident.asPredicted ? "as predicted" : "not as predicted"} (within ${100 * incident.toleranceShare} points)`,
    `  the database meanwhile: ${incident.databaseCalm ? "calm" : "not calm"}, ${databaseShare.connections} of ${databaseShare.maxConnections} connections`,
    `  the same load with a pool of ${incident.safePool}: ${incident.failedWithSafePool === 0 ? "none failed" : `${incident.failedWithSafePool} failed`}`,
    ...(incident.namedCause === null ? [] : [`  the stack's alarms name: ${incident.namedCause}`]),
  ];
}

function probes({ limit }: StressReport): string[] {
  if (limit === null || limit.probes.length === 0) return [];
  const tried = limit.probes.map(
    ({ poolMax, holds, reasons }) => `  ${poolMax}: ${holds ? "holds" : `breaks, ${reasons[0]}`}`,
  );
  return ["pool sizes tried for the limit", ...tried];
}

/** What a search for the limit has found, or as much as it knows. */
function limitText({ breaksAt, holdsFrom, undecided }: LimitResult): string {
  const breaks = breaksAt === null ? [] : [`logins break at a pool of ${breaksAt}`];
  const holds = holdsFrom === null ? [] : [`hold from ${holdsFrom} on`];
  const known = [...breaks, ...(breaksAt === null ? holds.map((each) => `logins ${each}`) : holds)].join(
    " and ",
  );
  if (undecided !== null) {
    return `limit not found, a pool of ${undecided.poolMax} could not be measured${known && `; so far, ${known}`}`;
  }
  if (holdsFrom === null) return `logins break at every size tried, up to ${breaksAt}`;
  return breaksAt === null ? `logins hold with a pool of ${holdsFrom} already` : known;
}

function drills({ drills }: StressReport): string[] {
  if (drills.length === 0) return [];
  return [
    "reliability",
    ...drills.flatMap((drill) => [
      `  ${drill.passed ? "✔" : "✖"} ${drill.name}: ${drill.what}`,
      `    ${number(drill.failed)} of ${number(drill.attempted)} requests failed${failedAs(drill.outcomes)}; ${drill.recoveredAfterSeconds === 0 ? "none after it" : `the last ${drill.recoveredAfterSeconds} s after it`}; ${drill.wrongAnswers} wrong answers`,
      `    ${number(drill.sessions.answered)} logins answered, ${number(drill.sessions.found)} of their sessions in the table, ${drill.sessions.unanswered} more rows of ${drill.sessions.inDoubt} logins in doubt`,
      ...drill.reasons.map((reason) => `    ${reason}`),
      ...drill.notes.map((note) => `    ${note}`),
    ]),
  ];
}

function failedAs(outcomes: { readonly [outcome: string]: number }): string {
  const failed = Object.entries(outcomes).filter(([name]) => name !== "ok");
  return failed.length === 0 ? "" : ` (${failed.map(([name, n]) => `${n} ${name}`).join(", ")})`;
}

function pgbench({ pgbench }: StressReport): string[] {
  if (!pgbench.ran) return [`pgbench: skipped, ${pgbench.reason}`];
  const predicted = pgbench.predictedWaitMs === null ? "" : `, ${ms(pgbench.predictedWaitMs)} predicted`;
  return [
    `pgbench ${pgbench.version} with ${pgbench.poolMax} connections, the same SQL and rate as one task: ${pgbench.transactionsPerSecond.toFixed(1)} transactions/s, mean wait ${ms(pgbench.waitMs)}${predicted}`,
  ];
}

function baseline({ baseline }: StressReport): string[] {
  if (baseline.length === 0) return [];
  return [
    "against the baseline",
    ...baseline.map(
      ({ name, now, baseline: kept, limit, within }) =>
        `  ${within ? "✔" : "✖"} ${name}: ${now.toFixed(2)}, was ${kept.toFixed(2)} (may be ${limit} × as much)`,
    ),
  ];
}

function notReproduced({ setup }: StressReport): string[] {
  return [
    "not as deployed",
    ...[...setup.differences, ...setup.database.notReproduced].map((line) => `  ${line}`),
  ];
}

const MARKS = { passed: "✔", failed: "✖", void: "∅" } as const;

/** What the command has come to in one line, the first of every form of the report. */
export function headline({ outcome, stack, run, pool, incident, drills, limit }: StressReport): string {
  const mark = `${MARKS[outcome]} ${stack}`;
  if (limit !== null) {
    if (limit.undecided?.poolMax === pool.poolMax) return `${mark}: ${limitText(limit)}`;
    const verdict = pool.poolVerdict === "void" ? "is not judged, its run is void" : pool.poolVerdict;
    return `${mark}: ${limitText(limit)}; a pool of ${pool.poolMax} ${verdict}`;
  }
  if (outcome === "void") return `${mark} with a pool of ${pool.poolMax}: no verdict, the run is void`;
  const passed = outcome === "passed";
  switch (run) {
    case "pool":
      return `${mark} with a pool of ${pool.poolMax}: ${passed ? "holds" : "does not hold"}`;
    case "incident":
      return passed
        ? `${mark}: the incident, rehearsed: with a pool of ${pool.poolMax} the outage shows as predicted, and a pool of ${incident?.safePool} prevents it`
        : `${mark}: the incident, rehearsed with a pool of ${pool.poolMax}, did not go as it must`;
    case "drills": {
      const failed = drills.filter((drill) => !drill.passed);
      const names = (passed ? drills : failed).map(({ name }) => name).join(", ");
      return `${mark} with a pool of ${pool.poolMax}: ${passed ? "recovers by itself from" : "fails the drills"} ${names}`;
    }
  }
}

/**
 * The model beside what was measured, a row a pool, in words: what every form of the report shows. The first row is
 * the head; a pool that was not run has empty cells where measurements would stand.
 */
export function modelTable({ table, phases, setup }: StressReport): readonly (readonly string[])[] {
  const head = [
    "pool",
    "ρ",
    `P(wait > ${setup.objectives.waitTargetMs} ms)`,
    "measured",
    "mean wait",
    "measured",
    "failing",
    "measured",
  ];
  const rows = table.map((predicted) => {
    const seen = phases.find(({ poolMax }) => poolMax === predicted.poolMax)?.measured;
    return [
      `${predicted.poolMax}${predicted.poolMax === setup.floor ? " (floor)" : ""}`,
      predicted.utilisation.toFixed(2),
      percent(predicted.waitBeyondTarget),
      seen ? withInterval(seen.waitBeyondTarget, percent) : "",
      predicted.meanWaitMs === undefined ? "grows" : ms(predicted.meanWaitMs),
      seen ? withInterval(seen.meanWaitMs, ms) : "",
      percent(predicted.failedShare),
      seen ? withInterval(seen.failedShare, percent) : "",
    ];
  });
  return [head, ...rows];
}

/** With so many digits after the point; a dash for what was not measured. */
const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : "–";

/** As many digits as a value deserves. */
const digitsOf = (value: number, whole: number): number =>
  value >= whole ? 0 : value >= 1 || value === 0 ? 1 : 2;

export const percent = (share: number): string =>
  Number.isFinite(share) ? percentOf(share, digitsOf(100 * share, 10)) : "–";

const ms = (value: number | null | undefined): string =>
  typeof value === "number" && Number.isFinite(value) ? `${fixed(value, digitsOf(value, 100))} ms` : "–";

/** `12.3 ms (11.0–13.6)`. */
export function withInterval({ mean, low, high }: Interval, show: (value: number) => string): string {
  if (low === undefined || high === undefined) return show(mean);
  const bare = (value: number): string => show(value).replace(/ \S+$/, "");
  return `${show(mean)} (${bare(Math.max(0, low))}–${bare(high)})`;
}
