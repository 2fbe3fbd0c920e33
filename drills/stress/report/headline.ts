import type { StressReport } from "./stressReport";

const MARKS = { passed: "✔", failed: "✖", void: "∅" } as const;

/** What the command has come to in one line, the first of every form of the report. */
export function headline({ outcome, stack, run, pool, incident, drills }: StressReport): string {
  const mark = `${MARKS[outcome]} ${stack}`;
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
