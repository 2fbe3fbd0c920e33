import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { proposedChanges } from "../../../drills/review/propose/changes";
import { editPolicyConfig } from "../../../drills/review/propose/policyConfigEdit";
import { proposalOf, writeProposal } from "../../../drills/review/propose/proposal";
import { editStackFile } from "../../../drills/review/propose/stackFileEdit";
import { unifiedDiff } from "../../../drills/review/propose/unifiedDiff";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import { poolFloor } from "../../../policies/model/poolFloor";
import { ROOT } from "./support/expected";
import { EXPECTED, judged, liveState, metrics, series } from "./support/sample";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with the repository's prod stack and policy configuration. */
function copy() {
  const root = mkdtempSync(join(tmpdir(), "proposal-"));
  folders.push(root);
  mkdirSync(join(root, "stacks"));
  mkdirSync(join(root, "policies", "config"), { recursive: true });
  const files = {
    root,
    stackFile: join(root, "stacks", "Pulumi.prod.yaml"),
    policyConfig: join(root, "policies", "config", "prod.json"),
  };
  cpSync(join(ROOT, "stacks", "Pulumi.prod.yaml"), files.stackFile);
  cpSync(join(ROOT, "policies", "config", "prod.json"), files.policyConfig);
  return files;
}

/** Demand that outgrew its pool, and a server that has more than its estimate. */
function evidence() {
  const perMinute = 610 * 60;
  const formula = "LEAST({DBInstanceClassMemory/9531392},5000)";
  const expected = {
    ...EXPECTED,
    database: { ...EXPECTED.database, parameters: [{ name: "max_connections", value: formula }] },
  };
  const live = liveState({
    parameters: { state: "seen", value: new Map([["max_connections", { value: formula, source: "user" }]]) },
    metrics: metrics({
      requests: series(60, perMinute - 31, perMinute),
      holds: series(60, perMinute * 1.1),
      holdSeconds: series(60, perMinute * 1.1 * 0.06013),
    }),
  });
  return judged(live, { expected, confirmed: { now: 832, before: undefined } }).evidence;
}

describe("what is proposed", () => {
  it("is what was seen, rounded up, and the pool that carries it", () => {
    const changes = proposedChanges(evidence());
    expect(changes.map(({ key, from, to }) => [key, from, to])).toEqual([
      ["auth:peakRequestsPerSecond", 400, 610],
      ["auth:dbHoldMs", 20, 60.2],
      ["auth:poolMax", 8, 10],
      ["confirmedMaxConnections.auth-prod", undefined, 832],
    ]);
    const demand = {
      peakRequestsPerSecond: 610,
      holdMs: 60.2,
      acquisitionsPerRequest: 1.1,
      tasksServingPeak: 8,
    };
    expect(poolFloor(demand)).toBe(10);
  });

  it("is nothing where nothing grew", () => {
    expect(proposedChanges(judged().evidence)).toEqual([]);
  });

  it("is a patch that git applies, after which the stack can be read and every other line is as it was", () => {
    const files = copy();
    const proposal = proposalOf(evidence(), files);
    const applied = spawnSync("git", ["apply", "-"], {
      cwd: files.root,
      input: proposal.patch,
      encoding: "utf8",
    });
    expect(applied.stderr).toBe("");
    for (const { file, text } of proposal.files) expect(readFileSync(file, "utf8")).toBe(text);

    const before = readFileSync(join(ROOT, "stacks", "Pulumi.prod.yaml"), "utf8").split("\n");
    const after = readFileSync(files.stackFile, "utf8").split("\n");
    expect(after.filter((line, i) => line !== before[i])).toEqual([
      "  auth:peakRequestsPerSecond: 610",
      "  auth:dbHoldMs: 60.2",
      "  auth:poolMax: 10",
    ]);
    const config = parse(after.join("\n")).config as { readonly [key: string]: unknown };
    expect(parseStackConfig(config, "prod")).toMatchObject({
      ok: true,
      config: { poolMax: 10, dbHoldMs: 60.2 },
    });
    const policies = JSON.parse(readFileSync(files.policyConfig, "utf8"));
    expect(policies["poolproof-settings"].confirmedMaxConnections).toEqual({ "auth-prod": 832 });
  });

  it("writes into the files only when it is told to", () => {
    const files = copy();
    const stack = readFileSync(files.stackFile, "utf8");
    const proposal = proposalOf(evidence(), files);
    expect(readFileSync(files.stackFile, "utf8")).toBe(stack);
    writeProposal(proposal);
    expect(readFileSync(files.stackFile, "utf8")).toContain("  auth:poolMax: 10\n");
  });

  it("leaves the policy configuration alone where none is in use", () => {
    const { changes } = proposalOf(evidence(), { ...copy(), policyConfig: undefined });
    expect(changes.map(({ key }) => key)).not.toContain("confirmedMaxConnections.auth-prod");
  });
});

