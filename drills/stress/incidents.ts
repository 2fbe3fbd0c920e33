/** An incident of the past that is rehearsed: first as it was, then with the pool inside its window. */
export interface IncidentDrill {
  readonly stack: string;
  /** By how much the failing share may differ from the prediction, as a share of all requests. */
  readonly toleranceShare: number;
  /** The cause that the alarms must name from the run's own metrics. */
  readonly cause: string;
  readonly report: string;
}

/** Stacks that are expected to be rejected, and are run for that very reason. */
export const INCIDENTS: readonly IncidentDrill[] = [
  {
    stack: "incident-2024-09-02",
    toleranceShare: 0.06,
    cause: "pool-starved",
    report: "docs/incidents/2024-09-02.md",
  },
];

export const incidentOf = (stack: string): IncidentDrill | undefined =>
  INCIDENTS.find((incident) => incident.stack === stack);

/** An incident's stack is rehearsed; with another pool than that day's it is a stack like any other. */
export const incidentToRehearse = ({
  options,
  stack,
}: {
  readonly options: { readonly poolMax: number | undefined };
  readonly stack: { readonly stack: string };
}): IncidentDrill | undefined => (options.poolMax === undefined ? incidentOf(stack.stack) : undefined);
