import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { POLICIES } from "../../../policies/config/policies";
import { policyConfigJsonSchema } from "../../../policies/config/publishedSchemas";

const folder = path.resolve(__dirname, "../../../policies/config");
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(policyConfigJsonSchema());

describe("the schema of a policy configuration", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json") && !file.includes("schema"));

  it.each(files)("takes the ready configuration %s", (file) => {
    validate(JSON.parse(readFileSync(path.join(folder, file), "utf8")));
    expect(validate.errors).toBeNull();
  });

  it("takes a level or an object for every policy of the pack", () => {
    for (const { id } of POLICIES) {
      expect([id, validate({ [id]: "disabled" })]).toEqual([id, true]);
      expect([id, validate({ [id]: { enforcementLevel: "advisory" } })]).toEqual([id, true]);
    }
  });

  it.each([
    ["a policy that does not exist", { "pool-flor": "mandatory" }],
    ["a level that does not exist", { all: "strict" }],
    ["settings of a rule, which has none", { "pool-floor": { undecided: "warn" } }],
    ["an exception without an owner", withException({ owner: undefined })],
    ["an exception without an end", withException({ expires: undefined })],
    ["a setting that does not exist", { "poolproof-settings": { undecidet: "warn" } }],
    ["a reference to itself, which Pulumi would read as a level", { $schema: "./policy-config.schema.json" }],
  ])("refuses %s", (_, config) => {
    expect(validate(JSON.parse(JSON.stringify(config)))).toBe(false);
  });

  it("takes an exception that is whole", () => {
    expect(validate(withException({}))).toBe(true);
  });
});

function withException(changes: object): object {
  const whole = { rule: "pool-floor", resource: "api", reason: "r", owner: "o", expires: "2026-12-31" };
  return { "poolproof-settings": { exceptions: [{ ...whole, ...changes }] } };
}
