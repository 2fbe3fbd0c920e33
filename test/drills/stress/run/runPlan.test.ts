import { describe, expect, it } from "vitest";
import { DRILLS } from "../../../../drills/stress/drills/disturbances";
import { drillSeconds } from "../../../../drills/stress/drills/runDrills";
import { scaleDemand } from "../../../../drills/stress/run/input";
import { planText, secondsOfSteps, stepsOf } from "../../../../drills/stress/run/runPlan";
import type { StackUnderTest } from "../../../../drills/stress/stackUnderTest";
import { optionsOf } from "../support/options";
import { outageStack as outage } from "../support/stack";

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
      "  pool of 12             56 s: 11 s warm-up, 30 s measured, 15 s beyond the peak\n",
    );
    expect(planText("prod", steps(plain, "--duration 10m"))).toMatch(/about 19 min 15 s/);
  });
});
