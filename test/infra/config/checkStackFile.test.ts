import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../plannedProgram";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(...path: readonly string[]) {
  const ended = spawnSync(process.execPath, [join(ROOT, "infra", "config", "checkStackFile.js"), ...path], {
    encoding: "utf8",
    cwd: ROOT,
  });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("node infra/config/checkStackFile.js", () => {
  it.each(readdirSync(join(ROOT, "stacks")))("accepts stacks/%s and says nothing", (name) => {
    expect(check(join("stacks", name))).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("tells every problem of a file in one go, and exits 2", () => {
    const dev = readFileSync(join(ROOT, "stacks", "Pulumi.dev.yaml"), "utf8");
    const broken = dev.replace('poolMax: "6"', "poolMax: ten").replace('zones: "2"', 'zones: "9"');
    const { code, stdout, stderr } = check(file("Pulumi.broken.yaml", broken));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('✖ poolMax: "ten" is not an integer (connections)');
    expect(stderr).toContain("pulumi config set auth:poolMax 12 --stack broken");
    expect(stderr).toContain("✖ zones: 9 is outside 2 to 3 zones");
  });

  it.each([
    ["a file that is not there", () => join(folder, "Pulumi.nowhere.yaml"), "does not exist"],
    ["a folder", () => folder, "cannot be read"],
    ["a file that is not YAML", () => file("Pulumi.torn.yaml", "config: ["), "is not YAML"],
    ["a file that is a list", () => file("Pulumi.list.yaml", "- 1"), "has no `config:` block"],
    ["settings that are no mapping", () => file("Pulumi.word.yaml", "config: ten"), "has no `config:` block"],
  ])("says in one line what is wrong with %s, and exits 2", (_what, path, message) => {
    const { code, stderr } = check(path());
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("says how it is called", () => {
    expect(check()).toMatchObject({ code: 2, stderr: expect.stringContaining("usage:") });
  });
});
