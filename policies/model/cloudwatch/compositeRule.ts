import { ALARM_STATES, type AlarmState, InvalidAlarmError } from "./alarm";

/**
 * What a composite alarm reads: the states of other alarms, joined as CloudWatch can join them. A specification writes it,
 * the deployment renders it as text, and the replay reads it back.
 */
export type CompositeRule =
  | {
      readonly alarm: string;
      /** @default "ALARM" */
      readonly state?: AlarmState;
    }
  | { readonly not: CompositeRule }
  | { readonly all: readonly CompositeRule[] }
  | { readonly any: readonly CompositeRule[] }
  | { readonly constant: boolean };

/**
 * The rule as CloudWatch's text: `ALARM("a") AND NOT ALARM("b")`. A group inside another is put in parentheses, so
 * that nothing depends on which operator binds more tightly.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 * @param nameOf - The alarm's name in CloudWatch.
 * @throws RangeError for a group of nothing, and for a name that would end its own quotes.
 */
export function ruleText(rule: CompositeRule, nameOf: (id: string) => string): string {
  if ("constant" in rule) return rule.constant ? "TRUE" : "FALSE";
  if ("alarm" in rule) return `${rule.state ?? "ALARM"}("${quotable(nameOf(rule.alarm))}")`;
  if ("not" in rule) return `NOT ${grouped(rule.not, nameOf)}`;
  const [parts, operator] = "all" in rule ? [rule.all, " AND "] : [rule.any, " OR "];
  if (parts.length === 0) throw new RangeError("an alarm rule joins no alarms: give it at least one");
  return parts
    .map((part) => (parts.length === 1 ? ruleText(part, nameOf) : grouped(part, nameOf)))
    .join(operator);
}

function grouped(rule: CompositeRule, nameOf: (id: string) => string): string {
  const text = ruleText(rule, nameOf);
  return "all" in rule || "any" in rule ? `(${text})` : text;
}

function quotable(name: string): string {
  if (!name.includes('"')) return name;
  throw new RangeError(`the alarm name ${name} holds a quotation mark: a rule could not name it`);
}

/** Whether the rule holds in the given states. */
export function ruleHolds(rule: CompositeRule, stateOf: (alarm: string) => AlarmState): boolean {
  if ("constant" in rule) return rule.constant;
  if ("alarm" in rule) return stateOf(rule.alarm) === (rule.state ?? "ALARM");
  if ("not" in rule) return !ruleHolds(rule.not, stateOf);
  if ("all" in rule) return rule.all.every((part) => ruleHolds(part, stateOf));
  return rule.any.some((part) => ruleHolds(part, stateOf));
}

/** The alarms that a rule reads, each once, in the order in which it names them. */
export function alarmsRead(rule: CompositeRule): readonly string[] {
  return [...new Set(namesIn(rule))];
}

function namesIn(rule: CompositeRule): readonly string[] {
  if ("constant" in rule) return [];
  if ("alarm" in rule) return [rule.alarm];
  if ("not" in rule) return namesIn(rule.not);
  return ("all" in rule ? rule.all : rule.any).flatMap(namesIn);
}

/** `ALARM("name")`, `OK(name)`, `INSUFFICIENT_DATA(arn:aws:cloudwatch:…:alarm:name)`. */
const STATE_OF = `(${ALARM_STATES.join("|")})\\s*\\(\\s*(?:"([^"]*)"|'([^']*)'|([^\\s()"']+))\\s*\\)`;

/** A piece of a rule: an alarm in a state, a word or a parenthesis. */
type Token = { readonly alarm: string; readonly state: AlarmState } | string;

/**
 * Reads the rule of a composite alarm: `ALARM("a") AND NOT (OK("b") OR INSUFFICIENT_DATA("c"))`, with TRUE and FALSE.
 * Names may stand without quotes, and may be ARNs. NOT binds strongest, then AND, then OR: AWS's examples use parentheses
 * where it would matter and state no precedence.
 * Source: CloudWatch User Guide, Create_Composite_Alarm.
 * @throws InvalidAlarmError naming the first thing that is not understood.
 */
export function parseCompositeRule(text: string): CompositeRule {
  const tokens = tokensOf(text);
  let next = 0;
  const takes = (word: string): boolean => {
    if (tokens[next] !== word) return false;
    next++;
    return true;
  };
  const unexpected = () => {
    const token = tokens[next];
    const found =
      token === undefined
        ? "it ends too early"
        : `unexpected ${typeof token === "string" ? token : token.alarm}`;
    return new InvalidAlarmError(`its rule is not understood, ${found}: \`${text}\``);
  };
  const chain = (operator: "AND" | "OR", operand: () => CompositeRule): CompositeRule => {
    const first = operand();
    const operands = [first];
    while (takes(operator)) operands.push(operand());
    if (operands.length === 1) return first;
    return operator === "AND" ? { all: operands } : { any: operands };
  };
  const any = (): CompositeRule => chain("OR", () => chain("AND", unary));
  const unary = (): CompositeRule => {
    const token = tokens[next];
    if (typeof token === "object") {
      next++;
      return token;
    }
    if (takes("NOT")) return { not: unary() };
    if (takes("TRUE")) return { constant: true };
    if (takes("FALSE")) return { constant: false };
    if (!takes("(")) throw unexpected();
    const rule = any();
    if (!takes(")")) throw unexpected();
    return rule;
  };
  const rule = any();
  if (next < tokens.length) throw unexpected();
  return rule;
}

function tokensOf(text: string): readonly Token[] {
  const pattern = new RegExp(`\\s*(?:${STATE_OF}|(\\(|\\)|(?:AND|OR|NOT|TRUE|FALSE)\\b))`, "iy");
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      const rest = text.slice(from, from + 40).trim();
      throw new InvalidAlarmError(`its rule is not understood from \`${rest}\` on`);
    }
    tokens.push(match[5] === undefined ? referenceIn(match) : match[5].toUpperCase());
  }
  return tokens;
}

function referenceIn([, state = "", double, single, bare = ""]: RegExpMatchArray) {
  return { alarm: alarmName(double ?? single ?? bare), state: state.toUpperCase() as AlarmState };
}

/** The alarms that a text names with their states, wherever it does and whether or not it is a rule as a whole. */
export function referencesIn(
  text: string,
): readonly { readonly alarm: string; readonly state: AlarmState }[] {
  return [...text.matchAll(new RegExp(`\\b${STATE_OF}`, "gi"))].map(referenceIn);
}

/** `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name` is the alarm `name`; a name is itself. */
export function alarmName(reference: string): string {
  return reference.startsWith("arn:") ? reference.replace(/^.*?:alarm:/, "") : reference;
}

/**
 * Alarms in an order in which each comes after those that it reads; or the first circle among them, from an alarm back
 * to itself.
 * @param readBy What an alarm reads; ids that are not among the alarms are passed over.
 */
export function orderOfReading(
  ids: Iterable<string>,
  readBy: (id: string) => readonly string[],
): { readonly order: readonly string[] } | { readonly circle: readonly string[] } {
  const known = new Set(ids);
  const done = new Set<string>();
  const visit = (id: string, path: readonly string[]): readonly string[] | undefined => {
    if (!known.has(id) || done.has(id)) return undefined;
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    for (const read of readBy(id)) {
      const circle = visit(read, [...path, id]);
      if (circle) return circle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of known) {
    const circle = visit(id, []);
    if (circle) return { circle };
  }
  return { order: [...done] };
}
