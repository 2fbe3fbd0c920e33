import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { embeddedEnvironment, prepareStack, removeDeadLocks } from "../../engine/lib/embedded.mjs";
import { isPlainStep, pluginNotes } from "../../engine/lib/output.mjs";
import { offlineProvider, writableDirectory } from "../../engine/lib/paths.mjs";
import { script, temporaryDirectory, writeFiles } from "./temporary.js";

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
