/** Values of formula variables, by their case-sensitive names; memory and storage are in bytes. */
export type FormulaVariables = { readonly [name: string]: number };

/**
 * Evaluates the value of an RDS parameter: a whole number, or a formula (AWS: Amazon RDS User Guide,
 * USER_ParamValuesRef). The grammar is in `formulaParser.ts`.
 *
 * Arithmetic is on whole numbers, exact at any size, and each division drops its remainder. `log` is base 2 of
 * the exact quotient and rounds to the nearest whole number *before* its factor applies: AWS does not say so,
 * but only this reproduces every provisioned row of its table of Aurora MySQL limits.
 *
 * @returns a whole number between −2^53 and 2^53.
 * @throws ParameterFormulaError with the 0-based `position` of what is wrong: malformed text, an unknown
 * variable, a division by zero, the logarithm of zero, a result too large.
 * @example
 * evaluateParameterFormula("LEAST({DBInstanceClassMemory/9531392},5000)", { DBInstanceClassMemory: 8 * 2 ** 30 }) // 901
 */
export function evaluateParameterFormula(text: string, variables: FormulaVariables): number {
  const result = Number(evaluated(parseFormula(text), variables));
  if (Number.isSafeInteger(result)) return result;
  throw new ParameterFormulaError("the result is larger than 2^53, too large for any parameter", 0);
}

interface VariableUse {
  readonly name: string;
  /** Offset of the name in the text, from 0. */
  readonly position: number;
}

/** The variables a formula uses, from left to right. @throws ParameterFormulaError when it is malformed. */
export function formulaVariables(text: string): VariableUse[] {
  return variablesIn(parseFormula(text));
}

function variablesIn(node: FormulaNode): VariableUse[] {
  switch (node.kind) {
    case "integer":
      return [];
    case "variable":
      return [{ name: node.name, position: node.position }];
    case "log":
      return variablesIn(node.argument);
    case "function":
      return node.members.flatMap(variablesIn);
  }
}

function evaluated(node: FormulaNode, variables: FormulaVariables): bigint {
  switch (node.kind) {
    case "integer":
      return node.value;
    case "variable":
      return applySteps(variableValue(node, variables), node.steps);
    case "log":
      return applySteps(BigInt(roundedLog2(node.argument, variables)), node.steps);
    case "function": {
      const values = node.members.map((member) => evaluated(member, variables));
      return values.reduce((a, b) => {
        if (node.name === "SUM") return a + b;
        return (node.name === "LEAST") === a < b ? a : b;
      });
    }
  }
}

function variableValue(node: VariableNode, variables: FormulaVariables): bigint {
  const value = Object.hasOwn(variables, node.name) ? variables[node.name] : undefined;
  if (value === undefined) {
    const known = Object.keys(variables).sort().join(", ") || "none";
    throw new ParameterFormulaError(`unknown variable "${node.name}"; known: ${known}`, node.position);
  }
  if (!Number.isFinite(value)) {
    throw new ParameterFormulaError(`variable "${node.name}" is ${value}, not a number`, node.position);
  }
  return BigInt(Math.trunc(value));
}

/** BigInt division drops the remainder, toward zero. A decimal factor is its mantissa over a power of ten. */
function applySteps(start: bigint, steps: readonly FormulaStep[]): bigint {
  return steps.reduce((value, { operator, mantissa, decimals }) => {
    const scale = 10n ** BigInt(decimals);
    return operator === "*" ? (value * mantissa) / scale : (value * scale) / mantissa;
  }, start);
}

function roundedLog2(argument: VariableNode, variables: FormulaVariables): number {
  const quotient = argument.steps.reduce(
    (value, { operator, mantissa }) =>
      operator === "*" ? value * Number(mantissa) : value / Number(mantissa),
    Number(variableValue(argument, variables)),
  );
  const rounded = Math.round(Math.log2(quotient));
  if (Number.isFinite(rounded)) return rounded;
  const problem = quotient > 0 ? "the number inside log is too large" : "log of a number that is not above 0";
  throw new ParameterFormulaError(problem, argument.position);
}

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

/** A step of left-to-right arithmetic: × or ÷ by mantissa / 10^decimals. */
interface FormulaStep {
  readonly operator: "*" | "/";
  readonly mantissa: bigint;
  readonly decimals: number;
}

interface VariableNode {
  readonly kind: "variable";
  readonly name: string;
  readonly steps: readonly FormulaStep[];
  readonly position: number;
}

type FormulaNode =
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
function parseFormula(source: string): FormulaNode {
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

/** A formula that cannot be evaluated: one line in words, and where in the text it goes wrong. */
export class ParameterFormulaError extends Error {
  override readonly name = "ParameterFormulaError";
  /** The problem without its position. */
  readonly problem: string;
  /** Offset into the text, from 0; its length when the text ends too soon. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} (at position ${position})`);
    this.problem = problem;
    this.position = position;
  }
}

/** A formula's text with a place in it. Blanks before every token are skipped. */
class FormulaText {
  readonly #source: string;
  #offset = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Where the next token begins. */
  position(): number {
    while (/\s/.test(this.#source.charAt(this.#offset))) this.#offset++;
    return this.#offset;
  }

  atEnd(): boolean {
    return this.position() >= this.#source.length;
  }

  /** Reads a token that matches the sticky pattern here, or nothing. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position();
    const token = pattern.exec(this.#source)?.[0];
    this.#offset += token?.length ?? 0;
    return token;
  }

  expect(character: string): void {
    if (this.#source.charAt(this.position()) !== character) {
      this.fail(`expected "${character}", found ${this.described()}`);
    }
    this.#offset++;
  }

  /** The next character in a form that fits a message: never a line break or a control character. */
  described(): string {
    if (this.atEnd()) return "the end of the formula";
    return JSON.stringify(String.fromCodePoint(this.#source.codePointAt(this.#offset) ?? 0));
  }

  fail(problem: string, position = this.position()): never {
    throw new ParameterFormulaError(problem, position);
  }
}
