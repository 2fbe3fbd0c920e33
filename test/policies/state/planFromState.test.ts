import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { readText } from "../../../policies/plan/reading";
import { planFromState } from "../../../policies/state/readState";
import { by, judgePlan, only } from "../rules/judge";
import { SERVICE, samplePlan, TASK } from "../samplePlan";
import { type ExportedResource, encrypted, inClear, stackExport } from "../stackExport";

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
    const whole = read(samplePlan(), withTask({ containerDefinitions: inClear(containers) }));
    expect(judgePlan(whole)).toEqual(judgePlan(samplePlan()));
    const plan = read(samplePlan(), withTask({ nested: { list: [inClear({ deep: inClear(1) })] } }));
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
