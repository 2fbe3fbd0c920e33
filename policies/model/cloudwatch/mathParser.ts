import { closest } from "../../kit/text";
import { ALARM_LIMITS, InvalidAlarmError } from "./alarm";

/**
 * CloudWatch's metric math, read: for the replay, which computes it over time, and for the rules, which compute it at one
 * point in time.
 *
 * AWS publishes no table of precedence; the usual one is taken: `^` and signs, `* /`, `+ -`, comparisons, AND, OR.
 * Source: CloudWatch User Guide, using-metric-math.
 */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "id"; readonly id: string }
  | {
      readonly kind: "operator";
      readonly operator: Operator;
      readonly left: MathNode;
      readonly right: MathNode;
    }
  | { readonly kind: "list"; readonly items: readonly MathNode[] }
  | { readonly kind: "metrics"; readonly containing: string }
  | { readonly kind: "fill"; readonly of: MathNode; readonly filler: MathNode | "REPEAT" | "LINEAR" }
  | { readonly kind: "call"; readonly name: string; readonly args: Arguments };

export type Arguments = readonly [MathNode, ...MathNode[]];

const LEVELS = [["OR"], ["AND"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/"]] as const;
export type Operator = (typeof LEVELS)[number][number] | "^";

/** Over a list: one value for each moment, made of those of its series. */
const COMBINATIONS = ["SUM", "AVG", "MIN", "MAX"];

/**
 * What is read of each form. A replay computes over time and takes what AWS documents, for it must not guess. A rule
 * computes at one point and reads whatever was typed: functions over time, over a search or by SQL have no value there.
 */
const FORMS = {
  overTime: { functions: ["IF", "FILL", "METRICS", "PERIOD", ...COMBINATIONS], what: "replayed" },
  atOnePoint: {
    functions: ["ABS", "CEIL", "FLOOR", "IF", "FILL", ...COMBINATIONS],
    what: "computed at one point",
  },
} as const;
type Form = keyof typeof FORMS;

/** No parser should recurse deeper than a person would nest. */
const MAX_DEPTH = 60;

/** @throws InvalidAlarmError naming the first thing that is not understood, functions that are not replayed included. */
export function parseMath(text: string, form: Form = "overTime"): MathNode {
  if (text.length > ALARM_LIMITS.expressionCharacters) {
    throw new InvalidAlarmError(`it is longer than ${ALARM_LIMITS.expressionCharacters} characters`);
  }
  return new Parser(text, form).whole();
}

interface Token {
  readonly kind: "number" | "word" | "text" | "symbol" | "end";
  readonly text: string;
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^()[\],<>]))/y;

