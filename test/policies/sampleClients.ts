import { type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "../../policies/plan/plan";
import type { Settings } from "../../policies/plan/settings";
import { DATABASE, environment, resource, type Sample, samplePlan, urn } from "./samplePlan";

export const WORKER = urn("aws:ecs/service:Service", "worker");
export const FUNCTION = urn("aws:lambda/function:Function", "resize");
export const REPORTS = urn("aws:rds/instance:Instance", "reports");

/** What a test may change of a second service, which needs next to nothing of the sample's database. */
export interface WorkerSample {
  readonly environment: { readonly [name: string]: string };
  /** Names of secrets, each with the parameter under `/shop/` that holds it. */
  readonly secrets: { readonly [name: string]: string };
  readonly tags: Sample["tags"];
  readonly service: PropertyMap;
  readonly taskDefinition: PropertyMap;
}

/** A second service of 4 tasks, 8 while a deployment is under way, each with a pool of this size. */
export function worker(poolMax: number | undefined, changes: Partial<WorkerSample> = {}): PlanResource[] {
  const variables = { ...(poolMax === undefined ? {} : { DB_POOL_MAX: poolMax }), ...changes.environment };
  const container = {
    name: "worker",
    environment: Object.entries(variables).map(([name, value]) => ({ name, value: String(value) })),
    secrets: Object.entries(changes.secrets ?? {}).map(([name, path]) => ({
      name,
      valueFrom: secretArn(path),
    })),
  };
  const tags = { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10", ...changes.tags };
  const definition = resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
    family: "worker",
    containerDefinitions: JSON.stringify([container]),
    ...changes.taskDefinition,
  });
  const service = resource(
    "aws:ecs/service:Service",
    "worker",
    { name: "worker-7654321", desiredCount: 4, tags: defined(tags), ...changes.service },
    { taskDefinition: [definition.urn] },
  );
  return [definition, service];
}

const secretArn = (path: string): string => `arn:aws:ssm:eu-west-1:123456789012:parameter/shop/${path}`;

const defined = (all: { readonly [name: string]: PropertyValue | undefined }): PropertyMap =>
  Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined),
  );

/** A client that the policy configuration describes: a floor of 6 for each of its 4 instances. */
export const described = (
  name: string,
  poolMax: number,
  changes: Partial<Settings["clients"][number]> = {},
): Settings["clients"][number] => ({
  name,
  poolMax,
  instances: 4,
  acquireTimeoutMs: 1_000,
  peakRequestsPerSecond: 80,
  holdMs: 90,
  ...changes,
});

/** The same without its demand. */
export const undeclared = (
  name: string,
  poolMax: number,
  changes: Partial<Settings["clients"][number]> = {},
): Settings["clients"][number] => ({ name, poolMax, instances: 4, acquireTimeoutMs: 1_000, ...changes });

