import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../policies/plan/settings";
import { assess } from "../../policies/reports/assess";
import { SAFE, samplePlan } from "./samplePlan";

/**
 * A second implementation of the three numbers that a verdict rests on, written from their definitions and not from the
 * product's code, on stacks drawn at random: what the report says of a plan is held to it.
 */
interface Stack {
  readonly peak: number;
  readonly holdMs: number;
  readonly acquisitions: number;
  readonly tasks: number;
  readonly zones: number;
  readonly crossZone: boolean;
  readonly surviveZoneLoss: boolean;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  readonly drainSeconds: number;
  /** 0: idle connections stay open. */
  readonly idleSeconds: number;
  readonly held: number;
  readonly inFlight: number;
}

/** Erlang C by the recurrence of Erlang B (Gross & Harris, Fundamentals of Queueing Theory, 3.3). */
function waitBeyond(servers: number, load: number, holdSeconds: number, waitSeconds: number): number {
  if (load >= servers) return 1;
  let inverseB = 1;
  for (let n = 1; n <= servers; n++) inverseB = 1 + (inverseB * n) / load;
  const blocked = 1 / inverseB;
  const waits = blocked / (1 - (load / servers) * (1 - blocked));
  return waits * Math.exp((-(servers - load) * waitSeconds) / holdSeconds);
}

/** Tasks are stopped one by one for as long as the minimum percentage of all stays healthy. */
const healthy = ({ tasks, minimumHealthyPercent }: Stack): number => {
  let kept = tasks;
  while (kept > 1 && (kept - 1) * 100 >= tasks * Math.min(100, minimumHealthyPercent)) kept--;
  return kept;
};

/**
 * Tasks dealt to the zones one by one, whichever zone is lost then: the fewest that are left, and the most that one of
 * them gets of the whole load. Without cross-zone load balancing each zone gets the same, and each of its tasks the same of
 * that.
 */
function worstCase(stack: Stack): { readonly serving: number; readonly share: number } {
  const inZone: number[] = Array.from({ length: stack.zones }, () => 0);
  const n = healthy(stack);
  for (let task = 0; task < n; task++) inZone[task % stack.zones] = (inZone[task % stack.zones] ?? 0) + 1;
  const lost: readonly (number | undefined)[] = stack.surviveZoneLoss ? [...inZone.keys()] : [undefined];
  const cases = lost.map((zone) => {
    const left = inZone.filter((tasks, at) => at !== zone && tasks > 0);
    // A pool that serves nothing needs no size: with every zone lost one task is counted.
    const zones = left.length === 0 ? [1] : left;
    const serving = zones.reduce((sum, tasks) => sum + tasks, 0);
    const shares = zones.map((tasks) => (stack.crossZone ? 1 / serving : 1 / (zones.length * tasks)));
    return { serving, share: Math.max(...shares) };
  });
  return {
    serving: Math.min(...cases.map(({ serving }) => serving)),
    share: Math.max(...cases.map(({ share }) => share)),
  };
}

function floorOf(stack: Stack): number {
  const load = (1.25 * stack.peak * stack.acquisitions * stack.holdMs * worstCase(stack).share) / 1000;
  let size = 1;
  while (waitBeyond(size, load, stack.holdMs / 1000, 0.05) > 0.01) size++;
  // With one connection less, every request in flight could hold all but one of its own and wait for that.
  while (stack.held > 1 && size <= stack.inFlight * (stack.held - 1)) size++;
  return size;
}

const START_SECONDS = 30;
/** One check: ECS takes a task for healthy when its target group does, which is not before its first check. */
const HEALTH_SECONDS = 30;
const STOP_SECONDS = 30;
/** A request that is under way when its task is stopped takes this long at most. */
const REQUEST_SECONDS = 8;

/** The rolling deployment round by round: start what the maximum allows, wait until it is healthy, stop the surplus. */
function surgeOf(stack: Stack): number {
  const { tasks, maximumPercent } = stack;
  // Its pool is gone when the task is, or when each connection has been idle for long enough.
  const idle = stack.idleSeconds === 0 ? Number.POSITIVE_INFINITY : stack.idleSeconds + REQUEST_SECONDS;
  const drainSeconds = Math.min(stack.drainSeconds, idle);
  const limit = Math.max(tasks, Math.floor((tasks * maximumPercent) / 100));
  const least = Math.min(tasks, Math.ceil((tasks * stack.minimumHealthyPercent) / 100));
  const toHealthy = START_SECONDS + HEALTH_SECONDS;
  const stoppedAt: number[] = [];
  let old = tasks;
  let fresh = 0;
  let peak = tasks;
  for (let now = 0; limit > least && (fresh < tasks || old > 0); now += toHealthy) {
    while (old > 0 && old + fresh > least) {
      old--;
      stoppedAt.push(now);
    }
    while (fresh < tasks && old + fresh < limit) fresh++;
    const draining = stoppedAt.filter((at) => now <= at + drainSeconds).length;
    peak = Math.max(peak, old + fresh + draining);
  }
  return peak;
}

