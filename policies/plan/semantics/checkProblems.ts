import { type PropertyMap, type PropertyValue, UNKNOWN } from "../property";
import { semanticsOf } from "./table";

/** One reason why the provider's Check refuses a resource. */
export interface CheckProblem {
  readonly property: string;
  readonly reason: string;
}

/**
 * Why the provider would refuse checked inputs before it asks AWS anything: a required property is missing, a
 * number is not one, a name is not allowed. Empty for inputs that pass, and for a type that is not in the table.
 *
 * Unknown values are not judged. Values that AWS refuses later, or that only a policy minds, pass here as they
 * pass the real provider.
 *
 * @param inputs as `checkInputs` returns them
 * @param secret properties whose values no message may show
 */
export function checkProblems(
  type: string,
  inputs: PropertyMap,
  secret: readonly string[] = [],
): readonly CheckProblem[] {
  const semantics = semanticsOf(type);
  if (semantics === undefined) return [];
  const problems: CheckProblem[] = [];

  for (const property of semantics.required) {
    if (inputs[property] === undefined) {
      problems.push({ property, reason: `\`${property}\` is missing and ${type} requires it` });
    }
  }
  for (const property of semantics.numbers ?? []) {
    const value = inputs[property];
    if (value !== undefined && value !== UNKNOWN && !readsAsNumber(value)) {
      const shown = secret.includes(property) ? "" : `, not ${JSON.stringify(value)}`;
      problems.push({ property, reason: `\`${property}\` must be a number${shown}` });
    }
  }
  const { autoName } = semantics;
  const name = autoName === undefined ? undefined : inputs[autoName.property];
  if (autoName !== undefined && typeof name === "string") {
    const { property, maxLength, prefix = "", rule } = autoName;
    const shown = secret.includes(property) ? `\`${property}\`` : `\`${property}\` "${name}"`;
    const length = name.length - (name.startsWith(prefix) ? prefix.length : 0);
    if (length > maxLength) {
      problems.push({
        property,
        reason: `${shown} has ${length} characters and may have ${maxLength}: shorten the resource's logical name, or set \`${property}\``,
      });
    } else if (rule !== undefined && !rule.pattern.test(name)) {
      problems.push({ property, reason: `${shown} must ${rule.says}` });
    }
  }
  return problems;
}

function readsAsNumber(value: PropertyValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}
