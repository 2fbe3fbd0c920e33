import type { AlarmReading, MetricAlarmReading } from "../../plan/alarms/alarmReading";
import { dependencyUrns } from "../../plan/planIndex";
import { knownValue, type Reading } from "../../plan/reading";
import { type RuleContext, rule } from "../rule";
import { type AlarmReaders, alarmReaders, relevantComposites } from "./composites";
import { type RelevantAlarm, relevantAlarms } from "./relevantAlarms";

/**
 * An alarm that tells nobody is worse than none: people count on it. It acts itself, a composite that acts reads it, or an
 * EventBridge rule hears it; and its message says where to read on.
 *
 * What missing data means has to be said. The provider fills in `missing` where a program is silent, so a plan cannot
 * tell silence from intent: `missing` passes where it is what AWS itself recommends for a metric that is absent at rest,
 * or where it has an action of its own (`insufficientDataActions`, a composite that asks for `INSUFFICIENT_DATA`).
 */
export const alarmActionable = rule({
  id: "alarm-actionable",
  title: "Alarms that notify",
  severity: "medium",
  level: "mandatory",
  description:
    "An alarm on a database, a proxy, a pool or its load balancer sends a notification (itself, through a composite alarm or through an EventBridge rule), says what missing data means, and names its runbook.",
  remediationSteps:
    "Name an SNS topic in `alarmActions`, leave `actionsEnabled` on, set `treatMissingData`, and write the link of the runbook into `alarmDescription`.",
  check(context) {
    const readers = alarmReaders(context);
    for (const judged of relevantAlarms(context)) {
      if (onlyScales(judged.alarm)) continue;
      checkActions(judged.alarm, readers, context);
      checkMissingData(judged, readers, context);
    }
    for (const composite of relevantComposites(context)) checkActions(composite, readers, context);
  },
});

/** An alarm that starts a scaling policy and nothing else wakes nobody: its runbook is the policy. */
function onlyScales({ alarmActions, resource }: AlarmReading): boolean {
  const actions = knownValue(alarmActions);
  if (actions === undefined || actions.length === 0) return false;
  const isMadeOfPolicies = dependencyUrns(resource, "alarmActions").every((urn) => SCALING_POLICY.test(urn));
  return actions.every((action) =>
    action.state === "known"
      ? action.value.split(":")[2] === "autoscaling"
      : action.state === "unknown" && isMadeOfPolicies,
  );
}

const SCALING_POLICY = /[:$]aws:(?:app)?autoscaling\/policy:Policy::/;

/** Whether an alarm sends a notification when it fires. `refused`: it names what is not an ARN. */
type Acting =
  | { readonly state: "acts" | "silent" | "off" }
  | { readonly state: "refused"; readonly shown: string }
  | { readonly state: "undecided"; readonly reading: Reading<unknown> };

function actingOf({ alarmActions, actionsEnabled }: AlarmReading): Acting {
  if (alarmActions.state !== "known") return { state: "undecided", reading: alarmActions };
  const wrong = alarmActions.value.find(
    (action) => action.state === "malformed" || isNoArn(knownValue(action)),
  );
  if (wrong !== undefined) {
    const text = knownValue(wrong);
    return { state: "refused", shown: text === undefined ? "no text" : JSON.stringify(text.slice(0, 40)) };
  }
  if (alarmActions.value.length === 0) return { state: "silent" };
  if (actionsEnabled.state !== "known") return { state: "undecided", reading: actionsEnabled };
  return { state: actionsEnabled.value ? "acts" : "off" };
}

const isNoArn = (text: string | undefined): boolean =>
  text !== undefined && !/^arn:[^:\s]+:[^:\s]+:/.test(text);

