import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { HELP, parseArguments } from "../../../drills/review/arguments";
import { ROOT } from "./support/expected";

describe("the command line", () => {
  it("reads every flag that the help names", () => {
    const flags = [...HELP.matchAll(/^ {2}--([\w-]+)(?: ([A-Z]+|text\S+))?/gm)];
    const values: { readonly [flag: string]: string } = {
      format: "html",
      days: "7",
      "confirmed-max-connections": "400",
      "endpoint-url": "http://127.0.0.1:5000",
    };
    const argv = flags.flatMap(([, name = "", value]) =>
      value === undefined ? [`--${name}`] : [`--${name}`, values[name] ?? "x"],
    );
    expect(parseArguments(["prod", ...argv])).toEqual({
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
    expect(parseArguments(["--help"])).toBeUndefined();
  });

  it.each([
    [[], "which stack?"],
    [["a", "b"], "one stack at a time, not a and b"],
    [["prod", "--fromat", "json"], "there is no option --fromat; did you mean --format?"],
    [["prod", "--format", "pdf"], '--format is "pdf" and can be text, json, markdown, html'],
    [["prod", "--days", "15"], '--days is "15" and must be a whole number from 1 to 14'],
    [["prod", "--days", "1e1"], '--days is "1e1" and must be a whole number from 1 to 14'],
    [["prod", "--confirmed-max-connections", "0"], "must be a whole number from 1 to 262143"],
    [["prod", "--endpoint-url", "localhost:5000"], "must be a URL such as http://127.0.0.1:5000"],
    [["prod", "--output", ""], "--output needs a value"],
  ])("%j is told in one line", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});

describe("the command", () => {
  const env = {
    PATH: process.env.PATH,
    HOME: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
    NO_COLOR: "1",
  };
  const review = (args: readonly string[], more: { readonly [name: string]: string } = {}) =>
    spawnSync(process.execPath, ["--import", "tsx", "drills/review/cli.ts", ...args], {
      cwd: ROOT,
      env: { ...env, ...more },
      encoding: "utf8",
    });

  it("without credentials says who has to log in, in one line, exit 2", () => {
    const { status, stdout, stderr } = review(["prod"]);
    expect(stderr).toMatch(/^error: there are no AWS credentials; log in first .*\n$/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("without a network says what cannot be reached, exit 2", () => {
    const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "a-secret" };
    const { status, stdout, stderr } = review(["prod", "--endpoint-url", "http://127.0.0.1:1"], credentials);
    expect(stderr).toBe("error: AWS cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("names the stacks there are, exit 2", () => {
    const { status, stderr } = review(["produ"]);
    expect(stderr).toContain('there is no stack "produ"');
    expect(status).toBe(2);
  });

  it("prints the permissions it needs without asking AWS, exit 0", () => {
    const { status, stdout, stderr } = review(["prod", "--print-iam-policy"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [database] = JSON.parse(stdout).Statement;
    expect(database.Resource).toEqual([
      "arn:aws:rds:eu-west-1:*:db:auth-prod",
      "arn:aws:rds:eu-west-1:*:pg:*",
    ]);
  });
});
