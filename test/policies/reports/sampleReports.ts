import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { assess, type Levels } from "../../../policies/reports/assess";
import type { Report } from "../../../policies/reports/report";
import { environment, resource, type Sample, samplePlan } from "../samplePlan";

/** A few rules: enough for every part of a report, and no other rule's finding changes what tests of formats see. */
export const LEVELS: Levels = {
  "pool-floor": "mandatory",
  "connection-budget": "mandatory",
  "acquire-timeout": "mandatory",
  "demand-declared": "advisory",
  undecided: "mandatory",
};

export const TODAY = new Date("2026-06-15T12:00:00Z");

export function reportOf(changes: Partial<Sample>, settings: Partial<Settings> = {}): Report {
  const plan = samplePlan(changes);
  return assess(plan, { ...DEFAULT_SETTINGS, ...settings }, LEVELS, undefined, undefined, TODAY);
}

export const STARVED: Partial<Sample> = { environment: environment({ DB_POOL_MAX: "3" }) };

const EXCEPTION = {
  rule: "pool-floor",
  resource: "api",
  reason: "replaced next week",
  owner: "team auth",
  expires: "2026-07-01",
};

/** Names, reasons and owners that try to become something else in each of the formats. */
export const HOSTILE =
  "</failure>]]><script>&amp; | `x`` \u001b[31m\u0000\u202e \" ' @everyone [a](http://b) \\ <!--\n#1";

/** One report of each kind: what every format must be able to carry. */
export const REPORTS: { readonly [kind: string]: Report } = {
  accepted: reportOf({}),
  rejected: reportOf(STARVED),
  undecided: reportOf({ taskDefinition: { containerDefinitions: UNKNOWN } }),
  excepted: reportOf(STARVED, { exceptions: [EXCEPTION] }),
  "with exceptions that do not hold": reportOf(STARVED, {
    neverExcepted: ["connection-budget"],
    exceptions: [
      { ...EXCEPTION, expires: "2026-01-01" },
      { ...EXCEPTION, owner: "", malformed: "owner: must not be empty" },
      { ...EXCEPTION, rule: "connection-budget" },
      { ...EXCEPTION, rule: "acquire-timeout" },
    ],
  }),
  "without a database": reportOf({
    database: { engine: "oracle-ee" },
    scaling: undefined,
    service: { desiredCount: UNKNOWN },
  }),
  hostile: reportOf(
    {
      ...STARVED,
      extra: [
        resource("aws:rds/instance:Instance", `db ${HOSTILE}`, { engine: HOSTILE, identifier: HOSTILE }),
      ],
      taskDefinition: { family: HOSTILE },
    },
    {
      exceptions: [
        { ...EXCEPTION, reason: HOSTILE, owner: HOSTILE },
        { ...EXCEPTION, resource: HOSTILE },
      ],
    },
  ),
};
