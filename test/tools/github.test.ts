import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parse } from "yaml";
import { keepIssue, markOf, reportOf } from "../../tools/ci/findingIssue.js";
import { commentText, keepComment, MARK } from "../../tools/ci/pullRequestComment.js";
import { fitted, MAX_CHARACTERS } from "../../tools/ci/support.js";
import { client, folder, report, undecided, violation } from "./reports.js";

interface Item {
  number?: number;
  id: number;
  body: string;
  state?: string;
  user: { login: string };
  pull_request?: object;
}

const bot = { login: "github-actions[bot]" };

/** As much of `gh` as the tools use, on the items of a file. */
const GH = `#!/usr/bin/env node
const fs = require("node:fs");
const args = process.argv.slice(2);
const file = __dirname + "/items.json";
const state = JSON.parse(fs.readFileSync(file, "utf8"));
if (state.refuses) { console.error(state.refuses); process.exit(1); }
const input = args.some((arg) => arg === "-" || arg.endsWith("=@-")) ? fs.readFileSync(0, "utf8") : undefined;
const [noun, verb, number] = args;
state.calls.push(args.slice(0, 3).join(" "));
const named = (id) => state.items.find((each) => String(each.id) === id);
if (args.includes("--jq")) {
  const own = state.items.filter(({ user, body }) => user.login === "github-actions[bot]" && body.startsWith(process.env.MARK));
  for (const { id } of own) console.log(id);
} else if (noun === "api" && args.includes("--slurp")) {
  const open = state.items.filter((each) => each.state !== "closed");
  process.stdout.write(JSON.stringify([open.slice(0, 100), open.slice(100)]));
} else if (noun === "api") {
  const id = args.find((arg) => arg.includes("/comments/")).split("/").pop();
  named(id).body = input ?? fs.readFileSync(args.at(-1).split("@").pop(), "utf8");
}
else if (verb === "edit") named(number).body = input;
else if (verb === "close") named(number).state = "closed";
else {
  state.items.push({ id: 900, number: 900, body: input ?? fs.readFileSync(args.at(-1), "utf8"), user: { login: "github-actions[bot]" } });
  console.log("https://github.com/us/auth/issues/900");
}
fs.writeFileSync(file, JSON.stringify(state));
`;

/** Puts it on PATH for one test. */
function github(items: readonly Item[], refuses?: string) {
  const place = folder({ gh: GH, "items.json": JSON.stringify({ items, refuses, calls: [] }) });
  chmodSync(join(place, "gh"), 0o755);
  vi.stubEnv("PATH", [place, process.env.PATH].join(delimiter));
  onTestFinished(() => void vi.unstubAllEnvs());
  const state = (): { items: Item[]; calls: string[] } =>
    JSON.parse(readFileSync(join(place, "items.json"), "utf8"));
  return { items: () => state().items, calls: () => state().calls };
}

const stacks = (...reports: ReturnType<typeof report>[]) =>
  new Map(reports.map((each) => [each.stack, each]));

