import type { IncidentDrill } from "../incidents";
import type { PhaseReport } from "../measure/phaseReport";
import type { IncidentResult } from "../report/stressReport";
import type { RunOutcome } from "./verdict";

/** Share of `max_connections`, and of a CPU for each task, below which a database is calm. */
const CALM_CONNECTIONS = 0.5;
const CALM_CPUS = 0.5;

export interface IncidentPhases {
  /** As it was. */
  readonly outage: PhaseReport;
  /** The same load with the pool inside its window. */
  readonly safe: PhaseReport;
  readonly maxConnections: number;
  readonly cpus: number;
  readonly namedCause: string | null;
}

export function incidentResult(incident: IncidentDrill, phases: IncidentPhases): IncidentResult {
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

/** An incident is rehearsed well when the outage shows as predicted, in the signals of the day, and the fix mends it. */
export function incidentOutcome(
  incident: IncidentDrill,
  result: IncidentResult,
  phases: Pick<IncidentPhases, "outage" | "safe">,
): RunOutcome {
  const isVoid = [phases.outage, phases.safe].filter((phase) => phase.void);
  if (isVoid.length > 0) {
    const failed = isVoid.flatMap(({ selfChecks }) => selfChecks.filter(({ passed }) => !passed));
    return { outcome: "void", reasons: failed.map(({ name, detail }) => `not ${name}: ${detail}`) };
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const reasons = [
    ...(result.asPredicted
      ? []
      : [
          `${percent(result.measuredFailedShare)} of requests failed, ${percent(result.predictedFailedShare)} were predicted (within ${100 * result.toleranceShare} points)`,
        ]),
    ...(result.databaseCalm ? [] : ["the database was not calm while requests failed"]),
    ...(result.failedWithSafePool === 0
      ? []
      : [`${result.failedWithSafePool} requests failed with the safe pool of ${result.safePool}`]),
    ...(result.namedCause === null || result.namedCause === incident.cause
      ? []
      : [`the alarms name ${result.namedCause || "no cause"} instead of ${incident.cause}`]),
  ];
  return { outcome: reasons.length === 0 ? "passed" : "failed", reasons };
}
