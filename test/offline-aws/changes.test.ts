import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Engine, UNKNOWN_MARKER, urnOf, type Values } from "./client";

const DATABASE = "aws:rds/instance:Instance";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

let engine: Engine;
beforeEach(async () => {
  engine = await Engine.start("eu-west-1");
});
afterEach(() => engine.close());

/** The engine's way from one state to the next: Check, Diff, and for a replacement Check and Create anew. */
async function change(urn: string, before: Values, after: Values) {
  const made = await engine.make(urn, before);
  const { inputs } = await engine.check(urn, after, made.inputs);
  const diff = await engine.diff(urn, made.id, made.outputs, made.inputs, inputs);
  if (diff.replaces.length > 0) {
    const fresh = await engine.check(urn, after);
    const next = await engine.create(urn, fresh.inputs);
    return { made, diff, inputs: fresh.inputs, id: next.id, outputs: next.outputs };
  }
  const outputs = await engine.update(urn, made.id, made.outputs, made.inputs, inputs);
  return { made, diff, inputs, id: made.id, outputs };
}

describe("an update", () => {
  test("keeps the id and what AWS decided, and moves what follows from the inputs", async () => {
    const given = { engine: "postgres", instanceClass: "db.t4g.micro", identifier: "auth" };
    const { made, diff, id, outputs } = await change(urnOf(DATABASE), given, {
      ...given,
      identifier: "login",
    });
    expect(diff).toMatchObject({ diffs: ["identifier"], replaces: [] });
    expect(id).toBe(made.id);
    expect(outputs.resourceId).toBe(made.outputs.resourceId);
    expect(outputs.endpoint).toBe(String(made.outputs.endpoint).replace(/^auth\./, "login."));
  });

  test("keeps a value that AWS had filled in, or that the program no longer gives", async () => {
    const given = { engine: "postgres", instanceClass: "db.t4g.micro" };
    const { outputs } = await change(urnOf(DATABASE), { ...given, port: 6432 }, given);
    expect(outputs.port).toBe(6432);
    expect(outputs.endpoint).toMatch(/:6432$/);
  });

  test("makes a new version of a parameter only when its value is another", async () => {
    const given = { name: "/auth/host", type: "String", value: "a" };
    const urn = urnOf("aws:ssm/parameter:Parameter");
    expect((await change(urn, given, { ...given, value: "b" })).outputs.version).toBe(2);
    expect((await change(urn, given, { ...given, tags: { team: "identity" } })).outputs.version).toBe(1);
  });

  test("previews with the outputs that are there, not with unknowns", async () => {
    const urn = urnOf(DATABASE);
    const made = await engine.make(urn, { engine: "postgres", instanceClass: "db.t4g.micro" });
    const after = { ...made.inputs, instanceClass: "db.r8g.large" };
    const preview = await engine.update(urn, made.id, made.outputs, made.inputs, after, true);
    expect(preview).toEqual({ ...made.outputs, instanceClass: "db.r8g.large" });
  });
});

