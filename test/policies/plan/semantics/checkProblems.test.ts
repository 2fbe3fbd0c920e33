import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { checkInputs, checkProblems } from "../../../../policies/plan/provider";

const INSTANCE = "aws:rds/instance:Instance";

describe("what the provider refuses before it asks AWS", () => {
  test("a missing required property, by name", () => {
    expect(checkProblems(INSTANCE, { identifier: "auth" })).toEqual([
      { property: "instanceClass", reason: expect.stringContaining("`instanceClass` is missing") },
    ]);
  });

  test("text where a number belongs, unless it reads as one", () => {
    const problems = (port: string | typeof UNKNOWN) =>
      checkProblems(INSTANCE, { instanceClass: "db.t4g.micro", identifier: "auth", port });
    expect(problems("five")).toEqual([{ property: "port", reason: '`port` must be a number, not "five"' }]);
    expect(problems("5432")).toEqual([]);
    expect(problems(UNKNOWN)).toEqual([]);
  });

  test("a secret value is refused without showing it", () => {
    const inputs = { instanceClass: "db.t4g.micro", identifier: "Hunter2", port: "hunter2" };
    const reasons = checkProblems(INSTANCE, inputs, ["identifier", "port"]).map(({ reason }) => reason);
    expect(reasons).toEqual(["`port` must be a number", expect.stringMatching(/^`identifier` must /)]);
    expect(reasons.join()).not.toMatch(/hunter2/i);
  });

  test("a generated name longer than AWS allows: it is never cut short", () => {
    const type = "aws:lb/targetGroup:TargetGroup";
    const fits = checkInputs(type, "a".repeat(24), "1a2b3c4", {});
    expect(checkProblems(type, fits)).toEqual([]);
    const tooLong = checkInputs(type, "a".repeat(25), "1a2b3c4", {});
    expect(checkProblems(type, tooLong)[0]?.reason).toContain("has 33 characters and may have 32");
  });

  test.each([
    ["aws:rds/subnetGroup:SubnetGroup", "authDb", "lower-case"],
    ["aws:rds/parameterGroup:ParameterGroup", "authDb", "lower-case"],
    [INSTANCE, "1auth", "start with a letter"],
    [INSTANCE, "auth--", "single hyphens"],
    ["aws:lb/loadBalancer:LoadBalancer", "internal-auth", "internal-"],
    ["aws:iam/role:Role", "auth role", "letters"],
  ])("a name of %s made from %s", (type, logicalName, says) => {
    const checked = checkInputs(type, logicalName, "1a2b3c4", {});
    expect(
      checkProblems(type, checked)
        .map((problem) => problem.reason)
        .join(),
    ).toContain(says);
  });

  test("nothing about a type it does not know", () => {
    expect(checkProblems("aws:kinesis/stream:Stream", {})).toEqual([]);
  });
});