function checkActions(alarm: AlarmReading, readers: AlarmReaders, context: RuleContext): void {
  const { name, urn } = alarm.resource;
  const acting = actingOf(alarm);
  switch (acting.state) {
    case "acts":
      checkRunbook(alarm, context);
      return;
    case "refused":
      context.violation({
        resource: alarm.resource.urn,
        text: `\`alarmActions\` of alarm ${name} contains ${acting.shown}, which is not an ARN: CloudWatch rejects it, or no notification is sent.`,
        fix: "Name the `arn` of an SNS topic",
      });
      return;
    default: {
      const composites = [...readers.allReadersOf(alarm)];
      const through = composites.map((reader) => actingOf(reader));
      if (composites.some((reader) => readers.isHeard(reader))) return;
      if (through.some(({ state }) => state === "acts") || readers.isHeard(alarm)) return;
      const open = [acting, ...through].find((each) => each.state === "undecided");
      if (open?.state === "undecided") {
        context.cannotDecide(urn, open.reading);
        return;
      }
      const hidden = readers.hiddenReaderOf(alarm);
      if (hidden) {
        context.cannotDecide(urn, {
          property: "alarmRule",
          reason: `alarm ${name} has no action of its own, and the rule of composite alarm ${hidden.resource.name}, which may read it, is not known yet`,
        });
        return;
      }
      context.violation({
        resource: alarm.resource.urn,
        text: `Alarm ${name} has ${acting.state === "silent" ? "no action" : "its actions turned off"}, and neither a composite alarm with actions nor an EventBridge rule reads it: it fires and no notification is sent.`,
        fix:
          acting.state === "silent"
            ? "Name the `arn` of an SNS topic in `alarmActions`, or let a composite alarm with an action read it"
            : "Set `actionsEnabled` to true",
      });
    }
  }
}

/** A URL, the path of a page, or what follows the word. */
const RUNBOOK =
  /https?:\/\/[^\s/]+\S*|(?:^|[\s(<"'`])(?:\.{0,2}\/)?(?:[\w.-]+\/)*[\w.-]+\.(?:md|mdx|html?|adoc|rst|pdf)\b|\b(?:run|play)book\b\s*[:=]\s*\S+/i;

function checkRunbook(alarm: AlarmReading, context: RuleContext): void {
  const { description, resource } = alarm;
  if (description.state === "unknown" || description.state === "malformed") {
    context.cannotDecide(resource.urn, description);
    return;
  }
  if (RUNBOOK.test(knownValue(description) ?? "")) return;
  context.violation({
    resource: alarm.resource.urn,
    text: `The description of alarm ${resource.name} ${description.state === "unset" ? "is not set" : "names no runbook"}: the on-call engineer has to find out what it means before acting.`,
    fix: "Write what it means and the runbook's address or path into `alarmDescription`, such as `Runbook: docs/runbooks/connections-near-limit.md`",
    // The notification is sent all the same.
    level: "advisory",
  });
}

const TREATMENTS = ["breaching", "notBreaching", "ignore", "missing"];

function checkMissingData(judged: RelevantAlarm, readers: AlarmReaders, context: RuleContext): void {
  const { alarm } = judged;
  const { name, urn } = alarm.resource;
  const { treatMissingData } = alarm;
  if (treatMissingData.state === "unknown" || treatMissingData.state === "malformed") {
    context.cannotDecide(urn, treatMissingData);
    return;
  }
  const treatment = knownValue(treatMissingData) ?? "missing";
  if (!TREATMENTS.includes(treatment)) {
    context.violation({
      resource: alarm.resource.urn,
      text: `\`treatMissingData\` of alarm ${name} is ${JSON.stringify(treatment.slice(0, 40))}, which CloudWatch does not know: the deployment fails.`,
      fix: `Set it to one of ${TREATMENTS.join(", ")}`,
      observed: treatment.slice(0, 40),
    });
    return;
  }
  if (treatment !== "missing" || isMissingMeant(judged, alarm, readers)) return;
  if (alarm.signal.state === "unknown") {
    context.cannotDecide(urn, alarm.signal);
    return;
  }
  context.violation({
    resource: alarm.resource.urn,
    text: `Alarm ${name} leaves missing data \`missing\`, CloudWatch's default: when its metric stops, the alarm goes to INSUFFICIENT_DATA and no notification is sent.`,
    fix: "Set `treatMissingData` to `breaching` where missing data means trouble, to `notBreaching` where it means that nothing happened, or notify in `insufficientDataActions`",
    observed: treatment,
  });
}

function isMissingMeant(
  { metrics }: RelevantAlarm,
  alarm: MetricAlarmReading,
  readers: AlarmReaders,
): boolean {
  const told = alarm.insufficientDataActions;
  return (
    told.state !== "known" ||
    told.value.length > 0 ||
    readers.isAskedForMissingData(alarm) ||
    (metrics.length > 0 && metrics.every(({ aws }) => aws?.isAbsentAtRest === true))
  );
}
