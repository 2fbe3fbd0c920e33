import type { PlanResource } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import {
  alarmUrn,
  compositeAlarm,
  connectionsAlarm,
  metricAlarm,
  poolAlarm,
  topic,
} from "../../../sampleAlarms";
import { DATABASE, resource, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const ARN = "arn:aws:sns:eu-west-1:123456789012:alarms";
const SCALES = "arn:aws:autoscaling:eu-west-1:1:scalingPolicy:2:resource/ecs/service/main/api:policyName/out";
const TOPIC = urn("aws:sns/topic:Topic", "alarms");
const POLICY = urn("aws:appautoscaling/policy:Policy", "out");
const ALARM = alarmUrn("connections");
const CAUSE = urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "cause");
const given = measuredIn(null, ALARM);
const READS = 'ALARM("shop-connections")';
const SILENT = connectionsAlarm({ alarmActions: [] });

const set = (title: string, ...alarms: readonly PlanResource[]): Situation =>
  given(title, { alarms: [topic(), ...alarms] });
const withRule = (title: string, rule: PlanResource, ...alarms: readonly PlanResource[]): Situation =>
  given(title, { alarms: [topic(), ...alarms], extra: [rule] });
const acting = (alarmActions: PropertyValue | undefined, ...made: readonly string[]) =>
  connectionsAlarm({ alarmActions }, made.length > 0 ? { alarmActions: made } : {});
const madeFrom = (alarmActions: PropertyValue, ...made: readonly string[]) =>
  connectionsAlarm({ alarmActions }, { alarmActions: made });
const cause = (
  alarmRule: PropertyValue,
  more: PropertyMap = {},
  name = "cause",
  made: readonly string[] = [],
) => compositeAlarm(name, { alarmRule, ...more }, { alarmRule: made });
const QUIET: PropertyMap = { alarmActions: [] };
const SUPPRESSES: PropertyMap = { actionsSuppressor: { alarm: "shop-connections", waitPeriod: 60 } };
const quiet = cause(READS, QUIET);
const hidden = (name: string, more: PropertyMap = {}) => cause(UNKNOWN, more, name);
const holding = { ...QUIET, ...SUPPRESSES };

/** An EventBridge rule that hears alarms change their state. */
const rule = (eventPattern: PropertyValue, more: PropertyMap = {}, made: readonly string[] = []) =>
  resource(
    "aws:cloudwatch/eventRule:EventRule",
    "alarms",
    { eventPattern, ...more },
    made.length > 0 ? { eventPattern: made } : {},
  );
