import { closest } from "../../../policies/model/nearestName";
import { ReplayInputError } from "../inputError";
import { type Token, tokensOf } from "./tokens";

/** An expression of metric math, read. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "negate"; readonly of: MathNode }
  | {
      readonly kind: "operator";
      readonly operator: Operator;
      readonly left: MathNode;
      readonly right: MathNode;
    }
  | { readonly kind: "list"; readonly items: readonly MathNode[] }
  | { readonly kind: "metrics"; readonly containing: string | undefined }
  | { readonly kind: "fill"; readonly of: MathNode; readonly filler: MathNode | "REPEAT" | "LINEAR" }
  | {
      readonly kind: "if";
      readonly condition: MathNode;
      readonly whenTrue: MathNode;
      readonly whenFalse: MathNode | undefined;
    }
  | { readonly kind: "combine"; readonly how: Combination; readonly of: MathNode }
  | { readonly kind: "period"; readonly of: MathNode };

const LEVELS = [["OR"], ["AND"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/"]] as const;
export type Operator = (typeof LEVELS)[number][number] | "^";
const COMBINATIONS = ["SUM", "AVG", "MIN", "MAX"] as const;
export type Combination = (typeof COMBINATIONS)[number];
const FUNCTIONS = ["IF", "FILL", "METRICS", "PERIOD", ...COMBINATIONS];

/**
 * Reads the part of CloudWatch's metric math that the replay evaluates: arithmetic, comparisons, AND/OR, `IF`, `FILL`,
 * `METRICS`, `PERIOD`, lists, and `SUM`, `AVG`, `MIN`, `MAX` of a list.
 *
 * AWS publishes no table of precedence; the usual one is taken: `^`, `* /`, `+ -`, comparisons, AND, OR.
 * Source: CloudWatch User Guide, using-metric-math.
 * @param origin Named in the message: which alarm.
 * @throws ReplayInputError naming the first thing that is not understood, functions outside the subset included.
 */
export function parseMath(text: string, origin: string): MathNode {
  return new Parser(text, origin).whole();
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;

  constructor(
    private readonly text: string,
    private readonly origin: string,
  ) {
    this.tokens = tokensOf(text, origin);
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
    if (this.takes("-")) return { kind: "negate", of: this.unary() };
    const base = this.primary();
    return this.takes("^") ? { kind: "operator", operator: "^", left: base, right: this.unary() } : base;
  }

  private primary(): MathNode {
    const token = this.peek();
    if (token.kind === "number") {
      this.next++;
      return { kind: "number", value: Number(token.text) };
    }
    if (this.takes("(")) {
      const node = this.level(0);
      this.expect(")");
      return node;
    }
    if (this.takes("[")) return { kind: "list", items: this.items("]") };
    if (token.kind !== "word") throw this.unexpected();
    this.next++;
    if (this.takes("(")) return this.call(token.text);
    // Ids begin with a lower-case letter, functions and constants are upper case.
    if (!/^[a-z]/.test(token.text)) throw this.refused(token.text);
    return { kind: "id", id: token.text };
  }

  private call(name: string): MathNode {
    if (name === "METRICS") {
      const { kind, text } = this.peek();
      if (kind === "string") this.next++;
      this.expect(")");
      return { kind: "metrics", containing: kind === "string" ? text : undefined };
    }
    if (!FUNCTIONS.includes(name)) throw this.refused(name);
    if (name === "FILL") return this.fill();
    const given = this.items(")");
    const [first, second, third] = given;
    if (name === "IF" && first && second && given.length <= 3) {
      return { kind: "if", condition: first, whenTrue: second, whenFalse: third };
    }
    if (name !== "IF" && first && given.length === 1) {
      const how = COMBINATIONS.find((combination) => combination === name);
      return how === undefined ? { kind: "period", of: first } : { kind: "combine", how, of: first };
    }
    const takes = name === "IF" ? "two or three" : "one";
    throw new ReplayInputError(`${this.origin}: ${name} takes ${takes} arguments, in \`${this.text}\``);
  }

  private fill(): MathNode {
    const of = this.level(0);
    this.expect(",");
    const { text } = this.peek();
    const constant = text === "REPEAT" || text === "LINEAR" ? text : undefined;
    if (constant !== undefined) this.next++;
    const filler = constant ?? this.level(0);
    this.expect(")");
    return { kind: "fill", of, filler };
  }

  private items(end: ")" | "]"): readonly MathNode[] {
    const items = [this.level(0)];
    while (this.takes(",")) items.push(this.level(0));
    this.expect(end);
    return items;
  }

  private peek(): Token {
    return (
      this.tokens[Math.min(this.next, this.tokens.length - 1)] ?? { kind: "end", text: "the end", at: 0 }
    );
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

  private unexpected(instead?: string): ReplayInputError {
    const wanted = instead === undefined ? "" : `, where \`${instead}\` should be`;
    return new ReplayInputError(
      `${this.origin}: unexpected ${this.peek().text} in \`${this.text}\`${wanted}`,
    );
  }

  private refused(name: string): ReplayInputError {
    const near = closest(name, FUNCTIONS);
    const hint = near && near !== name ? `; did you mean ${near}?` : "";
    return new ReplayInputError(
      `${this.origin}: ${name} is outside the metric math that is replayed (${FUNCTIONS.join(", ")} and operators)${hint}`,
    );
  }
}
