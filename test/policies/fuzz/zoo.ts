import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, compositeAlarm, connectionsAlarm, metricAlarm, topic } from "../sampleAlarms";
import { environment, resource, samplePlan, urn } from "../samplePlan";

/** Every place where a stack may hold a secret; none of these texts may reach a report. */
export const SECRETS = {
  password: "zq-master-password",
  url: "zq-password-in-url",
  environment: "zq-container-variable",
  container: "zq-secret-value-from",
  version: "zq-secret-version",
  parameter: "zq-secure-string",
  lambda: "zq-function-variable",
  userData: "zq-user-data",
} as const;

const URL = `postgresql://app:${SECRETS.url}@db.internal:5432/app?connection_limit=12&pool_timeout=2`;

const hidden = environment({
  DATABASE_URL: URL,
  DB_PASSWORD: SECRETS.environment,
  API_KEY: SECRETS.environment,
});

/** What lies around the sample's service and database: carriers of secrets that no rule has to read. */
const carriers = (): PlanResource[] => [
  resource("aws:secretsmanager/secret:Secret", "db", { name: "shop/db", arn: UNKNOWN }),
  resource(
    "aws:secretsmanager/secretVersion:SecretVersion",
    "db",
    { secretId: UNKNOWN, secretString: JSON.stringify({ password: SECRETS.version }) },
    { secretId: [urn("aws:secretsmanager/secret:Secret", "db")] },
  ),
  resource("aws:ssm/parameter:Parameter", "url", {
    name: "/shop/url",
    type: "SecureString",
    value: SECRETS.parameter,
  }),
  resource("aws:ec2/launchTemplate:LaunchTemplate", "bastion", { userData: SECRETS.userData }),
];

/** The outage's stack with a pool of this size, and secrets wherever one may be. */
export function shop(poolMax: string): Plan {
  return samplePlan({
    environment: { ...hidden, DB_POOL_MAX: poolMax },
    database: { password: SECRETS.password },
    extra: [...carriers(), ...alarms()],
  });
}

/** Alarms of every form beside those of the sample: one metric, metric math, composites that read one another. */
const alarms = (): PlanResource[] => [
  connectionsAlarm({ name: "shop-near-limit", alarmActions: [] }, {}, "near-limit"),
  metricAlarm("saturated", {
    threshold: 90,
    alarmActions: [],
    metricQueries: [
      { id: "share", expression: "100 * used / limit", returnData: true },
      ...["count", "max"].map((what, i) => ({
        id: i === 0 ? "used" : "limit",
        metric: {
          namespace: "Shop/Pool",
          metricName: `db.client.connection.${what}`,
          stat: "Average",
          period: 60,
          dimensions: { "db.client.connection.pool.name": "api" },
        },
      })),
    ],
  }),
  compositeAlarm("cause", { alarmRule: 'ALARM("shop-saturated") AND NOT ALARM("shop-near-limit")' }),
  compositeAlarm(
    "symptom",
    { alarmRule: UNKNOWN, actionsSuppressor: { alarm: "shop-cause", waitPeriod: 60, extensionPeriod: 60 } },
    { alarmRule: [alarmUrn("near-limit")] },
  ),
];

const CLUSTER = urn("aws:rds/cluster:Cluster", "aurora");
const PROXY = urn("aws:rds/proxy:Proxy", "proxy");

