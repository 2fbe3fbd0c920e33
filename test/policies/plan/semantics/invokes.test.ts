import { describe, expect, test } from "vitest";
import { ACCOUNT_ID, answerInvoke } from "../../../../policies/plan/provider";

const ZONES = "aws:index/getAvailabilityZones:getAvailabilityZones";

describe("data sources answered without AWS", () => {
  test("name the fictional account", () => {
    const identity = answerInvoke("aws:index/getCallerIdentity:getCallerIdentity", {}, "eu-west-1");
    expect(identity).toMatchObject({ accountId: ACCOUNT_ID, arn: `arn:aws:iam::${ACCOUNT_ID}:user/offline` });
  });

  test("give the region of the provider, or the one that is asked for", () => {
    const token = "aws:index/getRegion:getRegion";
    expect(answerInvoke(token, {}, "eu-west-1")).toMatchObject({ region: "eu-west-1", name: "eu-west-1" });
    expect(answerInvoke(token, { region: "us-east-1" }, "eu-west-1")).toMatchObject({ region: "us-east-1" });
  });

  test("have three zones with AWS's short ids, less those that are excluded", () => {
    expect(answerInvoke(ZONES, {}, "ap-southeast-2")).toMatchObject({
      names: ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"],
      zoneIds: ["apse2-az1", "apse2-az2", "apse2-az3"],
    });
    expect(answerInvoke(ZONES, { excludeNames: ["eu-west-1b"] }, "eu-west-1")).toMatchObject({
      names: ["eu-west-1a", "eu-west-1c"],
      zoneIds: ["euw1-az1", "euw1-az3"],
    });
  });

  test("are undefined for a token nobody wrote an answer for", () => {
    expect(answerInvoke("aws:ec2/getAmi:getAmi", {}, "eu-west-1")).toBeUndefined();
  });
});
