import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../../policies/plan/plan";
import { places, replaceAt } from "../planResource";
import { judgePlan } from "../rules/judge";
import { deformities, outputs, SEED } from "./generate";
import { SECRETS, shop, ZOO } from "./zoo";

/** One change to one resource of a plan; numbers select a resource and a place in it, modulo what there is. */
interface Mutation {
  readonly resource: number;
  readonly place: number;
  readonly kind:
    | "replace"
    | "remove"
    | "inside containers"
    | "hide"
    | "rewire"
    | "rename"
    | "retype"
    | "twice";
  readonly value: PropertyValue;
}

const HOSTILE_TEXTS = [
  "",
  "ten",
  "__proto__",
  "constructor",
  "toString",
  "\u001b[31mred\u001b[0m",
  "\u001b]8;;http://example.com\u0007link\u001b]8;;\u0007",
  "line\nbreak\r\n::error::",
  "<script>alert(1)</script> & \"quotes\" 'single' ]]>",
  "| table | cell | `code` | ![x](http://example.com/x.png)",
  "\u0000\u0001\u0008\u000b\ufffe\uffff",
  "\ud800",
  "\u202eright to left",
  "数据库 – 🐘",
  "9".repeat(400),
  "x".repeat(100_000),
  "{".repeat(5_000),
  "((((((((".repeat(500),
  "LEAST({DBInstanceClassMemory/9531392},5000)",
  "LEAST(",
  "GREATEST({log(DBInstanceClassMemory/805306368)*45},1)",
  "*".repeat(60),
  "arn:aws:ecs:eu-west-1:123456789012:task-definition/api:1",
  "[]",
  "[{}]",
  "[null, 1, [[]]]",
  '[{"name":"api","environment":[{"name":"DB_POOL_MAX","value":{"a":1}}]}]',
  '{"__proto__":{"name":"x"}}',
  "AWS/RDS",
  "aws/rds",
  "DatabaseConnections",
  "hikaricp.connections.pending",
  "Sum",
  "p99.9",
  "GreaterThanThreshold",
  'ALARM("shop-connections") AND NOT OK(shop-timeouts)',
  "ALARM(".repeat(2_000),
  "100 * used / limit",
  `${"-".repeat(300)}used`,
  `IF(${"(".repeat(300)}used`,
  "arn:aws:sns:eu-west-1:123456789012:alarms",
  "0x10",
  "1e3",
  "-5",
  "0",
  "7",
  "1000000000",
  "Infinity",
  "NaN",
  "null",
  "undefined",
  "true",
] as const;

const HOSTILE_VALUES: readonly PropertyValue[] = [
  { DBInstanceIdentifier: UNKNOWN, "": "", constructor: "db1234567" },
  [{ id: "used", expression: "used", returnData: true }, UNKNOWN],
  [
    {
      id: "a",
      metric: { namespace: "AWS/RDS", metricName: "DatabaseConnections", stat: "Sum", period: -60 },
    },
  ],
  UNKNOWN,
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.5,
  7,
  250,
  100_000,
  2 ** 31,
  2 ** 53,
  1e300,
  -1e300,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  [],
  {},
  [[]],
  [UNKNOWN],
  [null],
  { a: UNKNOWN },
  JSON.parse('{"__proto__": {"tags": {"poolproof:db-hold-ms": "1"}}, "constructor": 1}') as PropertyValue,
];

const hostileValue: fc.Arbitrary<PropertyValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<PropertyValue>(...HOSTILE_VALUES) },
  { weight: 4, arbitrary: fc.constantFrom<PropertyValue>(...HOSTILE_TEXTS) },
  { weight: 2, arbitrary: fc.nat(100_000).map(String) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<PropertyValue> },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);

const mutation: fc.Arbitrary<Mutation> = fc.record({
  resource: fc.nat(60),
  place: fc.nat(400),
  kind: fc.constantFrom(
    "replace",
    "replace",
    "replace",
    "remove",
    "inside containers",
    "inside containers",
    "hide",
    "rewire",
    "rename",
    "retype",
    "twice",
  ),
  value: hostileValue,
});

function mutated(plan: Plan, mutations: readonly Mutation[]): Plan {
  return mutations.reduce(apply, plan);
}

function apply(plan: Plan, mutation: Mutation): Plan {
  const index = mutation.resource % plan.resources.length;
  const target = plan.resources[index];
  if (!target) return plan;
  if (mutation.kind === "twice") return { resources: [...plan.resources, target] };
  const changed = change(target, mutation, plan);
  return { resources: plan.resources.map((each, i) => (i === index ? changed : each)) };
}

