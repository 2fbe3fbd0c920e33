import type { Settings } from "../config/settings";
import { DATABASE_NAME, DATABASE_PORT, DATABASE_ROLE } from "../database/names";
import { containerBase, DATABASE_CERTIFICATES } from "./containerBase";

/** Port the service listens on; unprivileged, since it does not run as root. */
export const SERVICE_PORT = 8080;
/** Name of the container, which the load balancer is told. */
export const CONTAINER_NAME = "auth";
/** Liveness: answers as long as the process runs its event loop. It never takes a connection of the pool. */
export const HEALTH_PATH = "/healthz";

/** What the health check runs; the image asks itself the same. */
export const HEALTH_PROBE = `fetch("http://127.0.0.1:${SERVICE_PORT}${HEALTH_PATH}").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

/**
 * Cost of a password hash: scrypt's N as a power of two, with blocks of 8 and five passes, which OWASP lists as a
 * minimum (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
 */
const PASSWORD_COST_LOG2_N = 14;

/** What the container is told; all of it known before anything is deployed. */
export interface ContainerInput {
  readonly settings: Pick<
    Settings,
    | "image"
    | "connection"
    | "poolMax"
    | "processesPerTask"
    | "queueMax"
    | "acquireTimeoutMs"
    | "idleTimeoutMs"
    | "maxLifetimeMs"
    | "statementTimeoutMs"
    | "lockTimeoutMs"
    | "queryTimeoutMs"
    | "idleInTransactionTimeoutMs"
    | "requestTimeoutMs"
    | "httpKeepAliveTimeoutMs"
    | "stopTimeoutSeconds"
  >;
  readonly region: string;
  /** What the pool calls itself in its metrics, and the alarms look for. */
  readonly poolName: string;
  /** ARN of the SSM parameter with the database's host name, composed of known names. */
  readonly hostParameterArn: string;
  readonly logGroupName: string;
}

/**
 * The task's one container, as the JSON that ECS takes.
 *
 * A plain string and not an output, on purpose: at preview a JSON text is unknown as a whole as soon as one value
 * in it is, and secret as a whole if one value is a secret. The policies could then read nothing in it. So the
 * database's address comes by `valueFrom`, from a parameter whose name is known before the database exists.
 */
export function containerDefinitions(input: ContainerInput): string {
  const { settings, region } = input;
  const container = {
    ...containerBase({
      name: CONTAINER_NAME,
      settings,
      region,
      environment: environment(input),
      parameters: { DB_HOST: input.hostParameterArn },
      logGroupName: input.logGroupName,
    }),
    portMappings: [{ containerPort: SERVICE_PORT, protocol: "tcp" }],

    // Node alone, since the image need not have a shell. A starved pool must not restart the task: that would
    // empty the pool's queue, and every task's in turn, without one more connection.
    healthCheck: {
      command: ["CMD", "node", "-e", HEALTH_PROBE],
      interval: 10,
      timeout: 5,
      retries: 3,
      startPeriod: 30,
    },
    stopTimeout: settings.stopTimeoutSeconds,
  };
  return JSON.stringify([container]);
}

/** The environment: names with their units, values as text. */
function environment({ settings, region, poolName }: ContainerInput): {
  readonly [name: string]: string | number;
} {
  return {
    NODE_ENV: "production",
    PORT: SERVICE_PORT,
    AWS_REGION: region,
    WEB_CONCURRENCY: settings.processesPerTask,

    DB_PORT: DATABASE_PORT,
    DB_NAME: DATABASE_NAME,
    DB_USER: DATABASE_ROLE,
    // A token for each connection; a password is for a lab alone.
    DB_AUTH: "iam",
    DB_SSL_CA: DATABASE_CERTIFICATES,
    // Behind a proxy the service must not send timeouts when it connects.
    DB_CONNECTION: settings.connection,

    DB_POOL_NAME: poolName,
    DB_POOL_MAX: settings.poolMax,
    DB_POOL_ACQUIRE_TIMEOUT_MS: settings.acquireTimeoutMs,
    DB_POOL_IDLE_TIMEOUT_MS: settings.idleTimeoutMs,
    DB_POOL_MAX_LIFETIME_MS: settings.maxLifetimeMs,
    DB_POOL_QUEUE_MAX: settings.queueMax,
    DB_LOCK_TIMEOUT_MS: settings.lockTimeoutMs,
    DB_STATEMENT_TIMEOUT_MS: settings.statementTimeoutMs,
    DB_QUERY_TIMEOUT_MS: settings.queryTimeoutMs,
    DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: settings.idleInTransactionTimeoutMs,

    REQUEST_TIMEOUT_MS: settings.requestTimeoutMs,
    HTTP_KEEP_ALIVE_TIMEOUT_MS: settings.httpKeepAliveTimeoutMs,

    SCRYPT_LOG2_N: PASSWORD_COST_LOG2_N,
  };
}
