import { rdsVariablesOf } from "./classVariables";
import type { ParameterDefinition } from "./parameterDefinition";
import { evaluateParameterFormula, ParameterFormulaError } from "./parameterFormula";

/** Words a server takes for a Boolean, `on` and `off` among them (PostgreSQL manual, 20.1.1). */
const BOOLEAN = new Set(["1", "0", "on", "off", "true", "false", "yes", "no"]);

const INTEGER = /^\s*[+-]?\d+\s*$/;
const REAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const FORMULA = /[{(]/;
const WITH_UNIT = /^\s*[+-]?[\d.]+\s*(us|ms|s|sec|min|h|d|b|kb|mb|gb|tb)\s*$/i;

/**
 * What is wrong with a value, as the end of a sentence ("is …"); `undefined` when RDS would take it, or when only
 * the running instance could tell: texts of any kind, and formulas of the class.
 */
export function valueProblem(definition: ParameterDefinition, text: string): string | undefined {
  switch (definition.type) {
    case "string":
      return undefined;
    case "bool":
      return BOOLEAN.has(text.trim().toLowerCase()) || FORMULA.test(text) ? undefined : "neither 1 nor 0";
    case "enum":
      return enumProblem(definition.values ?? [], text.trim().toLowerCase());
    default:
      return FORMULA.test(text) ? formulaProblem(definition, text) : numberProblem(definition, text);
  }
}

/** What a value may be, in words: "a whole number of ms from 0 to 2147483647". */
export function allowedValues({ type, min, max, unit, values = [] }: ParameterDefinition): string {
  if (type === "bool") return "1 or 0";
  if (type === "enum") return `one of ${values.filter((value) => value !== "").join(", ")}`;
  if (type === "string") return "a text";
  const kind = type === "integer" ? "a whole number" : "a number";
  return `${kind}${unit === undefined ? "" : ` of ${unit}`} from ${min ?? "any"} to ${max ?? "any"}`;
}

function enumProblem(values: readonly string[], text: string): string | undefined {
  const accepted = values.map((value) => value.toLowerCase());
  // Where on and off are values, so are the other ways to write them.
  if (accepted.includes(text) || (accepted.includes("on") && BOOLEAN.has(text))) return undefined;
  return `none of ${values.filter((value) => value !== "").join(", ")}`;
}

function numberProblem({ type, min, max, unit }: ParameterDefinition, text: string): string | undefined {
  if (!(type === "integer" ? INTEGER : REAL).test(text)) {
    if (unit !== undefined && WITH_UNIT.test(text))
      return `not a plain number of ${unit}, the one form RDS takes`;
    return type === "integer" ? "not a whole number" : "not a number";
  }
  const value = Number(text);
  const isInside = value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
  return isInside ? undefined : `outside ${min} to ${max}${unit === undefined ? "" : ` ${unit}`}`;
}

/** A formula must be one; a formula of numbers alone must also give a value in range. */
function formulaProblem(definition: ParameterDefinition, text: string): string | undefined {
  try {
    if (rdsVariablesOf(text).length > 0) return undefined;
    return numberProblem(definition, String(evaluateParameterFormula(text, {})));
  } catch (error) {
    if (!(error instanceof ParameterFormulaError)) throw error;
    return `not a formula RDS takes: ${error.message}`;
  }
}
