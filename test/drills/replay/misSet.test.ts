import { describe, expect, it } from "vitest";
import type { Alarm, MetricAlarm } from "../../../drills/replay/alarm";
import { isFaultySet, shippedScenarios } from "../../../drills/replay/scenario";
import { simulate } from "../../../drills/replay/simulate";
import { checkExpectations } from "../../../drills/replay/verdict";
import { InputError } from "../../../policies/kit/errors";
import type { Comparison } from "../../../policies/model/cloudwatch/alarm";
import { shipped } from "./samples";

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

const alarms = new Map(scenarios.flatMap((scenario) => scenario.alarms.map((alarm) => [alarm.id, alarm])));

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
    expect(alarms.size).toBeGreaterThan(30);
  });

  it.each([...alarms.keys()])("%s cannot be removed unnoticed", (id) => {
    expect(
      redWith(id, () => []),
      UNNOTICED,
    ).toBeDefined();
  });

  const mistakes = [...alarms.values()].flatMap((alarm) =>
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
