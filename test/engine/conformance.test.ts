import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isAtLeast } from "../../engine/boot/versions.mjs";
import { runPulumi } from "../../engine/pulumi.js";
import { policyConfigOf, stackNames } from "../../engine/stacks.js";
import { check, engine, plainPulumi, preview, root, skipReason, temporaryFolder, title } from "./support.js";

const stacks = stackNames(root);

describe.skipIf(skipReason)(title("check and the engine are one judgement"), () => {
  it("has stacks to compare", () => {
    expect(stacks).toContain("dev");
    expect(stacks).toContain("prod");
    expect(stacks).toContain("incident-2024-09-02");
  });

  it.each(stacks)("%s: the same report from both", async (stack) => {
    const inProcess = check(stack);
    const onEngine = await preview(stack);
    expect(onEngine.report).toEqual(inProcess.report);
    expect(onEngine.code).toBe(inProcess.code);
  });
});

/** Why exceptions of Pulumi's own cannot be tried: 3.274.0 is the first engine that reads them. */
const tooOld =
  skipReason ??
  (isAtLeast(spawnSync(engine.pulumi, ["version"], { encoding: "utf8" }).stdout, "3.274.0")
    ? undefined
    : "an engine before 3.274.0");

describe.skipIf(tooOld)(
  `exceptions of Pulumi's own${tooOld === undefined ? "" : ` (skipped: ${tooOld})`}`,
  () => {
    const stack = "incident-2024-09-02";
    const SERVICE = `urn:pulumi:${stack}::auth::auth:service:AuthService$aws:ecs/service:Service::auth`;

    /** The stack's policy config in version 2, with an exception for the pool of the outage. */
    function configured(policies: readonly string[], neverExcepted: readonly string[]): string {
      const prod = JSON.parse(readFileSync(policyConfigOf(root, stack), "utf8"));
      const settings = { ...prod["poolproof-settings"], neverExcepted };
      const file = join(temporaryFolder(), "policy.json");
      const match = [{ policies, targets: [SERVICE] }];
      const exceptions = { "EXC-7": { reason: "a drill", match } };
      writeFileSync(
        file,
        JSON.stringify({ version: 2, policies: { ...prod, "poolproof-settings": settings }, exceptions }),
      );
      return file;
    }

    async function both(config: string) {
      const flags = ["--policy-pack-config", config];
      const onEngine = await runPulumi({
        command: "preview",
        stack,
        flags,
        stateDir: temporaryFolder(),
        engine,
      });
      return { onEngine, inProcess: check(stack, root, ["--policy-config", config]) };
    }

    it("are applied alike by both", async () => {
      const { onEngine, inProcess } = await both(configured(["pool-floor"], []));
      expect(onEngine.pulumiCode).toBe(0);
      expect(inProcess.report.verdict).toBe("accepted");
      expect(onEngine.report).toEqual(inProcess.report);
      expect([onEngine.code, inProcess.code]).toEqual([0, 0]);
    });

    it("for another rule leave the outage rejected by both", async () => {
      const { onEngine, inProcess } = await both(configured(["drain-order"], []));
      expect(onEngine.pulumiCode).not.toBe(0);
      expect(onEngine.report).toEqual(inProcess.report);
      expect([onEngine.code, inProcess.code]).toEqual([1, 1]);
    });

    // Should Pulumi ever leave the decision to the pack, the guides have to say so.
    it("for a protected rule are applied by the engine, and rejected by the commands here", async () => {
      const { onEngine, inProcess } = await both(configured(["pool-floor"], ["pool-floor"]));
      expect(onEngine.pulumiCode).toBe(0);
      expect([onEngine.code, inProcess.code]).toEqual([1, 1]);
      expect(onEngine.report).toEqual(inProcess.report);
      expect(inProcess.report.violations.map(({ rule }) => rule)).toEqual([
        "poolproof-settings",
        "pool-floor",
      ]);
    });
  },
);

const outage = "incident-2024-09-02";
const rulesOf = (report: { violations: readonly { rule: string; level: string }[] } | undefined) =>
  report?.violations.filter(({ level }) => level === "mandatory").map(({ rule }) => rule);

describe.skipIf(skipReason)(title("the outage of 2 September 2024 on the real engine"), () => {
  it("is rejected for its pool alone, with the arithmetic in the message", async () => {
    const { code, report, stdout } = await preview(outage);
    expect(code).toBe(1);
    expect(report?.verdict).toBe("rejected");
    expect(rulesOf(report)).toEqual(["pool-floor"]);
    const violation = report?.violations[0];
    expect(violation?.observed).toBe(3);
    expect(violation?.allowed).toEqual({ min: 11, max: 19 });
    expect(violation?.message).toMatch(/\b11\b/);
    expect(violation?.message).toMatch(/\b40 %/);
    // The person at the terminal reads it too, not only the report.
    expect(stdout.replace(/\s+/g, " ")).toContain("below the floor of 11");
  });

  it.each([
    11, 15, 19,
  ])("is accepted with a pool of %d, inside the window, and nothing else changed", async (poolMax) => {
    const { code, report } = await preview(outage, { "auth:poolMax": poolMax });
    expect(rulesOf(report)).toEqual([]);
    expect(code).toBe(0);
  });

  it("is rejected by pool-floor one below the window", async () => {
    const { code, report } = await preview(outage, { "auth:poolMax": 10 });
    expect(code).toBe(1);
    expect(rulesOf(report)).toEqual(["pool-floor"]);
  });

  it("is rejected by connection-budget one above the window", async () => {
    const { code, report } = await preview(outage, { "auth:poolMax": 20 });
    expect(code).toBe(1);
    expect(rulesOf(report)).toEqual(["connection-budget"]);
  });
});

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
