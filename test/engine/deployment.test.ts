import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runPulumi } from "../../engine/pulumi.js";
import {
  changedStackFile,
  engine,
  plainPulumi,
  root,
  skipReason,
  temporaryFolder,
  title,
} from "./support.js";

/** The smaller of the stacks, judged as production is. */
const STACK = "dev";
const config = ["--policy-pack-config", "policies/config/prod.json"];

function receipt(...args: string[]) {
  const tool = join(root, "tools", "ci", "receipt.ts");
  return spawnSync(process.execPath, ["--import", "tsx", tool, ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, GITHUB_SHA: "abc" },
  });
}

describe.skipIf(skipReason)(title("a deployment as the workflow makes it"), () => {
  const stateDir = temporaryFolder();
  const files = temporaryFolder();
  const [plan, report, paper, deployed] = ["plan", "report", "receipt", "deployed"].map((name) =>
    join(files, `${name}.json`),
  ) as [string, string, string, string];
  const run = (
    command: "preview" | "up",
    change: Record<string, number>,
    reportFile: string,
    flags: string[],
  ) =>
    runPulumi({
      command,
      stack: STACK,
      file: changedStackFile(STACK, change),
      stateDir,
      engine,
      reportFile,
      flags: [...flags, ...config],
    });

  it("saves a plan that the pack accepts, with a receipt that holds for it", async () => {
    expect((await run("preview", {}, report, ["--save-plan", plan])).code).toBe(0);
    const ofPlan = ["--stack", STACK, "--plan", plan];
    const written = receipt("write", ...ofPlan, "--report", report, "--output", paper);
    expect([written.status, written.stderr]).toEqual([0, ""]);
    expect(receipt("verify", ...ofPlan, "--receipt", paper).status).toBe(0);
  });

  it("deploys nothing of a program that has changed since", async () => {
    const outcome = await run("up", { "auth:poolMax": 9 }, deployed, ["--plan", plan]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stdout + outcome.stderr).toContain("violates plan");
  });

  it("deploys that plan, judged again by the pack", async () => {
    expect((await run("up", {}, deployed, ["--plan", plan])).code).toBe(0);
    expect(receipt("ran", "--stack", STACK, "--report", deployed).status).toBe(0);
  });

  it("finds no drift then, and any change of the program", async () => {
    const drift = ["--refresh", "--expect-no-changes"];
    expect((await run("preview", {}, report, drift)).code).toBe(0);
    const changed = await run("preview", { "auth:poolMax": 9 }, report, drift);
    expect([changed.code, changed.stderr + changed.stdout]).toEqual([
      2,
      expect.stringContaining("no changes were expected for preview but changes were proposed"),
    ]);
  });
});

describe.skipIf(skipReason)(title("what the workflows need in AWS"), () => {
  it("previews and deploys with the real engine, and says what the workflows are to be told", () => {
    const project = join(temporaryFolder(), "delivery");
    cpSync(join(root, "delivery"), project, { recursive: true });
    for (const room of ["infra", "policies", "tools", "node_modules"])
      symlinkSync(join(root, room), join(project, "..", room));
    const yaml = "config:\n  aws:region: eu-west-1\n  auth-delivery:repository: acme/auth\n";
    writeFileSync(join(project, "Pulumi.account.yaml"), yaml);
    const pulumi = plainPulumi(project);
    expect(pulumi("stack", "init", "account").status).toBe(0);
    const up = pulumi("up", "--yes", "--stack", "account");
    expect([up.status, up.stderr]).toEqual([0, ""]);
    const outputs = JSON.parse(pulumi("stack", "output", "--json", "--stack", "account").stdout);
    expect(outputs.AWS_DEPLOY_ROLE).toMatch(/^arn:aws:iam::\d{12}:role\/deploy-/);
    expect(outputs.PULUMI_BACKEND_URL).toMatch(/^s3:\/\/auth-delivery-account-state-\w+\?region=eu-west-1/);
    expect(readFileSync(join(project, "Pulumi.account.yaml"), "utf8")).not.toContain("AKIA");
  });
});