/** A function with a pool of one connection in each environment. */
export const lambda = (properties: PropertyMap = {}, name = "resize"): PlanResource =>
  resource("aws:lambda/function:Function", name, {
    name,
    timeout: 3,
    environment: { variables: { DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" } },
    tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10" },
    ...properties,
  });

/** A second database, so that nothing says by itself which one a client uses. */
export const secondDatabase = (properties: PropertyMap = {}, name = "reports"): PlanResource =>
  resource("aws:rds/instance:Instance", name, {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    ...properties,
  });

/** A parameter made from one of the stack's resources, whose value the deployment makes. */
export const hostFrom = (made: string, name: string): PlanResource =>
  resource(
    "aws:ssm/parameter:Parameter",
    name,
    { name: `/shop/db/${name}`, value: UNKNOWN },
    { value: [made] },
  );

/** The sample's task with these definitions of its containers. */
export const containers = (...definitions: readonly object[]): Pick<Sample, "taskDefinition"> => ({
  taskDefinition: { containerDefinitions: JSON.stringify(definitions) },
});

/** A container as ECS has it, with these variables. */
export const container = (name: string, variables: Sample["environment"], more: object = {}): object => ({
  name,
  environment: Object.entries(variables).map(([each, value]) => ({ name: each, value })),
  ...more,
});

/** The sample without its service, and with these resources in its place. */
export const instead = (...resources: readonly PlanResource[]) => ({
  resources: [...samplePlan().resources.filter(({ type }) => !type.startsWith("aws:ecs")), ...resources],
});

export const DEPLOYMENT = urn("kubernetes:apps/v1:Deployment", "web");
export const APP_RUNNER = urn("aws:apprunner/service:Service", "web");
const SETTINGS = { REQUEST_TIMEOUT_MS: "8000", DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" };

/** A Kubernetes deployment of 8 pods with the load of the sample. */
export const deployment = (poolMax: string, spec: PropertyMap = {}): PlanResource =>
  resource(
    "kubernetes:apps/v1:Deployment",
    "web",
    {
      metadata: {
        name: "web",
        annotations: { "poolproof/peak-requests-per-second": "400", "poolproof/db-hold-ms": "99" },
      },
      spec: {
        replicas: 8,
        strategy: { type: "Recreate" },
        template: {
          spec: {
            containers: [
              {
                name: "web",
                image: "example/web:1",
                env: [
                  ...Object.entries(SETTINGS).map(([name, value]) => ({ name, value })),
                  { name: "DB_POOL_MAX", value: poolMax },
                ],
              },
            ],
          },
        },
        ...spec,
      },
    },
    { spec: [DATABASE] },
  );

/** An App Runner service of 1 to 25 instances, with the demand in its tags. */
export const appRunner = (poolMax: string, variables: PropertyMap | typeof UNKNOWN = {}): PlanResource =>
  resource(
    "aws:apprunner/service:Service",
    "web",
    {
      serviceName: "web",
      tags: { "poolproof:peak-requests-per-second": "50", "poolproof:db-hold-ms": "90" },
      sourceConfiguration: {
        imageRepository: {
          imageIdentifier: "example/web:1",
          imageConfiguration: {
            runtimeEnvironmentVariables:
              variables === UNKNOWN ? UNKNOWN : { ...SETTINGS, DB_POOL_MAX: poolMax, ...variables },
          },
        },
      },
    },
    { sourceConfiguration: [DATABASE] },
  );

/** The sample's container with these variables in plain text, and one more from a secret, which no plan shows. */
export function fromSecret(name: string, variables: Sample["environment"]): Pick<Sample, "taskDefinition"> {
  const shown = Object.entries(variables).filter(([each]) => each !== name);
  const container = {
    name: "api",
    environment: shown.map(([each, value]) => ({ name: each, value })),
    secrets: [{ name, valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere" }],
  };
  return { taskDefinition: { containerDefinitions: JSON.stringify([container]) } };
}

export const PROXY = urn("aws:rds/proxy:Proxy", "proxy");
export const PROXY_POOL = urn("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "proxy-pool");

export interface ProxySample {
  readonly proxy: PropertyMap;
  /** Undefined leaves the default target group to AWS. */
  readonly pool: PropertyMap | undefined;
}

/** An RDS Proxy before the sample's database, which every rule passes. */
export function proxyResources(changes: Partial<ProxySample> = {}): PlanResource[] {
  const pool = "pool" in changes ? changes.pool : {};
  return [
    resource("aws:rds/proxy:Proxy", "proxy", {
      name: "proxy-1234567",
      endpoint: UNKNOWN,
      requireTls: true,
      ...changes.proxy,
    }),
    ...(pool === undefined
      ? []
      : [
          resource(
            "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
            "proxy-pool",
            {
              dbProxyName: "proxy-1234567",
              connectionPoolConfig: {
                maxConnectionsPercent: 90,
                maxIdleConnectionsPercent: 45,
                connectionBorrowTimeout: 2,
                ...pool,
              },
            },
            { dbProxyName: [PROXY] },
          ),
        ]),
    resource(
      "aws:rds/proxyTarget:ProxyTarget",
      "proxy-target",
      { dbProxyName: "proxy-1234567", dbInstanceIdentifier: "db1234567" },
      { dbProxyName: [PROXY], dbInstanceIdentifier: [DATABASE] },
    ),
    resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [PROXY] },
    ),
  ];
}

/** A second proxy before the same database, with a host of its own in `/shop/db/two`. */
export function secondProxy(): PlanResource[] {
  return JSON.parse(
    JSON.stringify(proxyResources())
      .replaceAll("proxy", "second")
      .replaceAll("aws:rds/second", "aws:rds/proxy")
      .replaceAll("db/host", "db/two")
      .replaceAll('"host"', '"two"')
      .replaceAll("::host", "::two"),
  ) as PlanResource[];
}

/** The parameter group of the sample behind a proxy, which sends none of a client's start-up parameters on. */
export const PROXIED_PARAMETERS: Sample["parameters"] = [
  { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
  { name: "statement_timeout", value: "2000" },
  { name: "lock_timeout", value: "1500" },
];

/** The sample with its host taken from the proxy. */
export function throughProxy(
  variables: { readonly [name: string]: string | undefined } = {},
  changes: Partial<ProxySample> = {},
): Partial<Sample> {
  const containers = [
    {
      name: "api",
      environment: Object.entries(
        environment({ DB_CONNECTION: "proxy", DB_POOL_MAX_LIFETIME_MS: "3600000", ...variables }),
      ).map(([name, value]) => ({ name, value })),
      secrets: [{ name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" }],
    },
  ];
  return {
    parameters: PROXIED_PARAMETERS,
    taskDefinition: { containerDefinitions: JSON.stringify(containers) },
    extra: proxyResources(changes),
  };
}
