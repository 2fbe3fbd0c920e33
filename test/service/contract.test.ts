import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../../infra/capacity";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import { containerDefinitions, HEALTH_PROBE } from "../../infra/service/containerDefinition";
import { migrationContainers } from "../../infra/service/migrationTask";
import { nodePostgres } from "../../policies/plan/pools/libraries/node";
import {
  POOL_DIMENSION,
  POOL_METRICS,
  POOL_NAMESPACE,
  SERVICE_DIMENSION,
  SERVICE_METRICS,
  SERVICE_NAMESPACE,
  STATE_DIMENSION,
} from "../../service/metrics/names";
import { MIGRATION_VARIABLES } from "../../service/migrate/migrationSettings";
import { POOL_VARIABLES, readPoolSettings, toPgPool } from "../../service/poolSettings";
import { DATABASE_VARIABLES, OPTIONAL_VARIABLES } from "../../service/settings/databaseSettings";
import { readServiceSettings, SERVER_VARIABLES } from "../../service/settings/serviceSettings";
import { stackConfig } from "../infra/plannedProgram";

const ROOT = join(__dirname, "..", "..");

interface Container {
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string }[];
  readonly command?: readonly string[];
}

function configOf(change: { readonly [key: string]: string } = {}) {
  const result = parseStackConfig({ ...stackConfig("prod"), ...change });
  if (!result.ok) throw new Error("the stack cannot be read");
  return result.config;
}

function containerOf(text: string): Container {
  const [container] = JSON.parse(text);
  return container;
}

const serviceContainer = (change?: { readonly [key: string]: string }) =>
  containerOf(
    containerDefinitions({
      settings: configOf(change),
      region: "eu-west-1",
      poolName: "auth-prod",
      hostParameterArn: "arn",
      logGroupName: "log",
    }),
  );

const namesIn = ({ environment, secrets }: Container) =>
  [...environment, ...secrets].map(({ name }) => name).sort();

/** The environment that a task of the service starts with. */
const environmentOf = (container: Container): { readonly [name: string]: string } => ({
  ...Object.fromEntries(container.environment.map(({ name, value }) => [name, value])),
  DB_HOST: "database.example",
});

