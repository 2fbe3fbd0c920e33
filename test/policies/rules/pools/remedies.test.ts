import { describe, expect, it } from "vitest";
import { explanationOf } from "../../../../policies/explain/explanation";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../../policies/plan/settings";
import { limitTo } from "../../auroraPlan";
import { described, lambda, undeclared } from "../../sampleClients";
import { environment, type Sample, samplePlan, tags } from "../../samplePlan";
import { throughProxy } from "../../sampleProxy";
import { by, judge, judgePlan } from "../judge";

type Stack = readonly [changes: Partial<Sample>, settings?: Partial<Settings>];

/** What is advised for each pool whose window is empty; the goldens show it in words. */
function leversOf(...[changes, settings = {}]: Stack): readonly (string | null)[] {
  const { databases } = explanationOf(samplePlan(changes), { ...DEFAULT_SETTINGS, ...settings });
  return databases.flatMap(({ pools }) => pools.map(({ levers }) => levers));
}
const isOpen = (...stack: Stack): boolean => leversOf(...stack).every((levers) => levers === null);
const fits = (...stack: Stack): boolean => by(judge(...stack), "connection-budget").length === 0;

const limit = (most: number) => ({ parameters: limitTo(String(most)) });
const pool = (poolMax: string) => ({ environment: environment({ DB_POOL_MAX: poolMax }) });
const FIXED = { deploymentMaximumPercent: 100, deploymentMinimumHealthyPercent: 100 };
const AUTOSCALED = { ...limit(150), service: FIXED };
const scaled = (maxCapacity: number) => ({ scaling: { minCapacity: 4, maxCapacity } });
const FEW = { "poolproof:tasks-at-peak": "4", "poolproof:db-hold-ms": "60" };
const TIGHT = { ...limit(270), ...pool("11") };

/** Of the situations in `situations/connectionBudget.ts` whose window is closed, by what their golden advises. */
describe("a lever opens an empty window with the number that is advised, and with none before it", () => {
  it.each<[lever: string, advised: number, next: number, (value: number) => Stack]>([
    ["max_connections", 238, 237, (value) => [limit(value)]],
    [
      "deploymentMaximumPercent",
      137,
      138,
      (value) => [{ ...limit(200), service: { deploymentMaximumPercent: value } }],
    ],
    [
      "the hold time",
      77,
      78,
      (value) => [{ ...limit(200), tags: tags({ "poolproof:db-hold-ms": String(value) }) }],
    ],
    ["maxCapacity", 9, 10, (value) => [{ ...AUTOSCALED, ...scaled(value) }]],
    [
      "poolproof:tasks-at-peak, where more may run",
      5,
      4,
      (value) => [{ ...limit(220), tags: tags({ ...FEW, "poolproof:tasks-at-peak": String(value) }) }],
    ],
    [
      "maxCapacity, where a deployment may stop half of the tasks",
      8,
      9,
      (value) => [
        { ...limit(300), service: { ...FIXED, deploymentMinimumHealthyPercent: 50 }, ...scaled(value) },
      ],
    ],
    [
      "poolproof:tasks-at-peak, where a deployment may stop half of the tasks",
      9,
      8,
      (value) => [
        {
          ...limit(300),
          service: { ...FIXED, deploymentMinimumHealthyPercent: 50 },
          ...scaled(9),
          tags: tags({ "poolproof:tasks-at-peak": String(value) }),
        },
      ],
    ],
  ])("%s: %d, and not %d", (_lever, advised, next, stack) => {
    expect(isOpen(...stack(advised))).toBe(true);
    expect(isOpen(...stack(next))).toBe(false);
  });

  it.each<[lever: string, advised: number, next: number, (value: number) => Stack]>([
    [
      "a described client that is above its floor",
      6,
      7,
      (value) => [TIGHT, { clients: [described("worker", value)] }],
    ],
    ["one that declares no demand", 6, 7, (value) => [TIGHT, { clients: [undeclared("worker", value)] }]],
    [
      "one with two processes",
      6,
      7,
      (value) => [
        TIGHT,
        { clients: [described("worker", value, { processesPerInstance: 2, instances: 2 })] },
      ],
    ],
    [
      "the second of two",
      7,
      8,
      (value) => [
        { ...TIGHT, ...limit(305) },
        { clients: [described("worker", 6), described("batch", value)] },
      ],
    ],
    [
      "one that takes what the floor of this pool needs",
      32,
      33,
      (value) => [pool("11"), { clients: [undeclared("worker", value)] }],
    ],
  ])("the pool of %s: %d, and not %d", (_lever, advised, next, stack) => {
    expect(fits(...stack(advised))).toBe(true);
    expect(fits(...stack(next))).toBe(false);
  });

  it("the instances of a described client: 8, and not 9", () => {
    const demand = { tasksAtPeak: 6, peakRequestsPerSecond: 400 };
    const ofWorker = (instances: number) =>
      leversOf(limit(380), { clients: [described("worker", 40, { ...demand, instances })] })[1];
    expect(ofWorker(8)).toBeNull();
    expect(ofWorker(9)).not.toBeNull();
  });

  it("a larger class, with the limit that the smaller one cannot carry", () => {
    const followed = judge({ ...limit(238), database: { instanceClass: "db.t4g.medium" } });
    expect(by(followed, "memory-for-connections")).toEqual([]);
    expect(followed.budgets[0]?.clients[0]).toMatchObject({ floor: 11, ceiling: 11 });
    const small = judge({ ...limit(238), database: { instanceClass: "db.t4g.micro" } });
    expect(by(small, "memory-for-connections")).toHaveLength(1);
  });

  it("a larger class, whose formula grants more", () => {
    const on = (instanceClass: string) => isOpen({ parameters: [], database: { instanceClass } });
    expect([on("db.t4g.small"), on("db.t4g.medium")]).toEqual([false, true]);
  });
});

