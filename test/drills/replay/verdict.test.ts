import { describe, expect, it } from "vitest";
import type { Alarm, MetricAlarm } from "../../../drills/replay/alarm";
import { readData } from "../../../drills/replay/input";
import { loadScenarios } from "../../../drills/replay/load";
import { runScenario, type ScenarioResult } from "../../../drills/replay/run";
import {
  type Expectations,
  isFaultySet,
  type PagingRequirement,
  pagingRequirement,
  parseScenario,
  scenarioPath,
  shippedScenarios,
} from "../../../drills/replay/scenario";
import { type Simulation, simulate } from "../../../drills/replay/simulate";
import { checkExpectations, checkRequirement } from "../../../drills/replay/verdict";
import { InputError } from "../../../policies/kit/errors";
import type { Comparison } from "../../../policies/model/cloudwatch/alarm";
import { metricAlarm, shipped, traceOf } from "./samples";

const results = new Map<string, ScenarioResult>();
for (const scenario of loadScenarios({
  scenarios: [],
  traces: [],
  stack: undefined,
  alarms: undefined,
  ingestionDelaySeconds: 60,
})) {
  results.set(scenario.name, runScenario(scenario));
}

function result(name: string): ScenarioResult {
  const found = results.get(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

describe("the shipped scenarios", () => {
  it.each(
    shippedScenarios(),
  )("%s: the alarms make of it what they must, whatever AWS leaves open", (name) => {
    const { verdict, differing, simulation } = result(name);
    expect(verdict.problems).toEqual([]);
    expect(differing).toEqual([]);
    // Every metric that an alarm of its stack reads is reported.
    if (!isFaultySet(name)) expect(simulation.blind).toEqual([]);
  });

  it("meet the bar: the outage's cause by name within five minutes of the first failure", () => {
    const { verdict, scenario } = result("outage-2024-09-02");
    expect(scenario.trace.startsAt).toBe("2024-09-02T01:00:00.000Z");
    expect(verdict.firstFailureSeconds).toBe(75 * 60);
    expect(verdict.minutesToDetect).toBeLessThanOrEqual(5);
  });

  it.each([
    ["outage-2024-09-02", "pool-starved"],
    ["outage-metrics-missing", "pool-starved"],
    ["too-many-tasks", "connections-exhausted"],
    ["reconnect-storm", "connection-storm"],
    ["slow-query", "database-saturated"],
    ["slow-query-metrics-missing", "database-saturated"],
    ["slow-downstream", "downstream-slow"],
    ["lock-contention", "lock-contention"],
    ["slow-storage", "storage-slow"],
    ["starved-task", "task-starved"],
    ["idle-in-transaction", "idle-in-transaction"],
  ])("%s names its own cause, %s, and no other", (name, cause) => {
    const { verdict } = result(name);
    expect(verdict).toMatchObject({ cause, wrongCauses: [] });
    expect(verdict.minutesToCause).toBeLessThanOrEqual(5);
  });

  it.each(["quiet-weeks", "deploy-surge", "marketing-peak", "metrics-missing"])("%s pages no one", (name) => {
    expect(result(name).verdict.pages).toEqual([]);
  });

  it("include two whole weeks", () => {
    expect(result("quiet-weeks").scenario.trace.series[0]?.values).toHaveLength(14 * 24 * 60);
  });
});

describe("a faulty alarm set", () => {
  it("pages on a healthy day where a gauge is summed", () => {
    expect(result("defect-gauge-summed").verdict.pages.length).toBeGreaterThan(0);
  });

  it("sees nothing of an exhausted database where the dimensions are missing", () => {
    const { verdict, simulation } = result("defect-no-dimensions");
    expect(verdict).toMatchObject({ pages: [], failed: true });
    expect(simulation.blind).toEqual(["logins-fail", "acquisitions-time-out"]);
  });

  it("is always in ALARM where a threshold is always exceeded", () => {
    expect(result("defect-always-fires").verdict.alwaysInAlarm).toEqual(["db-connections", "db-memory"]);
  });

  it("says nothing of the outage where only the database is watched", () => {
    expect(result("defect-database-only").verdict).toMatchObject({ pages: [], failed: true });
  });
});

/** An hour from 02:00 in which requests fail from minute 32 on. */
const failing = traceOf(Array(60).fill(0), [
  {
    namespace: "AWS/ApplicationELB",
    metric: "HTTPCode_Target_5XX_Count",
    statistic: "Sum",
    values: Array.from({ length: 60 }, (_, minute) => (minute >= 32 ? 400 : 1)),
  },
]);
const alarms = [
  metricAlarm({ id: "cause", cause: "cause" }),
  metricAlarm({ id: "other", cause: "other" }),
  metricAlarm({ id: "ticket", severity: "ticket" }),
];

/** What a set does that fires in these minutes. */
function firing(...at: readonly (readonly [minute: number, alarm: string])[]): Simulation {
  const events = at.map(([minute, alarm]) => ({ atSeconds: minute * 60, alarm }));
  return {
    transitions: events.map((event) => ({ ...event, from: "OK", to: "ALARM" })),
    actions: events.map((event) => ({ ...event, state: "ALARM" })),
    blind: [],
    equallyWeighted: [],
  };
}

describe("what any set of alarms must do", () => {
  const check = (requirement: PagingRequirement, of = alarms, ...minutes: readonly number[]) => {
    const simulation = firing(...minutes.map((minute) => [minute, "cause"] as const));
    const { passed, problems, minutesToDetect } = checkRequirement(of, simulation, failing, requirement);
    return { passed, problems: problems.length, minutesToDetect };
  };
  const faulty: PagingRequirement = { pages: true, fault: "02:30", withinMinutes: 5 };
  const quiet: PagingRequirement = { pages: false, fault: undefined, withinMinutes: 5 };

  it.each([
    ["in time after the first failure", [37], { passed: true, problems: 0, minutesToDetect: 5 }],
    ["too late", [38], { passed: false, problems: 1, minutesToDetect: 6 }],
    ["not at all", [], { passed: false, problems: 1, minutesToDetect: undefined }],
    ["before the first failure, after the fault", [31], { passed: true, problems: 0, minutesToDetect: -1 }],
    ["before the fault and in time", [29, 33], { passed: false, problems: 1, minutesToDetect: 1 }],
    ["only before the fault", [29], { passed: false, problems: 2, minutesToDetect: undefined }],
  ])("it pages where something is wrong: %s", (_, minutes, expected) => {
    expect(check(faulty, alarms, ...minutes)).toEqual(expected);
  });

  it("it is quiet where nothing is, and is not called quiet where none of it can be replayed", () => {
    expect(check(quiet)).toMatchObject({ passed: true });
    expect(check(quiet, alarms, 10, 20)).toMatchObject({ passed: false, problems: 1 });
    expect(check(quiet, [])).toMatchObject({ passed: false, problems: 1 });
  });

  it.each([
    ["outage-2024-09-02", true, "02:15", 5],
    ["near-limit", true, "11:00", 15],
    ["tasks-down", true, "08:30", 5],
    ["quiet-weeks", false, undefined, 5],
    ["slow-hashing", false, undefined, 5],
    // What a faulty set does is not what is right.
    ["defect-database-only", true, "02:15", 5],
    ["defect-gauge-summed", false, undefined, 5],
  ])("follows from the scenario: %s", (name, pages, fault, withinMinutes) => {
    const path = scenarioPath(name);
    expect(pagingRequirement(parseScenario(readData(path), path))).toEqual({ pages, fault, withinMinutes });
  });
});

describe("a scenario's expectations", () => {
  const expected = (change: Partial<Expectations>): Expectations => ({
    fault: "02:30",
    cause: "cause",
    withinMinutes: 5,
    pages: ["cause"],
    states: [],
    ...change,
  });
  const cause = [35, "cause"] as const;

  it.each<[string, Partial<Expectations>, Simulation, readonly RegExp[]]>([
    ["are met", {}, firing(cause), []],
    ["want the cause named", {}, firing(), [/cause was not named/, /paged: expected cause, found none/]],
    ["want it in time", {}, firing([38, "cause"]), [/named after 6 minutes, and 5/]],
    ["want no other", { pages: ["cause", "other"] }, firing(cause, [36, "other"]), [/other was named/]],
    ["want no cause where none is", { cause: undefined }, firing(cause), [/cause was named/]],
    ["want each page as often", {}, firing(cause, [40, "cause"]), [/expected cause, found cause, cause/]],
    [
      "let a faulty set page as it likes",
      { pages: [], falsePages: ["cause"] },
      firing(cause, [40, "cause"]),
      [],
    ],
    ["want tickets where they say so", { tickets: ["ticket"] }, firing(cause), [/tickets: expected ticket/]],
    ["leave tickets alone else", {}, firing(cause, [10, "ticket"]), []],
    [
      "want alarms that stay away",
      { never: ["ticket"] },
      firing(cause, [10, "ticket"]),
      [/ticket was .* 02:10/],
    ],
    [
      "all but some",
      { never: { allBut: ["cause"] } },
      firing(cause, [10, "ticket"]),
      [/^ticket was in ALARM/],
    ],
    ["blind ones named", { blind: ["other"] }, firing(cause), [/without a datapoint: expected other/]],
    [
      "want states at a time",
      { states: [{ at: "02:36", alarms: { cause: "OK", gone: "OK" } }] },
      firing(cause),
      [/cause at 02:36: expected OK, found ALARM/, /no alarm gone/],
    ],
  ])("%s", (_, change, simulation, problems) => {
    const verdict = checkExpectations(alarms, simulation, failing, expected(change));
    expect(verdict.problems).toEqual(problems.map((problem) => expect.stringMatching(problem)));
    expect(verdict.passed).toBe(problems.length === 0);
  });

  it("find an alarm that fires at once and for good to be always in ALARM", () => {
    const simulation = firing([1, "ticket"], cause);
    const { alwaysInAlarm, passed } = checkExpectations(alarms, simulation, failing, expected({}));
    expect({ alwaysInAlarm, passed }).toEqual({ alwaysInAlarm: ["ticket"], passed: false });
  });

  it("are nothing to miss for a bare trace, which is measured from its first failure", () => {
    expect(checkExpectations(alarms, firing(cause), failing, undefined)).toMatchObject({
      judgedBy: "nothing",
      passed: true,
      firstFailureSeconds: 32 * 60,
      minutesToCause: 3,
    });
  });
});

/** All but the fortnight, which takes longer than all others together and is not needed for any of these. */
const scenarios = shipped(
  ...shippedScenarios().filter((name) => !isFaultySet(name) && name !== "quiet-weeks"),
);

const OPPOSITE: { readonly [comparison in Comparison]: Comparison } = {
  GreaterThanThreshold: "LessThanOrEqualToThreshold",
  GreaterThanOrEqualToThreshold: "LessThanThreshold",
  LessThanThreshold: "GreaterThanOrEqualToThreshold",
  LessThanOrEqualToThreshold: "GreaterThanThreshold",
};

/** An alarm set wrongly in one way; `undefined` where that way does not concern it. */
type Mistake = (alarm: Alarm) => Alarm | undefined;

const onMetric =
  (change: (alarm: MetricAlarm) => Alarm | undefined): Mistake =>
  (alarm) =>
    alarm.kind === "metric" ? change(alarm) : undefined;

const below = ({ comparison }: MetricAlarm) => comparison.startsWith("Less");

const MISTAKES: { readonly [mistake: string]: Mistake } = {
  "with a threshold out of reach": onMetric((alarm) => ({
    ...alarm,
    threshold: alarm.threshold === 0 ? 10_000 : alarm.threshold * (below(alarm) ? 0.1 : 10),
  })),
  "with a threshold ten times as strict": onMetric((alarm) => ({
    ...alarm,
    threshold: alarm.threshold === 0 ? -1 : alarm.threshold * (below(alarm) ? 10 : 0.1),
  })),
  "compared the wrong way round": onMetric((alarm) => ({ ...alarm, comparison: OPPOSITE[alarm.comparison] })),
  "with missing data as breaching": onMetric((alarm) =>
    alarm.treatMissingData === "breaching" ? undefined : { ...alarm, treatMissingData: "breaching" },
  ),
  "with missing data as not breaching": onMetric((alarm) =>
    alarm.treatMissingData === "notBreaching" ? undefined : { ...alarm, treatMissingData: "notBreaching" },
  ),
  "on a single datapoint": onMetric((alarm) =>
    alarm.evaluationPeriods === 1 ? undefined : { ...alarm, evaluationPeriods: 1, datapointsToAlarm: 1 },
  ),
  "with a rule that never holds": (alarm) =>
    alarm.kind === "composite" ? { ...alarm, rule: "FALSE" } : undefined,
  "with a rule that always holds": (alarm) =>
    alarm.kind === "composite" ? { ...alarm, rule: "TRUE" } : undefined,
  "without its suppressor": (alarm) =>
    alarm.kind === "composite" && alarm.suppression ? { ...alarm, suppression: undefined } : undefined,
  "notifying no one": (alarm) => (alarm.severity === "signal" ? undefined : { ...alarm, severity: "signal" }),
};

/** Mistakes that change nothing, and why. */
const NO_MISTAKE: { readonly [alarmAndMistake: string]: string } = {
  "login-failure-rate with missing data as breaching":
    "its metric math fills every gap with 0, so that there is no missing data to treat",
  "symptom-persists with missing data as breaching":
    "its metric math fills every gap with 0, so that there is no missing data to treat",
  "symptom-persists with a threshold ten times as strict":
    "it counts symptoms, and 0.1 of a symptom is one symptom",
};

const misAlarms = new Map(scenarios.flatMap((scenario) => scenario.alarms.map((alarm) => [alarm.id, alarm])));

/** The first scenario that turns red when an alarm is replaced, or left out. */
function redWith(id: string, change: (alarm: Alarm) => readonly Alarm[]): string | undefined {
  return scenarios.find((scenario) => {
    if (!scenario.alarms.some((alarm) => alarm.id === id)) return false;
    const changed = scenario.alarms.flatMap((alarm) => (alarm.id === id ? change(alarm) : [alarm]));
    try {
      const result = simulate(changed, scenario.trace, scenario.options);
      return !checkExpectations(changed, result, scenario.trace, scenario.expected).passed;
    } catch (error) {
      // A rule that reads an alarm which is gone: CloudWatch refuses it, and so does the replay.
      if (error instanceof InputError) return true;
      throw error;
    }
  })?.name;
}

const UNNOTICED =
  "no scenario notices it: add an event to drills/replay/scenarios/what-runs-out.yaml, or a minute to bad-minutes.yaml";

describe("every alarm counts", () => {
  it("and all scenarios are green to begin with", () => {
    const red = scenarios.filter(
      ({ alarms: own, trace, options, expected }) =>
        !checkExpectations(own, simulate(own, trace, options), trace, expected).passed,
    );
    expect(red.map(({ name }) => name)).toEqual([]);
    expect(misAlarms.size).toBeGreaterThan(30);
  });

  it.each([...misAlarms.keys()])("%s cannot be removed unnoticed", (id) => {
    expect(
      redWith(id, () => []),
      UNNOTICED,
    ).toBeDefined();
  });

  const mistakes = [...misAlarms.values()].flatMap((alarm) =>
    Object.entries(MISTAKES).flatMap(([mistake, make]) =>
      make(alarm) === undefined ? [] : [[alarm.id, mistake] as const],
    ),
  );

  it.each(mistakes)("%s cannot be set wrongly unnoticed: %s", (id, mistake) => {
    const red = redWith(id, (alarm) => {
      const wrong = MISTAKES[mistake]?.(alarm);
      return wrong === undefined ? [] : [wrong];
    });
    const reason = NO_MISTAKE[`${id} ${mistake}`];
    if (reason === undefined) expect(red, UNNOTICED).toBeDefined();
    else expect(red, `${reason}; it now matters, so it is a mistake`).toBeUndefined();
  });

  it("excuses no mistake that cannot be made", () => {
    const made = new Set(mistakes.map(([id, mistake]) => `${id} ${mistake}`));
    expect(Object.keys(NO_MISTAKE).filter((excuse) => !made.has(excuse))).toEqual([]);
  });
});
