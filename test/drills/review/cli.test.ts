import { describe, expect, it } from "vitest";
import { runReview } from "./support/expected";

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