describe("fewer tasks than declared", () => {
  const changesAt = (tasks: number) =>
    proposedChanges(
      judged(liveState({ metrics: metrics({ tasks: series(60, tasks, tasks, tasks) }) }), {
        expected: { ...EXPECTED, demand: { ...EXPECTED.demand, tasksAtPeak: 10 } },
      }).evidence,
    ).map(({ key, to }) => [key, to]);
  it("are proposed, but never fewer than the service keeps", () => {
    expect(changesAt(9)).toEqual([["auth:tasksAtPeak", 9]]);
    expect(changesAt(2)).toEqual([["auth:tasksAtPeak", 8]]);
    expect(changesAt(12)).toEqual([]);
  });
});

describe("an edit of a stack file", () => {
  it.each([
    ["keeps comments", "config:\n  auth:poolMax: 8 # why\n", "config:\n  auth:poolMax: 9 # why\n"],
    ["keeps quotes out of numbers", 'config:\n  auth:poolMax: "8"\n', "config:\n  auth:poolMax: 9\n"],
    ["takes a key without a namespace", "config:\n  poolMax: 8\n", "config:\n  poolMax: 9\n"],
    [
      "adds what had its default, wherever the block ends",
      "config:\n  aws:region: eu-west-1\nencryptionsalt: v1\n",
      "config:\n  auth:poolMax: 9\n  aws:region: eu-west-1\nencryptionsalt: v1\n",
    ],
  ])("%s", (_what, before, after) => {
    expect(editStackFile(before, [{ key: "auth:poolMax", to: 9 }])).toBe(after);
  });

  it("says so where there is nothing to edit", () => {
    expect(() => editStackFile("runtime: x\n", [{ key: "auth:poolMax", to: 9 }])).toThrow(
      "no `config:` block",
    );
    expect(() =>
      editStackFile("config:\n  auth:poolMax:\n    secure: x\n", [{ key: "auth:poolMax", to: 9 }]),
    ).toThrow("change it by hand");
  });
});

describe("an edit of a policy configuration", () => {
  const settings = (inner: string) => `{\n  "all": "mandatory",\n  "poolproof-settings": {${inner}}\n}\n`;
  it.each([
    ["makes the entry", settings('\n    "undecided": "reject"\n  ')],
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

  it("finds the settings in version 2 of the format, and leaves its exceptions", () => {
    const match = [{ policies: ["poolproof-settings"], targets: ["urn:pulumi:prod::auth::t::n"] }];
    const config = { "poolproof-settings": { undecided: "reject" } };
    const before = { version: 2, exceptions: { a: { reason: "r", match } }, policies: config };
    const after = JSON.parse(editPolicyConfig(JSON.stringify(before, null, 2), "auth-prod", 832));
    const own = { ...config["poolproof-settings"], confirmedMaxConnections: { "auth-prod": 832 } };
    expect(after).toEqual({ ...before, policies: { "poolproof-settings": own } });
  });

  it("says so where one number stands for every database", () => {
    expect(() => editPolicyConfig(settings('"confirmedMaxConnections": 5'), "auth-prod", 832)).toThrow(
      "one for each, by name",
    );
    expect(() => editPolicyConfig("{}", "auth-prod", 832)).toThrow('no "poolproof-settings"');
  });
});

describe("a unified diff", () => {
  it("of two changes far apart has two hunks, of two close by one", () => {
    const lines = Array.from({ length: 30 }, (_, i) => `line ${i}`);
    const other = (...indexes: number[]) =>
      lines.map((line, i) => (indexes.includes(i) ? "new" : line)).join("\n");
    expect(unifiedDiff("f", `${lines.join("\n")}\n`, `${other(3, 25)}\n`).match(/^@@/gm)).toHaveLength(2);
    expect(
      unifiedDiff("f", `${lines.join("\n")}\n`, `${other(3, 8)}\n`).match(/^@@ -1,12 \+1,12 @@$/gm),
    ).toHaveLength(1);
    expect(unifiedDiff("f", "same\n", "same\n")).toBe("");
  });
});