const END: Token = { kind: "end", text: "the end" };

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const [first = ""] = text.slice(from).trimStart();
      throw new InvalidAlarmError(`\`${first}\` in \`${text}\` is not understood`);
    }
    const [, number, word, double, single, symbol] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol });
    else tokens.push({ kind: "text", text: double ?? single ?? "" });
  }
  return tokens;
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly form: Form,
  ) {
    this.tokens = tokensOf(text);
  }

  whole(): MathNode {
    const node = this.level(0);
    if (this.peek().kind !== "end") throw this.unexpected();
    return node;
  }

  /** Binary operators of one precedence, from the left. */
  private level(depth: number): MathNode {
    const operators = LEVELS[depth];
    if (operators === undefined) return this.unary();
    let left = this.level(depth + 1);
    for (;;) {
      const operator = this.operator(operators);
      if (operator === undefined) return left;
      left = { kind: "operator", operator, left, right: this.level(depth + 1) };
    }
  }

  private operator(among: readonly Operator[]): Operator | undefined {
    const { kind, text } = this.peek();
    if (kind !== "symbol" && kind !== "word") return undefined;
    const spelled = text === "&&" ? "AND" : text === "||" ? "OR" : text;
    const found = among.find((operator) => operator === spelled);
    if (found !== undefined) this.next++;
    return found;
  }

  private unary(): MathNode {
    if (++this.depth > MAX_DEPTH) throw new InvalidAlarmError("it is nested too deeply");
    const node = this.signed();
    this.depth--;
    return node;
  }

  private signed(): MathNode {
    if (this.takes("+")) return this.unary();
    if (this.takes("-")) {
      return { kind: "operator", operator: "*", left: { kind: "number", value: -1 }, right: this.unary() };
    }
    const base = this.primary();
    return this.takes("^") ? { kind: "operator", operator: "^", left: base, right: this.unary() } : base;
  }

  private primary(): MathNode {
    const { kind, text } = this.peek();
    if (kind === "number") {
      this.next++;
      return { kind: "number", value: Number(text) };
    }
    if (this.takes("(")) {
      const node = this.level(0);
      this.expect(")");
      return node;
    }
    if (this.form === "overTime" && this.takes("[")) return { kind: "list", items: this.items("]") };
    if (kind !== "word") throw this.unexpected();
    this.next++;
    if (this.takes("(")) return this.call(text);
    // Ids begin with a lower-case letter, functions and constants are upper case.
    if (this.form === "overTime" && !/^[a-z]/.test(text)) throw this.refused(text);
    return { kind: "id", id: text };
  }

  private call(name: string): MathNode {
    if (!(FORMS[this.form].functions as readonly string[]).includes(name)) throw this.refused(name);
    if (name === "FILL") return this.fill();
    if (name === "METRICS") return this.metrics();
    const args = this.items(")");
    if (this.form === "atOnePoint" && COMBINATIONS.includes(name)) {
      return { kind: "call", name, args: [{ kind: "list", items: args }] };
    }
    const [least, most, takes] = name === "IF" ? [2, 3, "two or three"] : [1, 1, "one"];
    if (args.length >= least && args.length <= most) return { kind: "call", name, args };
    throw new InvalidAlarmError(`${name} takes ${takes} arguments, in \`${this.text}\``);
  }

  private fill(): MathNode {
    const of = this.level(0);
    this.expect(",");
    const { text } = this.peek();
    const isWord = text === "REPEAT" || text === "LINEAR";
    if (isWord) this.next++;
    const filler = isWord ? text : this.level(0);
    this.expect(")");
    return { kind: "fill", of, filler };
  }

  private metrics(): MathNode {
    const { kind, text } = this.peek();
    if (kind === "text") this.next++;
    this.expect(")");
    return { kind: "metrics", containing: kind === "text" ? text : "" };
  }

  /** At one point in time a list stands for its items: `MAX([a, b])` is `MAX(a, b)`. */
  private items(end: ")" | "]"): Arguments {
    const items = [...this.item()] as [MathNode, ...MathNode[]];
    while (this.takes(",")) items.push(...this.item());
    this.expect(end);
    return items;
  }

  private item(): Arguments {
    return this.form === "atOnePoint" && this.takes("[") ? this.items("]") : [this.level(0)];
  }

  private peek(): Token {
    return this.tokens[this.next] ?? END;
  }

  private takes(symbol: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "symbol" || text !== symbol) return false;
    this.next++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.takes(symbol)) throw this.unexpected(symbol);
  }

  private unexpected(instead?: string): InvalidAlarmError {
    const wanted = instead === undefined ? "" : `, where \`${instead}\` should be`;
    return new InvalidAlarmError(`unexpected ${this.peek().text} in \`${this.text}\`${wanted}`);
  }

  private refused(name: string): InvalidAlarmError {
    const { functions, what } = FORMS[this.form];
    const near = closest(name, functions);
    const hint = near && near !== name ? `; did you mean ${near}?` : "";
    return new InvalidAlarmError(
      `${name} is outside the metric math that is ${what} (${functions.join(", ")} and operators)${hint}`,
    );
  }
}

/** Ids that an expression reads, once each, in the order in which it names them. */
export function idsIn(node: MathNode): readonly string[] {
  return [...new Set(nodesIn(node).flatMap((one) => (one.kind === "id" ? [one.id] : [])))];
}

/** Whether a result depends on nothing but the datapoints of its own period, so that it can be made once for all. */
export function isPointwise(node: MathNode): boolean {
  return !nodesIn(node).some((one) => one.kind === "fill" && typeof one.filler === "string");
}

function nodesIn(node: MathNode): readonly MathNode[] {
  return [node, ...partsOf(node).flatMap(nodesIn)];
}

function partsOf(node: MathNode): readonly MathNode[] {
  switch (node.kind) {
    case "operator":
      return [node.left, node.right];
    case "list":
      return node.items;
    case "fill":
      return typeof node.filler === "string" ? [node.of] : [node.of, node.filler];
    case "call":
      return node.args;
    default:
      return [];
  }
}
