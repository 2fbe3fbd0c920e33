import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../../policies/plan/plan";
import {
  answerInvoke,
  checkInputs,
  checkProblems,
  isGeneratedName,
  nameSuffix,
} from "../../../../policies/plan/provider";

const SUFFIX = "1a2b3c4";

describe("generated names", () => {
  test("are the logical name, a hyphen and seven digits", () => {
    expect(checkInputs("aws:ecs/service:Service", "auth", SUFFIX, {}).name).toBe("auth-1a2b3c4");
  });

  test("have no hyphen for an RDS identifier", () => {
    const inputs = { instanceClass: "db.t4g.micro" };
    expect(checkInputs("aws:rds/instance:Instance", "auth", SUFFIX, inputs).identifier).toBe("auth1a2b3c4");
  });

  test("are lowered for a bucket, and start with alias/ for a key's alias", () => {
    expect(checkInputs("aws:s3/bucket:Bucket", "AccessLogs", SUFFIX, {}).bucket).toBe("accesslogs-1a2b3c4");
    const alias = checkInputs("aws:kms/alias:Alias", "auth", SUFFIX, { targetKeyId: "k" });
    expect(alias.name).toBe("alias/auth-1a2b3c4");
  });

  test("end with .fifo for a topic that keeps the order", () => {
    const inputs = { fifoTopic: true };
    expect(checkInputs("aws:sns/topic:Topic", "alarms", SUFFIX, inputs).name).toBe("alarms-1a2b3c4.fifo");
  });

  test("are not made where the program gives a name or a prefix", () => {
    const given = checkInputs("aws:iam/role:Role", "task", SUFFIX, { assumeRolePolicy: "{}", name: "mine" });
    expect(given.name).toBe("mine");
    const prefixed = checkInputs("aws:iam/role:Role", "task", SUFFIX, { namePrefix: "mine-" });
    expect(prefixed).not.toHaveProperty("name");
  });

  test("are told from names a program chose", () => {
    const type = "aws:ecs/service:Service";
    expect(isGeneratedName(type, "auth", "auth-1a2b3c4")).toBe(true);
    expect(isGeneratedName(type, "auth", "auth")).toBe(false);
    expect(isGeneratedName(type, "auth", "login-1a2b3c4")).toBe(false);
    expect(isGeneratedName(type, "auth", UNKNOWN)).toBe(false);
  });
});

describe("defaults", () => {
  test("give way to what the program says, false and 0 included", () => {
    const checked = checkInputs("aws:ecs/service:Service", "auth", SUFFIX, { deploymentMaximumPercent: 150 });
    expect(checked).toMatchObject({ deploymentMaximumPercent: 150, deploymentMinimumHealthyPercent: 100 });
    const vpc = checkInputs("aws:ec2/vpc:Vpc", "auth", SUFFIX, { enableDnsSupport: false });
    expect(vpc.enableDnsSupport).toBe(false);
  });

  test("fill the place of null, which is how some languages leave an input out", () => {
    expect(checkInputs("aws:ec2/vpc:Vpc", "auth", SUFFIX, { instanceTenancy: null }).instanceTenancy).toBe(
      "default",
    );
  });

  test("leave an unknown value alone", () => {
    const checked = checkInputs("aws:ecs/service:Service", "a", SUFFIX, {
      deploymentMaximumPercent: UNKNOWN,
    });
    expect(checked.deploymentMaximumPercent).toBe(UNKNOWN);
  });

  test("reach into objects that are given, through lists, and make none that are not", () => {
    const group = checkInputs("aws:rds/parameterGroup:ParameterGroup", "auth", SUFFIX, {
      family: "postgres17",
      parameters: [
        { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
        { name: "lock_timeout", value: "1000" },
      ],
    });
    expect(group.parameters).toEqual([
      { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
      { name: "lock_timeout", value: "1000", applyMethod: "immediate" },
    ]);
    const listener = checkInputs("aws:lb/listener:Listener", "http", SUFFIX, {
      defaultActions: [{ type: "redirect", redirect: { port: "443", statusCode: "HTTP_301" } }],
      loadBalancerArn: UNKNOWN,
    });
    expect(listener.defaultActions).toMatchObject([{ redirect: { port: "443", path: "/#{path}" } }]);
    expect(checkInputs("aws:lb/targetGroup:TargetGroup", "auth", SUFFIX, {})).not.toHaveProperty(
      "healthCheck",
    );
  });
});

describe("what Check copies from the provider's settings", () => {
  test("is the region, for every type that has one", () => {
    const settings = { region: "eu-west-1" };
    expect(checkInputs("aws:ec2/vpc:Vpc", "auth", SUFFIX, {}, settings).region).toBe("eu-west-1");
    expect(checkInputs("aws:ec2/vpc:Vpc", "a", SUFFIX, { region: "us-east-1" }, settings).region).toBe(
      "us-east-1",
    );
    expect(checkInputs("aws:iam/role:Role", "task", SUFFIX, {}, settings)).not.toHaveProperty("region");
  });

  test("is the default tags, into tagsAll alone and under the resource's own", () => {
    const settings = { defaultTags: { team: "identity", env: "dev" } };
    const checked = checkInputs("aws:ec2/vpc:Vpc", "auth", SUFFIX, { tags: { env: "prod" } }, settings);
    expect(checked.tags).toEqual({ env: "prod" });
    expect(checked.tagsAll).toEqual({ team: "identity", env: "prod" });
    const unknown = checkInputs("aws:ec2/vpc:Vpc", "auth", SUFFIX, { tags: { db: UNKNOWN } }, settings);
    expect(unknown.tagsAll).toBe(UNKNOWN);
  });
});

test("a policy given as an object becomes JSON, and is unknown as a whole when a part is", () => {
  const role = (statement: object) =>
    checkInputs("aws:iam/role:Role", "task", SUFFIX, {
      assumeRolePolicy: { Version: "2012-10-17", Statement: [{ ...statement }] },
    }).assumeRolePolicy;
  expect(role({ Effect: "Allow", Action: "sts:AssumeRole" })).toBe(
    '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow"}],"Version":"2012-10-17"}',
  );
  expect(role({ Effect: "Allow", Resource: UNKNOWN })).toBe(UNKNOWN);
});

test("a type that is not in the table comes back untouched", () => {
  const inputs = { anything: 1 };
  expect(checkInputs("aws:kinesis/stream:Stream", "f", SUFFIX, inputs)).toBe(inputs);
});

describe("the suffix", () => {
  test("is seven hexadecimal digits, the same for the same URN and another for its replacement", () => {
    fc.assert(
      fc.property(fc.string(), (urn) => {
        expect(nameSuffix(urn)).toMatch(/^[0-9a-f]{7}$/);
        expect(nameSuffix(urn)).toBe(nameSuffix(urn));
        expect(nameSuffix(urn, "auth-1a2b3c4")).not.toBe(nameSuffix(urn));
      }),
    );
  });
});

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
