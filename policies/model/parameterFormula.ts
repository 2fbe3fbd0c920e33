import { type FormulaNode, type FormulaStep, parseFormula, type VariableNode } from "./formulaParser";
import { ParameterFormulaError } from "./formulaText";

export { ParameterFormulaError };

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

export interface VariableUse {
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
