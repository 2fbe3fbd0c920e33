import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { completedBy, differenceFrom, readReading } from "../../../policies/pack/reading";
import { type Plan, type PlanResource, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { STRING_MARKER, toWire } from "../../../policies/plan/wire";
import { planToText } from "../../../policies/state/planFile";
import { provenanceOf } from "../../../policies/state/provenance";
import { removeFolder, temporaryFolder } from "../compiledPack";
import { ZOO } from "../fuzz/zoo";
import { judgePlan } from "../rules/judge";
import { samplePlan, TASK } from "../samplePlan";

const definition = (pool: PropertyValue, host: PropertyValue = "h"): PropertyValue => [
  {
    name: "api",
    environment: [
      { name: "DB_HOST", value: host },
      { name: "DB_POOL_MAX", value: pool },
    ],
  },
];
const withTask = (containerDefinitions: PropertyValue): Plan =>
  samplePlan({ taskDefinition: { containerDefinitions } });
const reading = (value: PropertyValue) => new Map(withTask(value).resources.map((each) => [each.urn, each]));
const taskOf = ({ resources }: Plan) =>
  resources.find(({ urn }) => urn === TASK)?.properties.containerDefinitions;

describe("a reading", () => {
  it("that is missing says how a reading is written, and not how a plan is", () => {
    expect(() => readReading("/nowhere/reading.json", {})).toThrow(
      /^POOLPROOF_READING: [^\n]* does not exist; write one with `poolproof check --write-reading FILE`$/,
    );
  });

  it("fills in what the engine does not know, and keeps what nobody does unknown", () => {
    const { plan, taken } = completedBy(reading(definition("3", UNKNOWN)), withTask(UNKNOWN));
    expect(taskOf(plan)).toEqual(definition("3", UNKNOWN));
    expect(taken).toEqual([{ resource: TASK, property: "containerDefinitions" }]);
    expect(judgePlan(plan).violations.map(({ rule }) => rule)).toContain("pool-floor");
  });

  it("fills in single values of what the engine knows in part, and changes none that it knows", () => {
    const { plan } = completedBy(reading(definition("30", "db")), withTask(definition("3", UNKNOWN)));
    expect(taskOf(plan)).toEqual(definition("3", "db"));
    const text = JSON.stringify(definition("3"));
    expect(completedBy(reading(definition("30")), withTask(text))).toEqual({
      plan: withTask(text),
      taken: [],
    });
  });

  it.each(
    ZOO.map((plan, position) => [position, plan] as const),
  )("of any other stack leaves a plan that the engine knows as it is (stack %i)", (_, plan) => {
    for (const other of ZOO) {
      const resources = new Map(other.resources.map((each) => [each.urn, each]));
      const completed = completedBy(resources, plan);
      expect(completed.plan.resources).toHaveLength(plan.resources.length);
      for (const [position, { urn, properties }] of plan.resources.entries()) {
        const taken = completed.taken.filter(({ resource }) => resource === urn);
        if (taken.length === 0) expect(completed.plan.resources[position]?.properties).toBe(properties);
      }
    }
  });

  it.each<[string, PropertyValue, string | undefined]>([
    ["the same", JSON.stringify(definition("3", "db.eu-west-1.rds.amazonaws.com")), undefined],
    ["another pool", JSON.stringify(definition("30")), "containerDefinitions.0.environment.1.value"],
    ["another text that is no JSON", "[", "containerDefinitions"],
    ["one more container", [...(definition("3") as []), { name: "b" }], "containerDefinitions.1"],
    ["what is not known yet", UNKNOWN, undefined],
  ])("is compared with %s, as the deployment has it", (_, real, where) => {
    const wire = { containerDefinitions: toWire(real) };
    expect(differenceFrom(reading(definition("3", UNKNOWN)), TASK, wire)).toBe(where);
  });
});

describe("a reading that knows text in part", () => {
  const url = (text: string): PropertyValue => [
    { name: "api", environment: [{ name: "DATABASE_URL", value: text }] },
  ];
  const known = reading(url(""));
  const task = known.get(TASK);
  if (task === undefined) throw new Error("the sample has no task definition");
  const written = `postgres://app@${STRING_MARKER}/shop?connection_limit=3`;
  const inPart = new Map<string, PlanResource>([
    [
      TASK,
      {
        ...task,
        properties: { containerDefinitions: [{ name: "api", environment: UNKNOWN }] },
        partlyKnown: { containerDefinitions: url(written) },
      },
    ],
  ]);

  it.each([
    ["the text with an address in it", "postgres://app@db.example:5432/shop?connection_limit=3", undefined],
    ["another parameter", "postgres://app@db.example:5432/shop?connection_limit=30", 0],
    ["another beginning", "postgres://root@db.example:5432/shop?connection_limit=3", 0],
    ["no more than its ends, overlapping", "postgres://app@/shop?connection_limit=", 0],
  ])("compares what is deployed with it: %s", (_, text, differs) => {
    const at = differs === undefined ? undefined : "containerDefinitions.0.environment.0.value";
    expect(differenceFrom(inPart, TASK, { containerDefinitions: JSON.stringify(url(text)) })).toBe(at);
  });

  it("hands it to the plan with what it completes", () => {
    const { plan } = completedBy(inPart, withTask(UNKNOWN));
    expect(plan.resources.find(({ urn }) => urn === TASK)?.partlyKnown).toEqual({
      containerDefinitions: url(written),
    });
  });
});

describe("the file of a reading", () => {
  const folder = temporaryFolder("reading");
  afterAll(() => removeFolder(folder));
  const project = path.join(folder, "app");
  const file = path.join(folder, "reading.json");
  const engine = {
    PULUMI_NODEJS_STACK: "test",
    PULUMI_NODEJS_PROJECT: "shop",
    PULUMI_CONFIG: JSON.stringify({ "shop:pool": "3", "shop:list": "[1, 2]", "shop:key": "hunter2" }),
    PULUMI_CONFIG_SECRET_KEYS: '["shop:key"]',
  };

  function write(first: () => void = () => {}): void {
    rmSync(project, { recursive: true, force: true });
    mkdirSync(path.join(project, "node_modules"), { recursive: true });
    writeFileSync(path.join(project, "index.ts"), "first");
    first();
    const madeFrom = provenanceOf(project, { "shop:pool": "3", "shop:list": "[1,2]" }, file);
    writeFileSync(
      file,
      planToText(
        withTask(definition("3")),
        ({ properties }) => toWire(properties) as object as Record<string, unknown>,
        madeFrom,
      ),
    );
  }

  it("is used where program and configuration are what they were", () => {
    write();
    writeFileSync(path.join(project, "node_modules", "x.js"), "installed since");
    writeFileSync(path.join(project, "README.md"), "written since");
    writeFileSync(path.join(project, "Pulumi.test.yaml"), "encryptionsalt: new");
    writeFileSync(
      path.join(project, "plan.json"),
      planToText(withTask(UNKNOWN), () => ({})),
    );
    writeFileSync(path.join(project, "report.json"), '{\n  "schemaVersion": 1,\n  "stack": "test"');
    expect(readReading(file, engine).get(TASK)).toBeDefined();
  });

  it("is used where a plan file or a base of before it changed", () => {
    const [plan, base] = [path.join(project, "plan.json"), path.join(project, "base.json")];
    write(() => {
      writeFileSync(
        plan,
        planToText(withTask(UNKNOWN), () => ({})),
      );
      writeFileSync(base, '{"version":3}');
    });
    writeFileSync(
      plan,
      planToText(withTask(definition("4")), () => ({})),
    );
    writeFileSync(base, '{"version":3,"deployment":{}}');
    expect(readReading(file, { ...engine, POOLPROOF_BASE: base }).get(TASK)).toBeDefined();
    expect(() => readReading(file, engine)).toThrow(/is stale: the file base\.json changed since/);
  });

  it.each<[string, () => void, Record<string, string | undefined>, RegExp]>([
    [
      "a file changed",
      () => writeFileSync(path.join(project, "index.ts"), "second"),
      {},
      /is stale: the file index\.ts changed since/,
    ],
    [
      "a file is new",
      () => writeFileSync(path.join(project, "more.ts"), ""),
      {},
      /is stale: the file more\.ts changed since/,
    ],
    [
      "the program is elsewhere",
      () => rmSync(path.join(project, "index.ts")),
      {},
      /is stale: the file index\.ts/,
    ],
    [
      "a config value changed",
      () => {},
      { PULUMI_CONFIG: '{"shop:pool":"4","shop:list":"[1,2]"}' },
      /is stale: the config value shop:pool/,
    ],
    [
      "the stack is another",
      () => {},
      { PULUMI_NODEJS_STACK: "prod" },
      /is of shop\/test, and shop\/prod is judged/,
    ],
    [
      "the engine hides the configuration",
      () => {},
      { PULUMI_CONFIG: undefined },
      /does not say its configuration/,
    ],
    [
      "it does not say what it is of",
      () =>
        writeFileSync(
          file,
          planToText(withTask(UNKNOWN), () => ({})),
        ),
      {},
      /what it was made from/,
    ],
  ])("is refused in one line where %s", (_, change, environment, message) => {
    write();
    change();
    const read = () => readReading(file, { ...engine, ...environment });
    expect(read).toThrow(message);
    expect(read).toThrow(/^[^\n]*: write it again with `poolproof check --write-reading`$/);
  });
});
