import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
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
    `echo "$*" >> ${directory}/calls\nenv > ${directory}/env-$1\n${report}\n` +
      `[ "$2" = export ] && cp "$STATE_TO_EXPORT" "$6" && exit 0\n` +
      `[ "$2" = export ] && echo "error: no stack named 'dev' found" >&2 && exit 255\n` +
      `[ "$1" = stack ] && exit 0\n[ -z "$POOLPROOF_BASE" ] || cp "$POOLPROOF_BASE" ${directory}/base\nexit ${exitCode}`,
  );
  writeFiles(directory, { "Pulumi.dev.yaml": "config: {}\n" });
  return {
    engine: { pulumi, directories: [join(directory, "bin")] },
    file: join(directory, "Pulumi.dev.yaml"),
    stateDir: join(directory, "state"),
    calls: () => readFileSync(join(directory, "calls"), "utf8").trim().split("\n"),
    base: () => readFileSync(join(directory, "base"), "utf8"),
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
      STATE_TO_EXPORT: "/dev/null",
    };
    const { code } = await runPulumiForReal({ command: "up", stack: "dev", flags: [], env, engine });
    expect(code).toBe(0);
    expect(calls()).toEqual([
      expect.stringMatching(/^stack export --stack dev --file \S+ --non-interactive$/),
      "up --stack dev --policy-pack policies --policy-pack-config policies/config/dev.json",
    ]);
    expect(environment("up")).toMatch(/AWS_PROFILE=production/);
    expect(environment("up")).toMatch(/PULUMI_BACKEND_URL=s3:\/\/states/);
    expect(environment("up")).not.toMatch(/SKIP_PREVIEW/);
    expect(environment("up")).not.toContain(join(repository, "engine", "offline-aws"));
  });
});

describe("the state as it is deployed", () => {
  const checkpoint = (resources: readonly object[]) =>
    JSON.stringify({ version: 3, checkpoint: { stack: "organization/auth/dev", latest: { resources } } });
  const inState = (stateDir: string, text: string) =>
    writeFiles(join(stateDir, "backend", ".pulumi", "stacks", "auth"), { "dev.json": text });
  const deployed = [{ urn: "urn:pulumi:dev::auth::pulumi:pulumi:Stack::auth-dev" }];

  test("reaches the pack from the embedded state, as an export of it", async () => {
    const { base, engine, environment, file, stateDir } = standIn("accepted", 0);
    inState(stateDir, checkpoint(deployed));
    await runPulumi({ command: "preview", stack: "dev", engine, file, stateDir });
    expect(JSON.parse(base())).toEqual({ version: 3, deployment: { resources: deployed } });
    const path = /^POOLPROOF_BASE=(.*)$/m.exec(environment("preview"))?.[1] ?? "";
    expect(path).not.toBe("");
    expect(existsSync(path)).toBe(false);
  });

  test("is not asked for where nothing is deployed yet", async () => {
    const { engine, environment, file, stateDir } = standIn("accepted", 0);
    inState(stateDir, checkpoint([]));
    await runPulumi({ command: "preview", stack: "dev", engine, file, stateDir });
    expect(environment("preview")).not.toContain("POOLPROOF_BASE");
  });

  test("is the one that the user names, wherever the command was called", async () => {
    const { engine, environment, file, stateDir } = standIn("accepted", 0);
    inState(stateDir, checkpoint(deployed));
    const env = { PATH: "/usr/bin:/bin", POOLPROOF_BASE: "now.json" };
    await runPulumi({ command: "preview", stack: "dev", engine, file, stateDir, env });
    expect(environment("preview")).toContain(`POOLPROOF_BASE=${join(process.cwd(), "now.json")}\n`);
  });

  test("comes from the user's own backend with a real account", async () => {
    const { base, engine } = standIn("accepted", 0);
    const state = join(temporaryDirectory(), "state.json");
    writeFileSync(state, '{"version":3}');
    const env = { PATH: "/usr/bin:/bin", STATE_TO_EXPORT: state };
    await runPulumiForReal({ command: "preview", stack: "dev", flags: [], env, engine });
    expect(base()).toBe('{"version":3}');
  });

  test("that cannot be exported is said, and the gate goes on without it", async () => {
    const { engine, environment } = standIn("accepted", 0);
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const env = { PATH: "/usr/bin:/bin", STATE_TO_EXPORT: "/nowhere" };
    const { code } = await runPulumiForReal({ command: "up", stack: "dev", flags: [], env, engine });
    const lines = said.mock.calls.join("");
    said.mockRestore();
    expect(code).toBe(0);
    expect(lines).toContain(
      "note: dev cannot be exported, so pending-reboot-order has nothing to compare with: no stack named 'dev' found",
    );
    expect(environment("up")).not.toContain("POOLPROOF_BASE");
  });
});
