import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainPulumi, root, skipReason, temporaryFolder, title } from "./support.js";

/**
 * What the README promises to people who use Pulumi alone. Only the account is missing here: the offline provider on
 * PATH stands in for it. No command of ours runs, so stack files are Pulumi's to write to: in a copy.
 */
describe.skipIf(skipReason)(title("plain Pulumi, with nothing of ours in between"), () => {
  const project = temporaryFolder();
  for (const entry of ["Pulumi.yaml", "infra", "stacks", "policies", "tools", "package.json"]) {
    cpSync(join(root, entry), join(project, entry), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  const pulumi = plainPulumi(project);

  it("previews prod behind the pack", () => {
    expect(pulumi("stack", "init", "prod").status).toBe(0);
    const result = pulumi("preview", "-s", "prod", "--policy-pack", "policies");
    expect(result.stdout + result.stderr).toContain("poolproof");
    expect(result.status).toBe(0);
  });

  it("takes a policy config as its own flag", () => {
    const config = ["--policy-pack-config", "policies/config/prod.json"];
    const result = pulumi("preview", "-s", "prod", "--policy-pack", "policies", ...config);
    expect(result.status).toBe(0);
  });

  it("refuses the outage", () => {
    expect(pulumi("stack", "init", "incident-2024-09-02").status).toBe(0);
    const result = pulumi("preview", "-s", "incident-2024-09-02", "--policy-pack", "policies");
    expect(result.stdout + result.stderr).toContain("pool-floor");
    expect(result.status).not.toBe(0);
  });
});
