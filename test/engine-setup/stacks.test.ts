import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyStackFile } from "../../engine/embedded.js";
import {
  flagValue,
  hasFlag,
  policyConfigOf,
  stackArguments,
  stackFile,
  stackNames,
} from "../../engine/stacks.js";
import { temporaryDirectory, writeFiles } from "./temporary.js";

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

test("a flag's value is read in both ways of writing it", () => {
  expect(flagValue(["--a", "1", "--b=2=3"], "--b")).toBe("2=3");
  expect(flagValue(["--a", "1"], "--a")).toBe("1");
  expect(flagValue(["--ab", "1"], "--a")).toBeUndefined();
  expect(flagValue(["--a"], "--a")).toBeUndefined();
});
test("a flag with a value is seen in both spellings, and not inside another's name", () => {
  expect(hasFlag(["--policy-config", "x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config=x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config-file=x"], "--policy-config")).toBe(false);
});

function repository() {
  const root = temporaryDirectory();
  writeFiles(root, {
    "stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 5\n",
    "stacks/Pulumi.prod.yaml": "",
    "stacks/Pulumi.incident-2024-09-02.yaml": "",
    "stacks/notes.md": "",
    "policies/config/dev.json": "{}",
    "policies/config/prod.json": "{}",
  });
  return root;
}

test("stacks are the files in stacks/ that Pulumi would read", () => {
  expect(stackNames(repository())).toEqual(["dev", "incident-2024-09-02", "prod"]);
});

test.each([
  ["prd", 'There is no stack "prd" in stacks/. Did you mean prod?'],
  ["incident", "Did you mean incident-2024-09-02?"],
  ["../../etc/passwd", "Stacks: dev, incident-2024-09-02, prod."],
])("an unknown stack %s is answered with the ones there are", (name, expected) => {
  expect(() => stackFile(repository(), name)).toThrow(expected);
});

test("nothing is suggested where no name is near", () => {
  expect(() => stackFile(repository(), "staging")).toThrow(/in stacks\/\. Stacks:/);
});

test("a stack without a policy configuration of its own is judged by production's", () => {
  const root = repository();
  expect(policyConfigOf(root, "dev")).toBe(join(root, "policies/config/dev.json"));
  expect(policyConfigOf(root, "incident-2024-09-02")).toBe(join(root, "policies/config/prod.json"));
});

describe("the copy of a stack's settings", () => {
  const copied = (root: string) =>
    copyStackFile(join(root, "stacks/Pulumi.dev.yaml"), join(root, ".state/stacks"), "dev");

  test("keeps the salt that Pulumi has written to it, and takes over every change of the source", () => {
    const root = repository();
    const copy = copied(root);
    writeFiles(root, {
      ".state/stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 5\nencryptionsalt: v1:abc=\n",
    });
    writeFiles(root, { "stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 12\n" });
    expect(copied(root)).toBe(copy);
    expect(readFileSync(copy, "utf8")).toBe("config:\n  auth:poolMax: 12\nencryptionsalt: v1:abc=\n");
  });

  test("leaves the source as it is", () => {
    const root = repository();
    const before = readFileSync(join(root, "stacks/Pulumi.dev.yaml"), "utf8");
    writeFiles(root, { ".state/stacks/Pulumi.dev.yaml": "encryptionsalt: v1:abc=\n" });
    copied(root);
    expect(readFileSync(join(root, "stacks/Pulumi.dev.yaml"), "utf8")).toBe(before);
  });

  test("prefers the salt of a source that has its own", () => {
    const root = repository();
    writeFiles(root, {
      ".state/stacks/Pulumi.dev.yaml": "encryptionsalt: v1:old=\n",
      "stacks/Pulumi.dev.yaml": "encryptionsalt: v1:own=\nconfig: {}\n",
    });
    expect(readFileSync(copied(root), "utf8")).toBe("encryptionsalt: v1:own=\nconfig: {}\n");
  });
});
