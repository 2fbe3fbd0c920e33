import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { knownTypes, semanticsOf } from "../../policies/plan/provider";
import { Engine, UNKNOWN_MARKER, urnOf } from "./client";
import { ALL_TYPES, minimalInputs } from "./minimalInputs";

let engine: Engine;
let fresh: Engine;
let another: Engine;
beforeAll(async () => {
  engine = await Engine.start("eu-west-1");
  fresh = await Engine.start("eu-west-1");
  another = await Engine.start("eu-west-1");
});
afterAll(() => {
  engine.close();
  fresh.close();
  another.close();
});

test("every type in the semantics table can be created, and no other", () => {
  expect([...ALL_TYPES].sort()).toEqual([...knownTypes()].sort());
});

describe.each(ALL_TYPES)("%s", (type) => {
  const urn = urnOf(type);

  test("passes Check with no more than what it requires, and names what is missing", async () => {
    const { inputs, failures } = await engine.check(urn, minimalInputs(type));
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject(minimalInputs(type));
    const missing = (await engine.check(urn, {})).failures.map((failure) => failure.property);
    expect(missing.sort()).toEqual([...(semanticsOf(type)?.required ?? [])].sort());
  });

  test("previews what is computed as unknown and creates it all known", async () => {
    const { inputs } = await engine.check(urn, minimalInputs(type));
    const preview = await engine.create(urn, inputs, true);
    expect(preview.id).toBe("");
    const { id, outputs } = await engine.create(urn, inputs);
    expect(id).not.toBe("");
    expect(outputs.id).toBe(id);
    for (const property of semanticsOf(type)?.computed ?? []) {
      if (property !== "tagsAll") expect(preview.outputs[property], property).toBe(UNKNOWN_MARKER);
      expect(outputs[property], property).toBeDefined();
    }
    expect(JSON.stringify(outputs)).not.toContain(UNKNOWN_MARKER);
    expect(outputs).toMatchObject(inputs);
  });

  test("does not differ from itself, and reads back as it was made", async () => {
    const made = await engine.make(urn, minimalInputs(type));
    const again = await engine.check(urn, minimalInputs(type), made.inputs);
    expect(again.inputs).toEqual(made.inputs);
    const diff = await engine.diff(urn, made.id, made.outputs, made.inputs, again.inputs);
    expect(diff).toEqual({ isChanged: false, diffs: [], replaces: [], deleteBeforeReplace: false });
    const read = await engine.read(urn, made.id, made.outputs, made.inputs);
    expect(read).toEqual({ id: made.id, outputs: made.outputs, inputs: made.inputs });
  });

  test("has the same outputs after an update that changes nothing", async () => {
    const made = await engine.make(urn, minimalInputs(type));
    const updated = await engine.update(urn, made.id, made.outputs, made.inputs, made.inputs);
    expect(updated).toEqual(made.outputs);
    const preview = await engine.update(urn, made.id, made.outputs, made.inputs, made.inputs, true);
    expect(preview).toEqual(made.outputs);
  });

  test("gets the same id and outputs from another provider: nothing is left to chance", async () => {
    expect(await fresh.make(urn, minimalInputs(type))).toEqual(await another.make(urn, minimalInputs(type)));
  });

  test("can be deleted", async () => {
    const made = await engine.make(urn, minimalInputs(type));
    await expect(engine.delete(urn, made.id, made.outputs)).resolves.toBeDefined();
  });
});

describe("a database without a parameter group of its own", () => {
  test.each([
    ["postgres", "17.4", "default.postgres17", "default:postgres-17"],
    ["postgres", "9.6.24", "default.postgres9.6", "default:postgres-9-6"],
    ["mysql", "8.0.39", "default.mysql8.0", "default:mysql-8-0"],
    ["mysql", "8.4.5", "default.mysql8.4", "default:mysql-8-4"],
    ["mysql", "5.7.44", "default.mysql5.7", "default:mysql-5-7"],
    ["mariadb", "10.11.9", "default.mariadb10.11", "default:mariadb-10-11"],
  ])("has AWS's of its family: %s %s", async (name, engineVersion, parameterGroupName, optionGroupName) => {
    const type = "aws:rds/instance:Instance";
    const { outputs } = await engine.make(urnOf(type), {
      ...minimalInputs(type),
      engine: name,
      engineVersion,
    });
    expect(outputs).toMatchObject({ parameterGroupName, optionGroupName });
  });

  test.each([
    ["aurora-postgresql", "16.6", "default.aurora-postgresql16"],
    ["aurora-mysql", "8.0.mysql_aurora.3.08.2", "default.aurora-mysql8.0"],
    ["mysql", "8.0.42", "default.mysql8.0"],
  ])("has AWS's of its family as a cluster: %s %s", async (name, engineVersion, dbClusterParameterGroupName) => {
    const type = "aws:rds/cluster:Cluster";
    const { outputs } = await engine.make(urnOf(type), {
      ...minimalInputs(type),
      engine: name,
      engineVersion,
    });
    expect(outputs).toMatchObject({ dbClusterParameterGroupName });
  });
});
