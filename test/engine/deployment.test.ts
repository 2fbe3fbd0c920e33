import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
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

type Command = "preview" | "up" | "destroy";

/** Resources that Pulumi's state holds for a stack: none where it was never deployed. */
function deployed(
  stateDir: string,
  stack: string,
): { urn: string; type: string; id?: string; outputs?: Record<string, unknown> }[] {
  const file = join(stateDir, "backend", ".pulumi", "stacks", "auth", `${stack}.json`);
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, "utf8")).checkpoint.latest?.resources ?? [];
}

describe.skipIf(skipReason)(title("a stack's life on the embedded default"), () => {
  const stateDir = temporaryFolder();
  const run = (command: Command, change: Record<string, string | number> = {}, flags: string[] = []) =>
    runPulumi({ command, stack: "dev", file: changedStackFile("dev", change), stateDir, engine, flags });

  it("up deploys an accepted stack", async () => {
    const outcome = await run("up");
    expect(outcome.stderr + outcome.stdout).not.toContain("panic");
    expect(outcome.code).toBe(0);
    const types = deployed(stateDir, "dev").map(({ type }) => type);
    expect(types).toContain("aws:rds/instance:Instance");
    expect(types).toContain("aws:ecs/service:Service");
  });

  it("a second preview finds nothing to change", async () => {
    const outcome = await run("preview", {}, ["--expect-no-changes"]);
    expect(outcome.stdout).not.toMatch(/to (create|update|replace|delete)/);
    expect(outcome.code).toBe(0);
  });

  it("a limit that would wait for a reboot does not carry larger pools in the same change", async () => {
    const outcome = await run("preview", { "auth:maxConnections": "200", "auth:poolMax": 30 });
    expect(outcome.code).toBe(1);
    expect(outcome.report?.violations.map(({ rule }) => rule)).toEqual(["pending-reboot-order"]);
    expect((await run("preview", { "auth:maxConnections": "200" })).code).toBe(0);
  });

  it("a changed pool deploys a new task definition and updates the service, leaving the database alone", async () => {
    const database = () =>
      deployed(stateDir, "dev").find(({ type }) => type === "aws:rds/instance:Instance")?.outputs;
    const before = database();
    expect(before).toBeDefined();
    expect((await run("up", { "auth:poolMax": 7 })).code).toBe(0);
    const after = deployed(stateDir, "dev");
    expect(database()).toEqual(before);
    // The migrations are a task as well, and hold no pool.
    const task = after.find(({ urn }) => urn.endsWith("aws:ecs/taskDefinition:TaskDefinition::auth-task"));
    expect(JSON.stringify(task?.outputs)).toContain('\\"DB_POOL_MAX\\",\\"value\\":\\"7\\"');
  });

  it("up on a rejected stack changes nothing", async () => {
    const before = deployed(stateDir, "dev");
    const outcome = await run("up", { "auth:poolMax": 1000 });
    expect(outcome.code).toBe(1);
    expect(deployed(stateDir, "dev")).toEqual(before);
  });

  it("destroy leaves nothing behind", async () => {
    expect((await run("destroy")).code).toBe(0);
    expect(deployed(stateDir, "dev").filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
  });
});
