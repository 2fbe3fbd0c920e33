import { modelledTypes } from "../../engine/offline-aws/models";
import { semanticsOf } from "../../policies/plan/provider";
import type { Values } from "./client";

/** Required inputs that are not text, or must be text of a certain form. */
const SHAPED: Values = {
  actions: [{ targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1", type: "forward" }],
  conditions: [{ pathPattern: { values: ["/login"] } }],
  containerDefinitions: "[]",
  defaultActions: [{ type: "fixed-response" }],
  maxCapacity: 4,
  metricTransformation: { name: "waiting", namespace: "auth", value: "1" },
  minCapacity: 2,
  rule: { objectOwnership: "BucketOwnerEnforced" },
  rules: [{}],
  subnetIds: ["subnet-1", "subnet-2"],
  versioningConfiguration: { status: "Enabled" },
  vpcSubnetIds: ["subnet-1", "subnet-2"],
};

/** Inputs that are just enough for Check: the required ones, in a form AWS would take for one. */
export function minimalInputs(type: string): Values {
  const required = semanticsOf(type)?.required ?? [];
  return Object.fromEntries(required.map((property) => [property, SHAPED[property] ?? `given-${property}`]));
}

export const ALL_TYPES: readonly string[] = modelledTypes();
