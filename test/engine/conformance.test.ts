import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isAtLeast } from "../../engine/boot/versions.mjs";
import { runPulumi } from "../../engine/pulumi.js";
import { policyConfigOf, stackNames } from "../../engine/stacks.js";
import { check, engine, preview, root, skipReason, temporaryFolder, title } from "./support.js";

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