describe("what is advised for an empty window", () => {
  it.each<[string, Stack]>([
    ["a service alone", [limit(200)]],
    [
      "a pool behind a proxy",
      [{ ...throughProxy(), ...limit(200), tags: tags({ "poolproof:proxy-sessions": "pinned" }) }],
    ],
  ])("is the same in a finding and in explain: %s", (_name, stack) => {
    const advised = leversOf(...stack).filter((levers) => levers !== null);
    const report = judge(...stack);
    const findings = [...by(report, "connection-budget"), ...by(report, "pool-floor")];
    expect(findings.length).toBeGreaterThan(0);
    for (const { fix } of findings) expect(advised.some((levers) => fix.includes(levers))).toBe(true);
  });

  it("for several pools together, is one size for equal ones: with it they fit, and with one more they do not", () => {
    const stack = (poolMax: number): Stack => [
      { ...limit(400), environment: environment({ DB_POOL_MAX: "11" }) },
      { clients: ["a", "b", "c"].map((name) => described(name, poolMax, { peakRequestsPerSecond: 40 })) },
    ];
    const [finding] = by(judge(...stack(18)), "connection-budget");
    const [, size = ""] = /of a, b and c to (\d+) each/.exec(finding?.fix ?? "") ?? [];
    expect(by(judge(...stack(Number(size))), "connection-budget")).toEqual([]);
    expect(by(judge(...stack(Number(size) + 1)), "connection-budget")).toHaveLength(1);
  });

  it("is nothing that can be told where the limit or the tasks are hidden", () => {
    expect(leversOf({ parameters: UNKNOWN })).toEqual([null]);
    expect(leversOf({ scaling: { minCapacity: 8, maxCapacity: UNKNOWN }, ...limit(200) })).toEqual([null]);
  });
});

describe("what makes room for a function", () => {
  const resize = (
    peak: string,
    reserved?: number,
    more: readonly ReturnType<typeof lambda>[] = [],
    most = 400,
  ) => {
    const { resources } = samplePlan(limit(most));
    const function_ = lambda({
      tags: { "poolproof:peak-requests-per-second": peak, "poolproof:db-hold-ms": "100" },
      ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
    });
    return {
      resources: [...resources.filter(({ type }) => !type.startsWith("aws:ecs")), function_, ...more],
    };
  };
  const findings = (...of: Parameters<typeof resize>) => {
    const report = judgePlan(resize(...of));
    return [...by(report, "connection-budget"), ...by(report, "pool-floor")].map(({ rule }) => rule);
  };

  it("is a pool of one and a reserved concurrency from the floor to the budget", () => {
    expect([21, 306].map((reserved) => findings("100", reserved))).toEqual([[], []]);
    expect(findings("100", 20)).toEqual(["pool-floor"]);
    expect(findings("100", 307)).toEqual(["connection-budget"]);
  });

  it("is to reserve the concurrency of another function too", () => {
    const cancel = lambda(
      {
        tags: { "poolproof:peak-requests-per-second": "50", "poolproof:db-hold-ms": "100" },
        reservedConcurrentExecutions: 13,
      },
      "cancel",
    );
    expect(findings("100", 293, [cancel])).toEqual([]);
    expect(findings("100", 294, [cancel])).toEqual(["connection-budget"]);
  });

  it("is a higher limit where its fewest environments are too many", () => {
    const floor = judgePlan(resize("3000")).budgets[0]?.clients[0]?.floor;
    expect(floor).toBe(1);
    expect(findings("3000", 400, [], 518)).toEqual([]);
  });
});
