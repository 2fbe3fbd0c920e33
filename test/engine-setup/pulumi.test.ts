import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { repository } from "../../engine/boot/install.mjs";
import {
  embeddedEnvironment,
  offlineProvider,
  prepareStack,
  removeDeadLocks,
  writableDirectory,
} from "../../engine/embedded.js";
import { readReport } from "../../engine/pack.js";
import { exitFor, isPlainStep, pluginNotes, runPulumi, runPulumiForReal } from "../../engine/pulumi.js";
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

function report(content: string) {
  const directory = temporaryDirectory();
  writeFiles(directory, { "report.json": content });
  return readReport(join(directory, "report.json"));
}

const accepted = '{"verdict":"accepted"}';
const rejected = '{"verdict":"rejected"}';

test.each([
  ["a rejection is 1, though Pulumi says 255", rejected, 255, 1],
  ["a rejection is 1 even if Pulumi should succeed", rejected, 0, 1],
  ["an acceptance is 0 when Pulumi succeeds", accepted, 0, 0],
  ["an accepted stack whose deployment fails is 2", accepted, 255, 2],
  ["no report is 2, though Pulumi succeeds", "", 0, 2],
  ["a report cut short is 2", '{"verdict":"acc', 0, 2],
  ["a report with another verdict is 2", '{"verdict":"maybe"}', 0, 2],
])("%s", (_, content, pulumiCode, expected) => {
  const { code, reason } = exitFor(report(content), pulumiCode);
  expect(code).toBe(expected);
  expect(reason === undefined).toBe(expected !== 2);
});

test("a report that was never written is no report", () => {
  expect(readReport(join(temporaryDirectory(), "none.json"))).toBeUndefined();
});

const engine = { pulumi: "/engine/pulumi", directories: ["/engine", "/host"] };

test("nothing of the user's AWS or Pulumi settings reaches the embedded default", () => {
  const env = embeddedEnvironment({
    stateDir: "/state",
    engine,
    env: {
      PATH: "/usr/bin",
      HOME: "/home/me",
      AWS_ACCESS_KEY_ID: "AKIA",
      AWS_PROFILE: "production",
      PULUMI_ACCESS_TOKEN: "pul-1",
      PULUMI_BACKEND_URL: "s3://production",
      PULUMI_OPTION_SKIP_PREVIEW: "true",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    },
  });
  expect(Object.keys(env).filter((name) => /^(AWS_|PULUMI_(ACCESS|OPTION|IGNORE))/.test(name))).toEqual([]);
  expect(env).toMatchObject({
    HOME: "/home/me",
    PATH: [offlineProvider, "/engine", "/host", "/usr/bin"].join(delimiter),
    PULUMI_HOME: join("/state", "home"),
    PULUMI_BACKEND_URL: "file:///state/backend",
    PULUMI_CONFIG_PASSPHRASE: expect.any(String),
  });
});

test("a passphrase of the user's own is kept, for secrets in a stack's file", () => {
  const own = (env: NodeJS.ProcessEnv) => embeddedEnvironment({ stateDir: "/state", engine, env });
  expect(own({ PULUMI_CONFIG_PASSPHRASE: "mine" }).PULUMI_CONFIG_PASSPHRASE).toBe("mine");
  const byFile = own({ PULUMI_CONFIG_PASSPHRASE_FILE: "/secret" });
  expect(byFile.PULUMI_CONFIG_PASSPHRASE_FILE).toBe("/secret");
  expect(byFile.PULUMI_CONFIG_PASSPHRASE).toBeUndefined();
});

test("a folder with blanks and signs in its name is a valid backend", () => {
  const env = embeddedEnvironment({ stateDir: "/my state #1/100%", engine, env: {} });
  expect(env.PULUMI_BACKEND_URL).toBe("file:///my%20state%20%231/100%25/backend");
});

