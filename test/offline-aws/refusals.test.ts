import { status } from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROVIDER_VERSION } from "../../engine/offline-aws/server";
import { Engine, urnOf, type Values } from "./client";

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
