import { describe, expect, it } from "vitest";
import { vcpusOf } from "../../../policies/budget/reach";
import { type PlanResource, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import type { Report } from "../../../policies/reports/report";
import { type AuroraSample, auroraPlan } from "../auroraPlan";
import { judge, judgePlan } from "../rules/judge";
import {
  container,
  containers,
  hostFrom,
  lambda,
  proxyResources,
  secondDatabase,
  secondProxy,
  throughProxy,
  worker,
} from "../sampleClients";
import { DATABASE, environment, SAFE, type Sample, tags } from "../samplePlan";

const PINNED = { "poolproof:proxy-sessions": "pinned" };
const MULTIPLEXED = { "poolproof:proxy-sessions": "multiplexed" };
const pool = (poolMax: string, more: { readonly [name: string]: string } = {}) => ({
  environment: environment({ DB_POOL_MAX: poolMax, ...more }),
});
const budgetOf = (changes: Partial<Sample>, settings: Partial<Settings> = {}) =>
  judge(changes, settings).budgets[0];
const clientOf = (...of: Parameters<typeof budgetOf>) => budgetOf(...of)?.clients[0];
const demandOf = (...of: Parameters<typeof budgetOf>) => budgetOf(...of)?.demandAtPeak;
const ceilings = (report: Report) =>
  Object.fromEntries(
    (report.budgets[0]?.clients ?? []).map(({ resource: of, ceiling }) => [of.split("::").pop(), ceiling]),
  );

describe("what all pools of a database may hold at peak", () => {
  it("adds up every client, and each may have what the others leave", () => {
    // 16 × 12 + 8 × 10 + 5 = 277 of ⌊0.8 × 389⌋ = 311: ⌊(311 − 5 − 80) / 16⌋ and ⌊(311 − 5 − 192) / 8⌋.
    const report = judge({ extra: worker(10) });
    expect(report.budgets[0]?.demandAtPeak).toBe(277);
    expect(ceilings(report)).toEqual({ api: 14, worker: 14 });
  });

  it("counts what clients of other stacks may hold", () => {
    // ⌊(311 − 5 − 60) / 16⌋ = 15.
    const databases = [{ name: "db", otherDemand: 60 }];
    expect(budgetOf(pool("15"), { databases })).toMatchObject({
      demandAtPeak: 305,
      clients: [{ ceiling: 15 }],
    });
  });

  it("counts both revisions of a blue/green deployment, whatever its share says", () => {
    const tasks = (service: Sample["service"]) => clientOf({ service })?.tasksAtPeak;
    expect(
      tasks({ deploymentMaximumPercent: 100, deploymentConfiguration: { strategy: "BLUE_GREEN" } }),
    ).toBe(16);
    expect(tasks({ deploymentMaximumPercent: 100 })).toBe(8);
  });

  it("counts autoscaling's maximum and not the desired count", () => {
    expect(clientOf({ scaling: { minCapacity: 8, maxCapacity: 20 } })?.tasksAtPeak).toBe(40);
  });

  it("serves the peak with what autoscaling keeps, whatever is declared beyond it", () => {
    const declared = (tasksAtPeak: string) => ({ tags: tags({ "poolproof:tasks-at-peak": tasksAtPeak }) });
    expect(clientOf(declared("many"))).toMatchObject({ tasksServingPeak: 8, floor: 11 });
    expect(clientOf({ ...declared("20"), service: { desiredCount: 60 } })?.tasksServingPeak).toBe(8);
  });

  it("takes each process of a task for a pool of its own", () => {
    expect(clientOf(pool("2", { WEB_CONCURRENCY: "2" }))).toMatchObject({
      processesPerTask: 2,
      offeredLoad: 2.475,
      ceiling: 9,
    });
  });

  it("is not known while the tasks of one client are not", () => {
    expect(demandOf({ extra: worker(10, { service: { deploymentMaximumPercent: UNKNOWN } }) })).toBeNull();
  });

  it("names the container of each pool, and tells pools of one container apart", () => {
    expect(clientOf({})?.container).toBe("api");
    const pools = [{ client: "api", pool: "reporting", library: "node-postgres", values: { poolMax: 4 } }];
    expect(budgetOf({}, { pools })?.clients.map((each) => each.pool)).toEqual([null, "reporting"]);
  });

  it("has a client whose host comes from a parameter made from the database, of two", () => {
    const valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host";
    const api = container("api", SAFE.environment, { secrets: [{ name: "DB_HOST", valueFrom }] });
    const { budgets } = judge({ ...containers(api), extra: [hostFrom(DATABASE, "host"), secondDatabase()] });
    expect(budgets.find(({ database }) => database === DATABASE)?.clients).toHaveLength(1);
  });

  it("counts a function, whose pool serves one request at a time", () => {
    expect(judge({ extra: [lambda({ reservedConcurrentExecutions: 4 })] }).budgets[0]?.clients).toHaveLength(
      2,
    );
    expect(judgePlan({ resources: [lambda()] }).budgets[0]?.database).toBeNull();
  });
});

describe("what a pool may have, of several", () => {
  const behind = { secrets: { DB_HOST: "db/host" } };

  /** The sample behind the proxy, together with others. */
  const shared = (
    poolMax: string,
    percent: number,
    sessions: string | undefined,
    others: readonly PlanResource[],
  ) => {
    const sample = throughProxy({ DB_POOL_MAX: poolMax }, { pool: { maxConnectionsPercent: percent } });
    const extra = [...(sample.extra ?? []), ...others];
    return judge({ ...sample, tags: tags({ "poolproof:proxy-sessions": sessions }), extra });
  };

  it("is known where all but its own size is", () => {
    // 311 − 5 − 16 × 12 = 114 for the worker's 8 tasks.
    const report = judge({ extra: worker(undefined, { secrets: { DB_POOL_MAX: "pool" } }) });
    expect(ceilings(report)).toEqual({ api: null, worker: 14 });
  });

  it("leaves the others room up to their floors, for each process", () => {
    const processes = (poolMax: number) => pool(String(poolMax), { WEB_CONCURRENCY: "2" });
    const floor = clientOf(processes(7))?.floor ?? 0;
    expect(floor).toBe(7);
    const left = (poolMax: number) => ceilings(judge({ ...processes(poolMax), extra: worker(1) })).worker;
    expect(left(2)).toBe(Math.floor((311 - 5 - 32 * floor) / 8));
    expect(left(floor + 1)).toBe(Math.floor((311 - 5 - 32 * (floor + 1)) / 8));
  });

  it("is bounded by the budget and by the share of a proxy whose sessions pin, less what the others take of either", () => {
    const others = worker(10, { ...behind, tags: PINNED });
    // Of the database ⌊(311 − 5 − 80) / 16⌋ and ⌊(311 − 5 − 192) / 8⌋; the proxy may open 360.
    expect(ceilings(shared("12", 90, "pinned", others))).toEqual({ api: 14, worker: 14 });
    // The proxy may open 200: ⌊(200 − 80) / 16⌋ and ⌊(200 − 128) / 8⌋.
    expect(ceilings(shared("8", 50, "pinned", others))).toEqual({ api: 7, worker: 9 });
  });

  it("is bounded by a proxy's share for each process of a pool that pins", () => {
    const variables = { DB_POOL_MAX: "4", WEB_CONCURRENCY: "2" };
    const sample = throughProxy(variables, { pool: { maxConnectionsPercent: 50 } });
    // 50 % of 400 are 200, for 16 tasks of two processes, or of one.
    expect(clientOf({ ...sample, tags: tags(PINNED) })?.ceiling).toBe(6);
    const one = throughProxy({ DB_POOL_MAX: "12" }, { pool: { maxConnectionsPercent: 50 } });
    expect(clientOf({ ...one, tags: tags(PINNED) })?.ceiling).toBe(12);
  });

  it("is not bounded by a proxy that another client alone goes through", () => {
    const sample = throughProxy();
    const definitions = String(sample.taskDefinition?.containerDefinitions).replace("db/host", "db/direct");
    const report = judge({
      ...sample,
      taskDefinition: { containerDefinitions: definitions },
      extra: [
        ...proxyResources({ pool: { maxConnectionsPercent: 30 } }),
        hostFrom(DATABASE, "direct"),
        ...worker(10, { ...behind, tags: PINNED }),
      ],
    });
    expect(ceilings(report)).toEqual({ api: 14, worker: 14 });
  });

  it("is not known behind a proxy whose sessions may pin", () => {
    expect(clientOf(throughProxy({ DB_POOL_MAX: "21" }))?.ceiling).toBeNull();
  });
});

describe("what pools claim through an RDS Proxy", () => {
  const through = (poolMax: string, sessions?: string, percent = 90) => ({
    ...throughProxy({ DB_POOL_MAX: poolMax }, { pool: { maxConnectionsPercent: percent } }),
    tags: tags({ "poolproof:proxy-sessions": sessions }),
  });
  const perhaps = { extra: proxyResources().filter(({ name }) => name !== "host") };

  it("is every connection while sessions may pin, and never more than the proxy may open", () => {
    expect(demandOf(through("19"))).toBe(16 * 19 + 5);
    expect(demandOf(through("90", undefined, 60))).toBe(240 + 5);
    expect(
      demandOf({
        ...through("90", undefined, 60),
        extra: [...secondProxy(), ...(throughProxy({}, { pool: { maxConnectionsPercent: 60 } }).extra ?? [])],
      }),
    ).toBe(240 + 5);
  });

  it("is the whole rate as one queue where they multiplex", () => {
    // 1.25 × 440/s × 90 ms = 49.5 erlangs.
    const demand = demandOf(through("21", "multiplexed")) ?? 0;
    expect(demand).toBeGreaterThan(5 + 49.5);
    expect(demand).toBeLessThan(5 + 70);
  });

  it("is less for services that share a proxy than for each alone", () => {
    const one = (demandOf(through("12", "multiplexed")) ?? 0) - 5;
    const sample = through("12", "multiplexed");
    const twin = worker(undefined, {
      taskDefinition: sample.taskDefinition ?? {},
      tags: { ...tags(MULTIPLEXED), "poolproof:tasks-at-peak": "4" },
    });
    const both = budgetOf({ ...sample, extra: [...(sample.extra ?? []), ...twin] });
    expect(both?.clients).toHaveLength(2);
    const demand = (both?.demandAtPeak ?? 0) - 5;
    expect(demand).toBeLessThan(2 * one);
    expect(demand).toBeGreaterThan(2 * 49.5);
  });

  it.each<[string, Sample["tags"]]>([
    ["pins", PINNED],
    ["may pin", {}],
    ["multiplexes", MULTIPLEXED],
  ])("is every connection of a pool that may go around it, whether it %s or not", (_how, declared) => {
    expect(demandOf({ ...perhaps, tags: tags(declared) })).toBe(16 * 12 + 5);
  });
});

it.each<[vcpus: number | undefined, classes: readonly PropertyValue[]]>([
  [8, ["db.r6g.2xlarge"]],
  [2, ["db.r6g.2xlarge", "db.r6g.large", "db.r6g.xlarge"]],
  [undefined, ["db.r6g.2xlarge", UNKNOWN]],
  // Newer than the table.
  [undefined, ["db.m99.large"]],
  [2, ["db.m9g.large"]],
  [undefined, []],
])("goes by the smallest instance of a cluster, and by none while one of them is not known: %s", (vcpus, classes) => {
  const members: AuroraSample["members"] = Object.fromEntries(
    classes.map((instanceClass, at) => [`m${at}`, { instanceClass }]),
  );
  const { databases } = readStack({ resources: auroraPlan({ members }) });
  expect(databases.map(vcpusOf)).toEqual([vcpus]);
});
