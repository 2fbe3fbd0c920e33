import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../policies/plan/plan";
import { answerInvoke } from "../../../../policies/plan/provider";

const ask = (args: PropertyMap) =>
  answerInvoke("aws:iam/getPolicyDocument:getPolicyDocument", args, "eu-west-1") ?? {};
const written = (args: PropertyMap): unknown => JSON.parse(String(ask(args).json));

/** IAM's own variable, as IAM writes it. */
const USERNAME = "$".concat("{aws:username}");

describe("aws.iam.getPolicyDocument", () => {
  test("writes the provider's text: indented, lists in falling order, a list of one as its text", () => {
    const statements = [
      {
        sid: "1",
        actions: ["s3:GetBucketLocation", "s3:ListAllMyBuckets", "s3:GetBucketLocation"],
        resources: ["arn:aws:s3:::*"],
      },
    ];
    const { json, minifiedJson, id, version } = ask({ statements });
    expect(json).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "1",
      "Effect": "Allow",
      "Action": [
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation"
      ],
      "Resource": "arn:aws:s3:::*"
    }
  ]
}`);
    expect(minifiedJson).toBe(JSON.stringify(JSON.parse(String(json))));
    expect(id).toBe(String(crc32(String(json))));
    expect(version).toBe("2012-10-17");
  });

  test("gathers principals by type and conditions by test, and writes IAM's own variables", () => {
    const statements = [
      {
        effect: "Deny",
        notActions: ["sts:*"],
        notResources: ["arn:aws:s3:::home/&{aws:username}"],
        principals: [
          { type: "Service", identifiers: ["ecs.amazonaws.com"] },
          { type: "AWS", identifiers: ["1", "2"] },
        ],
        conditions: [
          { test: "StringLike", variable: "s3:prefix", values: ["b", "a"] },
          { test: "StringLike", variable: "aws:tag", values: ["&{aws:username}"] },
        ],
      },
    ];
    expect(written({ statements, policyId: "own", version: "2008-10-17" })).toEqual({
      Version: "2008-10-17",
      Id: "own",
      Statement: [
        {
          Effect: "Deny",
          NotAction: "sts:*",
          NotResource: `arn:aws:s3:::home/${USERNAME}`,
          Principal: { AWS: ["2", "1"], Service: "ecs.amazonaws.com" },
          Condition: { StringLike: { "aws:tag": USERNAME, "s3:prefix": ["b", "a"] } },
        },
      ],
    });
    const everyone = [{ principals: [{ type: "*", identifiers: ["*"] }] }];
    expect(written({ statements: everyone })).toMatchObject({ Statement: [{ Principal: "*" }] });
  });

  test("merges documents around its own statements, a Sid of an earlier one replaced", () => {
    const document = (sid: string, action: string): string =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: sid, Effect: "Allow", Action: action }] });
    const args = {
      sourcePolicyDocuments: [document("a", "s3:Get")],
      statements: [{ sid: "b", actions: ["s3:Put"] }],
      overridePolicyDocuments: [document("a", "s3:*")],
    };
    expect(written(args)).toMatchObject({
      Statement: [
        { Sid: "a", Action: "s3:*" },
        { Sid: "b", Action: "s3:Put" },
      ],
    });
    expect(() => ask({ statements: [{ sid: "a" }, { sid: "a" }] })).toThrow("two statements have the Sid a");
  });

  test("is unknown when something in it is, and never half a document", () => {
    const statements: PropertyMap[] = [{ actions: ["s3:*"], resources: [UNKNOWN] }];
    expect(ask({ statements })).toMatchObject({ json: UNKNOWN, minifiedJson: UNKNOWN, id: UNKNOWN });
  });
});
