/** What a composite alarm reads: other alarms by the id of their specification, joined as CloudWatch can join them. */
export type AlarmRule =
  | { readonly alarm: string }
  | { readonly not: AlarmRule }
  | { readonly all: readonly AlarmRule[] }
  | { readonly any: readonly AlarmRule[] };

/**
 * The rule as CloudWatch's text: `ALARM("a") AND NOT ALARM("b")`. A group inside another is put in parentheses, so
 * that nothing hangs on which operator binds more tightly.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 * @param nameOf - The alarm's name in CloudWatch.
 * @throws RangeError for a group of nothing, and for a name that would end its own quotes.
 */
export function ruleText(rule: AlarmRule, nameOf: (id: string) => string): string {
  if ("alarm" in rule) return `ALARM("${quotable(nameOf(rule.alarm))}")`;
  if ("not" in rule) return `NOT ${grouped(rule.not, nameOf)}`;
  const [parts, operator] = "all" in rule ? [rule.all, " AND "] : [rule.any, " OR "];
  if (parts.length === 0) throw new RangeError("an alarm rule joins no alarms: give it at least one");
  return parts
    .map((part) => (parts.length === 1 ? ruleText(part, nameOf) : grouped(part, nameOf)))
    .join(operator);
}

function grouped(rule: AlarmRule, nameOf: (id: string) => string): string {
  const text = ruleText(rule, nameOf);
  return "all" in rule || "any" in rule ? `(${text})` : text;
}

function quotable(name: string): string {
  if (!name.includes('"')) return name;
  throw new RangeError(`the alarm name ${name} holds a quotation mark: a rule could not name it`);
}

/** Whether the rule holds, given which alarms are in ALARM. OK and INSUFFICIENT_DATA are both not in ALARM. */
export function holds(rule: AlarmRule, inAlarm: (id: string) => boolean): boolean {
  if ("alarm" in rule) return inAlarm(rule.alarm);
  if ("not" in rule) return !holds(rule.not, inAlarm);
  if ("all" in rule) return rule.all.every((part) => holds(part, inAlarm));
  return rule.any.some((part) => holds(part, inAlarm));
}

/** Ids of the alarms that a rule reads, each once, in the order in which it names them. */
export function alarmsRead(rule: AlarmRule): readonly string[] {
  return [...new Set(idsIn(rule))];
}

function idsIn(rule: AlarmRule): readonly string[] {
  if ("alarm" in rule) return [rule.alarm];
  if ("not" in rule) return idsIn(rule.not);
  return ("all" in rule ? rule.all : rule.any).flatMap(idsIn);
}
