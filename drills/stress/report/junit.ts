import type { StressReport } from "./stressReport";

interface Case {
  readonly name: string;
  readonly failures: readonly string[];
  readonly skipped?: string | undefined;
}

/** The report as JUnit XML, for build servers: the outcome, each self-check, each drill, each ratio of the baseline. */
export function toJunit(report: StressReport): string {
  const cases = casesOf(report);
  const totals = attributes({
    tests: cases.length,
    failures: cases.filter(({ failures }) => failures.length > 0).length,
    errors: 0,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "stress" })}${totals}>`,
    `  <testsuite${attributes({ name: report.stack })}${totals}>`,
    ...cases.flatMap((each) => element(each, report.stack)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function casesOf(report: StressReport): Case[] {
  const { pgbench } = report;
  return [
    {
      name: questionOf(report),
      failures: report.outcome === "passed" ? [] : report.reasons,
    },
    ...(report.phases[0]?.selfChecks ?? []).map(({ name, passed, detail }) => ({
      name,
      failures: passed ? [] : [detail],
    })),
    ...report.drills.map((drill) => ({
      name: `drill ${drill.name}`,
      failures: drill.passed ? [] : drill.reasons,
    })),
    ...report.baseline.map(({ name, now, baseline, limit, within }) => ({
      name: `baseline: ${name}`,
      failures: within ? [] : [`${now.toFixed(2)} is more than ${limit} × ${baseline.toFixed(2)}`],
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

function element({ name, failures, skipped }: Case, stack: string): string[] {
  const open = `    <testcase${attributes({ name, classname: `stress.${stack}` })}`;
  if (skipped !== undefined)
    return [`${open}>`, `      <skipped${attributes({ message: skipped })}/>`, "    </testcase>"];
  const [first] = failures;
  if (first === undefined) return [`${open}/>`];
  return [
    `${open}>`,
    `      <failure${attributes({ message: first })}>${text(failures.join("\n"))}</failure>`,
    "    </testcase>",
  ];
}

const attributes = (values: { readonly [name: string]: string | number }): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${text(String(value))}"`)
    .join("");

/** XML 1.0 holds no control characters but tab and line breaks (section 2.2). */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\uFFFD]/gu, "?")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
