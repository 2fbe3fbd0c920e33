import { junitXml, type TestCase } from "../../../policies/kit/junit";
import type { Format } from "../commandLine";
import type { StressReport } from "./stressReport";
import { toText } from "./text";

export function render(report: StressReport, format: Format): string {
  switch (format) {
    case "text":
      return toText(report);
    case "json":
      return `${JSON.stringify(report, rounded, 2)}\n`;
    case "junit":
      return junitXml("stress", [{ name: report.stack, cases: casesOf(report) }]);
  }
}

/** Digits beyond the sixth are noise; what is not known, or not finite, is null. */
const rounded = (_key: string, value: unknown): unknown => {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Number.isFinite(value) ? Math.round(value * 1e6) / 1e6 : null;
};

/** For build servers: the outcome, each self-check, each drill, each ratio of the baseline. */
function casesOf(report: StressReport): TestCase[] {
  const { phases, drills, baseline, pgbench } = report;
  const [main] = phases;
  return [
    { name: questionOf(report), failures: report.outcome === "passed" ? [] : report.reasons },
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
