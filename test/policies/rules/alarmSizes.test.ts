import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { alarmShape } from "../../../policies/rules/alarmShape";
import { alarmUrn, compositeAlarm, connectionsAlarm, topic } from "../sampleAlarms";
import { urn } from "../samplePlan";
import { findingsOf } from "./findings";
import { NOTHING, shape } from "./watchedAlarm";

const COMPOSITE = urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "cause");
const rejected = (
  resource: string,
  text: string,
  fix: string,
  observed: number,
  max: number,
  unit: string,
) => ({
  violations: [
    {
      resource,
      text: `${text}: the deployment stops there.`,
      fix,
      observed,
      allowed: { min: null, max },
      unit,
    },
  ],
  undecided: [],
});
/** What is found where a composite stands beside the alarm that it reads. */
const composite = (properties: PropertyMap) =>
  findingsOf(alarmShape, {
    alarms: [topic(), connectionsAlarm(), compositeAlarm("cause", properties)],
  });
const READS = 'ALARM("shop-connections")';
const HOLDS = { actionsSuppressor: { alarm: "shop-connections", waitPeriod: 60 } };

describe("the texts of an alarm", () => {
  it.each([
    ["name", "name", 255],
    ["alarmDescription", "description", 1024],
  ])("%s has a limit", (property, called, most) => {
    expect(shape(connectionsAlarm({ [property]: "d".repeat(most) }))).toEqual(NOTHING);
    expect(shape(connectionsAlarm({ [property]: "d".repeat(most + 1) }))).toEqual(
      rejected(
        alarmUrn("connections"),
        `The ${called} of alarm connections has ${most + 1} characters, and CloudWatch takes ${most}`,
        `Shorten the ${called}`,
        most + 1,
        most,
        "characters",
      ),
    );
    expect(shape(connectionsAlarm({ [property]: UNKNOWN }))).toEqual(NOTHING);
  });

  it("are those of a composite too", () => {
    expect(composite({ alarmRule: READS, alarmDescription: "d".repeat(1025) })).toEqual(
      rejected(
        COMPOSITE,
        "The description of alarm cause has 1025 characters, and CloudWatch takes 1024",
        "Shorten the description",
        1025,
        1024,
        "characters",
      ),
    );
  });
});

describe("the actions of an alarm", () => {
  const arns = (n: number) => Array.from({ length: n }, (_, at) => `arn:aws:sns:eu-west-1:1:topic-${at}`);

  it.each(["alarmActions", "okActions", "insufficientDataActions"])("are five at most in %s", (property) => {
    expect(shape(connectionsAlarm({ [property]: arns(5) }))).toEqual(NOTHING);
    expect(shape(connectionsAlarm({ [property]: arns(6) }))).toEqual(
      rejected(
        alarmUrn("connections"),
        `\`${property}\` of alarm connections has 6 entries, and CloudWatch takes 5 for each state`,
        "Let one SNS topic tell all of them",
        6,
        5,
        "actions",
      ),
    );
    expect(shape(connectionsAlarm({ [property]: UNKNOWN }))).toEqual(NOTHING);
  });
});

describe("the rule of a composite", () => {
  const padded = (length: number) => READS.padEnd(length, " ");
  const reading = (n: number) =>
    [READS, ...Array.from({ length: n - 1 }, (_, at) => `ALARM(a${at})`)].join(" OR ");
  const undecided = (reason: string, more: object = {}) => ({
    violations: [],
    undecided: [{ resource: COMPOSITE, property: "alarmRule", reason, ...more }],
  });

  it("has 10240 characters at most", () => {
    expect(composite({ alarmRule: padded(10_240) })).toEqual(NOTHING);
    expect(composite({ alarmRule: padded(10_241) })).toEqual(
      rejected(
        COMPOSITE,
        "The rule of composite alarm cause has 10241 characters, and CloudWatch takes 10240",
        "Split it into composites that a further one reads",
        10_241,
        10_240,
        "characters",
      ),
    );
  });

  it("reads 100 alarms at most, each counted once", () => {
    expect(composite({ alarmRule: reading(100) })).toEqual(NOTHING);
    expect(composite({ alarmRule: `${reading(100)} OR OK(a0) OR ${READS}` })).toEqual(NOTHING);
    expect(composite({ alarmRule: reading(101) })).toEqual(
      rejected(
        COMPOSITE,
        "Composite alarm cause reads 101 alarms, and CloudWatch takes 100",
        "Split it into composites that a further one reads",
        101,
        100,
        "alarms",
      ),
    );
  });

  it("is counted by what it is made from while it is hidden", () => {
    const alarms = Array.from({ length: 101 }, (_, at) => connectionsAlarm({}, {}, `c${at}`));
    const made = (n: number) => {
      const urns = alarms.slice(0, n).map(({ urn: each }) => each);
      const cause = compositeAlarm("cause", { alarmRule: UNKNOWN }, { alarmRule: urns });
      return findingsOf(alarmShape, { alarms: [topic(), ...alarms, cause] }).violations.map(
        ({ observed }) => observed,
      );
    };
    expect(made(100)).toEqual([]);
    expect(made(101)).toEqual([101]);
  });

  it("is needed, and its size is open while it is hidden", () => {
    const expected = "a rule over the states of alarms";
    expect(composite({ ...HOLDS })).toEqual(
      undecided(`\`alarmRule\` is not set, not ${expected}`, { malformed: { shown: "not set", expected } }),
    );
    expect(composite({ ...HOLDS, alarmRule: 5 })).toEqual(
      undecided("`alarmRule` is 5, not text", { malformed: { shown: "5", expected: "text" } }),
    );
    expect(composite({ ...HOLDS, alarmRule: UNKNOWN })).toEqual(NOTHING);
  });

  it("is none of poolproof's business where it reads alarms on other things alone", () => {
    expect(composite({ alarmRule: "ALARM(other)".padEnd(10_241, " ") })).toEqual(NOTHING);
  });
});
