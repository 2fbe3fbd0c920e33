import type { AlarmState } from "../alarm";
import { ReplayInputError } from "../inputError";

/** A composite alarm's rule, read. */
export type Rule =
  | { readonly kind: "is"; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "not"; readonly of: Rule }
  | { readonly kind: "all" | "any"; readonly of: readonly Rule[] };

const TOKEN =
  /\s*(?:(\(|\))|(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^\s()"']+))\s*\)|(AND|OR|NOT|TRUE|FALSE)\b)/iy;

type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "is"; readonly state: AlarmState; readonly alarm: string };

/**
 * Reads the rule of a composite alarm: `ALARM("a") AND NOT (OK("b") OR INSUFFICIENT_DATA("c"))`, with TRUE and FALSE.
 * Names may stand without quotes, and may be ARNs, whose alarm is what follows `:alarm:`. NOT binds strongest, then AND,
 * then OR: AWS's examples use parentheses where it would matter and state no precedence.
 * Source: CloudWatch User Guide, Create_Composite_Alarm.
 * @throws ReplayInputError naming the alarm and the first thing that is not understood.
 */
export function parseRule(text: string, alarmId: string): Rule {
  const tokens = tokensOf(text, alarmId);
  let next = 0;
  const word = () => {
    const token = tokens[next];
    return token?.kind === "word" ? token.text : undefined;
  };
  const fail = () => {
    const token = tokens[next];
    const found =
      token === undefined
        ? "it ends too early"
        : `unexpected ${token.kind === "word" ? token.text : token.alarm}`;
    return new ReplayInputError(`alarm ${alarmId}: its rule is not understood, ${found}: \`${text}\``);
  };
  const chain = (operator: "AND" | "OR", operand: () => Rule): Rule => {
    const operands = [operand()];
    while (word() === operator) {
      next++;
      operands.push(operand());
    }
    const [first] = operands;
    if (operands.length === 1 && first !== undefined) return first;
    return { kind: operator === "AND" ? "all" : "any", of: operands };
  };
  const any = (): Rule => chain("OR", () => chain("AND", unary));
  const unary = (): Rule => {
    const token = tokens[next];
    if (token === undefined) throw fail();
    next++;
    if (token.kind === "is") return token;
    if (token.text === "NOT") return { kind: "not", of: unary() };
    if (token.text === "TRUE" || token.text === "FALSE")
      return { kind: "constant", value: token.text === "TRUE" };
    if (token.text === "(") {
      const rule = any();
      if (word() !== ")") throw fail();
      next++;
      return rule;
    }
    next--;
    throw fail();
  };
  const rule = any();
  if (next < tokens.length) throw fail();
  return rule;
}

function tokensOf(text: string, alarmId: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(from, from + 40).trim();
      throw new ReplayInputError(`alarm ${alarmId}: its rule is not understood from \`${rest}\` on`);
    }
    const [, parenthesis, state, double, single, bare, keyword] = match;
    if (state !== undefined) {
      const alarm = alarmName(double ?? single ?? bare ?? "");
      tokens.push({ kind: "is", state: state.toUpperCase() as AlarmState, alarm });
    } else tokens.push({ kind: "word", text: (parenthesis ?? keyword ?? "").toUpperCase() });
  }
  return tokens;
}

/** `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name` is the alarm `name`. */
export function alarmName(reference: string): string {
  return reference.startsWith("arn:") ? reference.replace(/^.*?:alarm:/, "") : reference;
}

/** Alarms that a rule reads. */
export function alarmsIn(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case "is":
      return [rule.alarm];
    case "constant":
      return [];
    case "not":
      return alarmsIn(rule.of);
    default:
      return rule.of.flatMap(alarmsIn);
  }
}

/** Whether a rule holds in the given states. */
export function holds(rule: Rule, stateOf: (alarm: string) => AlarmState): boolean {
  switch (rule.kind) {
    case "is":
      return stateOf(rule.alarm) === rule.state;
    case "constant":
      return rule.value;
    case "not":
      return !holds(rule.of, stateOf);
    case "all":
      return rule.of.every((one) => holds(one, stateOf));
    case "any":
      return rule.of.some((one) => holds(one, stateOf));
  }
}
