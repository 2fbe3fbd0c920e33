import { writeFileSync } from "node:fs";
import * as path from "node:path";
import Ajv from "ajv";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parsePolicyConfig, readPolicyConfig } from "../../../policies/command/policyConfig";
import { POLICIES } from "../../../policies/config/policies";
import { policyConfigJsonSchema } from "../../../policies/config/publishedSchemas";
import { withPulumiExceptions } from "../../../policies/reports/pulumiExceptions";
import type { Report, ReportedViolation } from "../../../policies/reports/report";
import { removeFolder, temporaryFolder } from "../compiledPack";
import { DATABASE, SERVICE } from "../samplePlan";
import engineCases from "./engineExceptions.json";

const folder = temporaryFolder("policy-config");
afterAll(() => removeFolder(folder));

function written(text: string): string {
  const file = path.join(folder, "policy.json");
  writeFileSync(file, text);
  return file;
}

/** What is wrong with a file, line by line without the file's name and the headline. */
async function problemsOf(config: object | string): Promise<readonly string[]> {
  const file = written(typeof config === "string" ? config : JSON.stringify(config));
  try {
    await readPolicyConfig(file);
    return [];
  } catch (error) {
    const [first = "", ...others] = (error as Error).message.split("\n");
    return others.length > 0 ? others.map((line) => line.trim()) : [first.replace(`${file}: `, "")];
  }
}

const match = (policies: unknown, targets: unknown) => ({ policies, targets });
const WHOLE = { reason: "moves to a queue in March", match: [match(["drain-order"], [SERVICE])] };
const withException = (entry: unknown, id = "EXC-7") => ({ version: 2, exceptions: { [id]: entry } });

describe("a policy configuration of version 2", () => {
  it("has levels and settings under `policies`, as the other format has them at its top", async () => {
    const policies = {
      all: "advisory",
      "pool-floor": "mandatory",
      "drain-order": { enforcementLevel: "disabled" },
      "poolproof-settings": {
        enforcementLevel: "mandatory",
        undecided: "warn",
        neverExcepted: ["pool-floor"],
      },
    };
    const { notes: _, ...unversioned } = await parsePolicyConfig(policies, "a");
    const { notes, ...version2 } = await parsePolicyConfig({ version: 2, policies }, "b");
    expect(version2).toEqual(unversioned);
    expect(notes).toEqual([]);
    expect(version2.levels["drain-order"]).toBeUndefined();
    expect(version2.settings.undecided).toBe("warn");
  });

  it("has exceptions, in the order of their ids, which a note calls permanent", async () => {
    const exceptions = { "EXC-10": WHOLE, "EXC-9": WHOLE };
    const config = await parsePolicyConfig({ version: 2, exceptions }, "prod.json");
    expect(config.pulumiExceptions).toEqual([
      { id: "EXC-9", ...WHOLE },
      { id: "EXC-10", ...WHOLE },
    ]);
    expect(config.notes).toEqual([expect.stringMatching(/^prod\.json: .*permanent.*EXC-9, EXC-10/)]);
  });

  it("keeps its exceptions where the settings' policy is disabled, as the engine does", async () => {
    const policies = { "poolproof-settings": "disabled" };
    const config = await parsePolicyConfig({ version: 2, policies, exceptions: { a: WHOLE } }, "f");
    expect(config.pulumiExceptions).toHaveLength(1);
  });
});

