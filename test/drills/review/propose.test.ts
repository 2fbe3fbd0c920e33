import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  editPolicyConfig,
  editStackFile,
  proposalOf,
  proposedChanges,
  unifiedDiff,
  writeProposal,
} from "../../../drills/review/propose";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import { poolFloor } from "../../../policies/model/poolFloor";
import { ROOT } from "./support/expected";
import {
  busyMinute,
  confirmedNow,
  ESTIMATED,
  EXPECTED,
  judged,
  liveState,
  metrics,
  parameters,
  series,
} from "./support/sample";

/** Demand that outgrew its pool, and a server that has more than its estimate. */
function evidence() {
  const formula = ESTIMATED.database.parameters[0]?.value ?? "";
  const requests = { requests: series(60, 610 * 60 - 31, 610 * 60) };
  const live = liveState({ parameters: parameters(formula), ...busyMinute(610, 60.13, requests) });
  return judged(live, { expected: ESTIMATED, ...confirmedNow(832) }).evidence;
}

describe("what is proposed", () => {
  let root: string;
  let files: { root: string; stackFile: string; policyConfig: string };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "proposal-"));
    const [stackFile, policyConfig] = ["stacks/Pulumi.prod.yaml", "policies/config/prod.json"].map((file) => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(join(ROOT, file), join(root, file));
      return join(root, file);
    }) as [string, string];
    files = { root, stackFile, policyConfig };
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("is what was seen, rounded up, and the pool that carries it", () => {
    expect(proposedChanges(evidence()).map(({ key, from, to }) => [key, from, to])).toEqual([
      ["auth:peakRequestsPerSecond", 400, 610],
      ["auth:dbHoldMs", 20, 60.2],
      ["auth:poolMax", 8, 10],
      ["confirmedMaxConnections.auth-prod", undefined, 832],
    ]);
    const demand = { peakRequestsPerSecond: 610, holdMs: 60.2, acquisitionsPerRequest: 1.1 };
    expect(poolFloor({ ...demand, tasksServingPeak: 8 })).toBe(10);
    expect(proposedChanges(judged().evidence)).toEqual([]);
  });

  it("is a patch that git applies, after which the stack can be read and every other line is as it was", () => {
    const proposal = proposalOf(evidence(), files);
    const applied = spawnSync("git", ["apply", "-"], { cwd: root, input: proposal.patch, encoding: "utf8" });
    expect(applied.stderr).toBe("");
    for (const { file, text } of proposal.files) expect(readFileSync(file, "utf8")).toBe(text);

    const before = readFileSync(join(ROOT, "stacks", "Pulumi.prod.yaml"), "utf8").split("\n");
    const after = readFileSync(files.stackFile, "utf8").split("\n");
    expect(after.filter((line, i) => line !== before[i])).toEqual([
      '  auth:peakRequestsPerSecond: "610"',
      '  auth:dbHoldMs: "60.2"',
      '  auth:poolMax: "10"',
    ]);
    expect(parseStackConfig(parse(after.join("\n")).config, "prod")).toMatchObject({
      ok: true,
      config: { poolMax: 10, dbHoldMs: 60.2 },
    });
    const policies = JSON.parse(readFileSync(files.policyConfig, "utf8"));
    expect(policies["poolproof-settings"].confirmedMaxConnections).toEqual({ "auth-prod": 832 });
  });

  it("is written into the files only when that is asked for", () => {
    const before = readFileSync(files.stackFile, "utf8");
    const proposal = proposalOf(evidence(), files);
    expect(readFileSync(files.stackFile, "utf8")).toBe(before);
    writeProposal(proposal);
    expect(readFileSync(files.stackFile, "utf8")).toContain('  auth:poolMax: "10"\n');
  });

  it("leaves the policy configuration alone where none is in use", () => {
    const { changes } = proposalOf(evidence(), { ...files, policyConfig: undefined });
    expect(changes.map(({ key }) => key)).not.toContain("confirmedMaxConnections.auth-prod");
  });

  it.each([
    [9, [["auth:tasksAtPeak", 9]]],
    [2, [["auth:tasksAtPeak", 8]]],
    [12, []],
  ])("of %d tasks at a peak declared for ten is %j: never fewer than the service keeps", (tasks, expected) => {
    const live = liveState({ metrics: metrics({ tasks: series(60, tasks, tasks, tasks) }) });
    const declared = { ...EXPECTED, demand: { ...EXPECTED.demand, tasksAtPeak: 10 } };
    const changes = proposedChanges(judged(live, { expected: declared }).evidence);
    expect(changes.map(({ key, to }) => [key, to])).toEqual(expected);
  });
});

