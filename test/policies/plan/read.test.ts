import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import type { ClientReading, StackReading } from "../../../policies/plan/types";
import { by, judge } from "../rules/judge";
import { DATABASE, GROUP, resource, type Sample, SERVICE, samplePlan, TASK, urn } from "../samplePlan";

const TARGET = "aws:appautoscaling/target:Target";
const ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction";
const SCALING = urn(TARGET, "scaling");

type Dependencies = PlanResource["propertyDependencies"];

/** The sample with other dependencies for one of its resources. */
function dependent(of: string, propertyDependencies: Dependencies, changes: Partial<Sample> = {}) {
  const { resources } = samplePlan(changes);
  return { resources: resources.map((each) => (each.urn === of ? { ...each, propertyDependencies } : each)) };
}

function one({ clients }: StackReading): ClientReading {
  const [first, ...others] = clients;
  if (!first || others.length > 0) throw new Error(`expected one client, got ${clients.length}`);
  return first;
}

const tasks = (changes: Partial<Sample>) => one(readStack(samplePlan(changes))).tasks;
const bounds = (minCapacity: number, maxCapacity: number) => ({
  minCapacity: { state: "known", value: minCapacity },
  maxCapacity: { state: "known", value: maxCapacity },
});

describe("an autoscaling target", () => {
  const target = (properties: PropertyMap, dependencies: Dependencies = {}) =>
    resource(TARGET, "stray", { minCapacity: 1, maxCapacity: 400, ...properties }, dependencies);
  const beside = (stray: PlanResource, service: PropertyMap = {}) =>
    tasks({ scaling: undefined, service, extra: [stray] });
  const hidden = {
    state: "unknown",
    reason: "autoscaling target stray, whose `resourceId` is not known yet, may belong to it",
  };

  it("may belong to any service while its resource id is hidden and made from none", () => {
    const cluster = { resourceId: [urn("aws:ecs/cluster:Cluster", "c")] };
    const both = { minCapacity: hidden, maxCapacity: hidden };
    expect(beside(target({ resourceId: UNKNOWN }, cluster))).toMatchObject(both);
    expect(beside(target({ resourceId: UNKNOWN }))).toMatchObject(both);
    expect(beside(target({}, cluster))).toMatchObject(both);
    expect(beside(target({ resourceId: "service/main/x" }), { name: UNKNOWN })).toMatchObject(both);
  });

  it("keeps the verdict back while it may belong to a service", () => {
    const stray = target({ resourceId: UNKNOWN });
    expect(judge({ scaling: undefined, extra: [stray] }).verdict).toBe("rejected");
  });

  it("does not belong to a service when it scales something else", () => {
    const other = { resourceId: [urn("aws:ecs/service:Service", "other")] };
    const strays = [
      target({ resourceId: UNKNOWN, serviceNamespace: "dynamodb" }),
      target({ resourceId: "service/default/another-service" }),
    ];
    for (const stray of strays) expect(beside(stray)).toMatchObject(bounds(8, 8));
    const plan = samplePlan({
      scaling: undefined,
      extra: [
        target({ resourceId: UNKNOWN }, other),
        resource("aws:ecs/service:Service", "other", { name: "other", desiredCount: 1 }),
      ],
    });
    const api = readStack(plan).clients.find(({ name }) => name === "api");
    expect(api?.tasks).toMatchObject(bounds(8, 8));
  });

  it("is found by the service's name in any cluster while the cluster's name is hidden", () => {
    const stray = target({ resourceId: "service/other/api-1234567" });
    expect(beside(stray, { cluster: UNKNOWN })).toMatchObject(bounds(1, 400));
    expect(beside(stray)).toMatchObject(bounds(8, 8));
    expect(beside(target({ resourceId: "service/default/api-1234567" }))).toMatchObject(bounds(1, 400));
  });

  it("does not hide the desired count that the first deployment starts", () => {
    expect(tasks({ service: { desiredCount: 60 } })).toMatchObject(bounds(8, 60));
    expect(tasks({ service: { desiredCount: 2 } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: UNKNOWN } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: null } })).toMatchObject(bounds(8, 8));
    expect(tasks({ service: { desiredCount: "many" } }).maxCapacity.state).toBe("malformed");
  });
});

describe("a scheduled scaling action", () => {
  const action = (bound: PropertyMap, resourceId: PropertyValue, dependencies: Dependencies = {}) =>
    resource(ACTION, "night", { resourceId, scalableTargetAction: bound }, dependencies);
  const wide = { minCapacity: "1", maxCapacity: "50" };
  const beside = (...extra: readonly PlanResource[]) => tasks({ extra });

  it("widens the bounds of the service or the target it was made from, or names", () => {
    expect(beside(action(wide, UNKNOWN, { resourceId: [SERVICE] }))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, UNKNOWN, { resourceId: [SCALING] }))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, "service/main/api-1234567"))).toMatchObject(bounds(1, 50));
    expect(beside(action(wide, "service/main/another"))).toMatchObject(bounds(8, 8));
  });

  it("leaves a bound as it is that it does not set", () => {
    const made = { resourceId: [SERVICE] };
    expect(beside(action({ maxCapacity: "50" }, UNKNOWN, made))).toMatchObject(bounds(8, 50));
    expect(beside(action({ minCapacity: "2", maxCapacity: "" }, UNKNOWN, made))).toMatchObject(bounds(2, 8));
  });

  it("hides the bounds while it may belong to the service", () => {
    expect(beside(action(wide, UNKNOWN)).maxCapacity).toMatchObject({
      state: "unknown",
      reason: "scheduled action night, whose `resourceId` is not known yet, may belong to it",
    });
  });
});

