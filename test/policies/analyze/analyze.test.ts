import { readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../policies/reports/report";
import { installedCommand } from "../command";
import { encrypted, SAFE, SERVICE, samplePlan, stackExport, TASK } from "../samplePlan";

const { folder, run } = installedCommand();
const starved = stackExport(samplePlan({ environment: { ...SAFE.environment, DB_POOL_MAX: "3" } }));
const report = (stdout: string): Report => JSON.parse(stdout) as Report;

describe.concurrent("poolproof analyze", { timeout: 60_000 }, async () => {
  it("accepts a sound export with 0 and rejects a starved one with 1, from a file as from stdin", async () => {
    const files = folder({ "safe.json": stackExport(samplePlan()), "starved.json": starved });
    const safe = await run(["analyze", "--state", path.join(files, "safe.json")]);
    expect(safe).toMatchObject({ code: 0, stdout: expect.stringMatching(/^✔ test: accepted/), stderr: "" });
    const file = await run(["analyze", "--state", path.join(files, "starved.json"), "--format", "json"]);
    expect(file.code).toBe(1);
    expect(report(file.stdout).violations[0]).toMatchObject({ rule: "pool-floor", observed: 3 });
    const stdin = await run(["analyze", "--state", "-", "--format", "json"], { stdin: `\uFEFF${starved}` });
    expect(stdin).toEqual(file);
  });

  it("names the stack as it is told to, and otherwise as the export does", async () => {
    const told = await run(["analyze", "--state", "-", "--stack", "eu/live"], { stdin: starved });
    expect(told.stdout).toMatch(/^✖ eu\/live: rejected/);
  });

  it("takes levels and settings from a policy configuration, and writes --output", async () => {
    const files = folder({ "out/report.json": "yesterday's", "policy.json": '{ "all": "advisory" }' });
    const output = path.join(files, "out", "report.json");
    const args = ["--policy-config", path.join(files, "policy.json"), "--format", "json", "--output", output];
    const { code, stdout, stderr } = await run(["analyze", "--state", "-", ...args], { stdin: starved });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(report(readFileSync(output, "utf8")).violations[0]).toMatchObject({ level: "advisory" });
  });

  it("applies the exceptions of a policy configuration of version 2, and notes that they are permanent", async () => {
    const match = [{ policies: ["pool-floor"], targets: [SERVICE] }];
    const version2 = (neverExcepted: readonly string[]) =>
      JSON.stringify({
        version: 2,
        policies: {
          all: "disabled",
          "pool-floor": "mandatory",
          "poolproof-settings": { enforcementLevel: "mandatory", neverExcepted },
        },
        exceptions: { "EXC-7": { reason: "replaced next week", match } },
      });
    const files = folder({ "v2.json": version2([]), "never.json": version2(["pool-floor"]) });
    const analyzed = (file: string, format: string) =>
      run(["analyze", "--state", "-", "--policy-config", path.join(files, file), "--format", format], {
        stdin: starved,
      });
    const accepted = await analyzed("v2.json", "text");
    expect(accepted.code).toBe(0);
    expect(accepted.stdout).toMatch(/~ pool-floor.*\n.*EXC-7.*owner not given: replaced next week/);
    expect(accepted.stderr).toMatch(/^note: .*EXC-7/);
    const rejected = await analyzed("never.json", "json");
    expect(rejected.code).toBe(1);
    expect(report(rejected.stdout).violations.map(({ rule }) => rule)).toEqual([
      "poolproof-settings",
      "pool-floor",
    ]);
    const explained = await run(["explain", "--state", "-", "--policy-config", path.join(files, "v2.json")], {
      stdin: starved,
    });
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain("below its floor");
  });

  it("shows neither a secret nor its ciphertext", async () => {
    const state = stackExport(samplePlan(), (resource) =>
      resource.urn === TASK
        ? { ...resource, outputs: { ...resource.outputs, containerDefinitions: encrypted() } }
        : resource,
    );
    const { code, stdout, stderr } = await run(["analyze", "--state", "-"], { stdin: state });
    expect(code).toBe(1);
    expect(stdout).toContain("encrypted in this export");
    expect(stdout + stderr).not.toMatch(/aGlkZGVu|hunter2/);
  });

  it("judges a change where it is given the state before it", async () => {
    const before = [{ name: "max_connections", value: "200", applyMethod: "pending-reboot" }];
    const files = folder({
      "before.json": stackExport(
        samplePlan({ parameters: before, environment: { ...SAFE.environment, DB_POOL_MAX: "4" } }),
      ),
    });
    const base = ["--base", path.join(files, "before.json")];
    const after = stackExport(samplePlan());
    const alone = await run(["analyze", "--state", "-", "--format", "json"], { stdin: after });
    expect(report(alone.stdout).violations).toEqual([]);
    const changed = await run(["analyze", "--state", "-", "--format", "json", ...base], { stdin: after });
    expect(report(changed.stdout).violations.map(({ rule }) => rule)).toEqual(["pending-reboot-order"]);
    const stranger = await run(["analyze", "--state", "-", ...base], {
      stdin: after.replaceAll("urn:pulumi:test::shop::", "urn:pulumi:prod::shop::"),
    });
    expect(stranger).toMatchObject({ code: 2, stdout: "" });
    expect(stranger.stderr).toBe(
      "error: --base holds the stack shop/test, and shop/prod is judged: export that one, `pulumi stack export --stack prod`\n",
    );
  });

  it.each([
    ["a file that is missing", ["--state", "/gone.json"], "", /--state: \/gone\.json cannot be read: ENOENT/],
    ["an empty stdin", ["--state", "-"], "", /what stdin holds is empty, not a stack export; write one with/],
    [
      "what is not JSON",
      ["--state", "-"],
      "hunter2 {",
      /what stdin holds is not JSON, so not a stack export/,
    ],
    ["other JSON", ["--state", "-"], '{"a": "hunter2"}', /is not a stack export: it has no `deployment`/],
    ["an old export", ["--state", "-"], '{"version": 1, "deployment": {}}', /it has version 1 of the format/],
    [
      "an export that holds nothing",
      ["--state", "-"],
      '{"version": 3, "deployment": {}}',
      /--state: what stdin holds has no resources: nothing is deployed that could be judged/,
    ],
    [
      "a base that is missing",
      ["--state", "-", "--base", "/gone.json"],
      starved,
      /--base: \/gone\.json cannot/,
    ],
    ["a typo", ["--stat", "x"], "", /unknown option '--stat' \(Did you mean --state\?\)/],
    ["no file at all", [], "", /which export\? Name it with `--state FILE`/],
    [
      "a policy configuration that is missing",
      ["--state", "-", "--policy-config", "/gone.json"],
      starved,
      /the policy configuration \/gone\.json cannot be read/,
    ],
  ])("answers %s with 2 and one line", async (_name, args, stdin, message) => {
    const { code, stdout, stderr } = await run(["analyze", ...args], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("hunter2");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
