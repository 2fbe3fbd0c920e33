import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { checkInputs, isGeneratedName, nameSuffix } from "../../../../policies/plan/provider";

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
