import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { applyPulumiExceptions, checkPolicyConfig, requireEngineFor } from "../../engine/pack.js";
import { readPolicyConfig } from "../../policies/command/policyConfig.js";
import { compilePack, removeFolder } from "../policies/compiledPack.js";
import { temporaryDirectory } from "./temporary.js";

let pack: string;
beforeAll(() => {
  pack = compilePack();
});
afterAll(() => removeFolder(pack));

function written(content: string): string {
  const file = join(temporaryDirectory(), "policy.json");
  writeFileSync(file, content);
  return file;
}

const messageOf = async (begun: Promise<unknown>): Promise<string> =>
  begun.then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("a policy configuration that the engine is about to be given", () => {
  test.each([
    ["is no JSON", "{", /policy\.json cannot be read/],
    ["names a policy that does not exist", '{ "pool-flor": "mandatory" }', /did you mean "pool-floor"\?/],
    ["has a level that does not exist", '{ "all": "strict" }', /"all" can be advisory, mandatory/],
    [
      "has a mistyped setting",
      '{ "poolproof-settings": { "undecidet": "warn" } }',
      /did you mean "undecided"\?/,
    ],
    ["names its own schema", '{ "$schema": "./x.json" }', /"\$schema" is refused by Pulumi/],
  ])("that %s is refused with the line that check says", async (_, content, expected) => {
    const file = written(content);
    const said = await messageOf(checkPolicyConfig("prod", ["--policy-pack-config", file], pack));
    expect(said).toMatch(expected);
    expect(said.split("\n")).toHaveLength(1);
    expect(said).toBe(`error: ${await messageOf(readPolicyConfig(file))}`);
    expect(await messageOf(checkPolicyConfig("prod", [`--policy-pack-config=${file}`], pack))).toBe(said);
  });

  test.each([
    "{}",
    "",
    '{ "all": "advisory", "environments": ["shop/prod"] }',
    '{ "poolproof-settings": { "exceptions": [{ "rule": "pool-floor" }] } }',
  ])("passes as %j", async (content) => {
    const flags = ["--policy-pack-config", written(content)];
    expect(await messageOf(checkPolicyConfig("prod", flags, pack))).toBe("accepted");
  });

  test("passes as the stack's own", async () => {
    expect(await messageOf(checkPolicyConfig("prod", [], pack))).toBe("accepted");
  });

  test("that disables every rule is noted on stderr", async () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      await checkPolicyConfig("prod", ["--policy-pack-config", written('{ "all": "disabled" }')], pack);
      expect(write.mock.calls.join()).toMatch(
        /^note: .*policy\.json disables every rule: nothing is judged\n/,
      );
    } finally {
      write.mockRestore();
    }
  });
});

describe("a policy configuration of version 2", () => {
  const target = "urn:pulumi:prod::auth::aws:ecs/service:Service::auth";
  const config = (policies: readonly string[], neverExcepted: readonly string[] = []) =>
    JSON.stringify({
      version: 2,
      policies: { "poolproof-settings": { neverExcepted } },
      exceptions: { "EXC-1": { reason: "r", match: [{ policies, targets: [target] }] } },
    });
  const silently = async <T>(
    work: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly said: string }> => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      const result = await work();
      return { result, said: write.mock.calls.join("") };
    } finally {
      write.mockRestore();
    }
  };

  test("needs an engine that reads it, and says that its exceptions are permanent", async () => {
    const flags = ["--policy-pack-config", written(config(["pool-floor"]))];
    const { result, said } = await silently(() => checkPolicyConfig("prod", flags, pack));
    expect(said).toMatch(/^note: .*EXC-1/);
    expect(() => requireEngineFor(result, "3.259.0")).toThrow(/3\.274\.0.*3\.259\.0/);
    expect(() => requireEngineFor(result, "3.276.0")).not.toThrow();
    expect(await checkPolicyConfig("prod", ["--policy-pack-config", written("{}")], pack)).toBeUndefined();
    expect(() => requireEngineFor(undefined, "3.240.0")).not.toThrow();
  });

  test("that excepts a protected rule is a rejection before the engine starts, which would deploy", async () => {
    const flags = ["--policy-pack-config", written(config(["drain-order", "pool-floor"], ["pool-floor"]))];
    const { result } = await silently(() =>
      checkPolicyConfig("prod", flags, pack).then(
        () => undefined,
        (error: Error & { exitCode?: number }) => error,
      ),
    );
    expect(result?.exitCode).toBe(1);
    expect(result?.message).toMatch(/EXC-1.*pool-floor/);
  });

  const violation = { rule: "pool-floor", level: "mandatory", resource: target, message: "too small" };
  const REPORT = {
    schemaVersion: 1,
    stack: "prod",
    verdict: "rejected",
    violations: [violation],
    undecided: [],
    exceptions: [],
    coverage: { databases: [], clients: [target], unexamined: [] },
    budgets: [],
  };
  async function applied(text: string) {
    const report = written(JSON.stringify(REPORT));
    const run = { stack: "acme/auth/prod", project: "auth", flags: ["--policy-pack-config", written(text)] };
    const { said } = await silently(() => applyPulumiExceptions(report, run, pack));
    return { said, report: JSON.parse(readFileSync(report, "utf8")) };
  }

  test("has its exceptions applied to the report that the pack leaves, which knows none", async () => {
    const { report, said } = await applied(config(["pool-floor"]));
    expect(report).toMatchObject({ verdict: "accepted", violations: [] });
    expect(report.exceptions).toMatchObject([{ id: "EXC-1", status: "active", findings: [violation] }]);
    expect(said).toBe("");
  });

  test("says on stderr what the engine does not: an exception that matches nothing", async () => {
    const { report, said } = await applied(config(["pool-floor", "drain-order"]));
    expect(report.verdict).toBe("rejected");
    expect(report.violations.map(({ rule }: { rule: string }) => rule)).toEqual(["poolproof-settings"]);
    expect(said).toMatch(/^✖ poolproof-settings: .*EXC-1.*drain-order/);
  });

  test("of the unversioned format leaves the report as the pack wrote it", async () => {
    expect(await applied('{ "all": "advisory" }')).toEqual({ report: REPORT, said: "" });
  });
});
