import { describe, expect, it } from "vitest";
import { DRILLS } from "../../../drills/stress/drills/disturbances";
import { drillSeconds } from "../../../drills/stress/drills/runDrills";
import { checkInput, scaleDemand } from "../../../drills/stress/run/input";
import { comparisonPools, predictedTable, search } from "../../../drills/stress/run/pools";
import { planText, secondsOfSteps, stepsOf } from "../../../drills/stress/run/runPlan";
import type { StackUnderTest } from "../../../drills/stress/stackUnderTest";
import { optionsOf, outageStack as outage, outageStack, smallStack } from "./support";

const checked = (words = "", stack = smallStack) => checkInput(stack, optionsOf(words), 2);

describe("what the lab refuses to run", () => {
  const rejected = {
    ...smallStack,
    verdict: "rejected",
    findings: ["pool-floor", "timeout-order"].map((rule) => ({ rule, message: "…" })),
  } as const;

  it("is a stack that would never be deployed, unless it is asked to, or is an incident that is rehearsed", () => {
    expect(() => checked("", rejected)).toThrow(/small.*pool-floor.* 1 more.*--even-if-rejected/);
    expect(() => checked("--even-if-rejected", rejected)).not.toThrow();
    expect(() => checked("", { ...rejected, stack: "incident-2024-09-02" })).not.toThrow();
  });

  it("is a search for the limit of an incident, which is repeated instead, unless a pool to start from is named", () => {
    const incident = { ...smallStack, stack: "incident-2024-09-02" };
    expect(() => checked("--find-limit", incident)).toThrow(
      /--find-limit.*incident-2024-09-02.*--pool-max 4\b/,
    );
    expect(() => checked("--find-limit --pool-max 4", incident)).not.toThrow();
  });

  it("is a hold as long as the statement timeout", () => {
    expect(() => checked("--hold-ms 2000")).toThrow(/2000 ms .*--hold-ms/);
    expect(checked("--hold-ms 1999").stack.demand.holdMs).toBe(1999);
  });

  it("is a rate that this machine cannot make", () => {
    expect(() => checked("--rate 5000")).toThrow(/5000 requests\/s .*\(1000\).*--emit k6/);
  });
});

it("another demand than the declared one has a floor of its own, by the model", () => {
  const { stack, scaled } = checked("--rate 200");
  expect(scaled.requestsPerSecond).toBe(200);
  // 200/s × 1.5 × 1.25 × 40 ms = 15 busy connections
  expect(stack.pool.floor).toBeGreaterThan(15);
  expect(checked().stack.pool.floor).toBe(4);
});

describe("scaling a stack down", () => {
  const { demand } = outageStack;

  it.each([
    ["as the CPUs carry it", undefined, 2, { tasks: 4, requestsPerSecond: 200, scale: "1/2" }],
    ["as asked for", 0.25, 2, { tasks: 2, requestsPerSecond: 100, scale: "1/4" }],
    ["not at all", undefined, 64, { tasks: 8, requestsPerSecond: 400, scale: "1" }],
  ])("keeps what one task gets: %s", (_how, wanted, cpus, expected) => {
    const scaled = scaleDemand(demand, wanted, cpus);
    expect(scaled).toMatchObject({ ...expected, requestsPerSecondAndProcess: 50 });
  });

  it("shares a task's load among its processes", () => {
    const scaled = scaleDemand({ ...demand, processesPerTask: 2 }, 1 / 8, 2);
    expect(scaled).toMatchObject({ tasks: 1, requestsPerSecondAndProcess: 25 });
  });

  it("refuses what no machine of this size can make", () => {
    const absurd = { ...demand, peakRequestsPerSecond: 100_000 };
    expect(() => scaleDemand(absurd, undefined, 2)).toThrow(/12500 .* 2 CPUs .*--scale/);
  });
});

const plain: StackUnderTest = { ...outage, stack: "prod", pool: { ...outage.pool, poolMax: 12 } };

const steps = (stack: StackUnderTest, words = "", hasPgbench = false) =>
  stepsOf({
    options: optionsOf(words),
    stack,
    scaled: scaleDemand(stack.demand, undefined, 2),
    hasPgbench,
  });
const loads = (...given: Parameters<typeof steps>) =>
  steps(...given).map(({ what, loadSeconds }) => `${what}: ${loadSeconds}`);

