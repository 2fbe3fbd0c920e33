import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { flagValue } from "../../engine/lib/arguments.mjs";
import { checkPolicyConfig } from "../../engine/lib/policyConfig.mjs";
import { readPolicyConfig } from "../../policies/command/policyConfig.js";
import { compilePack, removeFolder } from "../policies/compiledPack.js";
import { temporaryDirectory } from "./temporary.js";

let pack: string;
beforeAll(() => {
  pack = compilePack();
}, 60_000);
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

test("a flag's value is read in both ways of writing it", () => {
  expect(flagValue(["--a", "1", "--b=2=3"], "--b")).toBe("2=3");
  expect(flagValue(["--a", "1"], "--a")).toBe("1");
  expect(flagValue(["--ab", "1"], "--a")).toBeUndefined();
  expect(flagValue(["--a"], "--a")).toBeUndefined();
});
