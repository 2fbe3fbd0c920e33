import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import { installedCommand } from "../command";
import { SAFE, samplePlan, stackExport } from "../samplePlan";

const { folder, run } = installedCommand();
const starved = stackExport(samplePlan({ environment: { ...SAFE.environment, DB_POOL_MAX: "3" } }));

describe.concurrent("poolproof explain", { timeout: 60_000 }, async () => {
  it("draws what check would reject, and exits with 0", async () => {
    const { code, stdout } = await run(["explain", "--state", "-"], { stdin: starved });
    expect(code).toBe(0);
    expect(stdout).toContain("✖ api: below its floor");
    expect(stdout).toMatch(/\|-+\*-+\[=+\]-+\|/);
  });

  it("writes its numbers as JSON, and the picture beside it", async () => {
    const files = folder({ "pictures/windows.svg": "yesterday's" });
    const svg = path.join(files, "pictures", "windows.svg");
    const args = ["explain", "--state", "-", "--format", "json", "--svg", svg];
    const { code, stdout } = await run(args, { stdin: starved });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      stack: "test",
      databases: [{ name: "db", pools: [{ status: "too low", poolMax: 3, floor: 11, ceiling: 19 }] }],
    });
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it("runs a program as check does, with its file names read from where the command was started", async () => {
    const files = folder({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: app/\n",
      "Pulumi.dev.yaml": "config:\n  shop:size: 400\n",
      "app/index.js": `
const pulumi = require("@pulumi/pulumi");
const rds = require("@pulumi/aws/rds");
const params = new rds.ParameterGroup("params", {
  family: "postgres17",
  parameters: [{ name: "max_connections", value: new pulumi.Config().require("size"), applyMethod: "pending-reboot" }],
});
new rds.Instance("db", { engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.large", parameterGroupName: params.name });`,
    });
    const args = ["explain", "dev", "--svg", "dev.svg", "--output", "dev.txt"];
    const { code, stdout, stderr } = await run(args, { cwd: files });
    expect(stderr).toBe("");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(readFileSync(path.join(files, "dev.txt"), "utf8")).toContain(
      "400 connections (explicit) → 389 usable",
    );
    expect(existsSync(path.join(files, "dev.svg"))).toBe(true);
  });

  it.each([
    ["a state that is missing", ["--state", "/gone.json"], /--state: \/gone\.json cannot be read/],
    ["a stack that is missing", ["--stack", "no-such-stack"], /there is no stack "no-such-stack"/],
    [
      "a picture that cannot be written",
      ["--state", "-", "--svg", "/dev/null/a.svg"],
      /--svg: .*not a folder/,
    ],
    ["neither a stack nor a state", [], /which stack\? Name it with `--stack STACK`/],
    ["a typo", ["--state", "-", "--svgg", "a"], /--svgg.*did you mean --svg\?/i],
  ])("answers %s with 2 and one line", async (_name, args, message) => {
    const { code, stdout, stderr } = await run(["explain", ...args], { stdin: starved });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
