import {
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../policies/plan/plan";
import { isMap } from "../../policies/plan/reading";
import { resource, urn } from "./planResource";
import { SAMPLE_ALARMS } from "./sampleAlarms";

/** What a test may change of the sample stack, which is the outage of 2 September 2024 with a pool that is safe. */
export interface Sample {
  readonly environment: { readonly [name: string]: string };
  /** Tags of the service; `undefined` removes one. */
  readonly tags: { readonly [tag: string]: PropertyValue | undefined };
  readonly service: PropertyMap;
  readonly taskDefinition: PropertyMap;
  readonly scaling: PropertyMap | undefined;
  readonly parameters: readonly PropertyValue[] | typeof UNKNOWN;
  readonly database: PropertyMap;
  readonly idleTimeout: PropertyValue;
  readonly alarms: readonly PlanResource[];
  readonly extra: readonly PlanResource[];
}

export const SAFE: Sample = {
  environment: {
    DB_POOL_MAX: "12",
    DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
    DB_STATEMENT_TIMEOUT_MS: "2000",
    DB_LOCK_TIMEOUT_MS: "1500",
    DB_QUERY_TIMEOUT_MS: "2500",
    REQUEST_TIMEOUT_MS: "8000",
    HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000",
  },
  tags: {
    "poolproof:peak-requests-per-second": "400",
    "poolproof:db-hold-ms": "90",
    "poolproof:db-acquisitions-per-request": "1.1",
    "poolproof:tasks-at-peak": "8",
  },
  service: {},
  taskDefinition: {},
  scaling: { minCapacity: 8, maxCapacity: 8 },
  parameters: [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }],
  database: {},
  idleTimeout: 60,
  alarms: SAMPLE_ALARMS,
  extra: [],
};

/**
 * Parameters that rules on other things than the limit ask for. They stand beside whatever list a test gives, unless
 * that list is unknown or names them itself.
 */
const BESIDE: readonly PropertyMap[] = [
  { name: "idle_in_transaction_session_timeout", value: "60000" },
  { name: "log_connections", value: "1" },
  { name: "log_disconnections", value: "1" },
  { name: "log_lock_waits", value: "1" },
];

function withBeside(parameters: Sample["parameters"]): Sample["parameters"] {
  if (!Array.isArray(parameters)) return parameters;
  const items = parameters as readonly PropertyValue[];
  const named = new Set(items.filter(isMap).map(({ name }) => name));
  return [...items, ...BESIDE.filter(({ name }) => name === undefined || !named.has(name))];
}

export { resource, urn };

export const SERVICE = urn("aws:ecs/service:Service", "api");
export const TASK = urn("aws:ecs/taskDefinition:TaskDefinition", "api-task");
export const DATABASE = urn("aws:rds/instance:Instance", "db");
export const GROUP = urn("aws:rds/parameterGroup:ParameterGroup", "db-params");
const TARGET_GROUP = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");