function change(target: PlanResource, { kind, place, value }: Mutation, plan: Plan): PlanResource {
  const other = plan.resources[place % plan.resources.length]?.urn ?? "";
  const properties = Object.keys(target.properties);
  const property = properties[place % Math.max(1, properties.length)] ?? "tags";
  const text = typeof value === "string" ? value : "name";
  switch (kind) {
    case "replace":
      return atPlace(target, place, value);
    case "inside containers":
      return insideContainers(target, place, value);
    case "remove": {
      const { [property]: _, ...rest } = target.properties;
      return { ...target, properties: rest };
    }
    case "hide": {
      const { [property]: _, ...rest } = target.properties;
      return {
        ...target,
        properties: rest,
        propertyDependencies: { ...target.propertyDependencies, [property]: [other] },
      };
    }
    case "rewire":
      // A circle as often as not: the resource itself is one of those it may be made from.
      return {
        ...target,
        propertyDependencies: { ...target.propertyDependencies, [property]: [other, target.urn, text] },
        dependencies: [target.urn, other],
        parent: target.urn,
      };
    case "rename":
      return { ...target, name: text, urn: `urn:pulumi:test::shop::${target.type}::${text}` };
    default:
      return { ...target, type: plan.resources[place % plan.resources.length]?.type ?? text };
  }
}

function atPlace(target: PlanResource, place: number, value: PropertyValue): PlanResource {
  const all = places(target.properties).filter(({ length }) => length > 0);
  const path = all[place % Math.max(1, all.length)];
  if (!path) return { ...target, properties: { ...target.properties, tags: value } };
  return { ...target, properties: replaceAt(target.properties, path, value) as PropertyMap };
}

/** Container definitions are text: a change inside must go through the JSON. */
function insideContainers(target: PlanResource, place: number, value: PropertyValue): PlanResource {
  const text = target.properties.containerDefinitions;
  const containers = typeof text === "string" ? parsed(text) : undefined;
  if (containers === undefined) return atPlace(target, place, value);
  const all = places(containers);
  const changed = replaceAt(containers, all[place % all.length] ?? [], value === UNKNOWN ? null : value);
  return { ...target, properties: { ...target.properties, containerDefinitions: JSON.stringify(changed) } };
}

function parsed(text: string): PropertyValue | undefined {
  try {
    return JSON.parse(text) as PropertyValue;
  } catch {
    return undefined;
  }
}

/*
 * What no acceptance may contradict, worked out from the raw values of a plan without a line of the product. It is
 * deliberately simple: where a value is not plainly a number it is left out of the sum, so a budget found broken here
 * is broken for certain, and nothing follows from one that is not.
 */

type Raw = { readonly [key: string]: unknown };

const raw = (value: unknown): Raw => (typeof value === "object" && value !== null ? (value as Raw) : {});
const own = (value: unknown, key: string): unknown => {
  const map = raw(value);
  return Object.hasOwn(map, key) ? map[key] : undefined;
};

