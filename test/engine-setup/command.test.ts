import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repository } from "../../engine/lib/paths.mjs";
import { temporaryDirectory } from "./temporary.js";

const entry = join(repository, "engine", "run.mjs");

function command(...args: string[]) {
  return spawnSync(process.execPath, [entry, ...args], { encoding: "utf8" });
}

describe("a command that cannot be understood", () => {
  test.each([
    [
      [],
      "No command is given: choose one of start, test, check, explain, preview, up, destroy, replay, stress, review.",
    ],
    [["deploy"], 'There is no command "deploy": choose one of start'],
    [["constructor"], 'There is no command "constructor"'],
    [["check"], "`npm run check` needs a stack first: npm run check -- STACK"],
    [["explain"], "`npm run explain` needs a stack first: npm run explain -- STACK"],
    [["review"], "`npm run review` needs a stack first: npm run review -- STACK"],
    [["review", "no-such-stack"], 'There is no stack "no-such-stack" in stacks/.'],
    [["check", "no-such-stack"], 'There is no stack "no-such-stack" in stacks/.'],
    [["up", "no-such-stack"], 'There is no stack "no-such-stack" in stacks/.'],
  ])("%j is one line on stderr, exit 2", (args, expected) => {
    const { status, stdout, stderr } = command(...args);
    expect(stderr).toContain(expected);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

test.each(["check", "explain", "preview"])("%s --help needs no stack and names those there are", (name) => {
  const { status, stdout, stderr } = command(name, "--help");
  expect(stdout).toMatch(/^Stacks: dev, incident-2024-09-02, prod$/m);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("an interrupt ends what was started, exits 130 and leaves nothing running", async () => {
  const marker = join(temporaryDirectory(), "sleeper");
  const sleeper = "console.log('started'); setInterval(() => {}, 1000)";
  const program = `
    const { run } = await import(${JSON.stringify(join(repository, "engine", "lib", "child.mjs"))});
    run(process.execPath, ["-e", ${JSON.stringify(sleeper)}, ${JSON.stringify(marker)}], { onStdout: console.log })
      .catch((error) => { console.log(error.message); process.exitCode = error.exitCode; });`;
  const runner = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  runner.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
    if (!runner.killed && printed.includes("started")) runner.kill("SIGINT");
  });
  const began = Date.now();
  const [code] = await once(runner, "close");
  expect(Date.now() - began).toBeLessThan(15_000); // well before a child that will not leave is killed
  expect(printed).toContain("Interrupted.");
  expect(code).toBe(130);
  expect(processesNamed(marker)).toEqual([]);
});

/** The command lines of running processes that hold a word. */
function processesNamed(word: string): string[] {
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.includes(word));
}

test("the setup needs no package before npm has run", () => {
  const files = readdirSync(join(repository, "engine", "lib")).filter((name) => name.endsWith(".mjs"));
  const probe = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const files = ${JSON.stringify(files)};
       const { register } = await import("node:module");
       register("data:text/javascript," + encodeURIComponent(
         "export function resolve(s, c, next) { if (!/^(node:|[.]{1,2}[/]|[/]|file:|data:)/.test(s)) throw new Error('package ' + s); return next(s, c); }"));
       for (const file of files) await import(${JSON.stringify(join(repository, "engine", "lib"))} + "/" + file);`,
    ],
    { encoding: "utf8" },
  );
  expect(probe.stderr).not.toContain("package ");
  expect(probe.status).toBe(0);
});
