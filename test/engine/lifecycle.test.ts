import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runPulumi } from "../../engine/pulumi.js";
import { changedStackFile, engine, skipReason, temporaryFolder, title } from "./support.js";

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
