import { z } from "zod";
import { POLICIES, settingsPolicy } from "./policyIds";
import { settingsSchema } from "./settingsSchema";

/** A JSON schema of draft 7, which is what editors and Pulumi's engine read. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** Pulumi's words for how strictly a policy counts (sdk/go/common/apitype/policy.go). */
export const ENFORCEMENT_LEVELS = ["advisory", "mandatory", "remediate", "disabled"] as const;

/** `settings.schema.json`: the properties of `poolproof-settings`, which the pack hands to the engine too. */
export function settingsJsonSchema(): JsonSchema {
  return {
    ...derived(),
    title: "Settings of poolproof (the policy poolproof-settings)",
  };
}

/** `policy-config.schema.json`: a whole policy configuration, for editors. */
export function policyConfigJsonSchema(): JsonSchema {
  const rules = POLICIES.filter(({ id }) => id !== settingsPolicy.id);
  const { $schema: _, properties, ...settings } = derived();
  return {
    $schema: DRAFT,
    title: "Policy configuration of poolproof (--policy-config, --policy-pack-config)",
    type: "object",
    properties: {
      all: { description: "Level of every policy that has none of its own.", $ref: "#/definitions/level" },
      [settingsPolicy.id]: {
        description: settingsPolicy.description,
        anyOf: [
          { $ref: "#/definitions/level" },
          {
            ...settings,
            properties: { enforcementLevel: { $ref: "#/definitions/level" }, ...Object(properties) },
          },
        ],
      },
      ...Object.fromEntries(
        rules.map(({ id, description }) => [id, { description, $ref: "#/definitions/policy" }]),
      ),
      environments: {
        description: "Pulumi ESC environments that the engine takes further settings from; check reads none.",
        type: "array",
        items: { type: "string" },
      },
    },
    additionalProperties: false,
    definitions: {
      level: { type: "string", enum: ENFORCEMENT_LEVELS },
      policy: {
        anyOf: [
          { $ref: "#/definitions/level" },
          {
            type: "object",
            properties: { enforcementLevel: { $ref: "#/definitions/level" } },
            additionalProperties: false,
          },
        ],
      },
    },
  };
}

const derived = (): JsonSchema => ({ ...z.toJSONSchema(settingsSchema, { target: "draft-7", io: "input" }) });
