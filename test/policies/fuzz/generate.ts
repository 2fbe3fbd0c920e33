import fc from "fast-check";
import { type Plan, type PlanResource, type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { FORMATS, render } from "../../../policies/reports/render";
import type { Report } from "../../../policies/reports/report";
import { SAMPLE_ALARMS } from "../sampleAlarms";
import { resource, urn } from "../samplePlan";
import { SECRETS } from "./zoo";

/** Every run tries the same plans; another seed tries others: `FUZZ_SEED=7 npx vitest run test/policies/fuzz`. */
export const SEED = Number(process.env.FUZZ_SEED ?? 20_240_902);

/** One service of a generated stack, in numbers that are all in range. */
export interface GeneratedService {
  readonly tasks: number;
  readonly maximumPercent: number;
  readonly processes: number;
  readonly pool: number;
  readonly requestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitions: number;
}

export interface GeneratedStack {
  readonly maxConnections: number;
  readonly services: readonly GeneratedService[];
  /** What else the stack holds: alarms on its database, a parameter with its address, a client that no reader knows. */
  readonly around: readonly ("alarms" | "carrier" | "unfamiliar")[];
  /** What the preview hides, if anything. */
  readonly hides: "nothing" | "containers" | "parameters" | "tags";
}

const service: fc.Arbitrary<GeneratedService> = fc.record({
  tasks: fc.integer({ min: 1, max: 20 }),
  maximumPercent: fc.constantFrom(100, 125, 150, 200, 300),
  processes: fc.constantFrom(1, 1, 1, 2, 4),
  pool: fc.integer({ min: 1, max: 40 }),
  requestsPerSecond: fc.integer({ min: 0, max: 1500 }),
  holdMs: fc.integer({ min: 1, max: 120 }),
  acquisitions: fc.constantFrom(1, 1, 1.1, 1.5, 2),
});

export const generatedStack: fc.Arbitrary<GeneratedStack> = fc.record({
  maxConnections: fc.integer({ min: 20, max: 4000 }),
  services: fc.array(service, { minLength: 1, maxLength: 4 }),
  around: fc.subarray(["alarms", "carrier", "unfamiliar"]),
  hides: fc.constantFrom("nothing", "nothing", "nothing", "nothing", "containers", "parameters", "tags"),
});

/** The plan of a generated stack: one PostgreSQL, the services all on it. */
export function planOf({ maxConnections, services, around, hides }: GeneratedStack): Plan {
  const group = urn("aws:rds/parameterGroup:ParameterGroup", "pg");
  const limit = { name: "max_connections", value: String(maxConnections), applyMethod: "pending-reboot" };
  return {
    resources: [
      resource("aws:rds/parameterGroup:ParameterGroup", "pg", {
        name: "pg-1",
        family: "postgres17",
        parameters: hides === "parameters" ? UNKNOWN : [limit],
      }),
      resource(
        "aws:rds/instance:Instance",
        "db",
        {
          engine: "postgres",
          engineVersion: "17",
          instanceClass: "db.m7g.4xlarge",
          parameterGroupName: "pg-1",
          password: SECRETS.password,
        },
        { parameterGroupName: [group] },
      ),
      ...around.flatMap((what) => AROUND[what]),
      ...services.flatMap((each, i) => serviceOf(each, `s${i}`, i === 0 ? hides : "nothing")),
    ],
  };
}

const DATABASE = urn("aws:rds/instance:Instance", "db");

/** A client of a type that no reader knows. */
export const UNFAMILIAR = resource(
  "acme:index/worker:Worker",
  "worker",
  { host: UNKNOWN },
  { host: [DATABASE] },
);

const AROUND: { readonly [what in GeneratedStack["around"][number]]: readonly PlanResource[] } = {
  alarms: SAMPLE_ALARMS,
  carrier: [
    resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/db/host", value: UNKNOWN },
      { value: [DATABASE] },
    ),
  ],
  unfamiliar: [UNFAMILIAR],
};

function serviceOf(of: GeneratedService, name: string, hides: GeneratedStack["hides"]): PlanResource[] {
  const variables = {
    DB_POOL_MAX: String(of.pool),
    WEB_CONCURRENCY: String(of.processes),
    DB_PASSWORD: SECRETS.environment,
  };
  const environment = Object.entries(variables).map(([key, value]) => ({ name: key, value }));
  const tags: PropertyMap = {
    "poolproof:peak-requests-per-second": String(of.requestsPerSecond),
    "poolproof:db-hold-ms": of.holdMs,
    "poolproof:db-acquisitions-per-request": String(of.acquisitions),
    "poolproof:tasks-at-peak": String(of.tasks),
  };
  return [
    resource("aws:ecs/taskDefinition:TaskDefinition", name, {
      family: name,
      containerDefinitions: hides === "containers" ? UNKNOWN : JSON.stringify([{ name, environment }]),
    }),
    resource(
      "aws:ecs/service:Service",
      name,
      {
        name,
        desiredCount: of.tasks,
        deploymentMaximumPercent: of.maximumPercent,
        tags: hides === "tags" ? UNKNOWN : tags,
      },
      { taskDefinition: [urn("aws:ecs/taskDefinition:TaskDefinition", name)] },
    ),
  ];
}

/** A report in every form it can leave the house in. */
export function outputs(report: Report): { readonly [format: string]: string } {
  const plain = FORMATS.map((format) => [format, render(report, format, { color: false, width: 80 })]);
  return {
    ...Object.fromEntries(plain),
    "text in colour": render(report, "text", { color: true, width: 120 }),
  };
}

/** Control characters other than line breaks and tabs: a terminal obeys them, and XML 1.0 forbids them. */
const CONTROL = /[^\P{Cc}\n\t]|[\ufffe\uffff]/u;

/** A markup character of XML that stands for itself where only text may. */
const LOOSE_AMPERSAND = /&(?!(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/i;

/** What a hostile name has done to a report's form; empty where it did nothing. */
export function deformities(printed: { readonly [format: string]: string }): string[] {
  const { json = "", sarif = "", junit = "", text = "", markdown = "" } = printed;
  const found: string[] = [];
  for (const [format, content] of Object.entries({ text, markdown, junit })) {
    if (CONTROL.test(content)) found.push(`${format} holds a control character`);
  }
  for (const [format, content] of Object.entries({ json, sarif })) {
    if (!isJson(content)) found.push(`${format} is not JSON`);
  }
  if (LOOSE_AMPERSAND.test(junit) || junit.includes("<script")) found.push("junit lets markup through");
  // Between backticks a tag is shown and not obeyed.
  if (/<script/i.test(markdown.replace(/`[^`\n]*`/g, ""))) found.push("markdown lets markup through");
  return found;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