describe("the contract between stack, policies and service", () => {
  /** What each setting that poolproof bounds is called in node-postgres's options, or where else it is found. */
  const settings = readPoolSettings({
    DB_POOL_MAX: "11",
    DB_POOL_ACQUIRE_TIMEOUT_MS: "12",
    DB_POOL_IDLE_TIMEOUT_MS: "13",
    DB_POOL_MAX_LIFETIME_MS: "14000",
    DB_POOL_QUEUE_MAX: "15",
    DB_LOCK_TIMEOUT_MS: "16",
    DB_STATEMENT_TIMEOUT_MS: "17",
    DB_QUERY_TIMEOUT_MS: "18",
    DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "19",
    DB_CONNECTION: "direct",
    REQUEST_TIMEOUT_MS: "20",
    HTTP_KEEP_ALIVE_TIMEOUT_MS: "21",
    WEB_CONCURRENCY: "22",
  });
  const pool = toPgPool(settings);
  // Node serves as many requests at once as there are: no variable says a number.
  const { concurrencyPerProcess: _, ...bounded } = nodePostgres.settings;
  const arrived: { readonly [setting in keyof typeof bounded]: readonly [unknown, unknown] } = {
    poolMax: [pool.max, 11],
    acquireTimeoutMs: [pool.connectionTimeoutMillis, 12],
    idleTimeoutMs: [pool.idleTimeoutMillis, 13],
    maxLifetimeMs: [pool.maxLifetimeSeconds, 14],
    queueMax: [settings.queueMax, 15],
    lockTimeoutMs: [pool.lock_timeout, 16],
    statementTimeoutMs: [pool.statement_timeout, 17],
    queryTimeoutMs: [pool.query_timeout, 18],
    idleInTransactionMs: [pool.idle_in_transaction_session_timeout, 19],
    requestTimeoutMs: [settings.requestTimeoutMs, 20],
    keepAliveTimeoutMs: [settings.keepAliveTimeoutMs, 21],
    processesPerTask: [settings.processes, 22],
  };

  it.each(
    Object.entries(bounded),
  )("%s, which poolproof bounds, is read by the service", (setting, source) => {
    const read = source.variables.filter(({ name }) => name in POOL_VARIABLES);
    expect(read.map(({ name }) => name)).toHaveLength(1);
    const [value, expected] = arrived[setting as keyof typeof arrived];
    expect(value).toBe(expected);
  });

  it("sends an RDS Proxy none of the timeouts that it refuses", () => {
    const behind = toPgPool({ ...settings, connection: "proxy" });
    expect(Object.keys(behind).filter((option) => option.endsWith("_timeout"))).toEqual(["query_timeout"]);
  });

  it("the service reads exactly what the stack sets, and a lab's password", () => {
    const read = Object.keys({
      ...POOL_VARIABLES,
      ...DATABASE_VARIABLES,
      ...OPTIONAL_VARIABLES,
      ...SERVER_VARIABLES,
    }).filter((name) => name !== "DB_PASSWORD");
    expect(namesIn(serviceContainer())).toEqual(read.sort());
  });

  it("the migrations read exactly what the stack sets, and what a lab logs in with", () => {
    const container = containerOf(
      migrationContainers({
        settings: configOf(),
        region: "eu-west-1",
        hostParameterArn: "arn",
        secretParameterArn: "arn",
        logGroupName: "log",
      }),
    );
    const onlyInLabs = ["DB_USER", "DB_PASSWORD"];
    const read = Object.keys(MIGRATION_VARIABLES).filter((name) => !onlyInLabs.includes(name));
    // NODE_ENV is read by libraries.
    expect(namesIn(container)).toEqual([...read, "NODE_ENV"].sort());
    expect(container.command).toEqual(["node", "service/dist/migrate.js"]);
  });

  it.each(["direct", "proxy"])("the service starts with what the stack sets (%s)", (connection) => {
    const container = serviceContainer({ "auth:connection": connection });
    expect(readServiceSettings(environmentOf(container))).toMatchObject({
      port: 8080,
      hashLog2N: 14,
      pool: { max: 8, queueMax: 64, connection },
      database: {
        user: "auth_app",
        credentials: { kind: "iam", region: "eu-west-1" },
        poolName: "auth-prod",
      },
    });
  });

  it("the service starts on one's own machine with the file that is there for it", () => {
    const file = readFileSync(join(ROOT, "service", "local.env"), "utf8");
    const pairs = [...file.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
    const settings = readServiceSettings({ ...Object.fromEntries(pairs), DB_PASSWORD: "x" });
    expect(settings).toMatchObject({ port: 8080, database: { host: "localhost", caFile: undefined } });
    expect(file).not.toMatch(/^DB_PASSWORD/m);
  });

  it("no file of the service reads the environment but those that are held to it here", () => {
    const files = readdirSync(join(ROOT, "service"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !/(^|\/)(dist|node_modules)\//.test(path))
      .filter((path) => readFileSync(join(ROOT, "service", path), "utf8").includes("process.env"));
    // The last one asks libuv's own variable how many threads it was given.
    expect(files.sort()).toEqual(["addAccount.ts", "main.ts", "migrate.ts", "service.ts"]);
    const text = readFileSync(join(ROOT, "service", "service.ts"), "utf8");
    expect(text.match(/process\.env\.\w+/g)).toEqual(["process.env.UV_THREADPOOL_SIZE"]);
  });

  it("every metric that an alarm reads of the pool or the service is one that the service reports", () => {
    const reported = new Set(
      [
        ...Object.values(POOL_METRICS).map(({ name }) => [POOL_NAMESPACE, name, POOL_DIMENSION]),
        [POOL_NAMESPACE, POOL_METRICS.count.name, POOL_DIMENSION, STATE_DIMENSION],
        ...Object.values(SERVICE_METRICS).map(({ name }) => [SERVICE_NAMESPACE, name, SERVICE_DIMENSION]),
      ].map((each) => each.join(" ")),
    );
    // Reported for each state, and never as a sum.
    reported.delete([POOL_NAMESPACE, POOL_METRICS.count.name, POOL_DIMENSION].join(" "));
    const config = configOf();
    const read = metricsIn(alarmSpecs({ ...config, capacity: capacityOf(config) })).filter(({ namespace }) =>
      [POOL_NAMESPACE, SERVICE_NAMESPACE].includes(namespace),
    );
    expect(read.length).toBeGreaterThan(3);
    for (const { namespace, name, dimensions } of read) {
      expect(reported).toContain([namespace, name, ...Object.keys(dimensions).sort()].join(" "));
    }
  });

  it("the image asks itself for its health as the task definition does, and runs as the same user", () => {
    const dockerfile = readFileSync(join(ROOT, "service", "Dockerfile"), "utf8");
    const probe = /HEALTHCHECK[\s\S]*?CMD (\[.*\])/.exec(dockerfile)?.[1] ?? "[]";
    expect(JSON.parse(probe)).toEqual(["node", "-e", HEALTH_PROBE]);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile).toContain(environmentOf(serviceContainer()).DB_SSL_CA);
  });
});

interface MetricLike {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: object;
}

/** Every metric anywhere in the alarms, whatever they are made of. */
function metricsIn(value: unknown): readonly MetricLike[] {
  if (typeof value !== "object" || value === null) return [];
  const own = isMetric(value) ? [value] : [];
  return [...own, ...Object.values(value).flatMap(metricsIn)];
}

function isMetric(value: object): value is MetricLike {
  return (
    "namespace" in value && typeof value.namespace === "string" && "dimensions" in value && "name" in value
  );
}
