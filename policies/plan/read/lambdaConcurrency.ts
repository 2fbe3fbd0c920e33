import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { known, knownValue, type Reading, readNumber, readText, requireNumber } from "../reading";
import { resourceTypes } from "../resourceTypes";

/** Environments that all functions of an account and region share until a quota is raised (AWS: Lambda, "Lambda quotas"). */
const ACCOUNT_LIMIT = 1000;

/**
 * Environments of a function that may run at once: its reserved concurrency (AWS: Lambda, "Configuring reserved
 * concurrency"; −1 and unset reserve none, 0 never runs). Without one, what its event sources may invoke at once, where
 * each has a maximum and nothing of the plan lets anybody else in. Else the limit of an account, which all its
 * functions share.
 */
export function readConcurrency(lambda: PlanResource, index: PlanIndex): Reading<number> {
  const property = "reservedConcurrentExecutions";
  const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= -1;
  const reserved = requireNumber(
    readNumber(lambda, property),
    property,
    isWhole,
    "a whole number from -1 up",
  );
  if (reserved.state !== "unset" && knownValue(reserved) !== -1) return reserved;
  return fromEventSources(lambda, index) ?? known(ACCOUNT_LIMIT, "Lambda's default limit for an account");
}

/** The sum of the maximum concurrency of a function's event sources; undefined where that is not its only way in. */
function fromEventSources(lambda: PlanResource, index: PlanIndex): Reading<number> | undefined {
  if (usersOf(lambda, resourceTypes.lambdaPermission, "function", index).length > 0) return undefined;
  if (usersOf(lambda, resourceTypes.lambdaFunctionUrl, "functionName", index).length > 0) return undefined;
  const mappings = usersOf(lambda, resourceTypes.lambdaEventSourceMapping, "functionName", index);
  let sum = 0;
  for (const mapping of mappings) {
    const maximum = maximumOf(mapping);
    if (maximum.state === "unset") return undefined;
    if (maximum.state !== "known") return maximum;
    sum += maximum.value;
  }
  return mappings.length === 0 ? undefined : known(sum, "what its event sources may invoke at once");
}

/** Only queues have one, from 2 to 1000 (AWS: Lambda, "Configuring maximum concurrency for Amazon SQS event sources"). */
function maximumOf(mapping: PlanResource): Reading<number> {
  const path = ["scalingConfig", "maximumConcurrency"] as const;
  const passes = (n: number): boolean => Number.isSafeInteger(n) && n >= 2 && n <= 1000;
  return requireNumber(readNumber(mapping, ...path), path.join("."), passes, "a whole number from 2 to 1000");
}

/** What refers to a function: by what its property was made from, else by the function's name, bare or in an ARN. */
function usersOf(
  lambda: PlanResource,
  types: ReadonlySet<string>,
  property: string,
  index: PlanIndex,
): readonly PlanResource[] {
  const name = knownValue(readText(lambda, "name"));
  const made = index.usersOf(lambda.urn, types, property);
  if (name === undefined) return made;
  const named = index.keyed(types, property, name, functionName);
  return [...new Set([...made, ...named])];
}

/** `name`, `name:alias`, `ACCOUNT:function:name` or a whole ARN (AWS: Lambda API, FunctionName). */
function functionName(reference: string): string {
  const parts = reference.split(":");
  const at = parts.indexOf("function");
  return (at >= 0 ? parts[at + 1] : parts[0]) ?? "";
}
