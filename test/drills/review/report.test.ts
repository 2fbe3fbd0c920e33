import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseArguments } from "../../../drills/review/arguments";
import { ACTIONS } from "../../../drills/review/live/permissions";
import {
  editPolicyConfig,
  editStackFile,
  proposalOf,
  proposedChanges,
  unifiedDiff,
  writeProposal,
} from "../../../drills/review/propose";
import { FORMATS, render, reviewOf } from "../../../drills/review/report";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import { poolFloor } from "../../../policies/model/poolFloor";
import {
  busyMinute,
  confirmedNow,
  ESTIMATED,
  EXPECTED,
  judged,
  liveState,
  metrics,
  parameters,
  ROOT,
  runReview,
  series,
} from "./support/sample";

const files = { root: ROOT, stackFile: `${ROOT}/stacks/Pulumi.prod.yaml`, policyConfig: undefined };
const plain = { color: false, width: 100 };

function review(...given: Parameters<typeof judged>) {
  const judgement = judged(...given);
  return reviewOf(judgement, proposalOf(judgement.evidence, files));
}

const notReviewed = [
  { what: "the alarms", action: "cloudwatch:DescribeAlarms", reason: "not allowed", fix: "Allow it" },
];
const grown = review(liveState({ ...busyMinute(500), notReviewed }));

describe("the text", () => {
  it("of a clean review says so first, and shows what was seen", () => {
    const text = render(review(), "text", plain);
    expect(text).toMatch(/^✔ prod: clean/);
    expect(text).toContain(`
                             planned  seen  when
  requests at peak, /s           400   380  2026-03-10 18:06
  tasks at that peak               8     8
  hold time, ms                   20    20
  acquisitions a request         1.1   1.1
  open connections               165    70  2026-03-10 18:06
  pool in use, %                   –    15  2026-03-10 18:05
  wait, 99th percentile, ms       50     2  2026-03-10 18:05
  acquire timeouts                 0     0  2026-03-10 18:05
`);
    expect(text.split("\n\n").at(-1)?.match(/\d+/g)).toEqual(["8", "3", "15", "400", "389", "165"]);
  });

  it("has the findings, what was not reviewed, and the patch", () => {
    const text = render(grown, "text", plain);
    expect(text).toMatch(/^✖ prod: 1 .*1 /);
    expect(text).toMatch(/^! demand-grew {2}auth-prod\n {2}.*400.*500/m);
    expect(text).toContain("  the alarms: not allowed. Allow it.\n");
    expect(text).toContain("  auth:peakRequestsPerSecond: 400 → 500");
    expect(text).toContain('+  auth:peakRequestsPerSecond: "500"\n');
  });
});

describe("a review for machines", () => {
  it("has numbers as numbers, null for what is not known, and a verdict", () => {
    const json = JSON.parse(render(grown, "json", plain));
    expect(json).toMatchObject({
      schemaVersion: 1,
      stack: "prod",
      verdict: "findings",
      pool: { set: 8, floor: 4, floorDeclared: 3, ceiling: 15 },
      limit: { inForce: 400, usable: 389, demandAtPeak: 165 },
      proposal: { changes: [{ key: "auth:peakRequestsPerSecond", from: 400, to: 500 }] },
    });
    expect(json.findings[0]).toMatchObject({ id: "demand-grew", docs: "docs/guides/declaring-demand.md" });
    expect(json.seen[0]).toEqual({
      what: "requests at peak",
      unit: "/s",
      planned: 400,
      seen: 500,
      at: "2026-03-10T18:05:00.000Z",
    });
    expect(JSON.parse(render(review(), "json", plain)).proposal.patch).toBeNull();
  });

  it("that could not look at everything is never clean", () => {
    expect(review(liveState({ notReviewed })).verdict).toBe("incomplete");
  });
});

