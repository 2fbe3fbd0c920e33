import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY } from "../../../drills/stress/lab/childProcess";
import { incidentOf } from "../../../drills/stress/run/incident";
import { loadStack } from "../../../drills/stress/stackUnderTest";

const stacks = readdirSync(join(REPOSITORY, "stacks")).flatMap(
  (file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [],
);

/** Each reads a plan in a process of its own. */
describe("every stack of the repository", { timeout: 60_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "stress-stacks-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(stacks)("%s can be put under load, with the settings that would be deployed", async (name) => {
    const stack = await loadStack(name, folder);
    expect(stack.environment.DB_POOL_MAX).toBe(String(stack.pool.poolMax));
    expect(stack.environment.DB_USER).toBe("auth_app");
    expect(stack.pool.floor).toBeGreaterThan(0);
    expect(stack.demand.tasks).toBeGreaterThan(0);
    expect(stack.database.parameters.map(({ name }) => name)).toContain("max_connections");
    // Of the values that only the deployment knows, and of secrets, nothing is taken over.
    expect(stack.environment).not.toHaveProperty("DB_PASSWORD");
    expect(stack.verdict).toBe(incidentOf(name) === undefined ? "accepted" : "rejected");
  });
});