describe("an edit of a stack file", () => {
  it.each([
    ["keeps comments", "config:\n  auth:poolMax: 8 # why\n", "config:\n  auth:poolMax: 9 # why\n"],
    ["keeps quotes", 'config:\n  auth:poolMax: "8"\n', 'config:\n  auth:poolMax: "9"\n'],
    ["takes a key without a namespace", "config:\n  poolMax: 8\n", "config:\n  poolMax: 9\n"],
    [
      "adds what had its default, wherever the block ends",
      "config:\n  aws:region: eu-west-1\nencryptionsalt: v1\n",
      "config:\n  auth:poolMax: 9\n  aws:region: eu-west-1\nencryptionsalt: v1\n",
    ],
  ])("%s", (_what, before, after) => {
    expect(editStackFile(before, [{ key: "auth:poolMax", to: 9 }])).toBe(after);
  });

  it.each([
    ["runtime: x\n", "`config:`"],
    ["config:\n  auth:poolMax:\n    secure: x\n", "auth:poolMax"],
  ])("is refused where there is nothing to edit: %j", (text, said) => {
    expect(() => editStackFile(text, [{ key: "auth:poolMax", to: 9 }])).toThrow(said);
  });
});

describe("an edit of a policy configuration", () => {
  const settings = (inner: string) => `{\n  "all": "mandatory",\n  "poolproof-settings": {${inner}}\n}\n`;
  it.each([
    ["makes the entry", settings('\n    "undecided": "reject"\n  ')],
    ["makes the first setting", settings("")],
    [
      "takes braces and tabs inside",
      settings('\n\t"a": {"b": "}"},\n\t"confirmedMaxConnections": { "o}": 5 }\n  '),
    ],
    ["adds to others", settings('\n    "confirmedMaxConnections": { "other": 5 }\n  ')],
    ["replaces its own", settings('\n    "confirmedMaxConnections": { "other": 5, "auth-prod": 100 }\n  ')],
    ["fills an empty one", settings('\n    "confirmedMaxConnections": {}\n  ')],
  ])("%s, and leaves the rest", (_what, before) => {
    const after = JSON.parse(editPolicyConfig(before, "auth-prod", 832));
    const expected = JSON.parse(before);
    const own = expected["poolproof-settings"];
    own.confirmedMaxConnections = { ...own.confirmedMaxConnections, "auth-prod": 832 };
    expect(after).toEqual(expected);
  });

  it.each([
    [settings('"confirmedMaxConnections": 5'), "confirmedMaxConnections"],
    ["{}", '"poolproof-settings"'],
  ])("is refused where there is no place for it: %j", (text, said) => {
    expect(() => editPolicyConfig(text, "auth-prod", 832)).toThrow(said);
  });
});

it("a unified diff of two changes far apart has two hunks, of two close by one", () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
  const hunks = (...changed: number[]) => {
    const after = lines.map((line, i) => (changed.includes(i) ? "new" : line));
    return unifiedDiff("f", `${lines.join("\n")}\n`, `${after.join("\n")}\n`).match(/^@@.*@@$/gm);
  };
  expect(hunks(3, 25)).toHaveLength(2);
  expect(hunks(3, 8)).toEqual(["@@ -1,12 +1,12 @@"]);
  expect(hunks()).toBeNull();
});