describe("the comment on a pull request", () => {
  it("shows each window as it was and as it is now", () => {
    const before = stacks(report());
    const after = stacks(report({ clients: [client({ poolMax: 9, ceiling: 12 })] }));
    const text = commentText(after, before);
    expect(text).toContain("### ✔ poolproof: every stack has the verdict it must have");
    expect(text).toContain("| `prod` | ✔ accepted | `auth` | 8 → **9** | 5–9 → **5–12** | 0 % |");
    expect(text).toContain("Nothing was left undecided.");
  });

  it("names the stack that is rejected, with its finding and what fails", () => {
    const starved = report({
      verdict: "rejected",
      violations: [violation()],
      clients: [client({ poolMax: 3, failingShare: 0.4 })],
    });
    const text = commentText(stacks(starved), stacks(report()));
    expect(text).toContain("### ✖ poolproof: prod is rejected");
    expect(text).toContain("| ✔ accepted → **✖ rejected** |");
    expect(text).toContain("| 0 % → **40 %** |");
    expect(text).toContain("✖ `prod` **pool-floor** (new) on `auth`");
  });

  it("takes the stack of an incident for right only while it is rejected", () => {
    const incident = { stack: "incident-2024-09-02", violations: [violation()] };
    const right = commentText(stacks(report({ ...incident, verdict: "rejected" })));
    expect(right).toContain("✔ poolproof");
    expect(right).toContain("| ✔ rejected, as it must be |");
    expect(right).not.toContain("**pool-floor**");
    expect(commentText(stacks(report({ ...incident, verdict: "accepted" })))).toContain(
      "### ✖ poolproof: incident-2024-09-02 is accepted",
    );
  });

  it("says what was not decided, which rules said nothing of it, and whether that rejects", () => {
    const both = [undecided(), undecided({ rule: "connection-budget" })];
    const warned = commentText(stacks(report({ undecided: both })));
    expect(warned).toContain("Not decided, and what it costs (1)");
    expect(warned).toContain("Not judged: pool-floor, connection-budget, so nothing bounds it before");
    const rejects = [violation({ rule: "undecided" })];
    expect(commentText(stacks(report({ undecided: both, violations: rejects })))).toContain(
      "so the stack is rejected",
    );
  });

  it("says a window that is empty, and keeps a warning that was there before to itself", () => {
    const warning = violation({ level: "advisory", rule: "connection-logging" });
    const empty = report({
      violations: [warning],
      clients: [client({ floor: 12, ceiling: 9, poolMax: null })],
    });
    const text = commentText(stacks(empty), stacks(report({ violations: [warning] })));
    expect(text).toContain("none (12 > 9)");
    expect(text).not.toContain("connection-logging");
  });

  it("shows the engine's preview beside check, and a stack that is gone", () => {
    const after = stacks(report());
    const text = commentText(after, stacks(report(), report({ stack: "old" })), after);
    expect(text).toContain("| `prod` (preview) | ✔ accepted |");
    expect(text).toContain("`old` is no longer a stack");
  });

  it("lets a name from the plan neither mention anyone nor break out of its cell", () => {
    const hostile = client({ resource: "urn::a|b`@team <img src=x>" });
    const text = commentText(stacks(report({ clients: [hostile] })));
    const row = text.split("\n").find((line) => line.includes("team")) ?? "";
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    expect(row).toContain("`a\\|b'@team <img src=x>`");
    const found = violation({ message: "see @everyone and <b>this</b>" });
    expect(commentText(stacks(report({ verdict: "rejected", violations: [found] })))).not.toMatch(
      /@everyone|<b>/,
    );
  });

  it("is refused where nothing was judged", () => {
    expect(() => commentText(new Map())).toThrow("no stack was judged");
  });
});

const others = (n: number): Item[] =>
  Array.from({ length: n }, (_, id) => ({ id, number: id, body: "hello", user: { login: "someone" } }));

describe("the one comment on a pull request", () => {
  it("is made first and updated afterwards, however many comments stand before it", () => {
    const { items } = github(others(150));
    expect(keepComment(7, "first")).toBe("made");
    expect(keepComment(7, "second")).toBe("updated");
    expect(
      items()
        .filter(({ body }) => body.startsWith(MARK))
        .map(({ body }) => body),
    ).toEqual([`${MARK}\nsecond`]);
  });

  it("is never someone else's, whatever mark theirs carries", () => {
    const { items } = github([{ id: 1, body: `${MARK}\nmine`, user: { login: "someone" } }]);
    expect(keepComment(7, "ours")).toBe("made");
    expect(items()[0]?.body).toBe(`${MARK}\nmine`);
  });

  it("stays under GitHub's limit and says that it was cut", () => {
    const { items } = github([]);
    keepComment(7, `${"a line of text\n".repeat(10_000)}`);
    expect(items()[0]?.body.length).toBeLessThanOrEqual(MAX_CHARACTERS);
    expect(items()[0]?.body).toContain("_Cut here: the whole is in the summary of the run._");
  });

  it("says in one line what the token may not", () => {
    github([], "gh: Resource not accessible by integration (HTTP 403)");
    expect(() => keepComment(7, "text")).toThrow(/^gh api --paginate failed: .*HTTP 403\)$/);
  });
});

describe("a text that is too long", () => {
  it("closes what it had open, so that the note is not swallowed", () => {
    const text = `<details><summary>x</summary>\n\n\`\`\`\`\n${"output\n".repeat(100)}`;
    const cut = fitted(text, "the run", 300);
    expect(cut.length).toBeLessThanOrEqual(300);
    expect(cut).toMatch(/\n````\n\n<\/details>\n\n_Cut here/);
  });

  it("is left alone where it fits", () => {
    expect(fitted("short", "the run")).toBe("short");
  });
});

const found = { topic: "review", title: "Review", code: 1, report: "one finding", run: "https://run/1" };

