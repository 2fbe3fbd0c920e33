import { describe, expect, test } from "vitest";
import { hasFlag, stackArguments } from "../../engine/lib/arguments.mjs";

describe("the arguments of preview, up and destroy", () => {
  test("are a stack, then flags for Pulumi", () => {
    const given = ["dev", "--diff", "-c", "auth:poolMax=12", "-cauth:f=1"];
    expect(stackArguments("preview", given, {})).toEqual({
      stack: "dev",
      flags: given.slice(1),
      realAws: false,
    });
  });

  test.each([
    [["dev", "--skip-preview"], "--skip-preview is not taken"],
    [["dev", "--skip-preview=true"], "--skip-preview is not taken"],
    [["dev", "-f"], "-f is not taken"],
    [["dev", "-yf"], "-f is not taken"],
    [["dev", "-s", "prod"], "-s is not taken"],
    [["dev", "--stack=prod"], "--stack is not taken"],
    [["dev", "--config-file", "other.yaml"], "--config-file is not taken"],
    [["dev", "prod"], 'takes one stack at a time, and then flags: "prod" is neither'],
    [[], "needs a stack first: npm run up -- STACK"],
    [["--diff"], "needs a stack first"],
    [[""], "needs a stack first"],
  ])("%j is refused in one line", (given, expected) => {
    expect(() => stackArguments("up", given, {})).toThrow(expected);
  });

  test("ask for a real account by flag or by environment, and only then", () => {
    expect(stackArguments("up", ["dev", "--real-aws", "--diff"], {})).toEqual({
      stack: "dev",
      flags: ["--diff"],
      realAws: true,
    });
    expect(stackArguments("up", ["dev"], { POOLPROOF_AWS: "real" }).realAws).toBe(true);
    expect(stackArguments("up", ["dev"], { POOLPROOF_AWS: "offline" }).realAws).toBe(false);
  });
});

test("a flag with a value is seen in both spellings, and not inside another's name", () => {
  expect(hasFlag(["--policy-config", "x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config=x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config-file=x"], "--policy-config")).toBe(false);
});
