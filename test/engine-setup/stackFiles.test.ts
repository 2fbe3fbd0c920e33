import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  copyStackFile,
  nearest,
  policyConfigOf,
  stackFile,
  stackNames,
} from "../../engine/lib/stackFiles.mjs";
import { temporaryDirectory, writeFiles } from "./temporary.js";

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
  expect(nearest("staging", ["dev", "prod"])).toBeUndefined();
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