/** A first preview of the sample: names are known, ARNs and ids are not. */
export function samplePlan(changes: Partial<Sample> = {}): Plan {
  const sample = { ...SAFE, ...changes };
  const environment = Object.entries(sample.environment).map(([name, value]) => ({ name, value }));
  const containers = [{ name: "api", image: "example/api:1", environment }];
  const tags: { [tag: string]: PropertyValue } = {};
  for (const [tag, value] of Object.entries(sample.tags)) if (value !== undefined) tags[tag] = value;
  const resources = [
    resource("pulumi:pulumi:Stack", "shop-test", {}),
    resource("aws:rds/parameterGroup:ParameterGroup", "db-params", {
      name: "db-params-1234567",
      family: "postgres17",
      parameters: withBeside(sample.parameters),
    }),
    resource(
      "aws:rds/instance:Instance",
      "db",
      {
        identifier: "db1234567",
        engine: "postgres",
        engineVersion: "17",
        instanceClass: "db.m7g.4xlarge",
        parameterGroupName: "db-params-1234567",
        password: "hunter2-the-password",
        address: UNKNOWN,
        enabledCloudwatchLogsExports: ["postgresql"],
        ...sample.database,
      },
      { parameterGroupName: [GROUP] },
    ),
    resource("aws:lb/loadBalancer:LoadBalancer", "alb", { idleTimeout: sample.idleTimeout, arn: UNKNOWN }),
    resource("aws:lb/targetGroup:TargetGroup", "api-tg", { arn: UNKNOWN }),
    resource(
      "aws:lb/listener:Listener",
      "https",
      { defaultActions: [{ type: "forward", targetGroupArn: UNKNOWN }], loadBalancerArn: UNKNOWN },
      { defaultActions: [TARGET_GROUP], loadBalancerArn: [BALANCER] },
    ),
    resource("aws:ecs/taskDefinition:TaskDefinition", "api-task", {
      family: "api",
      containerDefinitions: JSON.stringify(containers),
      arn: UNKNOWN,
      ...sample.taskDefinition,
    }),
    resource(
      "aws:ecs/service:Service",
      "api",
      {
        name: "api-1234567",
        taskDefinition: UNKNOWN,
        desiredCount: 8,
        deploymentMaximumPercent: 200,
        deploymentMinimumHealthyPercent: 100,
        deploymentConfiguration: UNKNOWN,
        loadBalancers: [{ targetGroupArn: UNKNOWN, containerName: "api", containerPort: 8080 }],
        tags,
        ...sample.service,
      },
      { taskDefinition: [TASK], loadBalancers: [TARGET_GROUP] },
    ),
    ...(sample.scaling === undefined
      ? []
      : [
          resource(
            "aws:appautoscaling/target:Target",
            "scaling",
            { resourceId: "service/main/api-1234567", ...sample.scaling },
            { resourceId: [SERVICE] },
          ),
        ]),
    ...sample.alarms,
    ...sample.extra,
  ];
  return { resources };
}

/** The sample's environment with some values changed; `undefined` removes one. */
export function environment(changes: { readonly [name: string]: string | undefined }): Sample["environment"] {
  const entries = Object.entries({ ...SAFE.environment, ...changes });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The sample's tags with some values changed. */
export const tags = (changes: Sample["tags"]): Sample["tags"] => ({ ...SAFE.tags, ...changes });

/** The plan with one resource made from others than it was. */
export const madeFrom = (
  plan: Plan,
  of: string,
  propertyDependencies: PlanResource["propertyDependencies"],
): Plan => ({
  resources: plan.resources.map((each) => (each.urn === of ? { ...each, propertyDependencies } : each)),
});

/** The plan with some properties of one resource, or of every one of a type, changed. */
export const withProperties = (plan: Plan, of: string, properties: PropertyMap): Plan => ({
  resources: plan.resources.map((each) =>
    each.urn === of || each.type === of
      ? { ...each, properties: { ...each.properties, ...properties } }
      : each,
  ),
});

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A secret as `pulumi stack export` writes it. */
export const encrypted = () => ({ ...SECRET, ciphertext: "v1:aGlkZGVu:Y2lwaGVydGV4dA==" });

/** A secret as `pulumi stack export --show-secrets` writes it: JSON in a text. */
export const inClear = (value: unknown) => ({ ...SECRET, plaintext: JSON.stringify(value) });

export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs: { readonly [property: string]: unknown };
  readonly [field: string]: unknown;
}

/** What AWS makes of a value that only it can decide. */
function deployed(value: PropertyValue, property: string): unknown {
  if (value === UNKNOWN) {
    return property === "deploymentConfiguration" ? { strategy: "ROLLING" } : `arn:aws:made:::${property}`;
  }
  if (Array.isArray(value)) return value.map((item: PropertyValue) => deployed(item, property));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deployed(item, key)]));
}

/** What `pulumi stack export` would write once a plan is deployed: what was unknown is known. */
export function stackExport(
  plan: Plan,
  change: (resource: ExportedResource) => ExportedResource = (resource) => resource,
): string {
  const resources = plan.resources.map((resource) => {
    const { urn, type, properties, propertyDependencies, dependencies, parent } = resource;
    const outputs = Object.fromEntries(
      Object.entries(properties).map(([property, value]) => [property, deployed(value, property)]),
    );
    const custom = !type.startsWith("pulumi:pulumi:");
    return change({ urn, custom, type, inputs: {}, outputs, parent, dependencies, propertyDependencies });
  });
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "v3.259.0" };
  return JSON.stringify({ version: 3, deployment: { manifest, resources } });
}
