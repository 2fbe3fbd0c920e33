import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError, isRecord } from "../../../policies/kit/errors";
import { percent } from "../../../policies/kit/text";
import type { Trace } from "../../replay/trace";
import { lastLine, runEntry } from "../lab/childProcess";
import { type PhaseReport, voidReasons } from "../measure/phaseReport";
import type { IncidentResult } from "../report/stressReport";
import type { RunOutcome } from "./verdict";

/** An incident of the past that is rehearsed: first as it was, then with the pool inside its window. */
export interface Incident {
  readonly stack: string;
  /** By how much the failing share may differ from the prediction, as a share of all requests. */
  readonly toleranceShare: number;
  /** The cause that the alarms must name from the run's own metrics. */
  readonly cause: string;
  readonly report: string;
}

/** Stacks that are expected to be rejected, and are run for that very reason. */
export const INCIDENTS: readonly Incident[] = [
  {
    stack: "incident-2024-09-02",
    toleranceShare: 0.06,
    cause: "pool-starved",
    report: "docs/incidents/2024-09-02.md",
  },
];

export const incidentOf = (stack: string): Incident | undefined =>
  INCIDENTS.find((incident) => incident.stack === stack);

/** An incident's stack is rehearsed; with another pool than that day's it is a stack like any other. */
export const incidentToRehearse = ({
  options,
  stack,
}: {
  readonly options: { readonly poolMax?: number };
  readonly stack: { readonly stack: string };
}): Incident | undefined => (options.poolMax === undefined ? incidentOf(stack.stack) : undefined);

/** Share of `max_connections`, and of a CPU for each task, below which a database is calm. */
const CALM_CONNECTIONS = 0.5;
const CALM_CPUS = 0.5;

interface IncidentPhases {
  /** As it was. */
  readonly outage: PhaseReport;
  /** The same load with the pool inside its window. */
  readonly safe: PhaseReport;
  readonly maxConnections: number;
  readonly cpus: number;
  readonly namedCause: string | null;
}

export function incidentResult(incident: Incident, phases: IncidentPhases): IncidentResult {
  const { outage, safe, maxConnections, cpus, namedCause } = phases;
  const { connections, cpus: busy, lockWaits, active } = outage.database;
  const measured = outage.measured.failedShare.mean;
  const predicted = outage.predicted.failedShare;
  return {
    name: incident.stack,
    report: incident.report,
    measuredFailedShare: measured,
    predictedFailedShare: predicted,
    toleranceShare: incident.toleranceShare,
    asPredicted: Math.abs(measured - predicted) <= incident.toleranceShare,
    databaseCalm:
      connections.max <= CALM_CONNECTIONS * maxConnections &&
      (busy === null || busy <= CALM_CPUS * cpus) &&
      lockWaits < 1 &&
      active <= CALM_CPUS * cpus + 1,
    databaseShare: { connections: connections.max, maxConnections },
    safePool: safe.poolMax,
    failedWithSafePool: safe.measured.attempted - safe.measured.succeeded,
    namedCause,
  };
}

/** An incident is rehearsed well when the outage shows as predicted, in the signals of the day, and the fix prevents it. */
export function incidentOutcome(
  incident: Incident,
  result: IncidentResult,
  { outage, safe }: Pick<IncidentPhases, "outage" | "safe">,
): RunOutcome {
  const problems = [outage, safe].flatMap(voidReasons);
  if (problems.length > 0) return { outcome: "void", reasons: problems };
  const { measuredFailedShare, predictedFailedShare, toleranceShare, namedCause } = result;
  const reasons = [
    ...(result.asPredicted
      ? []
      : [
          `${percent(measuredFailedShare, 1)} of requests failed, ${percent(predictedFailedShare, 1)} were predicted (within ${100 * toleranceShare} points)`,
        ]),
    ...(result.databaseCalm ? [] : ["the database was not calm while requests failed"]),
    ...(result.failedWithSafePool === 0
      ? []
      : [`${result.failedWithSafePool} requests failed with the safe pool of ${result.safePool}`]),
    ...(namedCause === null || namedCause === incident.cause
      ? []
      : [`the alarms name ${namedCause || "no cause"} instead of ${incident.cause}`]),
  ];
  return { outcome: reasons.length === 0 ? "passed" : "failed", reasons };
}

/**
 * The cause that the stack's own alarms name from a run's metrics, found by `npm run replay` itself; empty when they name
 * none.
 * @param folder - Where the trace lies meanwhile.
 * @throws InputError when the replay does not take the trace.
 */
export async function namedCause(trace: Trace, stack: string, folder: string): Promise<string> {
  const traceFile = join(folder, "trace.json");
  const reportFile = join(folder, "replay.json");
  writeFileSync(traceFile, JSON.stringify(trace));
  const args = ["--trace", traceFile, "--stack", stack, "--format", "json", "--output", reportFile];
  const { stderr } = await runEntry("drills/replay/cli.ts", args, process.env);
  if (existsSync(reportFile)) return causeIn(JSON.parse(readFileSync(reportFile, "utf8")));
  throw new InputError(`the replay does not take the run's trace: ${lastLine(stderr)}`);
}

/** The first cause of the first scenario of a replay's report. */
export function causeIn(report: unknown): string {
  const scenarios = isRecord(report) && Array.isArray(report.scenarios) ? report.scenarios : [];
  const [first]: readonly unknown[] = scenarios;
  return isRecord(first) && typeof first.cause === "string" ? first.cause : "";
}