/** Aurora behind a proxy, with a function and a service: every reader that the shop does not need. */
export function aurora(): Plan {
  const member = (name: string): PlanResource =>
    resource(
      "aws:rds/clusterInstance:ClusterInstance",
      name,
      { clusterIdentifier: UNKNOWN, engine: "aurora-postgresql", instanceClass: "db.serverless" },
      { clusterIdentifier: [CLUSTER] },
    );
  return {
    resources: [
      ...carriers(),
      resource("aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora", {
        name: "aurora-1",
        family: "aurora-postgresql16",
        parameters: [
          { name: "rds.force_ssl", value: "1", applyMethod: "immediate" },
          { name: "idle_in_transaction_session_timeout", value: "60000", applyMethod: "immediate" },
        ],
      }),
      resource(
        "aws:rds/cluster:Cluster",
        "aurora",
        {
          clusterIdentifier: "aurora",
          engine: "aurora-postgresql",
          engineVersion: "16.4",
          masterPassword: SECRETS.password,
          dbClusterParameterGroupName: "aurora-1",
          serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: 16 },
          endpoint: UNKNOWN,
        },
        {
          dbClusterParameterGroupName: [urn("aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora")],
        },
      ),
      member("aurora-0"),
      member("aurora-1"),
      resource("aws:rds/proxy:Proxy", "proxy", {
        name: "proxy-1",
        engineFamily: "POSTGRESQL",
        requireTls: true,
        idleClientTimeout: 900,
        endpoint: UNKNOWN,
      }),
      resource(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "proxy",
        {
          dbProxyName: "proxy-1",
          connectionPoolConfig: {
            maxConnectionsPercent: 60,
            maxIdleConnectionsPercent: 30,
            connectionBorrowTimeout: 5,
          },
        },
        { dbProxyName: [PROXY] },
      ),
      resource(
        "aws:rds/proxyTarget:ProxyTarget",
        "proxy",
        { dbProxyName: "proxy-1", dbClusterIdentifier: UNKNOWN },
        { dbProxyName: [PROXY], dbClusterIdentifier: [CLUSTER] },
      ),
      resource(
        "aws:lambda/function:Function",
        "worker",
        {
          name: "worker-1",
          timeout: 30,
          reservedConcurrentExecutions: 20,
          environment: {
            variables: {
              PGHOST: UNKNOWN,
              PGPASSWORD: SECRETS.lambda,
              DB_POOL_MAX: "1",
              DB_POOL_ACQUIRE_TIMEOUT_MS: "6000",
              DB_QUERY_TIMEOUT_MS: "6000",
            },
          },
          tags: { "poolproof:peak-requests-per-second": "50", "poolproof:db-hold-ms": "40" },
        },
        { environment: [PROXY] },
      ),
      topic(),
      metricAlarm(
        "proxy-latency",
        {
          namespace: "AWS/RDS",
          metricName: "DatabaseConnectionsBorrowLatency",
          extendedStatistic: "p99",
          period: 60,
          threshold: 100_000,
          dimensions: { ProxyName: UNKNOWN },
        },
        { dimensions: [PROXY] },
      ),
      metricAlarm(
        "load",
        {
          namespace: "AWS/RDS",
          metricName: "DBLoad",
          statistic: "Average",
          period: 60,
          threshold: 4,
          treatMissingData: "missing",
          dimensions: { DBClusterIdentifier: UNKNOWN, Role: "WRITER" },
        },
        { dimensions: [CLUSTER] },
      ),
      ...service("api", 6, { DB_POOL_SIZE: "5", DB_MAX_OVERFLOW: "5", WEB_CONCURRENCY: "2" }, "sqlalchemy"),
    ],
  };
}

/** MySQL and PostgreSQL side by side, four pool libraries, links by tag. */
export function market(): Plan {
  const instance = (name: string, engine: string, version: string): PlanResource =>
    resource("aws:rds/instance:Instance", name, {
      identifier: name,
      engine,
      engineVersion: version,
      instanceClass: "db.m7g.large",
      password: SECRETS.password,
    });
  return {
    resources: [
      ...carriers(),
      instance("orders", "postgres", "17"),
      instance("stock", "mysql", "8.0"),
      ...service("java", 4, { SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: "10" }, "hikaricp", "orders"),
      ...service(
        "go",
        4,
        { DB_MAX_OPEN_CONNS: "10", DB_PASSWORD: SECRETS.environment },
        "go-database-sql",
        "stock",
      ),
      ...service("prisma", 2, { DATABASE_URL: URL }, "prisma-6", "orders"),
      ...service("node", 2, { DB_POOL_MAX: "8" }, "node-postgres", "orders"),
    ],
  };
}

function service(
  name: string,
  tasks: number,
  variables: { readonly [name: string]: string },
  library: string,
  database?: string,
): PlanResource[] {
  const task = urn("aws:ecs/taskDefinition:TaskDefinition", `${name}-task`);
  const properties: PropertyMap = {
    name,
    desiredCount: tasks,
    deploymentMaximumPercent: 200,
    tags: {
      "poolproof:peak-requests-per-second": "100",
      "poolproof:db-hold-ms": "20",
      "poolproof:pool-library": library,
      ...(database === undefined ? {} : { "poolproof:database": database }),
    },
  };
  const container = {
    name,
    image: "example",
    environment: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
    secrets: [{ name: "TOKEN", valueFrom: SECRETS.container }],
  };
  return [
    resource("aws:ecs/taskDefinition:TaskDefinition", `${name}-task`, {
      family: name,
      containerDefinitions: JSON.stringify([container]),
    }),
    resource("aws:ecs/service:Service", name, properties, { taskDefinition: [task] }),
  ];
}

/** The plans that mutations start from: safe, starved, greedy, and two that use every other reader. */
export const ZOO: readonly Plan[] = [shop("12"), shop("3"), shop("60"), aurora(), market()];
