export { type CheckProblem, checkInputs, checkProblems, isGeneratedName, nameSuffix } from "./check";
export { ACCOUNT_ID, answerInvoke, knownInvokes, shortRegion } from "./invokes";
export { containsUnknown, isObject, mapNested, previewOutputs } from "./preview";
export { knownTypes, semanticsOf } from "./table";
export type { AutoName, JsonValue, ProviderSettings, ResourceSemantics } from "./types";

/**
 * How the AWS provider previews a resource, in one table: which outputs only the deployment will know, which
 * names are generated, which defaults are filled in. The in-process check and the offline provider both read
 * it, so that every gate judges the same plan.
 *
 * Held against @pulumi/aws and recorded traffic of the real provider in `test/policies/plan/semantics`.
 */
