import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  dependenciesMatch,
  ensureInstalled,
  explainNpm,
  repository,
  staleParts,
} from "../../engine/boot/install.mjs";
import { isAtLeast, parseVersion } from "../../engine/boot/versions.mjs";
import { lengthOfNotes } from "../../engine/check.js";
import { temporaryDirectory, writeFiles } from "./temporary.js";

const entry = join(repository, "engine", "run.mjs");

function command(...args: string[]) {
  return spawnSync(process.execPath, [entry, ...args], { encoding: "utf8" });
}

beforeAll(() => ensureInstalled(repository, { development: true }));

describe("a command that cannot be understood", () => {
  test.each([
    [[], "No command is given: choose one of start, test, check"],
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

test.skipIf(process.getuid?.() === 0)(
  "a checkout that cannot be written, with sources newer than what is built, is one line (skipped for root, who writes anywhere)",
  async () => {
    const root = temporaryDirectory();
    writeFiles(root, {
      "package-lock.json": '{"packages":{}}',
      "node_modules/.package-lock.json": '{"packages":{}}',
      "policies/dist/index.js": "",
      "policies/index.ts": "",
    });
    chmodSync(join(root, "policies/dist"), 0o555);
    await expect(ensureInstalled(root)).rejects.toThrow(
      /^policies\/dist is older than policies, and .* cannot be written: /,
    );
  },
);

test("what check and explain say is shown as it comes, but for the error at the end, which may be said better", () => {
  const said = "still running: waiting\nnote: one\nerror: the end\nof it\n";
  const shown = [6, 24, 40, said.length].map((length) => lengthOfNotes(said.slice(0, length)));
  expect(shown).toEqual([0, 23, 33, 33]);
});

test("an interrupt ends what was started, exits 130 and leaves nothing running", async () => {
  const marker = join(temporaryDirectory(), "sleeper");
  const sleeper = "console.log('started'); setInterval(() => {}, 1000)";
  const program = `
    const { run } = await import(${JSON.stringify(join(repository, "engine", "boot", "child.mjs"))});
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

const locked = (packages: object) => JSON.stringify({ packages });
const zod = { version: "4.6.7", integrity: "sha512-a" };

describe("node_modules", () => {
  test.each([
    [
      "matches when every package is there",
      { "": {}, "node_modules/zod": zod },
      { "node_modules/zod": zod },
      true,
    ],
    [
      "matches without an optional package of another platform",
      { "node_modules/zod": zod, "node_modules/darwin-only": { version: "1.0.0", optional: true } },
      { "node_modules/zod": zod },
      true,
    ],
    ["is out of date when a package is missing", { "node_modules/zod": zod }, {}, false],
    [
      "matches without a package of development, where none is needed",
      { "node_modules/zod": zod, "node_modules/vitest": { version: "4.0.0", dev: true } },
      { "node_modules/zod": zod },
      true,
    ],
    [
      "is out of date when a package of development is of another version",
      { "node_modules/vitest": { version: "4.0.0", dev: true } },
      { "node_modules/vitest": { version: "3.0.0", dev: true } },
      false,
    ],
    [
      "is out of date when a version differs",
      { "node_modules/zod": zod },
      { "node_modules/zod": { ...zod, version: "4.6.6" } },
      false,
    ],
  ])("%s", (_, wanted, installed, expected) => {
    const root = temporaryDirectory();
    writeFiles(root, {
      "package-lock.json": locked(wanted),
      "node_modules/.package-lock.json": locked(installed),
    });
    expect(dependenciesMatch(root, false)).toBe(expected);
  });

  test("is out of date after an installation that was interrupted", () => {
    const root = temporaryDirectory();
    writeFiles(root, { "package-lock.json": locked({}), "node_modules/zod/package.json": "{}" });
    expect(dependenciesMatch(root, false)).toBe(false);
  });
});

test("a command that needs the packages of development finds them missing", () => {
  const root = temporaryDirectory();
  const packages = { "node_modules/zod": zod, "node_modules/vitest": { version: "4.0.0", dev: true } };
  writeFiles(root, {
    "package-lock.json": locked(packages),
    "node_modules/.package-lock.json": locked({ "node_modules/zod": zod }),
  });
  expect(dependenciesMatch(root, true)).toBe(false);
});

describe("what is built here", () => {
  const SOURCES = ["policies/rules/pools/poolFloor.ts", "policies/kit/text.ts", "engine/check.ts"];
  const RESULTS = ["policies/dist/index.js", "policies/dist/.built", "engine/dist/commands.mjs"];
  const NOT_SOURCES = ["policies/dist/rules/poolFloor.d.ts", "policies/node_modules/some/index.ts"];

  /** A checkout that was built after its sources were written; `edited` is written after that. */
  function checkout(edited?: string) {
    const root = temporaryDirectory();
    const age = (files: readonly string[], seconds: number) => {
      const at = new Date(Date.now() - seconds * 1000);
      for (const file of files) utimesSync(join(root, file), at, at);
    };
    writeFiles(root, Object.fromEntries([...SOURCES, ...RESULTS, ...NOT_SOURCES].map((file) => [file, ""])));
    age(SOURCES, 100);
    age(RESULTS, 50);
    if (edited) age([edited], 10);
    return root;
  }
  const stale = (root: string) => staleParts(root).map(({ script }) => script);

  test.each([
    [undefined, []],
    ["policies/rules/pools/poolFloor.ts", ["build:pack"]],
    ["engine/check.ts", ["build:engine"]],
    ["policies/kit/text.ts", ["build:pack", "build:engine"]],
  ])("is stale after an edit of %s: %j", (edited, expected) => {
    expect(stale(checkout(edited))).toEqual(expected);
  });

  test("is stale when it was never built", () => {
    const root = temporaryDirectory();
    writeFiles(root, { "policies/index.ts": "" });
    expect(stale(root)).toEqual(["build:pack", "build:engine"]);
  });
});

describe("a failed npm", () => {
  test("without a network is one line", () => {
    const stderr =
      "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error A complete log of this run";
    expect(explainNpm(["ci", "--no-audit"], { code: 1, stdout: "", stderr })).toBe(
      "`npm ci` cannot reach the npm registry (ENOTFOUND): check the network, then run this again.",
    );
  });

  test("gives npm's reason and leaves its usage out", () => {
    const stderr = [
      "npm warn something",
      "npm error code EUSAGE",
      "npm error",
      "npm error package.json and package-lock.json are not in sync",
      "npm error Clean install a project",
      "npm error Options:",
    ].join("\n");
    expect(explainNpm(["ci"], { code: 1, stdout: "", stderr })).toBe(
      "package.json and package-lock.json are not in sync\n`npm ci` failed (EUSAGE): its reason is above.",
    );
  });

  test("of a build gives the compiler's words", () => {
    const stdout = "rules/poolFloor.ts(1,1): error TS1005: ';' expected.\n";
    expect(explainNpm(["run", "--silent", "build"], { code: 2, stdout, stderr: "" })).toBe(
      `${stdout.trim()}\n\`npm run build\` failed (code 2): its reason is above.`,
    );
  });
});

test.each([
  ["3.240.0", "3.240.0", true],
  ["v3.240.1", "3.240.0", true],
  ["3.1000.0", "3.240.0", true],
  ["4.0.0", "3.240.0", true],
  ["3.239.99", "3.240.0", false],
  ["3.24.0", "3.240.0", false],
  ["2.999.0", "3.240.0", false],
  ["20.19", "20.19.0", true],
  ["3.260.0-alpha.1", "3.259.0", true],
  ["unknown", "3.240.0", false],
])("%s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

test("a version is found in what a program prints about itself", () => {
  expect(parseVersion("go version go1.26.8 linux/amd64")).toEqual([1, 26, 8]);
  expect(parseVersion("no digits here")).toBeUndefined();
});
