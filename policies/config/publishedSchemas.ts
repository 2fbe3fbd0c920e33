import { z } from "zod";
import { POLICIES, settingsPolicy } from "./policies";
import { pulumiExceptionsSchema } from "./pulumiExceptions";
import { settingsSchema } from "./settingsSchema";

/** A JSON schema of draft 7, which is what editors and Pulumi's engine read. */
type JsonSchema = { readonly [keyword: string]: unknown };

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** Pulumi's words for how strictly a policy counts (sdk/go/common/apitype/policy.go). */
const ENFORCEMENT_LEVELS = ["advisory", "mandatory", "remediate", "disabled"] as const;

/** `settings.schema.json`: the properties of `poolproof-settings`, which the pack hands to the engine too. */
export function settingsJsonSchema(): JsonSchema {
  return {
    ...derived(),
    title: "Settings of poolproof (the policy poolproof-settings)",
  };
}

/** `policy-config.schema.json`: a whole policy configuration of either format, for editors. */
export function policyConfigJsonSchema(): JsonSchema {
  const rules = POLICIES.filter(({ id }) => id !== settingsPolicy.id);
  const { $schema: _, properties, ...settings } = derived();
  const policies = {
    all: { description: "Level of every policy that has none of its own.", $ref: "#/definitions/level" },
    [settingsPolicy.id]: { description: settingsPolicy.description, $ref: "#/definitions/settings" },
    ...Object.fromEntries(
      rules.map(({ id, description }) => [id, { description, $ref: "#/definitions/policy" }]),
    ),
  };
  const environments =
    "Pulumi ESC environments that the engine takes further settings from; check reads none.";
  return {
    $schema: DRAFT,
    title: "Policy configuration of poolproof (--policy-config, --policy-pack-config)",
    type: "object",
    // As Pulumi tells them apart: any other value of `version` would be a policy of that name.
    if: { properties: { version: { type: "number" } }, required: ["version"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
    then: { $ref: "#/definitions/version2" },
    else: { $ref: "#/definitions/unversioned" },
    definitions: {
      unversioned: {
        type: "object",
        properties: {
          ...policies,
          environments: { description: environments, type: "array", items: { type: "string" } },
        },
        additionalProperties: false,
      },
      version2: {
        type: "object",
        properties: {
          $schema: { type: "string" },
          version: { description: "Read by Pulumi 3.274.0 and newer; older ones refuse the file.", const: 2 },
          environments: { description: environments, type: ["array", "null"], items: { type: "string" } },
          policies: {
            description: "Levels and settings, by policy.",
            type: ["object", "null"],
            properties: policies,
            additionalProperties: false,
          },
          exceptions: { ...pulumiExceptions(), type: ["object", "null"] },
        },
        required: ["version"],
        additionalProperties: false,
      },
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
      settings: {
        anyOf: [
          { $ref: "#/definitions/level" },
          {
            ...settings,
            properties: { enforcementLevel: { $ref: "#/definitions/level" }, ...Object(properties) },
          },
        ],
      },
    },
  };
}

function pulumiExceptions(): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(pulumiExceptionsSchema, {
    target: "draft-7",
    io: "input",
  });
  return schema;
}

const derived = (): JsonSchema => ({ ...z.toJSONSchema(settingsSchema, { target: "draft-7", io: "input" }) });
