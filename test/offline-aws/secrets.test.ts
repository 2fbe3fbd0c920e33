import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../../engine/offline-aws/models";
import { sdkResource } from "../policies/plan/semantics/sdk";
import { Engine, secret, UNKNOWN_MARKER, urnOf } from "./client";
import { ALL_TYPES } from "./minimalInputs";

const DATABASE = "aws:rds/instance:Instance";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start("eu-west-1");
});
afterAll(() => engine.close());

describe("a secret input", () => {
  test("stays secret through Check, preview, Create and Update, however deep it is", async () => {
    const urn = urnOf("aws:ecs/service:Service");
    const tags = { team: "identity", token: secret("hunter2"), pin: secret("42") };
    const { inputs } = await engine.check(urn, { tags });
    expect(inputs.tags).toEqual(tags);
    expect(inputs.tagsAll).toEqual(tags);
    expect((await engine.create(urn, inputs, true)).outputs.tags).toEqual(tags);
    const { id, outputs } = await engine.create(urn, inputs);
    expect(outputs).toMatchObject({ tags, tagsAll: tags });
    const after = await engine.update(urn, id, outputs, inputs, { ...inputs, desiredCount: 3 });
    expect(after).toMatchObject({ tags, tagsAll: tags, desiredCount: 3 });
  });

  test("makes the text secret that a policy document with it becomes", async () => {
    const document = { Statement: [{ Condition: { StringEquals: { "sts:ExternalId": secret("x") } } }] };
    const { inputs } = await engine.check(urnOf("aws:iam/role:Role"), { assumeRolePolicy: document });
    expect(inputs.assumeRolePolicy).toEqual(
      secret('{"Statement":[{"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}'),
    );
  });

  test("is not shown when Check refuses it", async () => {
    const inputs = { instanceClass: "db.t4g.micro", identifier: secret("Hunter 2!") };
    const { failures } = await engine.check(urnOf(DATABASE), inputs);
    expect(failures.map(({ property }) => property)).toEqual(["identifier"]);
    expect(JSON.stringify(failures)).not.toContain("Hunter");
  });

  test("makes every output secret that quotes it", async () => {
    const inputs = { instanceClass: "db.t4g.micro", identifier: secret("hidden-db") };
    const { outputs } = await engine.create(urnOf(DATABASE), inputs);
    expect(outputs.arn).toEqual(secret("arn:aws:rds:eu-west-1:123456789012:db:hidden-db"));
    expect(JSON.stringify({ ...outputs, arn: 0, identifier: 0, address: 0, endpoint: 0 })).not.toContain(
      "hidden-db",
    );
  });

  test("may be unknown and is a secret unknown then", async () => {
    const inputs = { instanceClass: "db.t4g.micro", username: secret(UNKNOWN_MARKER) };
    const { outputs } = await engine.create(urnOf(DATABASE), inputs, true);
    expect(outputs.username).toEqual(secret(UNKNOWN_MARKER));
  });

  test("leaves no trace in an id", async () => {
    const urn = urnOf("aws:secretsmanager/secretVersion:SecretVersion");
    const withSecret = (text: string) => engine.make(urn, { secretId: "arn:s", secretString: secret(text) });
    expect((await withSecret("one password")).id).toBe((await withSecret("another password")).id);
  });
});

describe("what the provider itself keeps secret", () => {
  test("is the master password, even when the program gives it in clear", async () => {
    const { outputs } = await engine.make(urnOf(DATABASE), {
      instanceClass: "db.t4g.micro",
      password: "hunter2",
    });
    expect(outputs.password).toEqual(secret("hunter2"));
  });

  test.each(ALL_TYPES)("of %s is what the SDK says", (type) => {
    expect([...(modelOf(type)?.secretOutputs ?? [])].sort()).toEqual(
      [...sdkResource(type).secretOutputs].sort(),
    );
  });
});

test("the managed master password never appears, only where AWS keeps it", async () => {
  const given = { engine: "postgres", instanceClass: "db.t4g.micro", manageMasterUserPassword: true };
  const { outputs } = await engine.make(urnOf(DATABASE), given);
  expect(outputs).not.toHaveProperty("password");
  expect(outputs.masterUserSecrets).toEqual([
    {
      kmsKeyId: expect.stringMatching(/^arn:aws:kms:eu-west-1:123456789012:key\//),
      secretArn: expect.stringMatching(
        /^arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-[0-9a-f-]{36}-\w{6}$/,
      ),
      secretStatus: "active",
    },
  ]);
});
