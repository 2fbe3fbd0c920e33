import type { Hardware } from "./hardware";
import { type FormulaVariables, formulaVariables, ParameterFormulaError } from "./parameterFormula";

/** Formula variables of RDS (USER_ParamValuesRef), without Oracle's; names are case-sensitive. */
const RDS_VARIABLES = [
  "AllocatedStorage",
  "DBInstanceClassMemory",
  "DBInstanceVCPU",
  "EndPointPort",
] as const;

export type RdsVariable = (typeof RDS_VARIABLES)[number];

/**
 * The variables a formula uses, each of which RDS has.
 * @throws ParameterFormulaError for malformed text and at the first variable that RDS does not have.
 */
export function rdsVariablesOf(text: string): RdsVariable[] {
  return formulaVariables(text).map(({ name, position }) => {
    const known = RDS_VARIABLES.find((variable) => variable === name);
    if (known !== undefined) return known;
    throw new ParameterFormulaError(
      `unknown variable "${name}"; known: ${RDS_VARIABLES.join(", ")}`,
      position,
    );
  });
}

/**
 * What is known of the variables for an instance on that hardware; a value that is not known is left out.
 * `DBInstanceClassMemory` is the whole memory, which is more than any instance has.
 */
export function classVariables(
  found: Hardware,
  instance: { readonly allocatedStorageGib?: number | undefined; readonly port?: number | undefined },
): FormulaVariables {
  const { allocatedStorageGib, port } = instance;
  return {
    DBInstanceClassMemory: found.memoryBytes,
    ...(found.vcpus === undefined ? {} : { DBInstanceVCPU: found.vcpus }),
    ...(allocatedStorageGib === undefined ? {} : { AllocatedStorage: allocatedStorageGib * 2 ** 30 }),
    ...(port === undefined ? {} : { EndPointPort: port }),
  };
}