describe("what is refused, each in one line that says where and what to do", () => {
  it.each<[string, object | string, readonly RegExp[]]>([
    ["a policy there is not", { "pool-flor": "advisory" }, [/"pool-flor"; did you mean "pool-floor"\?/]],
    [
      "a level there is not",
      { "pool-floor": "strict" },
      [/"pool-floor" can be advisory, mandatory, remediate, disabled/],
    ],
    [
      "settings that are wrong",
      { "poolproof-settings": { budgetShare: 8, budgetshare: 0.8 } },
      [
        /poolproof-settings\.budgetShare: must be at most 1, is 8/,
        /poolproof-settings\.budgetshare: there is no such setting; did you mean "budgetShare"\?/,
      ],
    ],
    [
      "a setting in the wrong place",
      { "pool-floor": { budgetShare: 0.8 } },
      [/"pool-floor" takes no settings: they belong to "poolproof-settings"/],
    ],
    ["a newer version", { version: 3, "pool-floor": "x" }, [/^"version" can be 2, is 3: write 2/]],
    ["a version that is a text", { version: "2" }, [/^"version" must be the number 2/]],
    [
      "policies at the top of version 2, which Pulumi ignores there",
      { version: 2, all: "advisory", "pool-floor": "disabled", policies: {} },
      [/^"all" must move under "policies"/, /^"pool-floor" must move under "policies"/],
    ],
    [
      "parts of version 2 without the version",
      { "pool-floor": "advisory", policies: {}, exceptions: { a: WHOLE } },
      [/^"policies" .*add "version": 2/, /^"exceptions" .*add "version": 2/],
    ],
    ["a mistyped field", { version: 2, polices: {} }, [/"polices".*did you mean "policies"\?/]],
    [
      "a field in capitals, which Pulumi takes",
      { version: 2, Exceptions: {} },
      [/did you mean "exceptions"\?/],
    ],
    [
      "a policy that does not exist",
      { version: 2, policies: { "pool-flor": "mandatory" } },
      [/^policies: .*"pool-flor"; did you mean "pool-floor"\?/],
    ],
    ["policies that are a list", { version: 2, policies: [] }, [/^"policies" must be an object/]],
    [
      "a setting that does not exist",
      { version: 2, policies: { "poolproof-settings": { undecidet: "warn" } } },
      [/^poolproof-settings\.undecidet: .*did you mean "undecided"\?/],
    ],
    [
      "a list of exceptions, which is the form of poolproof-settings",
      { version: 2, exceptions: [] },
      [/^exceptions: must be an object .*policies\.poolproof-settings\.exceptions/],
    ],
    [
      "a last day, which Pulumi ignores",
      withException({ ...WHOLE, expires: "2026-03-31" }),
      [/^exceptions\.EXC-7\.expires: Pulumi ignores it .*permanent.*poolproof-settings\.exceptions/],
    ],
    [
      "a last day that is malformed, or over, alike",
      withException({ ...WHOLE, expires: "31.3.2020", expiresAt: 0 }),
      [/^exceptions\.EXC-7\.expires: Pulumi ignores it/, /^exceptions\.EXC-7\.expiresAt: Pulumi ignores it/],
    ],
    [
      "an owner, which Pulumi ignores",
      withException({ ...WHOLE, owner: "team" }),
      [/^exceptions\.EXC-7\.owner: Pulumi ignores it: name the owner in `reason`/],
    ],
    [
      "fields that do not exist, at each depth",
      withException({
        reason: "r",
        matches: [],
        match: [{ ...match(["undecided"], [SERVICE]), target: [] }],
      }),
      [/^exceptions\.EXC-7\.match\.0\.target: .*"targets"/, /^exceptions\.EXC-7\.matches: .*"match"/],
    ],
    ["no reason", withException({ match: WHOLE.match }), [/^exceptions\.EXC-7\.reason: is missing/]],
    ["a blank reason", withException({ ...WHOLE, reason: " " }), [/^exceptions\.EXC-7\.reason: .*blank/]],
    ["no match", withException({ reason: "r" }), [/^exceptions\.EXC-7\.match: is missing/]],
    [
      "an empty match",
      withException({ ...WHOLE, match: [] }),
      [/^exceptions\.EXC-7\.match: must not be empty/],
    ],
    ["an exception that is a text", withException("drain-order"), [/^exceptions\.EXC-7: must be an object/]],
    [
      "a rule that does not exist",
      withException({ ...WHOLE, match: [match(["drain-ordr"], [SERVICE])] }),
      [/^exceptions\.EXC-7\.match\.0\.policies\.0: .*"drain-ordr"; did you mean "drain-order"\?/],
    ],
    [
      "every rule at once",
      withException({ ...WHOLE, match: [match(["all", "*"], [SERVICE])] }),
      [/^exceptions\.EXC-7\.match\.0\.policies\.0: .*each rule/, /\.policies\.1: .*each rule/],
    ],
    [
      "a wild card in a target",
      withException({ ...WHOLE, match: [match(["drain-order"], [SERVICE.replace("api", "*"), "*"])] }),
      [/^exceptions\.EXC-7\.match\.0\.targets\.0: .*each URN/, /\.targets\.1: .*each URN/],
    ],
    [
      "a target that is a logical name, as those of poolproof-settings may be",
      withException({ ...WHOLE, match: [match(["drain-order"], ["api"])] }),
      [/^exceptions\.EXC-7\.match\.0\.targets\.0: must be a URN in full .*is "api"/],
    ],
    ["an id that Pulumi refuses", withException(WHOLE, "EXC 7"), [/^exceptions: the id "EXC 7"/]],
    [
      "an id written twice, of which one would be lost",
      `{"version":2,"exceptions":{"a":${JSON.stringify(WHOLE)},"a":${JSON.stringify(WHOLE)}}}`,
      [/^exceptions\.a: is written twice/],
    ],
  ])("%s", async (_, config, expected) => {
    const problems = await problemsOf(config);
    expect(problems).toEqual(expected.map((line) => expect.stringMatching(line)));
  });

  it("says all of it at once", async () => {
    const problems = await problemsOf({
      version: 2,
      all: "advisory",
      policies: { "pool-flor": "mandatory", undecided: "loud" },
      exceptions: { a: { reason: "r" }, b: { ...WHOLE, until: "soon" } },
    });
    expect(problems).toHaveLength(5);
  });

  it("stays in one line, whatever is written", async () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a\nb", "\u2028", "\u202e", "all"));
    const entry = fc.record({
      reason: text,
      "x\n": text,
      match: fc.array(fc.record({ policies: fc.array(text, { maxLength: 2 }) }), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, entry, { minKeys: 1, maxKeys: 2 }), async (exceptions) => {
        const message = await parsePolicyConfig({ version: 2, exceptions }, "f").then(
          () => "",
          (error: Error) => error.message,
        );
        expect(message).not.toMatch(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/u);
        for (const line of message.split("\n").slice(1)) expect(line).toMatch(/^ {2}exceptions/);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the published schema", () => {
  const validate = new Ajv({ strict: false }).compile(policyConfigJsonSchema());

  it("takes and refuses configurations of version 2 as the command does", async () => {
    const rule = fc.constantFrom("pool-floor", "undecided", "pool-flor", "all", "*", "");
    const target = fc.constantFrom(SERVICE, DATABASE, "api", "*", SERVICE.replace("api", "*"), "");
    const entry = fc.record(
      {
        reason: fc.constantFrom("r", " ", 1, null),
        match: fc.array(
          fc.record(
            { policies: fc.array(rule, { maxLength: 2 }), targets: fc.array(target, { maxLength: 2 }) },
            { requiredKeys: [] },
          ),
          { maxLength: 2 },
        ),
        expires: fc.constant("2026-12-31"),
      },
      { requiredKeys: [] },
    );
    const good = fc.constant(WHOLE);
    const config = fc.record(
      {
        version: fc.constantFrom(2, 2, 2, 3, 1, "2"),
        $schema: fc.constant("./policy-config.schema.json"),
        policies: fc.constantFrom(
          {},
          null,
          [],
          { all: "advisory" },
          { "pool-flor": "mandatory" },
          { $schema: "" },
        ),
        exceptions: fc.oneof(
          fc.dictionary(fc.constantFrom("EXC-1", "a b", "b"), fc.oneof(good, good, entry), { maxKeys: 2 }),
          fc.constantFrom(null, [], "x"),
        ),
        environments: fc.constantFrom([], ["a/b"], [1], "a", null),
        "pool-floor": fc.constant("advisory"),
      },
      { requiredKeys: ["version"] },
    );
    const seen = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(config, async (each) => {
        const text = JSON.stringify(each);
        const isTaken = (await problemsOf(text)).length === 0;
        seen.add(isTaken);
        expect([text, validate(JSON.parse(text))]).toEqual([text, isTaken]);
      }),
      { numRuns: 150 },
    );
    expect([...seen].sort()).toEqual([false, true]);
  });
});

/*
 * What Pulumi's engine makes of policy configurations: the answers of LoadPolicyPackConfigFile and PolicyExceptions.Match in
 * github.com/pulumi/pulumi/pkg/v3 3.276.0 (resource/analyzer/config.go, exceptions.go), which were called on each text.
 * `ours: "refused"` marks what the command refuses although the engine takes it, because the engine would do something else
 * than the file says.
 */
describe("policy configurations are read as Pulumi's engine reads them", () => {
  it.each(engineCases.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const file = written(each.text);
    if (each.error !== undefined || each.ours === "refused") {
      await expect(readPolicyConfig(file)).rejects.toThrow(file);
      return;
    }
    const config = await readPolicyConfig(file);
    const set: { readonly [policy: string]: string } = each.levels ?? {};
    for (const { id, level } of POLICIES) {
      const expected = set[id] ?? set.all ?? level;
      const own = expected === "remediate" ? "mandatory" : expected === "disabled" ? undefined : expected;
      expect([id, config.levels[id]]).toEqual([id, own]);
    }
    const expected = (each.matches ?? []).map(({ rule, urn, ids }) => [rule, urn, ids[0]]);
    const findings = ASKED.flatMap((rule) => TARGETS.map((urn) => finding(rule, urn)));
    const report = withPulumiExceptions(reportOf(findings), config, { stack: "test", project: "shop" });
    const lifted = report.exceptions.flatMap(({ id, findings: own }) =>
      own.map((found) => [found.rule, found.resource, id]),
    );
    expect([...lifted].sort()).toEqual([...expected].sort());
    const active = report.exceptions.filter(({ status }) => status === "active").map(({ id }) => id);
    expect(new Set(active)).toEqual(new Set((each.matches ?? []).flatMap(({ ids }) => ids)));
    const left = report.violations.filter(({ rule }) => rule !== "poolproof-settings");
    expect(left).toHaveLength(findings.length - lifted.length);
  });

  const ASKED = ["pool-floor", "drain-order", "undecided"];
  const TARGETS = [
    SERVICE,
    DATABASE,
    SERVICE.replace(":test::", ":prod::"),
    "urn:pulumi:test::shop::pulumi:pulumi:Stack::shop-test",
  ];

  function finding(rule: string, resource: string): ReportedViolation {
    const numbers = { observed: null, allowed: null, unit: null };
    return { rule, level: "mandatory", resource, message: "m", fix: "f", docs: "d", ...numbers };
  }

  function reportOf(violations: readonly ReportedViolation[]): Report {
    const coverage = { databases: [], clients: [], unexamined: [], resources: 0 };
    const rest = { undecided: [], exceptions: [], coverage, budgets: [] };
    const tables = { date: "2026-01-01", ageDays: 0 };
    return { schemaVersion: 1, stack: "test", verdict: "rejected", violations, tables, ...rest };
  }
});
