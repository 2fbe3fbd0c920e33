import { truncateSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it } from "vitest";
import {
  EVERY_PROPERTY,
  type Plan,
  type PlanResource,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { readProperty, readText } from "../../../policies/plan/reading";
import { SECRET_SIGNATURE, SIGNATURE_KEY, toWire } from "../../../policies/plan/wire";
import { PLAN_SCHEMA, planToText, readPlanFile } from "../../../policies/state/planFile";
import { planFromState } from "../../../policies/state/readState";
import { installedCommand } from "../command";
import { SECRETS, ZOO } from "../fuzz/zoo";
import { by, judgePlan, only } from "../rules/judge";
import {
  type ExportedResource,
  encrypted,
  inClear as exportedInClear,
  resource,
  SERVICE,
  samplePlan,
  stackExport,
  TASK,
} from "../samplePlan";

const { folder, run } = installedCommand();

type Wire = { readonly [property: string]: unknown };

const inClear = ({ properties }: PlanResource) => toWire(properties) as Wire;

/** The engine marks a property as a whole where a provider hands it back as one text. */
const marked = ({ properties }: PlanResource): Wire =>
  Object.fromEntries(
    Object.entries(toWire(properties) as Wire).map(([property, value]) => {
      const holdsSecret = Object.values(SECRETS).some((secret) => JSON.stringify(value)?.includes(secret));
      return [property, holdsSecret ? { [SIGNATURE_KEY]: SECRET_SIGNATURE, value } : value];
    }),
  );

function reread(text: string): Plan {
  const file = path.join(folder({ "plan.json": text }), "plan.json");
  return readPlanFile(file, "--plan").plan;
}

describe("a plan file", () => {
  it.each(
    ZOO.map((plan, position) => [position, plan] as const),
  )("is judged as the plan it was written from (stack %i)", (_, plan) => {
    expect(judgePlan(reread(planToText(plan, inClear)))).toEqual(judgePlan(plan));
  });

  it.each(
    ZOO.map((plan, position) => [position, plan] as const),
  )("holds no secret, and accepts nothing that is rejected with it (stack %i)", (_, plan) => {
    const text = planToText(plan, marked);
    for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);
    const rules = ({ violations }: ReturnType<typeof judgePlan>) => violations.map(({ rule }) => rule);
    const [read, original] = [judgePlan(reread(text)), judgePlan(plan)];
    expect(original.verdict === "rejected" && read.verdict === "accepted").toBe(false);
    if (original.violations.some(({ rule }) => rule === "pool-floor"))
      expect([...rules(read), ...read.undecided.map(({ rule }) => rule)]).toContain("pool-floor");
  });

  const read = (property: string, secret: PropertyValue) => {
    const plan = { resources: [resource("aws:ecs/taskDefinition:TaskDefinition", "a", {})] };
    const text = planToText(plan, () => ({
      [property]: { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: toWire(secret) },
    }));
    return { text, reading: reread(text).resources[0] };
  };

  it.each<[string, PropertyValue]>([
    ["environment", { variables: { name: "s3cret", image: "s3cret", DB_POOL_MAX: "s3cret", PIN: 482913 } }],
    [
      "containerDefinitions",
      JSON.stringify([{ environment: [{ name: "PIN", value: "482913" }], command: ["s3cret"] }]),
    ],
    ["containerDefinitions", [{ environment: [{ name: "PIN", value: 482913 }] }]],
    ["settings", [{ namespace: "aws", name: "DB_POOL_MAX", value: "s3cret" }]],
    ["spec", { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s3cret" } } }] }],
    ["secretString", JSON.stringify({ password: 482913 })],
    ["containerDefinitions", "s3cret"],
  ])("shows of a secret `%s` what it is made of, and no value", (property, secret) => {
    expect(read(property, secret).text).not.toMatch(/s3cret|482913/);
  });

  it("shows a pool setting in a secret structure, which a report shows too", () => {
    const { reading } = read("environment", {
      variables: { DB_POOL_MAX: "12", DATABASE_URL: "postgres://x" },
    });
    expect(reading?.properties.environment).toEqual({
      variables: { DB_POOL_MAX: "12", DATABASE_URL: expect.any(Symbol) },
    });
    expect(reading?.whyUnknown?.environment).toContain("holds a secret");
  });

  it("keeps a resource that was only read unknown as a whole", () => {
    const plan = {
      resources: [
        { ...resource("aws:rds/instance:Instance", "a", {}), propertyDependencies: EVERY_PROPERTY },
      ],
    };
    const [again] = reread(planToText(plan, inClear)).resources;
    expect(again && readProperty(again, "allocatedStorage").state).toBe("unknown");
  });
});

describe("check, explain and init of a plan file", () => {
  const plan = samplePlan({ environment: { DB_POOL_MAX: "3" } });
  const text = planToText(plan, inClear);
  const inside = { "plan.json": text, "Pulumi.yaml": "name: shop\nruntime: yaml\n" };

  it.each(["text", "json", "sarif", "junit", "markdown"])("are judged as %s", async (format) => {
    const cwd = folder(inside);
    const { code, stdout, stderr } = await run(["check", "--plan", "plan.json", "--format", format], { cwd });
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain("pool-floor");
  });

  it("explain its windows and begin a policy config with it", async () => {
    const cwd = folder(inside);
    const explained = await run(["explain", "--plan", "plan.json", "--format", "json"], { cwd });
    expect([explained.code, JSON.parse(explained.stdout).stack]).toEqual([0, "test"]);
    const begun = await run(["init", "--plan", "plan.json"], { cwd });
    expect([begun.code, begun.stdout]).toEqual([
      0,
      expect.stringContaining("check --plan plan.json --policy-config"),
    ]);
    const checked = await run(["check", "test", "--plan", "plan.json", "--policy-config", "poolproof.json"], {
      cwd,
    });
    expect(checked.code).toBe(0);
  });

  const header = `{"poolproofPlan":1,"stack":"test","project":"shop"`;
  it.each<[string, { readonly [file: string]: string }, readonly string[], RegExp]>([
    ["of another stack", inside, ["prod"], /is of stack test, not prod/],
    [
      "of another project",
      { ...inside, "Pulumi.yaml": "name: blog\nruntime: python\n" },
      [],
      /is of project shop, and .* is project blog/,
    ],
    [
      "of an older schema",
      { "plan.json": text.replace(`"poolproofPlan": ${PLAN_SCHEMA}`, '"poolproofPlan": 0') },
      [],
      /schema 0/,
    ],
    [
      "of a newer schema",
      { "plan.json": text.replace(`"poolproofPlan": ${PLAN_SCHEMA}`, '"poolproofPlan": 2') },
      [],
      /schema 2/,
    ],
    ["that is truncated", { "plan.json": text.slice(0, 500) }, [], /is truncated/],
    ["that is not JSON", { "plan.json": "hunter2" }, [], /is not a JSON object/],
    ["that is nearly JSON", { "plan.json": "{hunter2}" }, [], /is not JSON/],
    ["that is empty", { "plan.json": "" }, [], /is not a JSON object/],
    ["that is missing", {}, [], /it does not exist/],
    ["that is a stack export", { "plan.json": stackExport(plan) }, [], /analyze --state/],
    ["that is another JSON", { "plan.json": "{}" }, [], /is not a plan of poolproof/],
    ["without resources", { "plan.json": `${header}}` }, [], /lacks `stack`/],
    ["with half a resource", { "plan.json": `${header},"resources":[{"urn":"hunter2"}]}` }, [], /resource 1/],
    [
      "that mixes stacks",
      { "plan.json": text.replaceAll("urn:pulumi:test::shop::aws:ecs", "urn:pulumi:dev::shop::aws:ecs") },
      [],
      /holds resources of another stack/,
    ],
    ["and a config value", inside, ["-c", "a=b"], /--plan stands for the program/],
  ])("refuse a plan %s in one line", async (_, files, more, message) => {
    const { code, stdout, stderr } = await run(["check", ...more, "--plan", "plan.json"], {
      cwd: folder(files),
    });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("hunter2");
  });

  it("refuse one of 200 MB without reading it", async () => {
    const cwd = folder(inside);
    truncateSync(path.join(cwd, "plan.json"), 200e6);
    const { code, stderr } = await run(["check", "--plan", "plan.json"], { cwd });
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/191 MiB, above the limit of 100 MiB[^\n]*\n$/),
    ]);
  });

  it("refuse a plan and an export at once", async () => {
    const { code, stderr } = await run(["init", "--plan", "a", "--state", "b"], { cwd: folder({}) });
    expect([code, stderr]).toEqual([2, expect.stringContaining("one source at a time")]);
  });
});

