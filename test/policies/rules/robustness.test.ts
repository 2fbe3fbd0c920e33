import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { toJson } from "../../../policies/reports/json";
import type { Report } from "../../../policies/reports/report";
import { toText } from "../../../policies/reports/text";
import { places, replaceAt } from "../planResource";
import { environment, madeFrom, resource, type Sample, samplePlan, TASK, tags, urn } from "../samplePlan";
import { judge, judgePlan } from "./judge";

/** The plan with one place of one resource's properties replaced, its property made from another resource. */
function replaced(plan: Plan, at: number, place: number, by: PropertyValue): Plan {
  const index = at % plan.resources.length;
  const resources = plan.resources.map((each, i): PlanResource => {
    if (i !== index) return each;
    const all = places(each.properties).filter(({ length }) => length > 0);
    const path = all[place % Math.max(1, all.length)];
    if (!path) return each;
    const top = String(path[0]);
    const dependencies = { [top]: [urn("aws:ec2/vpc:Vpc", "vpc")], ...each.propertyDependencies };
    const properties = replaceAt(each.properties, path, by) as PropertyMap;
    return { ...each, properties, propertyDependencies: dependencies };
  });
  return { resources };
}

const garbage: fc.Arbitrary<PropertyValue> = fc.oneof(
  fc.constantFrom<PropertyValue>(
    UNKNOWN,
    null,
    "",
    "ten",
    "[",
    "[{}]",
    "[1]",
    "{}",
    -1,
    0,
    1e300,
    Number.NaN,
    2 ** 53,
  ),
  fc.constantFrom<PropertyValue>(
    Number.POSITIVE_INFINITY,
    "LEAST(",
    "9".repeat(400),
    "{".repeat(5000),
    [],
    {},
    [[]],
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<PropertyValue>,
);

/** A plain recomputation of what an acceptance claims. */
function expectSafe(report: Report): void {
  for (const budget of report.budgets) {
    let demand = 5;
    for (const { poolMax, floor, tasksAtPeak, processesPerTask } of budget.clients) {
      expect(poolMax ?? Number.NaN).toBeGreaterThanOrEqual(floor ?? Number.NaN);
      demand += (poolMax ?? Number.NaN) * (tasksAtPeak ?? Number.NaN) * (processesPerTask ?? Number.NaN);
    }
    if (budget.clients.length > 0) expect(demand).toBeLessThanOrEqual(0.8 * (budget.usable ?? Number.NaN));
  }
}

describe("hostile plans", () => {
  it.each([
    ["a pool too small for its demand", "3"],
    ["a pool too large for its database", "20"],
  ])("do not get %s accepted by hiding a value", (_name, max) => {
    const plan = samplePlan({ environment: environment({ DB_POOL_MAX: max }) });
    for (const [at, each] of plan.resources.entries()) {
      for (const [place] of places(each.properties).entries()) {
        const hidden = replaced(plan, at, place, UNKNOWN);
        expect(judgePlan(hidden).verdict, `${each.name}, place ${place}`).toBe("rejected");
      }
    }
  });

  it("never make a rule throw, whatever stands anywhere", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(200), garbage, fc.nat(40), fc.nat(200), garbage, (a, i, x, b, j, y) => {
        const report = judgePlan(replaced(replaced(samplePlan(), a, i, x), b, j, y));
        expect(() => JSON.parse(toJson(report))).not.toThrow();
        toText(report, { color: false, width: 80 });
        if (report.verdict === "accepted") expectSafe(report);
      }),
      { numRuns: 800 },
    );
  });

  it("are not accepted when their numbers are beyond the model", () => {
    const scaling = { minCapacity: 8, maxCapacity: Number.MAX_SAFE_INTEGER };
    expect(
      judgePlan(samplePlan({ scaling, environment: environment({ DB_POOL_MAX: "1000000000" }) })).verdict,
    ).toBe("rejected");
  });

  it("do not hang on dependencies that go in a circle", () => {
    const a = urn("aws:ssm/parameter:Parameter", "a");
    const b = urn("aws:ssm/parameter:Parameter", "b");
    const extra = [
      resource("aws:ssm/parameter:Parameter", "a", { name: "/a" }, { value: [b, a] }),
      resource("aws:ssm/parameter:Parameter", "b", { name: "/b" }, { value: [a] }),
    ];
    const plan = samplePlan({ extra });
    const { resources } = madeFrom(plan, TASK, { containerDefinitions: [a, TASK] });
    expect(judgePlan({ resources }).verdict).toBe("accepted");
  });

  it("cannot reach the prototype of an object through their keys", () => {
    const properties = JSON.parse('{"__proto__": {"tags": {"poolproof:db-hold-ms": "1"}}, "constructor": 1}');
    const service = resource("aws:ecs/service:Service", "evil", properties, { __proto__: ["x"] } as never);
    const names = JSON.stringify([{ name: "api", environment: [{ name: "__proto__", value: "5" }] }]);
    const plan = samplePlan({ extra: [service] });
    expect(judgePlan(plan).coverage.unexamined.length + judgePlan(plan).undecided.length).toBeGreaterThan(0);
    expect(() => judgePlan(samplePlan({ taskDefinition: { containerDefinitions: names } }))).not.toThrow();
    expect(({} as { tags?: unknown }).tags).toBeUndefined();
  });

  it("are judged in time that grows with their size and no faster", () => {
    const many = (n: number): Plan => {
      const others = Array.from({ length: n }, (_, i) =>
        resource("aws:s3/bucket:Bucket", `bucket-${i}`, { bucket: `bucket-${i}` }),
      );
      const services = Array.from({ length: n / 10 }, (_, i) =>
        resource("aws:ecs/service:Service", `service-${i}`, {
          name: `s-${i}`,
          desiredCount: 1,
          taskDefinition: "gone:1",
        }),
      );
      return samplePlan({ extra: [...others, ...services] });
    };
    const time = (plan: Plan): number => {
      const start = performance.now();
      judgePlan(plan);
      return performance.now() - start;
    };
    time(many(500));
    const small = Math.max(1, time(many(1_000)));
    expect(time(many(10_000)) / small).toBeLessThan(60);
  });
});

