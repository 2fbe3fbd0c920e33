import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { isMap } from "../../../policies/plan/reading";
import { CLIENTS_BY_DEPENDENCY, UNREAD_DATABASES } from "../plan/kindsOfClients";
import { by, judgePlan } from "../rules/judge";
import { environment, resource, samplePlan } from "../samplePlan";
import { generatedStack, outputs, planOf, SEED, UNFAMILIAR } from "./generate";
import { plainBudget, plainFloor } from "./plainModel";
import { SECRETS, shop, ZOO } from "./zoo";

const GENERATED_PLANS = 3_000;

describe(`${GENERATED_PLANS} generated stacks (seed ${SEED})`, () => {
  it("are rejected by floor and budget exactly where a plain recomputation finds them broken", () => {
    const seen = { floor: 0, budget: 0, neither: 0, hidden: 0 };
    fc.assert(
      fc.property(generatedStack, (stack) => {
        const report = judgePlan(planOf(stack));
        for (const [format, text] of Object.entries(outputs(report))) {
          for (const secret of Object.values(SECRETS)) expect(text.includes(secret), format).toBe(false);
        }
        const unread = by(report, "coverage").filter(({ resource }) => resource === UNFAMILIAR.urn);
        expect(unread.length).toBe(stack.around.includes("unfamiliar") ? 1 : 0);
        expect(report.coverage.unexamined.some(({ resource }) => resource.endsWith("::host"))).toBe(
          stack.around.includes("carrier"),
        );
        if (stack.hides !== "nothing") {
          seen.hidden += 1;
          expect(report.verdict).toBe("rejected");
          return;
        }
        const { demand, budget } = plainBudget(stack);
        expect(by(report, "connection-budget").length > 0).toBe(demand > budget);
        expect(report.budgets[0]).toMatchObject({ demandAtPeak: demand });
        const starved = new Set(by(report, "pool-floor").map(({ resource }) => resource.split("::").pop()));
        const floors = stack.services.map(plainFloor);
        for (const [i, { pool }] of stack.services.entries()) {
          const floor = floors[i];
          if (floor !== undefined)
            expect(starved.has(`s${i}`), `s${i}: ${pool} of ${floor}`).toBe(pool < floor);
        }
        const isStarved = floors.some(
          (floor, i) => floor !== undefined && (stack.services[i]?.pool ?? 0) < floor,
        );
        if (isStarved || demand > budget) expect(report.verdict).toBe("rejected");
        seen[isStarved ? "floor" : demand > budget ? "budget" : "neither"] += 1;
      }),
      { seed: SEED, numRuns: GENERATED_PLANS },
    );
    // Every kind must have come up, or the agreement is about nothing.
    for (const [kind, count] of Object.entries(seen)) {
      expect(count, kind).toBeGreaterThan(GENERATED_PLANS / 30);
    }
  });
});

const PLANS = 4_000;

/** What a value is made from once it is hidden: of a type that nothing is known of. */
const MYSTERY = resource("acme:index/mystery:Mystery", "mystery", {});

/** Types whose disappearance takes a database, a client or a way between them out of sight. */
const RETYPED =
  /^(?:(?!aws:(?:rds|ecs|lambda|ssm|secretsmanager|lb|cloudwatch|appautoscaling)\/)|aws:rds\/(?:instance|cluster|clusterInstance|proxy):|aws:ecs\/(?:service|taskDefinition):|aws:lambda\/function:|aws:ssm\/parameter:|aws:secretsmanager\/|kubernetes:)/;

interface Removal {
  readonly resource: number;
  readonly path: readonly number[];
  readonly retypes: boolean;
}

const removal: fc.Arbitrary<Removal> = fc.record({
  resource: fc.nat(),
  path: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  retypes: fc.boolean(),
});

const at = <T>(items: readonly T[], position: number): T | undefined =>
  items[position % Math.max(1, items.length)];

