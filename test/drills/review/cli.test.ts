import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../drills/review/arguments";
import { ACTIONS } from "../../../drills/review/live/permissions";
import { ROOT, runReview } from "./support/expected";

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
