import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../../engine/offline-aws/models";
import { PROVIDER_VERSION } from "../../engine/offline-aws/server";
import { sdkResource } from "../policies/plan/semantics/sdk";
import { ALL_TYPES, Engine, secret, UNKNOWN_MARKER, urnOf, type Values } from "./client";

const FUNCTION = "aws:kinesis/stream:Stream";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start("eu-west-1");
});
afterAll(() => engine.close());

describe("a resource type nobody wrote down", () => {
  const refusal = {
    code: status.UNIMPLEMENTED,
    details: expect.stringMatching(
      /^the offline AWS provider does not know the resource type aws:kinesis\/stream:Stream .*policies\/plan\/semantics.*engine\/offline-aws\/models/,
    ),
  };
  const urn = urnOf(FUNCTION);
  const operations: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["Check", () => engine.check(urn, {})],
    ["Diff", () => engine.diff(urn, "f", { a: 1 }, {}, {})],
    ["a previewed Create", () => engine.create(urn, {}, true)],
    ["Create", () => engine.create(urn, {})],
    ["Update", () => engine.update(urn, "f", {}, {}, {})],
    ["Read", () => engine.read(urn, "f", { a: 1 }, {})],
    ["Delete", () => engine.delete(urn, "f", {})],
  ];
  test.each(operations)("is refused by %s, with its name and where to add it", async (_name, call) => {
    await expect(call()).rejects.toMatchObject(refusal);
  });
});

test("a data source nobody wrote down is refused with its token", async () => {
  await expect(engine.invoke("aws:ec2/getAmi:getAmi", {})).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
    details: expect.stringContaining("does not answer aws:ec2/getAmi:getAmi"),
  });
});

test("what was never made cannot be read: there is nothing to import", async () => {
  await expect(engine.read(urnOf("aws:ec2/vpc:Vpc"), "vpc-1", {}, {})).rejects.toMatchObject({
    code: status.NOT_FOUND,
    details: expect.stringContaining('aws:ec2/vpc:Vpc with the id "vpc-1" does not exist'),
  });
});

test("component resources, method calls and other parts of the protocol are unimplemented, not silent", async () => {
  const call = new Promise((resolve, reject) => {
    engine.client.construct(new messages.ConstructRequest(), (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
  await expect(call).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
});

describe("the region", () => {
  test("must be set", async () => {
    const unconfigured = await Engine.start();
    try {
      await expect(unconfigured.configure({})).rejects.toMatchObject({
        code: status.FAILED_PRECONDITION,
        details: "the AWS region is not set. Set it with `pulumi config set aws:region eu-west-1`.",
      });
      const vpc = unconfigured.create(urnOf("aws:ec2/vpc:Vpc"), {});
      await expect(vpc).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    } finally {
      unconfigured.close();
    }
  });

  test("is copied into every resource that has one, and into its ARN", async () => {
    const { inputs, outputs } = await engine.make(urnOf("aws:ecs/cluster:Cluster"), { name: "auth" });
    expect(inputs.region).toBe("eu-west-1");
    expect(outputs.arn).toBe("arn:aws:ecs:eu-west-1:123456789012:cluster/auth");
    const moved = { name: "auth", region: "us-east-1" };
    expect((await engine.make(urnOf("aws:ecs/cluster:Cluster"), moved)).outputs.arn).toContain(":us-east-1:");
  });
});

describe("bad input", () => {
  const cases: readonly (readonly [string, string, Values, string])[] = [
    ["a missing class", "aws:rds/instance:Instance", {}, "instanceClass"],
    ["a capacity that is no number", "aws:ecs/service:Service", { desiredCount: "many" }, "desiredCount"],
    ["a name with capitals", "aws:rds/subnetGroup:SubnetGroup", { subnetIds: [], name: "Auth" }, "name"],
  ];
  test.each(
    cases,
  )("such as %s of %s is a Check failure with the property's name", async (_name, type, news, property) => {
    const { failures } = await engine.check(urnOf(type), news);
    expect(failures.map((failure) => failure.property)).toEqual([property]);
  });

  test("such as tags to ignore is refused with the provider's configuration", async () => {
    const { failures } = await engine.checkConfig({ region: "eu-west-1", ignoreTags: '{"keys":["x"]}' });
    expect(failures).toEqual([{ property: "ignoreTags", reason: expect.stringContaining("aws:ignoreTags") }]);
  });
});

test("default tags reach tagsAll", async () => {
  const tagged = await Engine.start();
  await tagged.configure({ region: "eu-west-1", defaultTags: '{"tags":{"team":"identity"}}' });
  const { inputs } = await tagged.check(urnOf("aws:ec2/vpc:Vpc"), {});
  tagged.close();
  expect(inputs.tagsAll).toEqual({ team: "identity" });
});

test("the version is that of the @pulumi/aws this project uses", () => {
  expect(PROVIDER_VERSION).toBe(require("@pulumi/aws/package.json").version);
});

const DATABASE = "aws:rds/instance:Instance";

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

const PLUGIN = join(__dirname, "../../engine/offline-aws/bin/pulumi-resource-aws");

test("the plugin prints its port and nothing else, and answers there", async () => {
  const plugin = spawn(PLUGIN, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const [printed] = await once(plugin.stdout, "data");
    expect(String(printed)).toMatch(/^\d+\n$/);
    const client = new ResourceProviderClient(
      `127.0.0.1:${String(printed).trim()}`,
      credentials.createInsecure(),
    );
    const version = await new Promise((resolve, reject) => {
      client.getPluginInfo(new Empty(), (error, info) =>
        error === null ? resolve(info.getVersion()) : reject(error),
      );
    });
    client.close();
    expect(version).toBe("7.48.0");
  } finally {
    plugin.kill();
  }
});