describe("secrets", () => {
  const SECRETS = ["hunter2-the-password", "s3cr3t-in-the-environment", "s3cr3t-in-broken-json"];
  const sample = environment({ DB_PASSWORD: SECRETS[1] });

  it.each([
    ["a healthy stack", samplePlan({ environment: sample })],
    ["a starved pool", samplePlan({ environment: { ...sample, DB_POOL_MAX: "3" } })],
    [
      "containers that are not JSON",
      samplePlan({ taskDefinition: { containerDefinitions: `{"p": "${SECRETS[2]}` } }),
    ],
    [
      "a password where a number belongs",
      samplePlan({ service: { desiredCount: 3, tags: { password: SECRETS[0] ?? "" } } }),
    ],
  ])("never reach a report of %s", (_name, plan) => {
    const report = judgePlan(plan);
    const printed = toJson(report) + toText(report, { color: true, width: 100 });
    for (const secret of SECRETS) expect(printed).not.toContain(secret);
  });

  it("are not printed although the value that was asked for is", () => {
    const report = judgePlan(samplePlan({ environment: { ...sample, DB_POOL_MAX: "ten" } }));
    expect(toJson(report)).toContain('\\"ten\\"');
    expect(toJson(report)).not.toContain(SECRETS[1]);
  });
});

/** A stack around the outage's, with everything that moves the window. */
const stacks = fc.record({
  requestsPerSecond: fc.integer({ min: 1, max: 900 }),
  holdMs: fc.integer({ min: 1, max: 150 }),
  tasks: fc.integer({ min: 1, max: 12 }),
  processes: fc.constantFrom(1, 1, 2),
  maxConnections: fc.integer({ min: 60, max: 700 }),
});

type Stack = typeof stacks extends fc.Arbitrary<infer T> ? T : never;

function withPool(stack: Stack, pool: number): Partial<Sample> {
  return {
    environment: environment({ DB_POOL_MAX: String(pool), WEB_CONCURRENCY: String(stack.processes) }),
    tags: tags({
      "poolproof:peak-requests-per-second": String(stack.requestsPerSecond),
      "poolproof:db-hold-ms": String(stack.holdMs),
      "poolproof:tasks-at-peak": String(stack.tasks),
    }),
    scaling: { minCapacity: stack.tasks, maxCapacity: stack.tasks },
    service: { desiredCount: stack.tasks },
    parameters: [
      { name: "max_connections", value: String(stack.maxConnections), applyMethod: "pending-reboot" },
      { name: "idle_in_transaction_session_timeout", value: "60000", applyMethod: "immediate" },
    ],
  };
}

const accepts = (stack: Stack, pool: number): boolean => judge(withPool(stack, pool)).verdict === "accepted";

/** The pool sizes that are accepted, of those that a service might set. */
const accepted = (stack: Stack): number[] =>
  Array.from({ length: 60 }, (_, i) => i + 1).filter((pool) => accepts(stack, pool));

const SEED = 20_240_902;

describe("the verdict over all pool sizes", () => {
  it("is acceptance on one unbroken run of sizes, the floor to the ceiling of the report", () => {
    let open = 0;
    fc.assert(
      fc.property(stacks, (stack) => {
        const sizes = accepted(stack);
        const [first, last] = [sizes[0], sizes[sizes.length - 1]];
        if (first === undefined || last === undefined) return;
        open += 1;
        expect(sizes).toHaveLength(last - first + 1);
        const client = judge(withPool(stack, first)).budgets[0]?.clients[0];
        expect([client?.floor, Math.min(60, client?.ceiling ?? 0)]).toEqual([first, last]);
      }),
      { numRuns: 60, seed: SEED },
    );
    expect(open).toBeGreaterThan(15);
  });

  it("never turns from rejection to acceptance when demand or hold time rises and the pool is not larger", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 200 }),
        (stack, pool, more) => {
          if (accepts(stack, pool)) return;
          const isStarved = judge(withPool(stack, pool)).violations.some(({ rule }) => rule === "pool-floor");
          if (!isStarved) return;
          expect(accepts({ ...stack, requestsPerSecond: stack.requestsPerSecond + more }, pool)).toBe(false);
          expect(accepts({ ...stack, holdMs: stack.holdMs + more }, pool)).toBe(false);
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });

  it("never turns from rejection by the budget to acceptance when the limit falls", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (stack, pool, less) => {
          const { violations } = judge(withPool(stack, pool));
          if (!violations.some(({ rule }) => rule === "connection-budget")) return;
          expect(accepts({ ...stack, maxConnections: stack.maxConnections - less }, pool)).toBe(false);
        },
      ),
      { numRuns: 200, seed: SEED },
    );
  });
});