const change = (more: object = {}) =>
  JSON.stringify({ source: ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"], ...more });
const detail = (of: object) => rule(change({ detail: of }));
const nameless = connectionsAlarm({ alarmActions: [], name: UNKNOWN });

const BARE = { alarmDescription: undefined, treatMissingData: undefined };
const scaling = (alarmActions: PropertyValue, ...made: readonly string[]) =>
  connectionsAlarm({ ...BARE, alarmActions }, { alarmActions: made });

const MISSING = { treatMissingData: "missing" };
const query = (id: string, metricName: string): PropertyMap => ({
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
  metricAlarm("connections", {
    ...MISSING,
    metricQueries: [
      { id: "e", expression: "m0", returnData: true },
      ...metrics.map((name, at) => query(`m${at}`, name)),
    ],
  });
const sql = 'SELECT AVG(DatabaseConnections) FROM SCHEMA("AWS/RDS", DBInstanceIdentifier)';

export const ALARM_ACTIONABLE = [
  set("The action is an ARN", acting([ARN])),
  set("The action is an ARN of another service", acting(["arn:aws:ssm:eu-west-1:1:opsitem:2"])),
  set("The action is yet to be made", acting([UNKNOWN])),
  set("The actions are hidden and made from a topic", acting(UNKNOWN)),
  set("The alarm has no action", SILENT).violates(),
  set("The alarm's actions are not set", acting(undefined)).violates(),
  set("The alarm's actions are turned off", connectionsAlarm({ actionsEnabled: false })).violates(),
  set("The action is a name", acting([ARN, "alarms"])).violates(),
  set("The action is an ARN inside a sentence", acting([ARN, `topic ${ARN}`])).violates(),
  set("The action is an ARN without its service", acting([ARN, "arn:aws::eu-west-1"])).violates(),
  set("The action is a long text", acting([ARN, "a".repeat(41)])).violates(),
  set("The action is a number", acting([ARN, 5])).violates(),
  set("The action is empty", acting([""])).violates(),
  set("The actions are hidden", madeFrom(UNKNOWN)).undecided("alarmActions"),
  set("The action is hidden", madeFrom([UNKNOWN])).undecided("alarmActions"),
  set("The switch of the actions is hidden", connectionsAlarm({ actionsEnabled: UNKNOWN })).undecided(
    "actionsEnabled",
  ),
  set("The switch of the actions is a word", connectionsAlarm({ actionsEnabled: "on" })).malformed(
    "actionsEnabled",
  ),
  set("The actions are a text", acting(ARN)).malformed("alarmActions"),

  set("A scaling policy is started", scaling([SCALES])),
  set("A scaling policy that is yet to be made is started", scaling([UNKNOWN], POLICY)),
  set("A scaling policy is started, and one that is yet to be made", scaling([UNKNOWN, SCALES], POLICY)),
  set("A scaling policy of EC2 is started", scaling([UNKNOWN], urn("aws:autoscaling/policy:Policy", "out"))),
  set(
    "A scaling policy is started and a topic told, both yet to be made",
    scaling([UNKNOWN, UNKNOWN], POLICY, TOPIC),
  )
    .advises(ALARM, null, null)
    .violates("missing"),
  set("A scaling policy is started and a topic told", scaling([SCALES, ARN]))
    .advises(ALARM, null, null)
    .violates("missing"),
  set("A scaling policy is started and a number told", scaling([SCALES, 5]))
    .violates()
    .violates("missing"),
  set("A topic is named like a scaling policy", scaling(["arn:aws:sns:eu-west-1:1:arn:aws:autoscaling:x"]))
    .advises(ALARM, null, null)
    .violates("missing"),
  set("A topic is told without a runbook", scaling([UNKNOWN], TOPIC))
    .advises(ALARM, null, null)
    .violates("missing"),
  set("No scaling policy is started", scaling([], POLICY)).violates().violates("missing"),
  set("It is hidden whether a scaling policy is started", scaling(UNKNOWN, POLICY))
    .violates("missing")
    .undecided("alarmActions"),

  set("A composite that acts reads the alarm", SILENT, cause(READS)),
  set(
    "A composite that acts reads the alarm and another",
    SILENT,
    cause("ALARM(shop-connections) AND NOT ALARM(other)"),
  ),
  set(
    "A composite that acts reads the alarm's ARN",
    SILENT,
    cause("TRUE AND (OK(other) OR ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:shop-connections))"),
  ),
  set(
    "A composite's rule is hidden and made from the alarm",
    SILENT,
    cause(UNKNOWN, {}, "cause", [SILENT.urn]),
  ),
  set(
    "A composite that acts reads the composite that reads it",
    SILENT,
    quiet,
    cause('ALARM("shop-cause")', {}, "page"),
  ),
  set("A composite is held back by the alarm", SILENT, cause("ALARM(other)", SUPPRESSES, "held")),
  set(
    "A composite is held back by what is hidden and made from the alarm",
    SILENT,
    compositeAlarm(
      "cause",
      { alarmRule: "ALARM(other)", actionsSuppressor: UNKNOWN },
      { actionsSuppressor: [SILENT.urn] },
    ),
  ),
  set(
    "Two alarms share the name that a composite reads",
    SILENT,
    connectionsAlarm({ alarmActions: [], name: "shop-connections" }, {}, "twin"),
    cause(READS),
  ),
  set("A composite that acts reads another alarm", SILENT, cause('ALARM("another")')).violates(),
  set("A composite that reads the alarm has no action", SILENT, quiet).violates().finds(CAUSE),
  set(
    "A composite that reads the alarm has its actions turned off",
    SILENT,
    cause(READS, { actionsEnabled: false }),
  )
    .violates()
    .finds(CAUSE),
  set(
    "Composites read each other in a circle",
    SILENT,
    cause('ALARM("shop-b") OR ALARM("shop-connections")', QUIET, "a"),
    cause('ALARM("shop-a")', QUIET, "b"),
  )
    .violates()
    .finds(urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "a"))
    .finds(urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "b")),
  set("A composite reads a name that is hidden", nameless, cause("ALARM(undefined)")).violates(),
  set("It is hidden whether the composite acts", SILENT, cause(READS, { actionsEnabled: UNKNOWN }))
    .undecided("actionsEnabled")
    .leavesOpen(CAUSE, "actionsEnabled"),
  set(
    "It is hidden whether the composite acts, and another does",
    SILENT,
    cause(READS, { actionsEnabled: UNKNOWN }),
    cause(READS, {}, "loud"),
  ).leavesOpen(CAUSE, "actionsEnabled"),
  set("The rule of a composite is hidden", SILENT, hidden("secret")).undecided("alarmRule"),
  set(
    "The rule of a composite without an action is hidden",
    connectionsAlarm(),
    hidden("alone", holding),
  ).finds(urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "alone")),
  set(
    "The rules of two composites without an action are hidden",
    connectionsAlarm(),
    hidden("a", holding),
    hidden("b", holding),
  )
    .leavesOpen(urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "a"), "alarmRule")
    .leavesOpen(urn("aws:cloudwatch/compositeAlarm:CompositeAlarm", "b"), "alarmRule"),
  set(
    "An alarm on a queue has no action, and its composite neither",
    metricAlarm("queue", { namespace: "AWS/SQS", metricName: "X", alarmActions: [], statistic: "Sum" }),
    cause("ALARM(shop-queue)", QUIET),
  ),

  withRule("EventBridge hears every alarm", rule(change()), SILENT),
  withRule(
    "EventBridge hears the alarm's state",
    detail({ alarmName: ["shop-connections"], state: { value: ["ALARM"] } }),
    SILENT,
  ),
  withRule("EventBridge hears the alarm's prefix", detail({ alarmName: [{ prefix: "shop-" }] }), SILENT),
  withRule(
    "EventBridge hears the alarm's ARN",
    rule(change({ resources: ["arn:aws:cloudwatch:eu-west-1:1:alarm:shop-connections"] })),
    SILENT,
  ),
  withRule(
    "EventBridge's pattern is hidden and made from the alarm",
    rule(UNKNOWN, {}, [SILENT.urn]),
    SILENT,
  ),
  withRule(
    "EventBridge hears the composite that reads it",
    detail({ alarmName: ["shop-cause"] }),
    SILENT,
    quiet,
  ),
  withRule("EventBridge hears an alarm whose name is hidden, with all others", detail({}), nameless),
  withRule("EventBridge hears another alarm", detail({ alarmName: ["bank-connections"] }), SILENT).violates(),
  withRule(
    "EventBridge hears neither the alarm nor its composite",
    detail({ alarmName: ["shop-other"] }),
    SILENT,
    quiet,
  )
    .violates()
    .finds(CAUSE),
  withRule("EventBridge hears another state", detail({ state: { value: ["OK"] } }), SILENT).violates(),
  withRule("EventBridge's rule is disabled", rule(change(), { state: "DISABLED" }), SILENT).violates(),
  withRule("EventBridge's rule is not enabled", rule(change(), { isEnabled: false }), SILENT).violates(),
  withRule("EventBridge hears other events", rule('{"source":["aws.ecs"]}'), SILENT).violates(),
  withRule("EventBridge's pattern is broken", rule("{"), SILENT).violates(),
  withRule(
    "EventBridge's pattern is hidden and made from something else",
    rule(UNKNOWN, {}, [TOPIC]),
    SILENT,
  ).violates(),
  withRule("EventBridge hears the name undefined", detail({ alarmName: ["undefined"] }), nameless).violates(),
  withRule(
    "EventBridge hears a prefix, and the name is hidden",
    detail({ alarmName: [{ prefix: "shop" }] }),
    nameless,
  ).violates(),

  ...["breaching", "notBreaching", "ignore"].map((word) =>
    set(`Missing data is ${word}`, connectionsAlarm({ treatMissingData: word })),
  ),
  set("Missing data is missing", connectionsAlarm(MISSING)).violates("missing"),
  set("Missing data is not said", connectionsAlarm({ treatMissingData: undefined })).violates("missing"),
  set("Missing data is a mistyped word", connectionsAlarm({ treatMissingData: "breeching" })).violates(
    "breeching",
  ),
  set("Missing data is a long word", connectionsAlarm({ treatMissingData: "m".repeat(41) })).violates(
    "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm",
  ),
  set("Missing data is hidden", connectionsAlarm({ treatMissingData: UNKNOWN })).undecided(
    "treatMissingData",
  ),
  set("Missing data is a switch", connectionsAlarm({ treatMissingData: true })).malformed("treatMissingData"),
  set("Missing data is told", connectionsAlarm({ ...MISSING, insufficientDataActions: [ARN] })),
  set("Missing data may be told", connectionsAlarm({ ...MISSING, insufficientDataActions: UNKNOWN })),
  set(
    "Missing data is told to no one",
    connectionsAlarm({ ...MISSING, insufficientDataActions: [] }),
  ).violates("missing"),
  set(
    "A composite asks for missing data",
    connectionsAlarm(MISSING),
    cause("INSUFFICIENT_DATA(shop-connections)"),
  ),
  set(
    "A composite does not ask for missing data",
    connectionsAlarm(MISSING),
    cause("ALARM(shop-connections)"),
  ).violates("missing"),
  set("A metric is absent at rest", connectionsAlarm({ ...MISSING, metricName: "DBLoad", threshold: 16 })),
  set("Both metrics of an expression are absent at rest", math("DBLoad", "DBLoadCPU")),
  set("One metric of an expression is absent at rest", math("DBLoad", "DatabaseConnections")).violates(
    "missing",
  ),
  set(
    "A pool's metric is missing",
    poolAlarm("db.client.connection.pending_requests", MISSING, "connections"),
  ).violates("missing"),
  set(
    "What is asked by SQL is missing",
    metricAlarm("connections", {
      ...MISSING,
      metricQueries: [{ id: "q", expression: sql, returnData: true }],
    }),
  ).violates("missing"),
  set(
    "The metrics of the alarm are hidden",
    metricAlarm("connections", { ...MISSING, metricQueries: UNKNOWN }, { metricQueries: [DATABASE] }),
  ).undecided("metricQueries"),

  ...[
    "Too many. https://wiki.example.com/db",
    "See docs/runbooks/connections.md",
    "Runbook: DB-17",
    "playbook=connections",
    "(../runbooks/rds.html)",
  ].map((alarmDescription) =>
    set(`The description names a runbook: ${alarmDescription}`, connectionsAlarm({ alarmDescription })),
  ),
  ...[
    "Too many.",
    "Too many connections",
    "connections/second above 5",
    "there is no runbook",
    "https://",
  ].map((alarmDescription) =>
    set(`The description names none: ${alarmDescription}`, connectionsAlarm({ alarmDescription })).advises(
      ALARM,
      null,
      null,
    ),
  ),
  set("The description is not set", connectionsAlarm({ alarmDescription: undefined })).advises(
    ALARM,
    null,
    null,
  ),
  set("The description is empty", connectionsAlarm({ alarmDescription: "" })).advises(ALARM, null, null),
  set("The description is hidden", connectionsAlarm({ alarmDescription: UNKNOWN })).undecided(
    "alarmDescription",
  ),
  set("The description is a number", connectionsAlarm({ alarmDescription: 5 })).malformed("alarmDescription"),
  set(
    "The description of an alarm that speaks through a composite is not set",
    connectionsAlarm({ alarmActions: [], alarmDescription: undefined }),
    cause(READS),
  ),
  set(
    "The description of the composite names none",
    connectionsAlarm({ alarmActions: [], alarmDescription: undefined }),
    cause(READS, { alarmDescription: "cause" }),
  ).advises(CAUSE, null, null),
];
