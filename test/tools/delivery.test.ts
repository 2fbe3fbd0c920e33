import { type SpawnSyncOptions, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { releaseNotes } from "../../tools/ci/releaseNotes.js";
import { folder, report, undecided, violation } from "./reports.js";

const root = resolve(import.meta.dirname, "../..");
/** Found from wherever the tool runs. */
const tsx = import.meta.resolve("tsx");

function runTool(name: string, args: readonly string[], options: SpawnSyncOptions = {}) {
  const file = join(root, "tools/ci", `${name}.ts`);
  return spawnSync(process.execPath, ["--import", tsx, file, ...args], { ...options, encoding: "utf8" });
}

function receipt(cwd: string, args: readonly string[], commit = "abc") {
  const ended = runTool("receipt", args, { cwd, env: { ...process.env, GITHUB_SHA: commit } });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

const WRITE = [
  "write",
  "--stack",
  "prod",
  "--plan",
  "plan.json",
  "--report",
  "report.json",
  "--output",
  "receipt.json",
];
const VERIFY = ["verify", "--stack", "prod", "--plan", "plan.json", "--receipt", "receipt.json"];
const RAN = ["ran", "--stack", "prod", "--report", "report.json"];

const planned = (of = report()) => folder({ "plan.json": "{}", "report.json": JSON.stringify(of) });

describe("the receipt of a plan", () => {
  it("is written for a plan whose report accepts it, and holds for that plan", () => {
    const cwd = planned();
    expect(receipt(cwd, WRITE)).toMatchObject({ code: 0, stderr: "" });
    expect(receipt(cwd, VERIFY)).toMatchObject({ code: 0, stderr: "" });
  });

  it.each([
    [
      "a stack that is rejected",
      report({ verdict: "rejected", violations: [violation()] }),
      /is rejected \(pool-floor\)/,
    ],
    [
      "a stack that is not decided in full",
      report({ undecided: [undecided()] }),
      /not decided in full: pool-floor \(containerDefinitions\)/,
    ],
    ["the report of another stack", report({ stack: "dev" }), /judges dev, not prod/],
  ])("is not written for %s", (_what, of, expected) => {
    const cwd = planned(of);
    const { code, stderr } = receipt(cwd, WRITE);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(existsSync(join(cwd, "receipt.json"))).toBe(false);
  });

  it.each([
    [
      "another plan",
      (cwd: string) => writeFileSync(join(cwd, "plan.json"), "{ }"),
      "abc",
      /is not the plan that was judged/,
    ],
    ["another commit", () => undefined, "def", /judged at commit abc, and this is def/],
  ])("does not hold for %s", (_what, change, commit, expected) => {
    const cwd = planned();
    receipt(cwd, WRITE);
    change(cwd);
    const { code, stderr } = receipt(cwd, VERIFY, commit);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
  });

  it("does not hold for another stack, nor where there is none", () => {
    const cwd = planned();
    expect(receipt(cwd, VERIFY)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no plan was judged"),
    });
    receipt(cwd, WRITE);
    expect(receipt(cwd, VERIFY.with(2, "dev")).code).toBe(1);
  });
});

describe("a deployment that skips the pack", () => {
  it("fails: there is no report", () => {
    const { code, stderr } = receipt(folder(), RAN);
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: there is no report report.json: the policy pack did not run, so nothing was judged\n",
    );
  });

  it.each([
    ["is cut short", '{"schemaVersion":1,'],
    ["is of something else", "{}"],
    ["has no verdict", JSON.stringify({ ...report(), verdict: "maybe" })],
  ])("fails where the report %s", (_what, text) => {
    const { code, stderr } = receipt(folder({ "report.json": text }), RAN);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
  });

  it("passes with a report that accepts, and fails with one that rejects", () => {
    expect(receipt(planned(), RAN).code).toBe(0);
    expect(receipt(planned(report({ verdict: "rejected" })), RAN).code).toBe(1);
  });
});

/** A repository whose `check` answers by the stack's name, and leaves what it was asked for. */
function repository(stacks: readonly string[]): string {
  const check = `
    const [stack, ...args] = process.argv.slice(2);
    if (stack.includes("broken")) { console.error("error: no such class"); process.exit(2); }
    require("fs").writeFileSync(args[args.indexOf("--output") + 1], args[args.indexOf("--format") + 1]);
    process.exit(stack.includes("bad") || stack.includes("incident") ? 1 : 0);`;
  return folder({
    "package.json": JSON.stringify({ name: "auth", scripts: { check: "node check.js" } }),
    "check.js": check,
    ...Object.fromEntries(stacks.map((stack) => [`stacks/Pulumi.${stack}.yaml`, ""])),
  });
}

function checkStacks(stacks: readonly string[]) {
  const output = join(folder(), "reports");
  const cwd = repository(stacks);
  const ended = runTool("checkStacks", ["--root", cwd, "--output", output]);
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr, output };
}

describe("judging every stack", () => {
  it("accepts what is accepted and an incident that is rejected, and keeps every report", () => {
    const { code, stdout, output } = checkStacks(["prod", "incident-2024-09-02"]);
    expect(code).toBe(0);
    expect(stdout).toBe("✔ incident-2024-09-02: rejected\n✔ prod: accepted\n");
    expect(readdirSync(output).sort()).toEqual(
      ["incident-2024-09-02", "prod"].flatMap((stack) => [`${stack}.json`, `${stack}.md`, `${stack}.sarif`]),
    );
    expect(readFileSync(join(output, "prod.sarif"), "utf8")).toBe("sarif");
  });

  it.each([
    [["bad", "prod"], 1, "✖ bad: rejected, must be accepted"],
    [["broken", "prod"], 2, "✖ broken: cannot be judged, must be accepted: error: no such class"],
  ])(
    "fails for %j with %i, after all were judged",
    (stacks, expected, line) => {
      const { code, stdout, stderr } = checkStacks(stacks);
      expect(code).toBe(expected);
      expect(stdout).toContain(`${line}\n`);
      expect(stdout).toContain("✔ prod: accepted");
      expect(stderr).toMatch(/^error: (bad|broken): see the reports in [^\n]+\n$/);
    },
    60_000,
  );

  it("refuses a repository without stacks and an option that does not exist", () => {
    const none = runTool("checkStacks", ["--stack", "prod"]);
    expect([none.status, none.stderr]).toEqual([2, expect.stringMatching(/^error: .*'--stack'[^\n]*\n$/)]);
  });
});

const CHANGELOG = `# Changelog

## [Unreleased]

- later

## [1.2.0] - 2025-01-01

### Added

- a rule

[1.2.0]: https://example.com
`;

describe("the notes of a release", () => {
  it("are its section of the changelog, and nothing of the others", () => {
    expect(releaseNotes(CHANGELOG, "v1.2.0", "1.2.0")).toBe("### Added\n\n- a rule\n");
  });

  it.each([
    ["another version's tag", "v1.3.0", "1.2.0", /tag v1\.2\.0, or change the version/],
    ["a version the changelog lacks", "v1.3.0", "1.3.0", /no section \[1\.3\.0\]/],
  ])("are refused for %s", (_what, tag, version, expected) => {
    expect(() => releaseNotes(CHANGELOG, tag, version)).toThrow(expected);
  });

  it("are refused where nothing is written", () => {
    expect(() => releaseNotes("## [1.0.0]\n\n## [0.9.0]\n\n- x\n", "v1.0.0", "1.0.0")).toThrow("is empty");
  });
});