describe("what a run will do", () => {
  it("is told load by load: the pool, then those around the floor", () => {
    expect(loads(plain)).toEqual([
      "calibration: 10",
      "pool of 12: 56",
      "pool of 6, compared: 41",
      "pool of 11, compared: 41",
      "pool of 15, compared: 41",
    ]);
  });

  it("follows the settings: duration, pools, the acquire timeout, a pgbench that is there", () => {
    expect(loads(plain, "--duration 2m --pools 8", true)).toEqual([
      "calibration: 10",
      "pool of 12: 191",
      "pool of 8, compared: 71",
      "pgbench: 60",
    ]);
    expect(loads(plain, "--smoke")).toEqual(["calibration: 10", "pool of 12: 26"]);
    const patient = { ...plain, environment: { ...plain.environment, DB_POOL_ACQUIRE_TIMEOUT_MS: "10000" } };
    expect(loads(patient, "--smoke")[1]).toBe("pool of 12: 45");
  });

  it("is an incident as it was and with the safe pool, unless another pool is asked for", () => {
    expect(loads(outage, "--pools none")).toEqual([
      "calibration: 10",
      "pool of 3, as it was: 41",
      "pool of 11, the safe one: 41",
    ]);
    expect(loads(outage, "--pools none --pool-max 4")).toEqual(["calibration: 10", "pool of 4: 56"]);
  });

  it("is as many probes as halving takes, and each drill with its own length", () => {
    // Between 4, which the load fills, and the floor of 11: both, and 7, 9, 10 or their like.
    expect(steps(plain, "--find-limit").filter(({ what }) => what.startsWith("probe"))).toHaveLength(5);
    const { tasks } = scaleDemand(plain.demand, undefined, 2);
    expect(loads(plain, "--drill all").slice(1)).toEqual(
      DRILLS.map((name) => `drill ${name}: ${11 + drillSeconds(name, plain.environment, tasks)}`),
    );
    const own = "--drill all --database-url postgresql://localhost/x";
    expect(loads(plain, own).join()).not.toContain("restart");
  });

  it("says about how long it takes, starting and stopping included", () => {
    const all = steps(plain);
    const load = all.reduce((sum, { loadSeconds }) => sum + loadSeconds, 0);
    expect(secondsOfSteps(all)).toBeGreaterThan(load);
    expect(secondsOfSteps(all)).toBeLessThan(1.3 * load);
    const text = planText("prod", all);
    expect(text).toMatch(/^▸ prod: 5 loads, about 3 min 30 s with starting and stopping; .*\n/);
    expect(text).toContain(
      "  pool of 12            56 s: 11 s warm-up, 30 s measured, 15 s beyond the peak\n",
    );
    expect(planText("prod", steps(plain, "--duration 10m"))).toMatch(/about 19 min 15 s/);
  });
});

it.each([
  [4.95, 11, 19, [6, 11, 15]],
  [1.32, 3, 14, [2, 3, 4]],
  [0.02, 1, 1, [1]],
  [4.95, 11, 12, [6, 11, 12]],
])("a load of %d erlangs with a floor of %d and a ceiling of %d is compared in pools below, at and above the floor", (offeredLoad, floor, ceiling, pools) => {
  expect(comparisonPools({ offeredLoad, floor, ceiling })).toEqual(pools);
});

it("the table has the pools to compare, the last that breaks, the one below the floor and all that were measured", () => {
  const scaled = scaleDemand(outageStack.demand, undefined, 2);
  const table = predictedTable({ stack: outageStack, scaled }, [3, 40]);
  expect(table.map(({ poolMax }) => poolMax)).toEqual([3, 4, 6, 10, 11, 15, 40]);
  expect(table[0]?.utilisation).toBeCloseTo(1.65);
});

describe("the search for the limit", () => {
  async function searched(limit: number, unmeasured?: number) {
    const probes: number[] = [];
    const found = await search(4, 11, async (poolMax) => {
      probes.push(poolMax);
      return poolMax === unmeasured ? undefined : poolMax >= limit;
    });
    return { ...found, probes };
  }

  it("closes in from both sides until two neighbours differ", async () => {
    expect(await searched(6)).toEqual({ breaks: 5, holds: 6, probes: [4, 11, 7, 5, 6] });
  });

  it("goes on upwards when the floor breaks too, and down to one when everything holds", async () => {
    expect(await searched(30)).toMatchObject({ breaks: 29, holds: 30 });
    expect(await searched(1)).toMatchObject({ breaks: 0, holds: 1 });
  });

  it("ends at a size that could not be measured, with what is known", async () => {
    expect(await searched(6, 4)).toEqual({ breaks: 0, holds: undefined, undecided: 4, probes: [4] });
    expect(await searched(6, 7)).toEqual({ breaks: 4, holds: 11, undecided: 7, probes: [4, 11, 7] });
  });

  it("gives up at a size that nothing here needs", async () => {
    expect(await searched(Number.POSITIVE_INFINITY)).toMatchObject({ breaks: 704, holds: undefined });
  });
});