describe("a container", () => {
  const PASSWORD = resource(
    "aws:ssm/parameter:Parameter",
    "host",
    { name: "/db/host", value: UNKNOWN },
    { value: [DATABASE] },
  );
  const pool = { name: "api", environment: [{ name: "DB_POOL_MAX", value: "4" }] };
  const definitions = (...containers: readonly object[]) => ({
    containerDefinitions: JSON.stringify(containers),
  });
  const names = ({ clients }: StackReading) =>
    clients.map(({ container }) => container.state === "known" && container.value);

  it("is a client when its own secrets lead to a database, beside one that sets a pool", () => {
    const worker = { name: "worker", secrets: [{ name: "DB_HOST", valueFrom: "/db/host" }] };
    const taskDefinition = definitions(pool, worker, { name: "proxy" });
    expect(names(readStack(samplePlan({ taskDefinition, extra: [PASSWORD] })))).toEqual(["api", "worker"]);
  });

  it("is no client because another container's values lead to a database", () => {
    const taskDefinition = definitions(pool, { name: "proxy" });
    const plan = dependent(TASK, { containerDefinitions: [DATABASE] }, { taskDefinition });
    expect(names(readStack(plan))).toEqual(["api"]);
  });

  const poolMax = (...values: readonly string[]) => {
    const taskDefinition = definitions({
      name: "api",
      environment: [
        { name: "TOKEN", value: "hunter2" },
        { name: "TOKEN", value: "hunter3" },
        ...values.map((value) => ({ name: "DB_POOL_MAX", value })),
      ],
    });
    return { taskDefinition };
  };

  it("contradicts itself with two values of one variable, whichever comes last", () => {
    for (const values of [
      ["3", "12"],
      ["12", "3"],
    ]) {
      const { settings } = one(readStack(samplePlan(poolMax(...values))));
      expect(settings.poolMax.reading).toMatchObject({
        state: "malformed",
        property: "DB_POOL_MAX",
        shown: "set twice with different values",
      });
      const report = judge(poolMax(...values));
      expect(by(report, "pool-floor")[0]?.message).toContain("set twice with different values");
      expect(JSON.stringify(report)).not.toContain("hunter");
    }
    const { settings } = one(readStack(samplePlan(poolMax("12", "12"))));
    expect(settings.poolMax.reading).toMatchObject({ value: 12 });
  });

  it("contradicts itself with a variable that is a value and a secret", () => {
    const taskDefinition = definitions({ ...pool, secrets: [{ name: "DB_POOL_MAX", valueFrom: "/x" }] });
    const { settings } = one(readStack(samplePlan({ taskDefinition })));
    expect(settings.poolMax.reading).toMatchObject({ state: "malformed" });
  });

  it("is missed, and not passed over, where the list of containers is empty", () => {
    const taskDefinition = definitions();
    expect(one(readStack(samplePlan({ taskDefinition }))).container).toMatchObject({
      state: "malformed",
      shown: "an empty list",
    });
    const report = judge({ taskDefinition }, { undecided: "warn" });
    expect(report.verdict).toBe("rejected");
    expect(JSON.stringify(report.violations)).toContain("an empty list");
  });
});

describe("a parameter of a parameter group", () => {
  const parameter = (entries: readonly PropertyMap[], made: Dependencies = {}) =>
    readStack(dependent(GROUP, made, { parameters: entries })).databases[0]?.parameters.parameter(
      "max_connections",
    );
  const entry = (value?: PropertyValue, applyMethod: PropertyValue = "pending-reboot"): PropertyMap => ({
    name: "max_connections",
    ...(value === undefined ? {} : { value }),
    applyMethod,
  });

  it("is found in any letter case, as the provider sends it", () => {
    expect(parameter([{ name: "Max_Connections", value: "50", applyMethod: "Pending-Reboot" }])).toEqual({
      value: { state: "known", value: "50" },
      applyMethod: { state: "known", value: "pending-reboot" },
    });
  });

  it("contradicts itself with two values, and not with one value given twice", () => {
    expect(parameter([entry("400"), { ...entry("50"), name: "MAX_CONNECTIONS" }])?.value).toMatchObject({
      state: "malformed",
      shown: "set twice, to 400 and 50",
    });
    expect(parameter([entry("400"), entry(400)])?.value).toMatchObject({ value: "400" });
    expect(parameter([entry("400"), entry(UNKNOWN)])?.value).toMatchObject({ state: "unknown" });
    const report = judge({ parameters: [entry("400"), entry("50")] });
    expect(by(report, "max-connections")[0]?.message).toContain("set twice, to 400 and 50");
  });

  it("is applied by the method that AWS refuses where its entries differ", () => {
    expect(parameter([entry("400"), entry("400", "Immediate")])?.applyMethod).toMatchObject({
      value: "immediate",
    });
    expect(parameter([entry("400"), entry("400", UNKNOWN)])?.applyMethod.state).toBe("unknown");
  });

  it("without a value is hidden where the list is made from something, else malformed", () => {
    expect(parameter([entry()])?.value).toMatchObject({ state: "malformed", shown: "without a value" });
    expect(parameter([entry()], { parameters: [DATABASE] })?.value.state).toBe("unknown");
    expect(judge({ parameters: [entry()] }).verdict).toBe("rejected");
  });
});
