import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../engine/lib/paths.mjs";
import { runPulumi, runPulumiForReal } from "../../engine/lib/pulumi.mjs";
import { script, temporaryDirectory, writeFiles } from "./temporary.js";

/** A stand-in for Pulumi that notes how it was called, leaves a report as the pack would, and exits. */
function standIn(verdict: "accepted" | "rejected" | "none", exitCode: number) {
  const directory = temporaryDirectory();
  const report =
    verdict === "none" ? "" : `[ "$1" = stack ] || echo '{"verdict":"${verdict}"}' > "$POOLPROOF_REPORT"`;
  const pulumi = script(
    join(directory, "bin", "pulumi"),
    `echo "$*" >> ${directory}/calls\nenv > ${directory}/env-$1\n${report}\n[ "$1" = stack ] && exit 0\nexit ${exitCode}`,
  );
  writeFiles(directory, { "Pulumi.dev.yaml": "config: {}\n" });
  return {
    engine: { pulumi, directories: [join(directory, "bin")] },
    file: join(directory, "Pulumi.dev.yaml"),
    stateDir: join(directory, "state"),
    calls: () => readFileSync(join(directory, "calls"), "utf8").trim().split("\n"),
    environment: (command: string) => readFileSync(join(directory, `env-${command}`), "utf8"),
  };
}

describe("in the embedded default", () => {
  test.each([
    ["preview", "accepted", 0, 0],
    ["preview", "rejected", 255, 1],
    ["preview", "none", 1, 2],
    ["up", "rejected", 255, 1],
    ["up", "accepted", 1, 2],
    ["destroy", "none", 0, 0],
    ["destroy", "none", 1, 2],
  ] as const)("%s of a stack that is %s, Pulumi's code %i: exit %i", async (command, verdict, pulumiCode, expected) => {
    const { engine, file, stateDir } = standIn(verdict, pulumiCode);
    const { code } = await runPulumi({ command, stack: "dev", engine, file, stateDir });
    expect(code).toBe(expected);
  });

  test.each([
    "preview",
    "up",
  ] as const)("%s always has the policy pack and its configuration", async (command) => {
    const { engine, file, stateDir, calls } = standIn("accepted", 0);
    await runPulumi({ command, stack: "dev", engine, file, stateDir, flags: ["--diff"] });
    const [created, called] = calls();
    expect(created).toBe("stack select dev --create --non-interactive");
    expect(called).toContain(`${command} --stack dev --non-interactive`);
    expect(called).toContain(`--config-file ${join(stateDir, "stacks", "Pulumi.dev.yaml")}`);
    expect(called).toContain("--policy-pack policies --policy-pack-config policies/config/dev.json --diff");
  });

  test("a policy configuration named by the user takes the place of ours", async () => {
    const { engine, file, stateDir, calls } = standIn("accepted", 0);
    const flags = ["--policy-pack-config", "strict.json"];
    await runPulumi({ command: "preview", stack: "dev", engine, file, stateDir, flags });
    expect(calls().at(-1)).toMatch(/--policy-pack policies --policy-pack-config strict\.json$/);
  });
});

describe("with a real account", () => {
  test("Pulumi gets the user's own environment and no offline provider, but the gate and no way around it", async () => {
    const { engine, calls, environment } = standIn("accepted", 0);
    const env = {
      PATH: "/usr/bin:/bin",
      AWS_PROFILE: "production",
      PULUMI_BACKEND_URL: "s3://states",
      PULUMI_OPTION_SKIP_PREVIEW: "true",
    };
    const { code } = await runPulumiForReal({ command: "up", stack: "dev", flags: [], env, engine });
    expect(code).toBe(0);
    expect(calls()).toEqual([
      "up --stack dev --policy-pack policies --policy-pack-config policies/config/dev.json",
    ]);
    expect(environment("up")).toMatch(/AWS_PROFILE=production/);
    expect(environment("up")).toMatch(/PULUMI_BACKEND_URL=s3:\/\/states/);
    expect(environment("up")).not.toMatch(/SKIP_PREVIEW/);
    expect(environment("up")).not.toContain(join(repository, "engine", "offline-aws"));
  });
});
