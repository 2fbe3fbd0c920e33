import { describe, expect, it } from "vitest";
import { explanationOf } from "../../../../policies/explain/explanation";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../../policies/plan/settings";
import { suggestedAcquireMs } from "../../../../policies/rules/pools/acquireTimeout";
import { limitTo } from "../../auroraPlan";
import { described, lambda, throughProxy, undeclared, worker } from "../../sampleClients";
import { environment, type Sample, samplePlan, tags } from "../../samplePlan";
import { by, judge, judgePlan, only } from "../judge";

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

const RULE = "connection-budget";
/** 400 connections, 389 usable, 311 within `budgetShare`; 16 tasks and 5 for operations. */
const withPool = (poolMax: number, settings: Partial<Settings> = {}) =>
  judge({ environment: environment({ DB_POOL_MAX: String(poolMax) }) }, settings);
const share = (budgetShare: number) => ({ capacity: { ...DEFAULT_SETTINGS.capacity, budgetShare } });

describe("demand above budgetShare and within the usable connections", () => {
  it("is rejected by default, as a smaller reserve and not as refused connections", () => {
    const finding = only(withPool(24), RULE);
    expect(finding).toMatchObject({ level: "mandatory", observed: 24, allowed: { min: 11, max: 19 } });
    expect(finding.message).toContain(
      "Nothing is refused yet: of the 78 connections that `budgetShare` keeps free, 0 would be left",
    );
    expect(finding.message).not.toContain("would be refused");
  });

  it("is advisory where the policy configuration says so", () => {
    expect(only(withPool(20, { overBudgetShare: "warn" }), RULE)).toMatchObject({
      level: "advisory",
      observed: 20,
    });
  });

  it("is accepted with the budgetShare that the fix names", () => {
    for (const poolMax of [20, 21, 22, 23, 24]) {
      const named = /raise `budgetShare` in the policy configuration to (\S+)/.exec(
        only(withPool(poolMax), RULE).fix,
      );
      expect(named).not.toBeNull();
      expect(by(withPool(poolMax, share(Number(named?.[1]))), RULE)).toEqual([]);
    }
  });
});

describe("demand above the usable connections", () => {
  it("is rejected as refused connections, whatever overBudgetShare says", () => {
    for (const overBudgetShare of ["reject", "warn"] as const) {
      const finding = only(withPool(25, { overBudgetShare }), RULE);
      expect(finding).toMatchObject({ level: "mandatory", observed: 25 });
      expect(finding.message).toContain("new connections would be refused");
    }
  });
});

describe("several pools and proxies", () => {
  it("are held to the same two limits together", () => {
    const together = (settings: Partial<Settings>) =>
      judge(
        { environment: environment({ DB_POOL_MAX: "12" }), extra: worker(15, { secrets: {} }) },
        settings,
      );
    expect(only(together({}), RULE)).toMatchObject({ level: "mandatory", observed: 317 });
    expect(only(together({ overBudgetShare: "warn" }), RULE)).toMatchObject({
      level: "advisory",
      observed: 317,
    });
  });

  it("are not undecided where a smaller reserve only warns and even the most they may open is not refused", () => {
    const unpinned = (settings: Partial<Settings>) =>
      judge(throughProxy({ DB_POOL_MAX: "21" }), settings).undecided.filter(({ rule }) => rule === RULE);
    expect(unpinned({})).toHaveLength(1);
    expect(unpinned({ overBudgetShare: "warn" })).toEqual([]);
  });
});

it.each([
  [undefined, 2000],
  [60_000, 2000],
  [10_000, 2000],
  [8700, 1700],
  [500, 100],
  [499, 99],
  [7, 1],
  [2, 1],
])("suggests of a request of %s ms a fifth in round numbers, 1 ms to 2 s: %s ms", (request, suggested) => {
  expect(suggestedAcquireMs(request)).toBe(suggested);
});