describe("the one issue of a scheduled run", () => {
  it("is opened by the first finding, updated by the next, and closed when nothing is found any more", () => {
    const { items, calls } = github(others(3));
    expect(keepIssue(found)).toBe("https://github.com/us/auth/issues/900 is opened");
    expect(keepIssue({ ...found, report: "two findings" })).toBe("#900 is updated");
    const ours = () => items().filter(({ body }) => body.startsWith(markOf("review")));
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.body).toContain("two findings");
    expect(keepIssue({ ...found, code: 0 })).toMatch(/^#900 is closed/);
    expect(ours()[0]?.state).toBe("closed");
    expect(calls()).toContain("issue close 900");
    expect(keepIssue({ ...found, code: 0 })).toBe("nothing was found and nothing is open");
  });

  it("takes a run that could not judge for a finding", () => {
    const { items } = github([]);
    keepIssue({ ...found, code: 2 });
    expect(items()[0]?.body).toContain("ended without a verdict");
  });

  it("is another one for another topic, and never a pull request", () => {
    const body = `${markOf("drift")}\nx`;
    github([
      { id: 1, number: 1, body, user: bot },
      { id: 2, number: 2, body: `${markOf("review")}\nx`, user: bot, pull_request: {} },
    ]);
    expect(keepIssue(found)).toBe("https://github.com/us/auth/issues/900 is opened");
  });

  it("shows output as it is, between fences that it cannot close, and its end", () => {
    const files = folder({ "drift.txt": `${"x".repeat(40_000)}\n\`\`\`\nthe end`, "review.md": "# Review" });
    const shown = reportOf(join(files, "drift.txt"));
    expect(shown).toMatch(/^````\n…x+\n```\nthe end\n````$/);
    expect(shown.length).toBeLessThan(31_000);
    expect(reportOf(join(files, "review.md"))).toBe("# Review");
    expect(reportOf(join(files, "gone.md"))).toBe("It left no report.");
  });
});

describe("the action", () => {
  const script = resolve(import.meta.dirname, "../../tools/action/check.sh");
  const action = parse(readFileSync(resolve(import.meta.dirname, "../../action.yml"), "utf8"));

  /** Runs it where `npx poolproof` answers with this exit code. */
  function run(code: number, env: NodeJS.ProcessEnv = {}) {
    const place = folder({ output: "", summary: "" });
    const npx = `#!/bin/sh
      while [ $# -gt 0 ]; do [ "$1" = --format ] && format=$2; [ "$1" = --output ] && file=$2; shift; done
      [ ${code} -lt 2 ] && echo "report as $format" | if [ -n "$file" ]; then cat > "$file"; else cat; fi
      exit ${code}`;
    writeFileSync(join(place, "npx"), npx);
    chmodSync(join(place, "npx"), 0o755);
    const { status, stdout } = spawnSync("bash", [script], {
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: [place, process.env.PATH].join(delimiter),
        RUNNER_TEMP: place,
        GITHUB_OUTPUT: join(place, "output"),
        GITHUB_STEP_SUMMARY: join(place, "summary"),
        STACK: "prod",
        PULL_REQUEST: "7",
        ...env,
      },
    });
    const text = (file: string) => readFileSync(join(place, file), "utf8");
    return { status, stdout, output: text("output"), summary: text("summary") };
  }

  it("gives its script every input that the script reads", () => {
    const [step] = action.runs.steps;
    const read =
      readFileSync(script, "utf8").match(/\$\{?(STACK|POLICY_CONFIG|COMMENT|PULL_REQUEST)\b/g) ?? [];
    for (const name of new Set(read)) expect(Object.keys(step.env)).toContain(name.replace(/\W/g, ""));
    expect(step.run).toContain("tools/action/check.sh");
  });

  it.each([
    [0, "accepted"],
    [1, "rejected"],
  ])("ends with the code of check, %i, and comments once, then updates its comment", (code, verdict) => {
    const { items } = github([]);
    const first = run(code);
    expect(first).toMatchObject({ status: code, output: expect.stringContaining(`verdict=${verdict}\n`) });
    expect(first.summary).toContain("report as markdown");
    run(code);
    expect(items().map(({ body }) => body)).toEqual(["<!-- poolproof:action:prod -->\nreport as markdown\n"]);
  });

  it("says nothing on the pull request of a stack that cannot be judged", () => {
    const { calls } = github([]);
    expect(run(2)).toMatchObject({ status: 2, output: expect.stringContaining("verdict=undecided\n") });
    expect(calls()).toEqual([]);
  });

  it("keeps its verdict where the token may not comment, and where no comment is wanted", () => {
    const { calls } = github([], "HTTP 403");
    expect(run(0)).toMatchObject({ status: 0, stdout: expect.stringContaining("::warning::") });
    expect(run(1, { COMMENT: "false" })).toMatchObject({ status: 1, stdout: "" });
    expect(calls()).toEqual([]);
  });
});
