import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dependenciesMatch, explainNpm, packIsStale } from "../../engine/lib/install.mjs";
import { temporaryDirectory, writeFiles } from "./temporary.js";

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
    expect(dependenciesMatch(root)).toBe(expected);
  });

  test("is out of date after an installation that was interrupted", () => {
    const root = temporaryDirectory();
    writeFiles(root, { "package-lock.json": locked({}), "node_modules/zod/package.json": "{}" });
    expect(dependenciesMatch(root)).toBe(false);
  });
});

describe("the compiled pack", () => {
  function pack(sourceAge: number, builtAge: number) {
    const root = temporaryDirectory();
    writeFiles(root, {
      "policies/rules/poolFloor.ts": "",
      "policies/dist/index.js": "",
      "policies/dist/.built": "",
      "policies/dist/rules/poolFloor.d.ts": "",
      "policies/node_modules/some/index.ts": "",
    });
    const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000);
    utimesSync(join(root, "policies/rules/poolFloor.ts"), at(sourceAge), at(sourceAge));
    utimesSync(join(root, "policies/dist/.built"), at(builtAge), at(builtAge));
    return root;
  }

  test("is fresh when it was built after its youngest source", () => {
    expect(packIsStale(pack(100, 50))).toBe(false);
  });

  test("is stale when a rule in any folder is younger", () => {
    expect(packIsStale(pack(50, 100))).toBe(true);
  });

  test("is stale when it was never built", () => {
    const root = temporaryDirectory();
    writeFiles(root, { "policies/index.ts": "" });
    expect(packIsStale(root)).toBe(true);
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
