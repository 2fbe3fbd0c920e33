import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { embeddedEnvironment } from "../../engine/embedded.js";
import { runPulumi } from "../../engine/pulumi.js";
import { policyConfigOf } from "../../engine/stacks.js";
import {
  changedStackFile,
  check,
  engine,
  type Report,
  root,
  skipReason,
  temporaryFolder,
  title,
} from "./support.js";

/** A policy configuration that lets everything be deployed, so that there is a rejected state to look at. */
const LENIENT = '{ "all": "advisory" }';

describe.skipIf(skipReason)(title("a deployed stack is judged as its preview was"), () => {
  const stateDir = temporaryFolder();
  const env = embeddedEnvironment({ stateDir, engine });

  function pulumi(args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
    return spawnSync(engine.pulumi, [...args], { cwd: root, env: { ...env, ...extra }, encoding: "utf8" });
  }

  /** Deploys a stack, whatever the policies say. */
  async function deploy(stack: string, change: Record<string, string | number>) {
    const lenient = join(temporaryFolder(), "lenient.json");
    writeFileSync(lenient, LENIENT);
    const file = changedStackFile(stack, change);
    const given = ["--policy-pack-config", lenient];
    expect((await runPulumi({ command: "up", stack, file, stateDir, engine, flags: given })).code).toBe(0);
  }

  function exported(stack: string, ...flags: string[]) {
    const state = join(temporaryFolder(), `${stack}.json`);
    expect(pulumi(["stack", "export", "--stack", stack, "--file", state, ...flags]).status).toBe(0);
    return state;
  }

  function analyze(stack: string, state: string): { code: number | null; report: Report } {
    const bin = join(root, "policies", "bin", "poolproof.js");
    const config = ["--policy-config", policyConfigOf(root, stack)];
    const args = [bin, "analyze", "--state", state, "--format", "json", ...config];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return { code: status, report: JSON.parse(stdout) };
  }

  /** The same state, judged by the pack inside `pulumi policy analyze`. */
  function policyAnalyze(stack: string, state: string) {
    const file = join(temporaryFolder(), "report.json");
    const config = ["--policy-pack", "policies", "--policy-pack-config", policyConfigOf(root, stack)];
    const { status, stderr } = pulumi(["policy", "analyze", "--file", state, "--json", ...config], {
      POOLPROOF_REPORT: file,
    });
    if (!existsSync(file)) throw new Error(`the pack left no report: ${stderr}`);
    return { code: status, report: JSON.parse(readFileSync(file, "utf8")) as Report };
  }

  it("accepts what check accepts, with the same report from all three", async () => {
    await deploy("dev", {});
    const state = exported("dev");
    const own = analyze("dev", state);
    expect(own.code).toBe(0);
    expect(own.report).toEqual(check("dev").report);
    const inEngine = policyAnalyze("dev", state);
    expect(inEngine.report).toEqual(own.report);
    expect(inEngine.code).toBe(0);
  });

  it("rejects a starved pool that is deployed, secrets in clear or not", async () => {
    await deploy("dev", { "auth:poolMax": 1 });
    for (const flags of [[], ["--show-secrets"]]) {
      const state = exported("dev", ...flags);
      const own = analyze("dev", state);
      expect(own.code).toBe(1);
      expect(own.report.violations.map(({ rule }) => rule)).toContain("pool-floor");
      const inEngine = policyAnalyze("dev", state);
      expect(inEngine.report).toEqual(own.report);
      expect(inEngine.code).not.toBe(0);
    }
  });
});
