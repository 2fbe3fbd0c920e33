import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPolicyConfig } from "../../../policies/command/policyConfig";
import { parseSettings } from "../../../policies/config/parseSettings";
import { POLICIES } from "../../../policies/config/policies";
import { policyConfigJsonSchema } from "../../../policies/config/publishedSchemas";
import published from "../../../policies/config/settings.schema.json";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";

const folder = path.resolve(__dirname, "../../../policies/config");

function problemsOf(input: unknown): readonly string[] {
  const parsed = parseSettings(input);
  return parsed.ok ? [] : parsed.problems;
}

describe("the settings all rules share", () => {
  it("are the documented defaults when nothing is set", () => {
    expect(parseSettings({})).toEqual({ ok: true, settings: DEFAULT_SETTINGS });
  });

  it("are refused with every problem: its path, what must hold, and what was found", () => {
    expect(
      problemsOf({
        budgetShare: 0,
        peakFactor: "2",
        operationsReserve: 1.5,
        surviveZoneLoss: "yes",
        undecided: "refuse",
        confirmedMaxConnections: { main: -1 },
        demand: [{ holdMs: 1 }],
        pools: [{ client: "", values: { poolMax: null } }],
        configKeys: { A: "no" },
      }),
    ).toEqual([
      "budgetShare: must be above 0, is 0",
      'peakFactor: must be a number, is "2"',
      "operationsReserve: must be a whole number, is 1.5",
      'surviveZoneLoss: must be true or false, is "yes"',
      'undecided: can be "reject" or "warn", is "refuse"',
      "confirmedMaxConnections.main: must be at least 1, is -1",
      "pools.0.client: must not be empty",
      "pools.0.values.poolMax: must be a number, is null",
      "demand.0.service: is missing",
      "configKeys.A: must be written namespace:key",
    ]);
  });

  it("of which there are only some names are refused with the nearest one", () => {
    const client = { name: "jobs", poolMax: 4, instances: 2 };
    expect(
      problemsOf({
        pools: [{ client: "api", library: "hikari", variables: { acquire: ["X"] } }],
        clients: [{ ...client, library: "node-postgre" }],
        databases: [{ name: "main", engine: "postgress" }],
      }),
    ).toEqual([
      expect.stringMatching(
        /^pools\.0\.library: can be .*"prisma" .*, is "hikari"; did you mean "hikaricp"\?$/,
      ),
      'pools.0.variables.acquire: there is no such setting; did you mean "acquireTimeoutMs"?',
      expect.stringMatching(/^clients\.0\.library: .*; did you mean "node-postgres"\?$/),
      expect.stringMatching(/^databases\.0\.engine: .*; did you mean "postgres"\?$/),
    ]);
  });

  it("that do not exist are refused with the nearest name, at any depth", () => {
    const problems = problemsOf({
      undecidet: "warn",
      demand: [{ service: "api", holdms: 90 }],
      pools: [{ client: "api", values: { poolmax: 3 }, surprise: 1 }],
      neverExcepted: ["pool-flor"],
    });
    expect(problems).toEqual([
      'pools.0.values.poolmax: there is no such setting; did you mean "poolMax"?',
      "pools.0.surprise: there is no such setting; there are client, pool, container, library, variables, ignoredVariables, environment, values, database, endpoint, stopTimeoutSeconds, note",
      'demand.0.holdms: there is no such setting; did you mean "holdMs"?',
      'undecidet: there is no such setting; did you mean "undecided"?',
      'neverExcepted.0: there is no rule "pool-flor"; did you mean "pool-floor"?',
    ]);
    expect(problemsOf({ confirmedMaxConnections: "many" })).toEqual([
      "confirmedMaxConnections: must be an integer from 1 to 1000000, or such an integer for each database by name",
    ]);
    expect(problemsOf({ neverExcepted: ["pool-flor"] })).toEqual([
      'neverExcepted.0: there is no rule "pool-flor"; did you mean "pool-floor"?',
    ]);
  });

  it("say each problem in one line, whatever was set", () => {
    const key = fc.oneof(fc.string(), fc.constantFrom("a\nb", "undecided", "x\u2028y", "demand"));
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue(), { maxKeys: 4, noNullPrototype: true }), (input) => {
        const problems = problemsOf(input);
        for (const problem of problems) expect(problem.split(/[\r\n\u2028\u2029]/)).toHaveLength(1);
      }),
    );
  });

  it("describe pools, clients and databases that the plan does not show", () => {
    const settings = {
      pools: [{ client: "api", container: "web", library: "hikaricp", variables: { poolMax: ["POOL"] } }],
      clients: [{ name: "jobs", poolMax: 4, instances: 2, database: "main", acquireTimeoutMs: 0 }],
      databases: [{ name: "main", otherDemand: 20 }],
      busyPerVcpu: 2,
      reconnectSeconds: 10,
      newConnectionsPerSecond: 50,
      idleInTransactionMaxMs: 5_000,
      neverExcepted: ["pool-floor"],
    };
    expect(parseSettings(settings)).toEqual({ ok: true, settings: { ...DEFAULT_SETTINGS, ...settings } });
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

describe("exceptions in the settings", () => {
  const whole = { rule: "pool-floor", resource: "api", reason: "r", owner: "o", expires: "2026-12-31" };
  const problemOf = (entry: unknown): string | undefined => {
    const parsed = parseSettings({ exceptions: [entry] });
    return parsed.ok ? parsed.settings.exceptions[0]?.malformed : "refused";
  };

  it("are taken as they are when they are whole", () => {
    expect(parseSettings({ exceptions: [whole] })).toMatchObject({
      ok: true,
      settings: { exceptions: [whole] },
    });
    expect(problemOf(whole)).toBeUndefined();
  });

  it.each([
    [{ ...whole, owner: undefined }, "owner: is missing"],
    [{ ...whole, reason: "" }, "reason: must not be empty"],
    [{ ...whole, expires: "31.12.2026" }, "expires: must be a date in the format YYYY-MM-DD"],
    [{ ...whole, expires: 20261231 }, "expires: must be a text, is 20261231"],
    [{ ...whole, until: "2026-12-31" }, "until: there is no such setting"],
    [{ ...whole, rule: "pool-flor" }, 'there is no rule "pool-flor"; did you mean "pool-floor"?'],
    [{ ...whole, rule: "poolproof-settings" }, 'there is no rule "poolproof-settings"'],
    ["pool-floor", 'the entry must be an object, is "pool-floor"'],
    [null, "the entry must be an object, is null"],
  ])("are kept with what is wrong with them: %j", (entry, problem) => {
    expect(problemOf(entry)).toContain(problem);
  });

  it("are a list, or the settings are refused", () => {
    expect(problemsOf({ exceptions: whole })).toEqual([
      expect.stringContaining("exceptions: must be a list"),
    ]);
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
  it("each say what they bound, how to mend it and where to read on", () => {
    for (const { id, title, description, remediationSteps, docs } of POLICIES) {
      for (const text of [title, description, remediationSteps]) expect(text.length, id).toBeGreaterThan(10);
      expect(docs).toBe(`docs/runbooks/${id}.md`);
    }
  });
});

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