describe("hostile names", () => {
  const exception = {
    rule: "drain-order",
    resource: "<img src=x onerror=alert(1)>\u001b[31m|`@team",
    reason: "</section><script>alert(1)</script>",
    owner: "[owner](https://example.com)",
    expires: "2026-03-20",
  };
  const hostile = review(liveState(), { exceptions: [exception] });

  it("are no tags on a page, and the page loads nothing", () => {
    const html = render(hostile, "html", plain);
    expect(html).not.toMatch(/<(img|script)/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<section/g)).toHaveLength(1);
  });

  it("are no links, tags or mentions in Markdown, and move no cursor on a terminal", () => {
    // What stands in code is shown as it is.
    const markdown = render(hostile, "markdown", plain).replace(/`[^`]*`/g, "");
    expect(markdown).not.toMatch(/<(img|script)|@team/);
    expect(markdown).not.toContain("[owner](https");
    for (const format of FORMATS.filter((each) => each !== "json")) {
      expect(render(hostile, format, plain)).not.toContain("\u001b");
    }
  });
});

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

describe("the command", { timeout: 120_000 }, () => {
  const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "a-secret" };

  it.each([
    ["without credentials", ["prod"], {}, /credentials/],
    ["without a network", ["prod", "--endpoint-url", "http://127.0.0.1:1"], credentials, /127\.0\.0\.1:1/],
    ["for a stack that is not there", ["produ"], {}, /"produ".*prod/],
  ])("%s says so in one line, exit 2", async (_what, args, env, said) => {
    const { code, stdout, stderr } = await runReview(args, env);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain("a-secret");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("prints the permissions it needs without asking AWS, exit 0", async () => {
    const { code, stdout, stderr } = await runReview(["prod", "--print-iam-policy"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [database] = JSON.parse(stdout).Statement;
    expect(database.Resource).toEqual([
      "arn:aws:rds:eu-west-1:*:db:auth-prod",
      "arn:aws:rds:eu-west-1:*:pg:*",
    ]);
  });
});

describe("the command line", () => {
  it("reads every option", () => {
    const argv =
      "prod --format html --output x --region x --endpoint-url http://127.0.0.1:5000 --days 7 --propose x --write --policy-config x --confirmed-max-connections 400 --print-iam-policy";
    expect(parseArguments(argv.split(" "))).toEqual({
      stack: "prod",
      format: "html",
      output: "x",
      region: "x",
      endpointUrl: "http://127.0.0.1:5000",
      days: 7,
      confirmedMaxConnections: 400,
      policyConfig: "x",
      propose: "x",
      write: true,
      printIamPolicy: true,
    });
    expect(parseArguments(["prod"])).toEqual({ stack: "prod", format: "text", days: 14 });
  });

  it.each([
    [[], /stack/],
    [["a", "b"], /too many arguments/],
    [["prod", "--fromat", "json"], /--fromat.*did you mean --format\?/is],
    [["prod", "--format", "pdf"], /--format.*'pdf'.*text, json, markdown, html/],
    [["prod", "--days", "15"], /--days.*'15'.*1 to 14/],
    [["prod", "--days", "1e1"], /--days.*'1e1'.*1 to 14/],
    [["prod", "--confirmed-max-connections", "0"], /1 to 262143/],
    [["prod", "--endpoint-url", "localhost:5000"], /http:\/\/127\.0\.0\.1:5000/],
    [["prod", "--output", ""], /--output/],
    [["prod", "--propose", "--write"], /--propose.*--write/],
  ])("%j is refused", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

const guide = readFileSync(join(ROOT, "docs/guides/review.md"), "utf8");
const judge = readdirSync(join(ROOT, "drills/review/judge"))
  .map((file) => readFileSync(join(ROOT, "drills/review/judge", file), "utf8"))
  .join("\n");

describe("the guide", () => {
  it("explains each finding that the code makes, and no other", () => {
    const made = [...judge.matchAll(/\bid: (?:\w+ \? )?"([\w-]+)"(?: : "([\w-]+)")?/g)].flatMap(
      ([, one, other]) => (other === undefined ? [one] : [one, other]),
    );
    const explained = [...guide.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, id]) => id),
    );
    expect([...new Set(made)].sort()).toEqual([...new Set(explained)].sort());
    expect(made.length).toBeGreaterThan(20);
  });

  it("lists each permission with what it is for", () => {
    const listed = [...guide.matchAll(/^\| `([a-z-]+:\w+)` \| (.+) \|$/gm)].map(([, action, what]) => [
      action,
      what,
    ]);
    expect(Object.fromEntries(listed)).toEqual(ACTIONS);
  });

  it("and the runbooks have each page and heading that a finding links to", () => {
    for (const [, page = ""] of judge.matchAll(/"(docs\/[^"#]+)[^"]*"/g)) {
      expect(existsSync(join(ROOT, page)), page).toBe(true);
    }
    const anchors = [...judge.matchAll(/\$\{GUIDE\}#([\w-]+)/g)].map(([, anchor = ""]) => anchor);
    expect(anchors.length).toBeGreaterThan(3);
    for (const anchor of anchors) {
      expect(guide.toLowerCase()).toContain(`## ${anchor.replace(/-/g, " ")}\n`);
    }
  });
});