/** The plan with one value hidden, or one type made unfamiliar. */
function lessKnown({ resources }: Plan, { resource: position, path, retypes }: Removal): Plan {
  const target = at(resources, position);
  // That an unread database is one, its type and its engine alone say.
  if (target === undefined || target.type.startsWith("pulumi:") || UNREAD_DATABASES.includes(target))
    return { resources };
  const changed =
    retypes && RETYPED.test(target.type)
      ? { ...target, type: "acme:index/thing:Thing" }
      : hidden(target, path);
  return { resources: [...resources.map((each) => (each === target ? changed : each)), MYSTERY] };
}

function hidden(target: PlanResource, path: readonly number[]): PlanResource {
  const top = at(Object.keys(target.properties), path[0] ?? 0);
  if (top === undefined) return target;
  const properties: PropertyMap = {
    ...target.properties,
    [top]: hide(target.properties[top] ?? null, path.slice(1)),
  };
  const made = [...(target.propertyDependencies[top] ?? []), MYSTERY.urn];
  return { ...target, properties, propertyDependencies: { ...target.propertyDependencies, [top]: made } };
}

/** Hides a value inside a list or an object, or the whole of it. */
function hide(value: PropertyValue, path: readonly number[]): PropertyValue {
  const [next, ...rest] = path;
  if (next === undefined) return UNKNOWN;
  if (Array.isArray(value) && value.length > 0) {
    const items = value as readonly PropertyValue[];
    return items.map((item, i) => (i === next % items.length ? hide(item, rest) : item));
  }
  if (isMap(value) && Object.keys(value).length > 0) {
    const key = at(Object.keys(value), next) ?? "";
    return { ...value, [key]: hide(value[key] ?? null, rest) };
  }
  return UNKNOWN;
}

// What only a text names is not among them: once the text is hidden, nothing says that it named a database.
const KINDS = [...CLIENTS_BY_DEPENDENCY, ...UNREAD_DATABASES];
const without = (name: string): Plan => ({
  resources: shop("12").resources.filter((each) => each.name !== name),
});

/** Stacks that are rejected for one thing alone, so that nothing else is left to reject them where that is hidden. */
const ONE_CAUSE: readonly Plan[] = [
  shop("3"),
  shop("60"),
  without("db-params"),
  samplePlan({ scaling: { minCapacity: 8, maxCapacity: 60 } }),
  samplePlan({ service: { deploymentMaximumPercent: 800 } }),
  samplePlan({ environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }) }),
  samplePlan({ environment: environment({ DB_STATEMENT_TIMEOUT_MS: "9000" }) }),
  samplePlan({ environment: environment({ AUDIT_POOL_SIZE: "9" }) }),
  samplePlan({ environment: environment({ DB_HOST: "other.c9akciq32abc.eu-west-1.rds.amazonaws.com" }) }),
  samplePlan({ tags: {} }),
  samplePlan({ parameters: [{ name: "max_connections", value: "60", applyMethod: "pending-reboot" }] }),
  ...KINDS.map((kind) => samplePlan({ extra: [kind] })),
];

const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...ONE_CAUSE) },
  { weight: 1, arbitrary: fc.constantFrom(...ZOO) },
  { weight: 1, arbitrary: generatedStack.map(planOf) },
);

describe(`${PLANS} plans of which less is known (seed ${SEED})`, () => {
  it("are rejected where they were rejected with more: no unknown value and no unfamiliar type makes a stack safe", () => {
    let rejected = 0;
    fc.assert(
      fc.property(plan, fc.array(removal, { minLength: 1, maxLength: 3 }), (known, removals) => {
        if (judgePlan(known).verdict !== "rejected") return;
        rejected += 1;
        const unknown = removals.reduce(lessKnown, known);
        expect(judgePlan(unknown).verdict).toBe("rejected");
      }),
      { seed: SEED, numRuns: PLANS },
    );
    expect(rejected).toBeGreaterThan(PLANS / 2);
  }, 600_000);
});
