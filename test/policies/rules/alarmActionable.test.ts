import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, compositeAlarm, connectionsAlarm, metricAlarm, topic } from "../sampleAlarms";
import { resource, type Sample, urn } from "../samplePlan";
import { by, judge, only } from "./judge";

const RULE = "alarm-actionable";
const ARN = "arn:aws:sns:eu-west-1:123456789012:alarms";
const judged = (...alarms: Sample["alarms"]) => judge({ alarms: [topic(), ...alarms] });
const connections = (...changes: Parameters<typeof connectionsAlarm>) => judged(connectionsAlarm(...changes));
const silent = connectionsAlarm({ alarmActions: [] });
const reads = (alarmRule: PropertyValue, more: PropertyMap = {}, name = "cause") =>
  compositeAlarm(name, { alarmRule, ...more });
const undecided = (report: ReturnType<typeof judge>) => report.undecided.filter(({ rule }) => rule === RULE);

describe(RULE, () => {
  it("accepts an ARN, one that is yet to be made, and a list that is made from a topic", () => {
    const lists: readonly PropertyValue[] = [
      [ARN],
      [UNKNOWN],
      UNKNOWN,
      ["arn:aws:ssm:eu-west-1:1:opsitem:2"],
    ];
    for (const alarmActions of lists) {
      const report = connections({ alarmActions });
      expect(by(report, RULE)).toEqual([]);
      expect(undecided(report)).toEqual([]);
    }
  });

  it("rejects an alarm that tells nobody", () => {
    for (const alarmActions of [[], undefined]) {
      expect(only(connections({ alarmActions }), RULE)).toMatchObject({
        level: "mandatory",
        resource: alarmUrn("connections"),
        message: expect.stringContaining("it goes off and tells nobody"),
      });
    }
    expect(only(connections({ actionsEnabled: false }), RULE).fix).toBe("Set `actionsEnabled` to true");
  });

  it("rejects an action that is no ARN", () => {
    for (const action of ["", "alarms", 5]) {
      expect(only(connections({ alarmActions: [action] }), RULE).message).toContain("is no ARN");
    }
  });

  it("is undecided about a list that is hidden, and about a switch that is", () => {
    expect(undecided(connections({ alarmActions: UNKNOWN }, { alarmActions: [] }))).toHaveLength(1);
    expect(undecided(connections({ alarmActions: [UNKNOWN] }, { alarmActions: [] }))).toHaveLength(1);
    expect(undecided(connections({ actionsEnabled: UNKNOWN }))).toHaveLength(1);
  });

  describe("an alarm without an action", () => {
    it.each([
      'ALARM("shop-connections")',
      "ALARM(shop-connections) AND NOT ALARM(other)",
      "TRUE AND (OK(other) OR ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:shop-connections))",
    ])("passes where a composite that acts reads it: %s", (rule) => {
      expect(by(judged(silent, reads(rule)), RULE)).toEqual([]);
    });

    it("passes where the composite's rule is hidden and made from it", () => {
      const hidden = compositeAlarm("cause", { alarmRule: UNKNOWN }, { alarmRule: [silent.urn] });
      expect(by(judged(silent, hidden), RULE)).toEqual([]);
    });

    it("passes through a composite that another one reads, and as what holds another one's actions back", () => {
      const quiet = reads('ALARM("shop-connections")', { alarmActions: [] });
      const loud = reads('ALARM("shop-cause")', {}, "page");
      expect(by(judged(silent, quiet, loud), RULE)).toEqual([]);
      const held = reads(
        "ALARM(other)",
        { actionsSuppressor: { alarm: "shop-connections", waitPeriod: 60 } },
        "held",
      );
      expect(by(judged(silent, held), RULE)).toEqual([]);
    });

    it("does not pass where nobody reads it, or who reads it tells nobody either", () => {
      expect(by(judged(silent, reads('ALARM("another")')), RULE)).toHaveLength(1);
      const quiet = reads('ALARM("shop-connections")', { alarmActions: [] });
      expect(by(judged(silent, quiet), RULE).map(({ resource }) => resource.split("::").pop())).toEqual([
        "connections",
        "cause",
      ]);
      const off = reads('ALARM("shop-connections")', { actionsEnabled: false });
      expect(by(judged(silent, off), RULE)).toHaveLength(2);
    });

    it("is undecided where a composite's rule is hidden and may read it", () => {
      const report = judged(silent, compositeAlarm("cause", { alarmRule: UNKNOWN }));
      expect(by(report, RULE)).toEqual([]);
      expect(undecided(report)[0]?.reason).toContain("the rule of composite alarm cause");
    });

    it("does not hang where composites read each other in a circle", () => {
      const a = reads('ALARM("shop-b") OR ALARM("shop-connections")', { alarmActions: [] }, "a");
      const b = reads('ALARM("shop-a")', { alarmActions: [] }, "b");
      expect(by(judged(silent, a, b), RULE)).toHaveLength(3);
    });
  });

  describe("an EventBridge rule", () => {
    const heard = (pattern: PropertyValue, more: PropertyMap = {}, made: readonly string[] = []) =>
      by(
        judge({
          alarms: [topic(), silent],
          extra: [
            resource(
              "aws:cloudwatch/eventRule:EventRule",
              "alarms",
              { eventPattern: pattern, ...more },
              made.length > 0 ? { eventPattern: made } : {},
            ),
          ],
        }),
        RULE,
      ).length === 0;
    const change = (more: object = {}) =>
      JSON.stringify({
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        ...more,
      });

    it("that hears alarms go off passes them on", () => {
      expect(heard(change())).toBe(true);
      expect(
        heard(change({ detail: { alarmName: ["shop-connections"], state: { value: ["ALARM"] } } })),
      ).toBe(true);
      expect(heard(change({ detail: { alarmName: [{ prefix: "shop-" }] } }))).toBe(true);
      expect(heard(change({ resources: ["arn:aws:cloudwatch:eu-west-1:1:alarm:shop-connections"] }))).toBe(
        true,
      );
      expect(heard(UNKNOWN, {}, [silent.urn])).toBe(true);
    });

    it("that hears others, other states, other events or nothing does not", () => {
      expect(heard(change({ detail: { alarmName: ["bank-connections"] } }))).toBe(false);
      expect(heard(change({ detail: { state: { value: ["OK"] } } }))).toBe(false);
      expect(heard(change(), { state: "DISABLED" })).toBe(false);
      expect(heard(change(), { isEnabled: false })).toBe(false);
      expect(heard('{"source":["aws.ecs"]}')).toBe(false);
      expect(heard("{")).toBe(false);
      expect(heard(UNKNOWN, {}, [urn("aws:sns/topic:Topic", "alarms")])).toBe(false);
    });
  });

  it("asks neither runbook nor missing data of an alarm that only scales", () => {
    const bare = { alarmDescription: undefined, treatMissingData: undefined };
    const policy =
      "arn:aws:autoscaling:eu-west-1:1:scalingPolicy:2:resource/ecs/service/main/api:policyName/out";
    const made = urn("aws:appautoscaling/policy:Policy", "out");
    expect(by(connections({ ...bare, alarmActions: [policy] }), RULE)).toEqual([]);
    expect(by(connections({ ...bare, alarmActions: [UNKNOWN] }, { alarmActions: [made] }), RULE)).toEqual([]);
    expect(by(connections({ ...bare, alarmActions: [policy, ARN] }), RULE)).toHaveLength(2);
    expect(by(connections({ ...bare, alarmActions: [UNKNOWN] }), RULE)).toHaveLength(2);
  });

  describe("missing data", () => {
    it.each(["breaching", "notBreaching", "ignore"])("may be %s", (treatMissingData) => {
      expect(by(connections({ treatMissingData }), RULE)).toEqual([]);
    });

    it("may not be left at what CloudWatch does by itself", () => {
      for (const treatMissingData of ["missing", undefined]) {
        expect(only(connections({ treatMissingData }), RULE).message).toContain(
          "INSUFFICIENT_DATA and tells nobody",
        );
      }
      expect(only(connections({ treatMissingData: "breeching" }), RULE).observed).toBe("breeching");
      expect(undecided(connections({ treatMissingData: UNKNOWN }))).toHaveLength(1);
    });

    it("may be missing where the metric is absent at rest, somebody is told, or a composite asks for it", () => {
      const missing = { treatMissingData: "missing" };
      expect(by(connections({ ...missing, metricName: "DBLoad", threshold: 16 }), RULE)).toEqual([]);
      expect(by(connections({ ...missing, insufficientDataActions: [ARN] }), RULE)).toEqual([]);
      const asks = reads("INSUFFICIENT_DATA(shop-connections)");
      expect(by(judged(connectionsAlarm(missing), asks), RULE)).toEqual([]);
      expect(by(judged(connectionsAlarm(missing), reads("ALARM(shop-connections)")), RULE)).toHaveLength(1);
    });
  });

  describe("the runbook", () => {
    it.each([
      "Too many. https://wiki.example.com/db",
      "See docs/runbooks/connections.md",
      "Runbook: DB-17",
      "playbook=connections",
      "(../runbooks/rds.html)",
    ])("is named by: %s", (alarmDescription) => {
      expect(by(connections({ alarmDescription }), RULE)).toEqual([]);
    });

    it.each([
      "",
      "Too many connections",
      "connections/second above 5",
      "there is no runbook",
      "https://",
    ])("is not named by: %s", (alarmDescription) => {
      expect(only(connections({ alarmDescription }), RULE).fix).toContain("`alarmDescription`");
    });

    it("is not asked of an alarm that speaks through a composite, and is of the composite", () => {
      const bare = connectionsAlarm({ alarmActions: [], alarmDescription: undefined });
      expect(by(judged(bare, reads("ALARM(shop-connections)")), RULE)).toEqual([]);
      const mute = reads("ALARM(shop-connections)", { alarmDescription: "cause" });
      expect(only(judged(bare, mute), RULE).resource).toBe(
        urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "cause"),
      );
    });
  });

  it("leaves alarms alone that are none of poolproof's business", () => {
    const queue = metricAlarm("queue", {
      namespace: "AWS/SQS",
      metricName: "X",
      alarmActions: [],
      statistic: "Sum",
    });
    expect(by(judged(queue, reads("ALARM(shop-queue)", { alarmActions: [] })), RULE)).toEqual([]);
  });
});
