import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, report, undecided, violation } from "./reports.js";

const tool = resolve(import.meta.dirname, "../../tools/ci/receipt.mjs");

function receipt(cwd: string, args: readonly string[], commit = "abc") {
  const ended = spawnSync(process.execPath, [tool, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, GITHUB_SHA: commit },
  });
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