test("a stack is created beside the copy of its settings, never beside the original", async () => {
  const root = temporaryDirectory();
  const stateDir = join(root, ".state");
  writeFiles(root, { "stacks/Pulumi.dev.yaml": "config: {}\n" });
  // Pulumi writes the salt into the folder that it is called in; so does this stand-in.
  const pulumi = script(join(root, "bin", "pulumi"), "echo 'encryptionsalt: v1:x' >> Pulumi.dev.yaml");
  const file = join(root, "stacks", "Pulumi.dev.yaml");
  const copy = await prepareStack({
    stateDir,
    engine: { pulumi, directories: [] },
    stack: "dev",
    file,
    project: "auth",
  });
  expect(readFileSync(copy, "utf8")).toContain("encryptionsalt");
  expect(readFileSync(file, "utf8")).toBe("config: {}\n");
  expect(existsSync(join(stateDir, "backend"))).toBe(true);
});

test("the lock of a run that was killed is taken away, that of a running one is not", () => {
  const locks = temporaryDirectory();
  const gone = spawnSync("true").pid;
  writeFiles(locks, {
    "dead.json": JSON.stringify({ pid: gone, hostname: hostname() }),
    "dead.json.attrs": "{}",
    "alive.json": JSON.stringify({ pid: process.pid, hostname: hostname() }),
    "elsewhere.json": JSON.stringify({ pid: gone, hostname: "another-machine" }),
  });
  removeDeadLocks(locks);
  expect(readdirSync(locks).sort()).toEqual(["alive.json", "elsewhere.json"]);
  removeDeadLocks(join(locks, "none"));
});

test("a state folder that cannot be made is one line with a way out", () => {
  const file = join(temporaryDirectory(), "file");
  writeFiles(join(file, ".."), { file: "" });
  expect(() => writableDirectory(join(file, "state"), "the state", "name another")).toThrow(
    `${join(file, "state")} cannot be written (ENOTDIR), and the state is kept there: name another.`,
  );
});

test.runIf(existsSync("/proc/self"))(
  "a file system that lets nothing be made is told of, not waited for",
  () => {
    expect(() => writableDirectory("/proc/nowhere/state", "the state", "name another")).toThrow("(ENOENT)");
  },
);

test("the offline provider is named once in each list, and the plugins' warnings are not repeated", () => {
  const rewrite = pluginNotes(["/cache/host"]);
  const provider = `using pulumi-resource-aws from $PATH at ${join(offlineProvider, "pulumi-resource-aws")}`;
  expect(rewrite(` +  pulumi:pulumi:Stack auth-dev create warning: ${provider}`)).toBeUndefined();
  expect(rewrite(`    warning: ${provider}`)).toBe(
    "    warning: the offline provider answers in place of AWS: nothing here is real",
  );
  expect(rewrite(`    warning: ${provider}`)).toBeUndefined();
  expect(rewrite("Diagnostics:")).toBe("Diagnostics:");
  expect(rewrite(`    warning: ${provider}`)).toContain("the offline provider answers");
  expect(
    rewrite("warning: using pulumi-language-nodejs from $PATH at /cache/host/pulumi-language-nodejs"),
  ).toBeUndefined();
  const other = "warning: using pulumi-resource-aws from $PATH at /opt/aws/pulumi-resource-aws";
  expect(rewrite(other)).toBe(other);
});

test.each([
  [" +  aws:ecs:Service auth create ", true],
  [" \u001b[1m\u001b[38;5;2m+ \u001b[0m aws:ecs:Service auth \u001b[1m\u001b[38;5;2mcreate\u001b[0m ", true],
  [" +- aws:rds:Instance database replace ", true],
  [" +  aws:ecs:Service auth create error: no such class", false],
  ["    + 106 to create", false],
  ["        - [mandatory]  pool-floor  (aws:ecs:Service: auth)", false],
])("an outline leaves out what only goes as planned: %j → %s", (line, expected) => {
  expect(isPlainStep(line)).toBe(expected);
});