const read = (...given: Parameters<typeof stackExport>) => planFromState(JSON.parse(stackExport(...given)));

/** Changes one property of the task definition in an export. */
const withTask = (outputs: { readonly [property: string]: unknown }) => (resource: ExportedResource) =>
  resource.urn === TASK ? { ...resource, outputs: { ...resource.outputs, ...outputs } } : resource;

describe("a plan from a stack export", () => {
  it("is judged as the preview that led to it", () => {
    expect(judgePlan(read(samplePlan()))).toEqual(judgePlan(samplePlan()));
    const starved = samplePlan({ environment: { DB_POOL_MAX: "3" } });
    expect(judgePlan(read(starved)).violations.map(({ rule }) => rule)).toContain("pool-floor");
    expect(judgePlan(read(starved))).toEqual(judgePlan(starved));
  });

  it("leaves out what a replacement has left to be deleted", () => {
    const { resources } = read(samplePlan(), (resource) =>
      resource.urn === SERVICE ? { ...resource, delete: true } : resource,
    );
    expect(resources.map(({ urn }) => urn)).not.toContain(SERVICE);
    expect(resources).toHaveLength(samplePlan().resources.length - 1);
  });

  it("keeps resources that Pulumi only reads, providers and names with colons", () => {
    const urn = "urn:pulumi:test::shop::aws:rds/instance:Instance::a::b";
    const others = [
      { urn, type: "aws:rds/instance:Instance", external: true, outputs: { engine: "postgres" } },
      { urn: "urn:pulumi:test::shop::pulumi:providers:aws::p", type: "pulumi:providers:aws", outputs: {} },
    ];
    const { resources } = planFromState({ version: 3, deployment: { resources: others } });
    expect(resources.map(({ name }) => name)).toEqual(["a::b", "p"]);
    expect(resources[0]?.properties).toEqual({ engine: "postgres" });
  });

  it("reads a secret that the export has in clear, wherever it stands", () => {
    const containers = samplePlan().resources.find(({ urn }) => urn === TASK)?.properties
      .containerDefinitions;
    const whole = read(samplePlan(), withTask({ containerDefinitions: exportedInClear(containers) }));
    expect(judgePlan(whole)).toEqual(judgePlan(samplePlan()));
    const plan = read(
      samplePlan(),
      withTask({ nested: { list: [exportedInClear({ deep: exportedInClear(1) })] } }),
    );
    expect(plan.resources.find(({ urn }) => urn === TASK)?.properties.nested).toEqual({
      list: [{ deep: 1 }],
    });
  });

  it("leaves an encrypted secret undecided and says how to write the export", () => {
    const plan = read(samplePlan(), withTask({ containerDefinitions: encrypted() }));
    const task = plan.resources.find(({ urn }) => urn === TASK);
    expect(task?.properties.containerDefinitions).toBe(UNKNOWN);
    const report = judgePlan(plan);
    expect(report.verdict).toBe("rejected");
    expect(only(report, "undecided").message).toContain(
      "`containerDefinitions` is encrypted in this export: write the export with `pulumi stack export --show-secrets`",
    );
    expect(by(report, "pool-floor")).toEqual([]);
    expect(JSON.stringify(report)).not.toContain("aGlkZGVu");
  });

  it("takes an encrypted property that nothing went into for hidden, not for left to AWS", () => {
    const plan = read(samplePlan(), (resource) =>
      resource.urn === SERVICE
        ? { ...resource, outputs: { ...resource.outputs, deploymentConfiguration: encrypted() } }
        : resource,
    );
    expect(judgePlan(plan).undecided.map(({ property }) => property)).toContain(
      "deploymentConfiguration.strategy",
    );
  });

  it("gives every reason that hides a property inside a structure", () => {
    const plan = read(samplePlan(), withTask({ tags: { owner: encrypted(), team: "auth" } }));
    const task = plan.resources.find(({ urn }) => urn === TASK);
    if (!task) throw new Error("the task definition is gone");
    expect(readText(task, "tags", "owner")).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("encrypted in this export"),
    });
    expect(readText(task, "tags", "team")).toEqual({ state: "known", value: "auth" });
  });

  it("takes a stack that holds nothing", () => {
    expect(planFromState({ version: 3, deployment: { manifest: {} } })).toEqual({ resources: [] });
    expect(planFromState({ version: 3, deployment: { resources: null } })).toEqual({ resources: [] });
  });

  it.each([
    [[], "is not a JSON object"],
    [null, "is not a JSON object"],
    [{}, "has no `deployment`"],
    [{ version: 3, deployment: [] }, "has no `deployment`"],
    [{ version: 2, deployment: {} }, "has version 2 of the format, and 3 and 4 can be read"],
    [{ version: "hunter2", deployment: {} }, "has no version of the format"],
    [{ version: 3, deployment: { resources: "hunter2" } }, "has `resources` that are no list"],
    [
      { version: 3, deployment: { resources: [{ urn: 1 }] } },
      "has a resource without `urn` or `type` (number 1)",
    ],
    [{ version: 3, deployment: { resources: [null] } }, "has a resource without `urn` or `type`"],
  ])("says why %j is no export, and quotes none of it", (exported, message) => {
    const attempt = () => planFromState(exported);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow("hunter2");
  });

  it("keeps hostile keys as data", () => {
    const outputs = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}');
    const resources = [{ urn: "urn:pulumi:t::s::a:b:C::n", type: "a:b:C", outputs, propertyDependencies: 7 }];
    const [resource] = planFromState({ version: 3, deployment: { resources } }).resources;
    expect(Object.keys(resource?.properties ?? {}).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