describe("a replacement", () => {
  test("has a new name where the name is generated, the same in every run", async () => {
    const before = { assumeRolePolicy: "{}" };
    const { made, inputs, diff, id } = await change(urnOf("aws:iam/role:Role"), before, {
      ...before,
      path: "/x/",
    });
    expect(diff).toMatchObject({ replaces: ["path"], deleteBeforeReplace: false });
    expect(inputs.name).toMatch(/^auth-[0-9a-f]{7}$/);
    expect(inputs.name).not.toBe(made.inputs.name);
    expect(id).toBe(inputs.name);
    const other = await Engine.start("eu-west-1");
    await other.check(urnOf("aws:iam/role:Role"), before, made.inputs);
    const elsewhere = await other.check(urnOf("aws:iam/role:Role"), { ...before, path: "/x/" });
    other.close();
    expect(elsewhere.inputs.name).toBe(inputs.name);
  });

  test("deletes first where the program fixed the name, since two of one name cannot be", async () => {
    const before = { family: "postgres16", name: "auth" };
    const after = { family: "postgres17", name: "auth" };
    const { diff } = await change(urnOf("aws:rds/parameterGroup:ParameterGroup"), before, after);
    expect(diff).toMatchObject({ replaces: ["family"], deleteBeforeReplace: true });
    const renamed = await change(urnOf("aws:rds/parameterGroup:ParameterGroup"), before, {
      ...before,
      name: "b",
    });
    expect(renamed.diff).toMatchObject({ replaces: ["name"], deleteBeforeReplace: false });
  });

  test("deletes an attachment first: the new one is the old one", async () => {
    const before = { policyArn: "arn:aws:iam::aws:policy/A", role: "task" };
    const after = { ...before, role: "other" };
    const { diff } = await change(urnOf("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), before, after);
    expect(diff.deleteBeforeReplace).toBe(true);
  });

  test("of a network has another id", async () => {
    const { made, id } = await change(
      urnOf("aws:ec2/vpc:Vpc"),
      { cidrBlock: "10.0.0.0/16" },
      { cidrBlock: "10.1.0.0/16" },
    );
    expect(id).toMatch(/^vpc-0[0-9a-f]{16}$/);
    expect(id).not.toBe(made.id);
  });

  test("has another id even when nothing about it has changed", async () => {
    const urn = urnOf("aws:ec2/vpc:Vpc");
    const made = await engine.make(urn, {});
    await engine.diff(urn, made.id, made.outputs, made.inputs, made.inputs);
    expect((await engine.create(urn, made.inputs)).id).not.toBe(made.id);
  });

  test("of a task definition is the next revision, and other families start at the first", async () => {
    const before = { containerDefinitions: "[]", family: "auth" };
    const { outputs } = await change(urnOf(TASK), before, { ...before, containerDefinitions: "[{}]" });
    expect(outputs).toMatchObject({ revision: 2, family: "auth", id: "auth" });
    expect(outputs.arn).toBe("arn:aws:ecs:eu-west-1:123456789012:task-definition/auth:2");
    const renamed = await change(urnOf(TASK), before, { ...before, family: "login" });
    expect(renamed.outputs.revision).toBe(1);
  });

  test("keeps the revision when only tags change", async () => {
    const before = { containerDefinitions: "[]", family: "auth" };
    const { diff, outputs } = await change(urnOf(TASK), before, { ...before, tags: { team: "identity" } });
    expect(diff).toMatchObject({ diffs: ["tags", "tagsAll"], replaces: [] });
    expect(outputs.revision).toBe(1);
  });

  test("follows from a region that changed", async () => {
    const urn = urnOf("aws:ec2/vpc:Vpc");
    const made = await engine.make(urn, {});
    const moved = { ...made.inputs, region: "us-east-1" };
    expect((await engine.diff(urn, made.id, made.outputs, made.inputs, moved)).replaces).toEqual(["region"]);
  });
});

describe("a difference", () => {
  test("is there when a value has become unknown", async () => {
    const urn = urnOf("aws:ec2/subnet:Subnet");
    const made = await engine.make(urn, { vpcId: "vpc-1" });
    const after = { ...made.inputs, vpcId: UNKNOWN_MARKER };
    const diff = await engine.diff(urn, made.id, made.outputs, made.inputs, after);
    expect(diff).toMatchObject({ isChanged: true, replaces: ["vpcId"] });
  });

  test("is there when a property is gone, and names it", async () => {
    const urn = urnOf(DATABASE);
    const made = await engine.make(urn, { instanceClass: "db.t4g.micro", deletionProtection: true });
    const { deletionProtection: _gone, ...after } = made.inputs;
    const diff = await engine.diff(urn, made.id, made.outputs, made.inputs, after);
    expect(diff.diffs).toEqual(["deletionProtection"]);
  });
});

test("a name that was generated stays with its resource, one that was given does not linger", async () => {
  const urn = urnOf("aws:ecs/service:Service");
  const olds = { name: "auth-fffffff" };
  expect((await engine.check(urn, {}, olds)).inputs.name).toBe("auth-fffffff");
  expect((await engine.check(urn, {}, { name: "mine" })).inputs.name).toMatch(/^auth-[0-9a-f]{7}$/);
});
