import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readPolicyConfig } from "../../../policies/check/policyConfig";
import { POLICIES } from "../../../policies/config/policyIds";
import published from "../../../policies/config/settings.schema.json";
import { parseSettings, settingsSchema } from "../../../policies/config/settingsSchema";
import { DEFAULT_SETTINGS } from "../../../policies/rules/settings";

const folder = path.resolve(__dirname, "../../../policies/config");

describe("the settings all rules share", () => {
  it("are published as the JSON schema that zod derives from the one definition", () => {
    const { title, ...schema } = published;
    expect(schema).toEqual(
      JSON.parse(JSON.stringify(z.toJSONSchema(settingsSchema, { target: "draft-7", io: "input" }))),
    );
    expect(title).toContain("poolproof-settings");
  });

  it("are the documented defaults when nothing is set", () => {
    expect(parseSettings({})).toEqual({ ok: true, settings: DEFAULT_SETTINGS });
  });

  it("are refused with every problem and its path", () => {
    const parsed = parseSettings({
      budgetShare: 0,
      peakFactor: "2",
      demand: [{ holdMs: 1 }],
      configKeys: { A: "no" },
      x: 1,
    });
    expect(parsed).toMatchObject({ ok: false });
    const problems = parsed.ok ? [] : parsed.problems.map((problem) => problem.split(":")[0]);
    expect(problems).toEqual(["budgetShare", "peakFactor", "demand.0.service", "configKeys.A", "settings"]);
  });

  it("are taken and refused alike by the published schema and by zod", () => {
    const validate = new Ajv({ strict: false }).compile(published);
    const value = fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom("reject", "warn", "x", null),
    );
    const keys = fc.constantFrom(...Object.keys(published.properties), "surprise");
    fc.assert(
      fc.property(fc.dictionary(keys, value, { maxKeys: 3, noNullPrototype: true }), (input) => {
        expect(validate(input)).toBe(parseSettings(input).ok);
      }),
      { numRuns: 500 },
    );
  });

  it("confirm the limit of one database by its name", () => {
    const parsed = parseSettings({ confirmedMaxConnections: { main: 400 } });
    expect(parsed).toMatchObject({ ok: true, settings: { confirmedMaxConnections: { main: 400 } } });
    expect(parseSettings({ confirmedMaxConnections: 0 }).ok).toBe(false);
  });
});

describe("the ready policy configurations", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json") && !file.includes("schema"));

  it.each(files)("%s is valid and leaves no policy out by mistake", async (file) => {
    const { levels } = await readPolicyConfig(path.join(folder, file));
    expect(Object.keys(levels).sort()).toEqual(POLICIES.map(({ id }) => id).sort());
  });

  it("reject what is undecided in prod, and warn of it in dev", async () => {
    const prod = await readPolicyConfig(path.join(folder, "prod.json"));
    expect(prod.settings.undecided).toBe("reject");
    const dev = await readPolicyConfig(path.join(folder, "dev.json"));
    expect([dev.settings.undecided, dev.levels.undecided]).toEqual(["warn", "advisory"]);
  });

  it("name only config keys that the project has", async () => {
    const project = readFileSync(path.resolve(folder, "../../Pulumi.yaml"), "utf8");
    for (const file of files) {
      const { settings } = await readPolicyConfig(path.join(folder, file));
      for (const key of Object.values(settings.configKeys)) {
        expect(project).toMatch(new RegExp(`^  ${key.replace("auth:", "")}:$`, "m"));
      }
    }
  });
});

describe("the pack's policies", () => {
  // A rule that disappears would pass every stack in silence.
  it("are these, in this order", () => {
    expect(POLICIES.map(({ id, level }) => [id, level])).toEqual([
      ["poolproof-settings", "mandatory"],
      ["pool-floor", "mandatory"],
      ["connection-budget", "mandatory"],
      ["max-connections", "mandatory"],
      ["acquire-timeout", "mandatory"],
      ["timeout-order", "mandatory"],
      ["demand-declared", "mandatory"],
      ["undecided", "mandatory"],
    ]);
  });

  it("each say what they bound, how to mend it and where to read on", () => {
    for (const { id, title, description, remediationSteps, docs } of POLICIES) {
      for (const text of [title, description, remediationSteps]) expect(text.length, id).toBeGreaterThan(10);
      expect(docs).toBe(`docs/runbooks/${id}.md`);
    }
  });
});