function whole(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function decimal(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
}

/** Reasons why the plan must not be accepted; empty when none is certain. */
function plainlyBroken(plan: Plan): string[] {
  const found: string[] = [];
  const databases = plan.resources.filter(({ type }) =>
    [
      "aws:rds/instance:Instance",
      "aws:rds/cluster:Cluster",
      "aws:rds/clusterInstance:ClusterInstance",
    ].includes(type),
  );
  const [database] = databases;
  // Several databases, or a proxy between: which pool counts where is the reader's business, not arithmetic.
  if (databases.length !== 1 || database?.type !== "aws:rds/instance:Instance") return found;
  if (plan.resources.some(({ type }) => type.startsWith("aws:rds/proxy"))) return found;
  // The same resource twice is no plan an engine makes: which of the two holds is not said.
  if (new Set(plan.resources.map(({ urn }) => urn)).size < plan.resources.length) return found;

  const limit = own(database.properties, "engine") === "postgres" ? explicitLimit(plan, database) : undefined;
  let total = 0;
  for (const service of plan.resources) {
    if (service.type !== "aws:ecs/service:Service") continue;
    const environment = onlyContainer(plan, service);
    const pool = environment && whole(environment.get("DB_POOL_MAX"));
    if (environment === undefined || pool === undefined) continue;
    if (environment.has("DATABASE_URL") && pool === 0) continue;
    const processes = environment.has("WEB_CONCURRENCY") ? whole(environment.get("WEB_CONCURRENCY")) : 1;
    if (processes === undefined || processes === 0) continue;

    const desired = whole(own(service.properties, "desiredCount"));
    if (desired !== undefined) {
      const percent = own(service.properties, "deploymentMaximumPercent");
      const surge = typeof percent === "number" && percent >= 100 ? percent : 100;
      total += Math.floor((desired * surge) / 100) * processes * pool;
    }

    const tags = own(service.properties, "tags");
    if (own(tags, "poolproof:pool-library") !== undefined) continue;
    const rate = decimal(own(tags, "poolproof:peak-requests-per-second"));
    const hold = decimal(own(tags, "poolproof:db-hold-ms"));
    const each = own(tags, "poolproof:db-acquisitions-per-request");
    const acquisitions = each === undefined ? 1 : decimal(each);
    const tasks = whole(own(tags, "poolproof:tasks-at-peak"));
    if (rate === undefined || hold === undefined || acquisitions === undefined || !tasks) continue;
    const busy = (rate * acquisitions * hold) / 1000 / (tasks * processes);
    if (busy > pool * 1.0001) {
      found.push(`${service.name} keeps ${busy} connections busy and has ${pool}`);
    }
  }
  if (limit !== undefined && total > limit) {
    found.push(`${total} connections may be opened at once, and the server refuses those above ${limit}`);
  }
  return found;
}

/** `max_connections` when the database's own group sets it once, as a plain number. */
function explicitLimit(plan: Plan, database: PlanResource): number | undefined {
  const name = own(database.properties, "parameterGroupName");
  const groups = plan.resources.filter(
    ({ type, properties }) =>
      type === "aws:rds/parameterGroup:ParameterGroup" && own(properties, "name") === name,
  );
  const [group] = groups;
  const list = group && groups.length === 1 ? own(group.properties, "parameters") : undefined;
  if (typeof name !== "string" || !Array.isArray(list)) return undefined;
  // Made from something else as well: what stands there may not be what counts.
  if ((database.propertyDependencies.parameterGroupName ?? []).some((urn) => urn !== group?.urn))
    return undefined;
  const values = list
    .filter((entry) => own(entry, "name") === "max_connections")
    .map((entry) => own(entry, "value"));
  return values.length === 1 ? whole(values[0]) : undefined;
}

/** The environment of a service's single container, where every variable is set once and as plain text. */
function onlyContainer(plan: Plan, service: PlanResource): Map<string, unknown> | undefined {
  const made = Object.hasOwn(service.propertyDependencies, "taskDefinition")
    ? (service.propertyDependencies.taskDefinition ?? [])
    : [];
  const tasks = plan.resources.filter(
    ({ urn, type }) => made.includes(urn) && type === "aws:ecs/taskDefinition:TaskDefinition",
  );
  const text = tasks.length === 1 ? own(tasks[0]?.properties, "containerDefinitions") : undefined;
  if (typeof text !== "string") return undefined;
  let containers: unknown;
  try {
    containers = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(containers) || containers.length !== 1) return undefined;
  const environment = own(containers[0], "environment");
  if (!Array.isArray(environment)) return undefined;
  const variables = new Map<string, unknown>();
  for (const entry of environment) {
    const name = own(entry, "name");
    if (typeof name !== "string" || variables.has(name)) return undefined;
    variables.set(name, own(entry, "value"));
  }
  const secrets = own(containers[0], "secrets");
  if (Array.isArray(secrets) && secrets.some((entry) => variables.has(String(own(entry, "name")))))
    return undefined;
  return variables;
}

const MUTATED_PLANS = 7_000;
/** Far above what any plan of a dozen resources takes, even on a machine that is busy with something else. */
const LONGEST_MS = 5_000;

/** JSON writes infinity as null, which in a report means something else. */
const finite = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? `not a number: ${value}` : value;

describe(`${MUTATED_PLANS} mutated plans (seed ${SEED})`, () => {
  it("never crash, never hang, never pass with a plainly broken budget, never print a secret or a broken report", () => {
    let broken = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...ZOO.keys()),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (start, mutations) => {
          const plan = mutated(ZOO[start] ?? shop("12"), mutations);
          const began = performance.now();
          const report = judgePlan(plan);
          const printed = outputs(report);
          expect(performance.now() - began).toBeLessThan(LONGEST_MS);
          const reasons = plainlyBroken(plan);
          if (reasons.length > 0) {
            broken += 1;
            expect(report.verdict, reasons.join("; ")).toBe("rejected");
          }
          for (const [format, text] of Object.entries(printed)) {
            for (const secret of Object.values(SECRETS)) expect(text.includes(secret), format).toBe(false);
          }
          expect(deformities(printed)).toEqual([]);
          expect(JSON.stringify(JSON.parse(printed.json ?? ""))).toBe(JSON.stringify(report, finite));
        },
      ),
      { seed: SEED, numRuns: MUTATED_PLANS },
    );
    // The recomputation must have had something to say, or this test proves nothing.
    expect(broken).toBeGreaterThan(MUTATED_PLANS / 20);
  });

  it("start from plans that the recomputation tells apart", () => {
    expect(plainlyBroken(shop("12"))).toEqual([]);
    expect(plainlyBroken(shop("3"))).toEqual([expect.stringContaining("busy and has 3")]);
    expect(plainlyBroken(shop("60"))).toEqual([expect.stringContaining("above 400")]);
  });
});
