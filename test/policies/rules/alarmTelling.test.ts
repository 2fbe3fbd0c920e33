import { describe, expect, it } from "vitest";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmActionable } from "../../../policies/rules/alarmActionable";
import { alarmUrn, compositeAlarm, connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { DATABASE, resource, type Sample, urn } from "../samplePlan";
import { findingsOf } from "./findings";
import { NOTHING } from "./watchedAlarm";

const ARN = "arn:aws:sns:eu-west-1:123456789012:alarms";
const TOPIC = urn("aws:sns/topic:Topic", "alarms");
const POLICY = urn("aws:appautoscaling/policy:Policy", "out");
const SCALES = "arn:aws:autoscaling:eu-west-1:1:scalingPolicy:2:resource/ecs/service/main/api:policyName/out";

const told = (alarms: Sample["alarms"], extra: Sample["extra"] = []) =>
  findingsOf(alarmActionable, { alarms: [topic(), ...alarms], extra });
const connections = (...changes: Parameters<typeof connectionsAlarm>) => told([connectionsAlarm(...changes)]);
const cause = (properties: PropertyMap, made: readonly string[] = [], name = "cause") =>
  compositeAlarm(name, properties, { alarmRule: made });
const READS: PropertyMap = { alarmRule: 'ALARM("shop-connections")' };
const silent = connectionsAlarm({ alarmActions: [] });

const violation = (resource: string, text: string, fix: string, observed: string | null = null) => ({
  resource,
  text,
  fix,
  observed,
  allowed: null,
  unit: null,
});
const rejected = (text: string, fix: string, observed: string | null = null) => ({
  violations: [violation(alarmUrn("connections"), text, fix, observed)],
  undecided: [],
});
const open = (property: string, reason: string, more: object = {}) => ({
  resource: alarmUrn("connections"),
  property,
  reason,
  ...more,
});
const undecided = (...of: Parameters<typeof open>) => ({ violations: [], undecided: [open(...of)] });
const hidden = (property: string) =>
  undecided(property, `\`${property}\` is not known before the deployment`);
const unread = (name: string, why = "no action") =>
  `Alarm ${name} has ${why}, and neither a composite alarm that acts nor an EventBridge rule reads it: it goes off and tells nobody.`;
const NAME_A_TOPIC =
  "Name the `arn` of an SNS topic in `alarmActions`, or let a composite alarm with an action read it";
const SILENT = rejected(unread("connections"), NAME_A_TOPIC);

describe("an alarm that acts by itself", () => {
  it("names an ARN, and is told from one that has no action and one whose actions are off", () => {
    expect(connections({ alarmActions: [ARN] })).toEqual(NOTHING);
    expect(told([silent])).toEqual(SILENT);
    expect(connections({ actionsEnabled: false })).toEqual(
      rejected(unread("connections", "its actions turned off"), "Set `actionsEnabled` to true"),
    );
  });

  it.each([
    ["a name", "alarms", '"alarms"'],
    ["an ARN inside a sentence", `topic ${ARN}`, `"topic ${ARN.slice(0, 34)}"`],
    ["an ARN without its service", "arn:aws::eu-west-1", '"arn:aws::eu-west-1"'],
    ["a text too long to be shown", "a".repeat(41), `"${"a".repeat(40)}"`],
    ["no text", 5, "no text"],
  ])("does not name %s", (_what, action, shown) => {
    expect(connections({ alarmActions: [ARN, action] })).toEqual(
      rejected(
        `Alarm connections tells ${shown} in \`alarmActions\`, which is no ARN: CloudWatch refuses it, or nobody is told.`,
        "Name the `arn` of an SNS topic",
      ),
    );
  });

  it("is undecided while its actions or its switch are hidden or mistyped", () => {
    expect(connections({ alarmActions: UNKNOWN }, { alarmActions: [] })).toEqual(hidden("alarmActions"));
    expect(connections({ actionsEnabled: UNKNOWN })).toEqual(hidden("actionsEnabled"));
    expect(connections({ actionsEnabled: "on" })).toEqual(
      undecided("actionsEnabled", '`actionsEnabled` is "on", not true or false', {
        malformed: { shown: '"on"', expected: "true or false" },
      }),
    );
    expect(connections({ alarmActions: ARN })).toEqual(
      undecided("alarmActions", `\`alarmActions\` is "${ARN.slice(0, 39)}…", not a list of ARNs`, {
        malformed: { shown: `"${ARN.slice(0, 39)}…"`, expected: "a list of ARNs" },
      }),
    );
  });
});

describe("an alarm that only scales", () => {
  const bare = { alarmDescription: undefined, treatMissingData: undefined };
  const scales = (alarmActions: PropertyValue, made: readonly string[]) =>
    connections({ ...bare, alarmActions }, { alarmActions: made }).violations.length === 0;

  it("starts a policy that is known, yet to be made, or both", () => {
    expect(scales([SCALES], [])).toBe(true);
    expect(scales([UNKNOWN], [POLICY])).toBe(true);
    expect(scales([UNKNOWN, SCALES], [POLICY])).toBe(true);
    expect(scales([UNKNOWN], [urn("aws:autoscaling/policy:Policy", "out")])).toBe(true);
  });

  it("starts nothing else and tells nobody", () => {
    expect(scales([UNKNOWN, UNKNOWN], [POLICY, TOPIC])).toBe(false);
    expect(scales([SCALES, ARN], [])).toBe(false);
    expect(scales([SCALES, 5], [])).toBe(false);
    expect(scales(["arn:aws:sns:eu-west-1:1:arn:aws:autoscaling:x"], [])).toBe(false);
    expect(scales([], [POLICY])).toBe(false);
  });

  it("is not known to be one while its actions are hidden as a whole", () => {
    expect(connections({ alarmActions: UNKNOWN }, { alarmActions: [POLICY] })).toEqual(
      hidden("alarmActions"),
    );
  });
});

describe("an alarm that speaks through others", () => {
  const heard = (detail: object) =>
    resource("aws:cloudwatch/eventRule:EventRule", "heard", {
      eventPattern: JSON.stringify({
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail,
      }),
    });

  it("is read by a composite that acts, by its name or as what the rule is made from", () => {
    expect(told([silent, cause(READS)])).toEqual(NOTHING);
    expect(told([silent, cause({ alarmRule: UNKNOWN }, [silent.urn])])).toEqual(NOTHING);
    const held: PropertyMap = { alarmRule: "ALARM(other)", actionsSuppressor: UNKNOWN };
    const holding = compositeAlarm("cause", held, { actionsSuppressor: [silent.urn] });
    expect(told([silent, holding])).toEqual(NOTHING);
  });

  it("shares its name with others: whoever reads the name reads all of them", () => {
    const twin = connectionsAlarm({ alarmActions: [], name: "shop-connections" }, {}, "twin");
    expect(told([silent, twin, cause(READS)])).toEqual(NOTHING);
  });

  it("is heard where a composite that reads it is", () => {
    const quiet = cause({ ...READS, alarmActions: [] });
    expect(told([silent, quiet], [heard({ alarmName: ["shop-cause"] })])).toEqual(NOTHING);
    expect(told([silent, quiet], [heard({ alarmName: ["shop-other"] })]).violations).toEqual([
      ...SILENT.violations,
      violation(quiet.urn, unread("cause"), NAME_A_TOPIC),
    ]);
  });

  it("is not heard by its name while that is hidden", () => {
    const nameless = connectionsAlarm({ alarmActions: [], name: UNKNOWN });
    for (const alarmName of [["undefined"], [{ prefix: "shop" }]]) {
      expect(told([nameless], [heard({ alarmName })])).toEqual(SILENT);
    }
    expect(told([nameless], [heard({})])).toEqual(NOTHING);
    expect(told([nameless, cause({ alarmRule: "ALARM(undefined)" })])).toEqual(SILENT);
  });

  it("is undecided while it is hidden whether the composite acts", () => {
    const maybe = cause({ ...READS, actionsEnabled: UNKNOWN });
    const reason = "`actionsEnabled` is not known before the deployment";
    expect(told([silent, maybe])).toEqual({
      violations: [],
      undecided: [open("actionsEnabled", reason), { ...open("actionsEnabled", reason), resource: maybe.urn }],
    });
    const loud = cause(READS, [], "loud");
    expect(told([silent, maybe, loud]).undecided.map((each) => each.resource)).toEqual([maybe.urn]);
  });

  describe("where a composite's rule is hidden", () => {
    const secret = (name: string, more: PropertyMap = {}) => cause({ alarmRule: UNKNOWN, ...more }, [], name);
    const holds = { alarmActions: [], actionsSuppressor: { alarm: "shop-connections" } };
    const mayRead = (alarm: string, composite: string) =>
      `alarm ${alarm} has no action of its own, and the rule of composite alarm ${composite}, which may read it, is not known yet`;

    it("may be read by it", () => {
      expect(told([silent, secret("secret")])).toEqual(
        undecided("alarmRule", mayRead("connections", "secret")),
      );
    });

    it("is told of, but a composite does not read itself", () => {
      const alone = secret("alone", holds);
      expect(told([connectionsAlarm(), alone])).toEqual({
        violations: [violation(alone.urn, unread("alone"), NAME_A_TOPIC)],
        undecided: [],
      });
    });

    it("may also be the composite that a second hidden one reads", () => {
      const [first, second] = [secret("a", holds), secret("b", holds)];
      expect(told([connectionsAlarm(), first, second])).toEqual({
        violations: [],
        undecided: [
          { resource: first.urn, property: "alarmRule", reason: mayRead("a", "b") },
          { resource: second.urn, property: "alarmRule", reason: mayRead("b", "a") },
        ],
      });
    });
  });
});

describe("the description of an alarm that acts", () => {
  const fix =
    "Write what it means and the runbook's address or path into `alarmDescription`, such as `Runbook: docs/runbooks/connections-near-limit.md`";
  const lacking = (what: string) =>
    rejected(
      `The description of alarm connections ${what}: who is woken by it has to find out first what it means.`,
      fix,
    );

  it("names its runbook, and is told from one that is not there", () => {
    expect(connections({ alarmDescription: "Too many." })).toEqual(lacking("names no runbook"));
    expect(connections({ alarmDescription: undefined })).toEqual(lacking("is not set"));
    expect(connections({ alarmDescription: "" })).toEqual(lacking("is not set"));
  });

  it("may be hidden or mistyped, and is not judged then", () => {
    expect(connections({ alarmDescription: UNKNOWN })).toEqual(hidden("alarmDescription"));
    expect(connections({ alarmDescription: 5 })).toEqual(
      undecided("alarmDescription", "`alarmDescription` is 5, not text", {
        malformed: { shown: "5", expected: "text" },
      }),
    );
  });
});

describe("what missing data means", () => {
  const LEFT = rejected(
    "Alarm connections leaves missing data `missing`, which is what CloudWatch does when nothing is said: where its metric stops, it goes to INSUFFICIENT_DATA and tells nobody.",
    "Set `treatMissingData` to `breaching` where silence is trouble, to `notBreaching` where it means that nothing happened, or tell somebody in `insufficientDataActions`",
    "missing",
  );
  const missing = { treatMissingData: "missing" };

  it("is said, in a word that CloudWatch knows", () => {
    expect(connections(missing)).toEqual(LEFT);
    expect(connections({ treatMissingData: undefined })).toEqual(LEFT);
    for (const word of ["breeching", "m".repeat(41)]) {
      expect(connections({ treatMissingData: word })).toEqual(
        rejected(
          `\`treatMissingData\` of alarm connections is "${word.slice(0, 40)}", which CloudWatch does not know: the deployment stops there.`,
          "Set it to one of breaching, notBreaching, ignore, missing",
          word.slice(0, 40),
        ),
      );
    }
  });

  it("may be hidden or mistyped", () => {
    expect(connections({ treatMissingData: UNKNOWN })).toEqual(hidden("treatMissingData"));
    expect(connections({ treatMissingData: true })).toEqual(
      undecided("treatMissingData", "`treatMissingData` is true, not text", {
        malformed: { shown: "true", expected: "text" },
      }),
    );
  });

  it("is not asked where somebody is told of it, or may be", () => {
    expect(connections({ ...missing, insufficientDataActions: [ARN] })).toEqual(NOTHING);
    expect(connections({ ...missing, insufficientDataActions: UNKNOWN })).toEqual(NOTHING);
    expect(connections({ ...missing, insufficientDataActions: [] })).toEqual(LEFT);
  });

  it("is asked unless every metric of the alarm is absent at rest", () => {
    const query = (id: string, metricName: string) => ({
      id,
      metric: {
        namespace: "AWS/RDS",
        metricName,
        stat: "Average",
        period: 60,
        dimensions: { DBInstanceIdentifier: "db1234567" },
      },
    });
    const math = (...metrics: readonly string[]) =>
      told([
        metricAlarm("connections", {
          ...missing,
          metricQueries: [
            { id: "e", expression: "m0", returnData: true },
            ...metrics.map((name, at) => query(`m${at}`, name)),
          ],
        }),
      ]);
    expect(connections({ ...missing, metricName: "DBLoad" })).toEqual(NOTHING);
    expect(math("DBLoad", "DBLoadCPU")).toEqual(NOTHING);
    expect(math("DBLoad", "DatabaseConnections")).toEqual(LEFT);
    expect(told([poolAlarm("db.client.connection.pending_requests", missing, "connections")])).toEqual(LEFT);
    const sql = 'SELECT AVG(DatabaseConnections) FROM SCHEMA("AWS/RDS", DBInstanceIdentifier)';
    const insights = { id: "q", expression: sql, returnData: true };
    expect(told([metricAlarm("connections", { ...missing, metricQueries: [insights] })])).toEqual(LEFT);
  });

  it("is undecided while the metrics of the alarm are hidden", () => {
    const unread = metricAlarm(
      "connections",
      { ...missing, metricQueries: UNKNOWN },
      { metricQueries: [DATABASE] },
    );
    expect(told([unread])).toEqual(hidden("metricQueries"));
  });
});
