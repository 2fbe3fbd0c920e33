import fc from "fast-check";
import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";

type Path = readonly (string | number)[];

/** One change to one resource of a plan; numbers select a resource and a place in it, modulo what there is. */
export interface Mutation {
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

export const hostileValue: fc.Arbitrary<PropertyValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<PropertyValue>(...HOSTILE_VALUES) },
  { weight: 4, arbitrary: fc.constantFrom<PropertyValue>(...HOSTILE_TEXTS) },
  { weight: 2, arbitrary: fc.nat(100_000).map(String) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<PropertyValue> },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
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

export function mutated(plan: Plan, mutations: readonly Mutation[]): Plan {
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

/** Every place in a value, the value itself included. */
function places(value: PropertyValue, path: Path = []): Path[] {
  const inside =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, item]) => places(item as PropertyValue, [...path, key]))
      : [];
  return [path, ...inside];
}

function replaceAt(value: PropertyValue, [first, ...rest]: Path, by: PropertyValue): PropertyValue {
  if (first === undefined) return by;
  if (Array.isArray(value)) {
    const items = value as readonly PropertyValue[];
    return items.map((item, i) => (i === Number(first) ? replaceAt(item, rest, by) : item));
  }
  const changed: { [key: string]: PropertyValue } = { ...(value as PropertyMap) };
  changed[first] = replaceAt(changed[first] ?? null, rest, by);
  return changed;
}
