import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../../policies/reports/report";
import { installedCommand } from "../../policies/command";
import { ROOT } from "../plannedProgram";

const { run } = installedCommand();

const STACKS = readdirSync(join(ROOT, "stacks")).flatMap(
  (file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [],
);

/** What the four rules say of a stack's alarms, with every rule mandatory. */
async function alarmFindings(stack: string, ...options: readonly string[]): Promise<readonly string[]> {
  const config = join(ROOT, "policies/config/prod.json");
  const args = ["check", "--stack", stack, "--policy-config", config, "--format", "json", ...options];
  const { stdout } = await run(args, { cwd: ROOT });
  const { violations, undecided } = JSON.parse(stdout) as Report;
  return [...violations, ...undecided].map(({ rule }) => rule).filter((rule) => rule.startsWith("alarm"));
}

describe.concurrent("the alarms of the auth stack", { timeout: 90_000 }, () => {
  it.each(STACKS)("pass poolproof's four alarm rules in %s, as prod.json sets them", async (stack) => {
    expect(await alarmFindings(stack)).toEqual([]);
  });

  it("are judged at all: pools that hold more than the alarm's threshold are noticed", async () => {
    const findings = await alarmFindings("incident-2024-09-02", "-c", "auth:poolMax=60");
    expect(findings).toContain("alarm-threshold");
  });
});