function planOf(stack: Stack, poolMax = 10): Plan {
  const { resources } = samplePlan({
    environment: {
      ...SAFE.environment,
      DB_POOL_MAX: String(poolMax),
      DB_POOL_IDLE_TIMEOUT_MS: String(1000 * stack.idleSeconds),
      REQUEST_TIMEOUT_MS: String(1000 * REQUEST_SECONDS),
    },
    tags: {
      "poolproof:peak-requests-per-second": String(stack.peak),
      "poolproof:db-hold-ms": String(stack.holdMs),
      "poolproof:db-acquisitions-per-request": String(stack.acquisitions),
      "poolproof:tasks-at-peak": String(stack.tasks),
      "poolproof:connections-held-at-once": String(stack.held),
      "poolproof:requests-in-flight": String(stack.inFlight),
    },
    scaling: { minCapacity: stack.tasks, maxCapacity: stack.tasks },
    service: {
      desiredCount: stack.tasks,
      deploymentMaximumPercent: stack.maximumPercent,
      deploymentMinimumHealthyPercent: stack.minimumHealthyPercent,
      networkConfiguration: { subnets: Array.from({ length: stack.zones }, (_, at) => `subnet-${at}`) },
    },
  });
  const changed: { readonly [type: string]: Plan["resources"][number]["properties"] } = {
    "aws:lb/loadBalancer:LoadBalancer": {
      loadBalancerType: "network",
      enableCrossZoneLoadBalancing: stack.crossZone,
    },
    "aws:lb/targetGroup:TargetGroup": {
      deregistrationDelay: stack.drainSeconds - STOP_SECONDS,
      healthCheck: { interval: HEALTH_SECONDS },
    },
  };
  return {
    resources: resources.map((each) => ({
      ...each,
      properties: { ...each.properties, ...changed[each.type] },
    })),
  };
}

const STACKS: fc.Arbitrary<Stack> = fc.record({
  peak: fc.integer({ min: 1, max: 5_000 }),
  holdMs: fc.integer({ min: 1, max: 200 }),
  acquisitions: fc.constantFrom(1, 1.1, 1.5, 2, 3),
  tasks: fc.integer({ min: 1, max: 40 }),
  zones: fc.constantFrom(1, 2, 3, 3, 4, 4),
  crossZone: fc.constantFrom(true, false, false),
  surviveZoneLoss: fc.boolean(),
  // Often small steps: with large ones every old task drains at once.
  maximumPercent: fc.oneof(fc.integer({ min: 100, max: 250 }), fc.integer({ min: 105, max: 125 })),
  minimumHealthyPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(100)),
  drainSeconds: fc.integer({ min: STOP_SECONDS, max: 900 }),
  idleSeconds: fc.constantFrom(0, 0, 5, 30, 120),
  held: fc.constantFrom(1, 1, 1, 2, 3),
  inFlight: fc.integer({ min: 1, max: 40 }),
});

describe("the report of a random stack", () => {
  const RUNS = { numRuns: 1_000, seed: 20_240_902 };

  it("has the floor, the tasks at peak and the load of the busiest task of an independent computation", () => {
    let seen = { draining: 0, closing: 0, uneven: 0, unevenWithoutAZone: 0, held: 0 };
    fc.assert(
      fc.property(STACKS, (stack) => {
        const { surviveZoneLoss } = stack;
        const capacity = { ...DEFAULT_SETTINGS.capacity, surviveZoneLoss };
        const [budget] = assess(planOf(stack), { ...DEFAULT_SETTINGS, capacity }).budgets;
        const [pool] = budget?.clients ?? [];
        const { serving, share } = worstCase(stack);
        const surge = surgeOf(stack);
        const floor = floorOf(stack);
        const isUneven = share * serving > 1 + 1e-9;
        seen = {
          draining: seen.draining + (surge > Math.floor((stack.tasks * stack.maximumPercent) / 100) ? 1 : 0),
          closing: seen.closing + (surge < surgeOf({ ...stack, idleSeconds: 0 }) ? 1 : 0),
          uneven: seen.uneven + (isUneven ? 1 : 0),
          unevenWithoutAZone: seen.unevenWithoutAZone + (isUneven && surviveZoneLoss ? 1 : 0),
          held: seen.held + (floor === stack.inFlight * (stack.held - 1) + 1 ? 1 : 0),
        };
        expect(pool).toMatchObject({ floor, tasksAtPeak: surge, tasksServingPeak: serving });
        const load = (stack.peak * stack.acquisitions * stack.holdMs * share) / 1000;
        expect(pool?.offeredLoad).toBeCloseTo(load, 5);
      }),
      RUNS,
    );
    // Each of the three has to bear on the result often enough for the comparison to mean something.
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(50);
  }, 300_000);
});
