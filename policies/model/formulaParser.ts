/**
 * Text of an RDS parameter formula → tree. What AWS documents is accepted, and what its own default parameter
 * groups use besides:
 *
 *     formula  = integer | braces | function
 *     integer  = ["-"] digits
 *     braces   = ("{" | "${") ( variable steps | log ) "}"
 *     steps    = { ("*" | "/") digits }                      left to right
 *     log      = "log" "(" variable steps ")" { ("*" | "/") decimal }
 *     function = ("LEAST" | "GREATEST" | "SUM") "(" formula { "," formula } ")"
 *
 * Blanks may stand between any two of these. Function names are case-insensitive, variable names are not. Refused
 * on purpose, since no limit of a PostgreSQL, MySQL or MariaDB instance can be one: Oracle's `IF`, Boolean
 * comparisons, a variable outside braces, a negative factor. So a formula never falls when a variable rises, and
 * a lower bound of the memory gives a lower bound of the value.
 */
import { FormulaText } from "./formulaText";

/** A step of left-to-right arithmetic: × or ÷ by mantissa / 10^decimals. */
export interface FormulaStep {
  readonly operator: "*" | "/";
  readonly mantissa: bigint;
  readonly decimals: number;
}

export interface VariableNode {
  readonly kind: "variable";
  readonly name: string;
  readonly steps: readonly FormulaStep[];
  readonly position: number;
}

export type FormulaNode =
  | { readonly kind: "integer"; readonly value: bigint }
  | VariableNode
  | {
      readonly kind: "log";
      readonly argument: VariableNode;
      readonly steps: readonly FormulaStep[];
    }
  | {
      readonly kind: "function";
      readonly name: "LEAST" | "GREATEST" | "SUM";
      readonly members: readonly FormulaNode[];
    };

/** Functions inside functions deeper than this are refused: no parameter needs it, and the stack is finite. */
const MAX_NESTING = 32;

/** Longer text is refused unread. AWS states no limit; its longest default is under 100 characters. */
const MAX_LENGTH = 2048;

/** @throws ParameterFormulaError with the position of the first character that cannot be right. */
export function parseFormula(source: string): FormulaNode {
  const text = new FormulaText(source);
  if (source.length > MAX_LENGTH)
    text.fail(`a formula of ${source.length} characters is too long`, MAX_LENGTH);
  const tree = readFormula(text, 0);
  if (!text.atEnd()) text.fail(`unexpected ${text.described()} after the end of the formula`);
  return tree;
}

function readFormula(text: FormulaText, nesting: number): FormulaNode {
  const integer = text.take(/-?\d+/y);
  if (integer !== undefined) return { kind: "integer", value: BigInt(integer) };
  if (text.take(/\$?\{/y) !== undefined) return readBraces(text);
  const position = text.position();
  const name = text.take(/[A-Za-z_]\w*/y);
  if (name !== undefined) return readFunction(text, name, position, nesting);
  return text.fail(`expected a whole number, "{" or a function, found ${text.described()}`);
}

function readFunction(text: FormulaText, word: string, position: number, nesting: number): FormulaNode {
  const name = word.toUpperCase();
  if (text.take(/\(/y) === undefined) {
    return text.fail(`"${word}" stands alone: a variable belongs in braces, a function before "("`, position);
  }
  if (name !== "LEAST" && name !== "GREATEST" && name !== "SUM") {
    return text.fail(unknownFunction(word), position);
  }
  if (nesting >= MAX_NESTING) return text.fail(`functions nested deeper than ${MAX_NESTING}`, position);
  const members = [readFormula(text, nesting + 1)];
  while (text.take(/,/y) !== undefined) members.push(readFormula(text, nesting + 1));
  text.expect(")");
  return { kind: "function", name, members };
}

function unknownFunction(word: string): string {
  if (word.toUpperCase() === "LOG") return `"${word}" belongs inside braces: {log(Variable/Number)*Number}`;
  if (word.toUpperCase() === "IF") return `"${word}" exists for Oracle only`;
  return `unknown function "${word}"; known: LEAST, GREATEST, SUM`;
}

function readBraces(text: FormulaText): FormulaNode {
  const isLog = text.take(/log\s*\(/iy) !== undefined;
  const argument = readVariable(text);
  if (!isLog) {
    text.expect("}");
    return argument;
  }
  text.expect(")");
  const steps = readSteps(text, "decimals");
  text.expect("}");
  return { kind: "log", argument, steps };
}

function readVariable(text: FormulaText): VariableNode {
  const position = text.position();
  const name = text.take(/[A-Za-z_]\w*/y);
  if (name === undefined) return text.fail(`expected the name of a variable, found ${text.described()}`);
  return { kind: "variable", name, steps: readSteps(text, "whole numbers"), position };
}

function readSteps(text: FormulaText, factors: "decimals" | "whole numbers"): FormulaStep[] {
  const steps: FormulaStep[] = [];
  for (;;) {
    const operator = text.take(/[*/]/y);
    if (operator === undefined) return steps;
    const position = text.position();
    const digits = text.take(/\d+(?:\.\d+)?/y);
    if (digits === undefined) text.fail(`expected a number, found ${text.described()}`);
    const [whole = "", fraction = ""] = digits.split(".");
    if (fraction !== "" && factors !== "decimals") {
      text.fail(`${digits} is not a whole number; only log(…) takes a decimal factor`, position);
    }
    const mantissa = BigInt(whole + fraction);
    if (operator === "/" && mantissa === 0n) text.fail("division by zero", position);
    steps.push({ operator: operator === "*" ? "*" : "/", mantissa, decimals: fraction.length });
  }
}
