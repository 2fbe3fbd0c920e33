import { list, utcMinute } from "../../../policies/kit/text";
import type { ExpectedAlarm } from "../expected";
import { type LiveAlarm, seenValue } from "../live/liveState";
import { deployCommand, type Evidence, type Finding, GUIDE } from "./finding";

/** How long an alarm may be without data: a new one starts so, until its first evaluation. */
const NO_DATA_MINUTES = 60;

/** Alarms that would not be heard: gone, switched off, without an action, without data, or changed. */
export function alarmFindings(evidence: Evidence): readonly Finding[] {
  const found = seenValue(evidence.live.alarms);
  if (found === undefined) return [];
  const byName = new Map(found.map((alarm) => [alarm.name, alarm]));
  return evidence.expected.alarms.flatMap((expected) => {
    const alarm = byName.get(expected.name);
    return alarm === undefined ? [missing(expected, evidence)] : problems(expected, alarm, evidence);
  });
}

const deploy = (evidence: Evidence): string => `Deploy the program again: ${deployCommand(evidence)}`;

/** The alarm's own page, where its description names one. */
const docsOf = ({ runbook }: ExpectedAlarm): string => runbook ?? `${GUIDE}#alarms`;

function missing(expected: ExpectedAlarm, evidence: Evidence): Finding {
  return {
    id: "alarm-missing",
    resource: expected.name,
    urgency: "now",
    observed: `There is no alarm ${expected.name}.`,
    limit: "The program declares one.",
    consequence: "What it watches for happens unseen.",
    fix: deploy(evidence),
    docs: docsOf(expected),
  };
}

function problems(expected: ExpectedAlarm, alarm: LiveAlarm, evidence: Evidence): readonly Finding[] {
  const common = { resource: alarm.name, docs: docsOf(expected) };
  const found: Finding[] = [];
  if (expected.actionsEnabled && !alarm.actionsEnabled) {
    found.push({
      ...common,
      id: "alarm-disabled",
      urgency: "now",
      observed: "The alarm's actions are disabled.",
      limit: "The program enables them.",
      consequence: "It fires and notifies no one.",
      fix: `\`aws cloudwatch enable-alarm-actions --alarm-names ${alarm.name}\``,
    });
  }
  if (expected.hasActions && alarm.actions === 0) {
    found.push({
      ...common,
      id: "alarm-without-action",
      urgency: "now",
      observed: "The alarm has no action.",
      limit: "The program gives it a topic to notify.",
      consequence: "It fires and notifies no one.",
      fix: deploy(evidence),
    });
  }
  const { state, stateSince } = alarm;
  if (state === "INSUFFICIENT_DATA" && isLong(stateSince, evidence.live.until)) {
    found.push({
      ...common,
      id: "alarm-without-data",
      urgency: "now",
      observed: `The alarm has had no data${stateSince === undefined ? "" : ` since ${utcMinute(stateSince)}`}.`,
      limit: `A new alarm has some within ${NO_DATA_MINUTES} minutes.`,
      consequence: "It cannot fire: what it watches for happens unseen.",
      fix: "See whether its metric is still reported, under the same name and dimensions",
    });
  }
  const drift = differences(expected, alarm);
  if (drift.length > 0) {
    found.push({
      ...common,
      id: "alarm-drift",
      urgency: "soon",
      observed: `Of the alarm ${list(drift)}.`,
      limit: "The threshold follows from the stack's own numbers.",
      consequence: "It fires too late, or without a cause.",
      fix: deploy(evidence),
    });
  }
  return found;
}

function isLong(since: Date | undefined, now: Date): boolean {
  return since === undefined || now.getTime() - since.getTime() > NO_DATA_MINUTES * 60_000;
}

function differences({ settings }: ExpectedAlarm, alarm: LiveAlarm): readonly string[] {
  return Object.entries(settings).flatMap(([name, program]) => {
    const runs = alarm.settings[name];
    if (runs === program || (typeof program === "number" && Number(runs) === program)) return [];
    // These are long: that they differ is enough.
    if (name === "AlarmRule" || name === "Expression") {
      const isSame = blanksFolded(program) === blanksFolded(runs ?? "");
      return isSame ? [] : [`\`${name}\` is another one than in the program`];
    }
    if (name === "ActionsSuppressor" && lastPart(runs) === lastPart(program)) return [];
    return [`\`${name}\` is ${runs ?? "not set"} (program: ${program})`];
  });
}

/** CloudWatch keeps a text as it was sent; how many blanks say nothing. */
const blanksFolded = (text: string | number): string => String(text).replace(/\s+/g, " ").trim();

/** A suppressor is named by its name or its ARN, whichever it was given. */
const lastPart = (name: string | number | undefined): string | undefined => String(name).split(":").at(-1);
