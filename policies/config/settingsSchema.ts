import { z } from "zod";
import { DEFAULT_CAPACITY_SETTINGS as capacity } from "../model/defaults";
import { DATABASE_ENGINES } from "../model/engines";
import { POOL_PROFILES, type PoolSetting } from "../plan/pools/libraries";
import { DEFAULT_SETTINGS, SETS_NONE } from "../plan/settings";

const connections = z.int().min(1).max(1_000_000);
const name = z.string().min(1);
const milliseconds = z.number().min(0).max(86_400_000);
/** JSON has no comments: what a person must know of an entry stands in it. */
const note = z
  .string()
  .optional()
  .describe("Comment: the source of the numbers, open tasks. Ignored by all rules.");

/** Every setting of a pool, so that a mistyped one is refused; the compiler keeps the list complete. */
const POOL_SETTINGS: { readonly [setting in PoolSetting]: setting } = {
  poolMax: "poolMax",
  acquireTimeoutMs: "acquireTimeoutMs",
  idleTimeoutMs: "idleTimeoutMs",
  queueMax: "queueMax",
  statementTimeoutMs: "statementTimeoutMs",
  lockTimeoutMs: "lockTimeoutMs",
  queryTimeoutMs: "queryTimeoutMs",
  idleInTransactionMs: "idleInTransactionMs",
  maxLifetimeMs: "maxLifetimeMs",
  requestTimeoutMs: "requestTimeoutMs",
  keepAliveTimeoutMs: "keepAliveTimeoutMs",
  processesPerTask: "processesPerTask",
  concurrencyPerProcess: "concurrencyPerProcess",
};
const poolSetting = z.enum(POOL_SETTINGS);

/** What a client asks of its pool at peak. */
const demandFields = {
  peakRequestsPerSecond: z
    .number()
    .min(0)
    .optional()
    .describe("Rate of all requests that need the database, per second."),
  holdMs: z
    .number()
    .gt(0)
    .optional()
    .describe("Mean time that one acquisition holds its connection, in milliseconds."),
  acquisitionsPerRequest: z.number().gt(0).optional().describe("Mean number of acquisitions per request."),
  tasksAtPeak: z.int().min(1).optional().describe("Minimum number of tasks running at peak."),
  queriesPerRequest: z
    .number()
    .gt(0)
    .optional()
    .describe("Queries of one request, one after another; one for each acquisition when not set."),
  heldAtOnce: z
    .int()
    .min(1)
    .optional()
    .describe("Connections of one pool that one request holds at the same time; 1 when not set."),
  requestsInFlight: z
    .int()
    .min(1)
    .optional()
    .describe("The most requests one process serves at once; unbounded when not set."),
  peakBurst: z
    .number()
    .min(1)
    .optional()
    .describe("Requests in the busiest second, in times of the busiest minute's mean; 1 when not set."),
  holdP99Ms: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "The 99th percentile of the time that one acquisition holds its connection, in milliseconds; exponential when not set.",
    ),
  holdCv: z
    .number()
    .min(0)
    .optional()
    .describe("Standard deviation of the hold time, in times of its mean; used before holdP99Ms."),
};

const database = name.optional().describe("Database it uses, as the tag poolproof:database names it.");
const endpoint = z
  .enum(["writer", "reader"])
  .optional()
  .describe("End of an Aurora cluster it connects to, as the tag poolproof:endpoint; writer when not set.");
const library = z
  .enum([...POOL_PROFILES.keys()])
  .optional()
  .describe("Pool library, as the tag poolproof:pool-library names it.");

const demand = z.strictObject({
  service: name.describe("Name of an ECS service, in AWS or in the program; * matches any text."),
  ...demandFields,
  note,
});

const pool = z.strictObject({
  client: name.describe("Name of a service or function, in AWS or in the program; * matches any text."),
  pool: name.optional().describe("Name of a second pool in the same container."),
  container: name.optional().describe("Container that has the pool; default: every container."),
  library,
  variables: z
    .partialRecord(poolSetting, z.array(name).min(1))
    .optional()
    .describe("Environment variables by setting, used before the library's own."),
  ignoredVariables: z
    .array(name)
    .min(1)
    .optional()
    .describe(
      "Environment variables that look like a pool size or a number of processes but have no effect; * matches any text.",
    ),
  environment: z
    .literal(SETS_NONE)
    .optional()
    .describe(
      "Says that an environment which the plan hides sets none of the library's variables, so that the library's defaults apply.",
    ),
  values: z
    .partialRecord(poolSetting, z.number())
    .optional()
    .describe("Values that are not in the environment, by setting."),
  database,
  endpoint,
  stopTimeoutSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe("Seconds between SIGTERM and SIGKILL, if the container's stop timeout is not in the plan."),
  note,
});

const client = z.strictObject({
  name: name.describe("Name of the client in reports."),
  database,
  endpoint,
  library,
  poolMax: connections.describe("Maximum pool size (connections per process)."),
  processesPerInstance: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("Processes that each hold a pool (default 1)."),
  instances: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe("Maximum number of instances that hold a pool at once, including a deployment's surge."),
  acquireTimeoutMs: milliseconds.optional().describe("Acquire timeout in milliseconds; 0 means no timeout."),
  ...demandFields,
  note,
});

const notClient = z.strictObject({
  resource: name.describe("Name, URN or type of a resource; * matches any text."),
  reason: name.describe("Why the resource holds no connection to the database."),
});

const declaredDatabase = z.strictObject({
  name: name.describe(
    "Name of a database in this stack, as in the tag poolproof:database, or of a database elsewhere.",
  ),
  engine: z
    .enum(DATABASE_ENGINES)
    .optional()
    .describe("Engine of a database elsewhere, in RDS spelling, such as postgres."),
  engineVersion: name.optional().describe("Engine version, such as 17 or 17.4."),
  maxConnections: connections.optional().describe("Connection limit (max_connections)."),
  otherDemand: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Connections that clients outside this stack can hold at peak (default 0)."),
  note,
});

const metricNames = z.array(name).min(1).optional();

const poolMetricNames = z.strictObject({
  client: name
    .optional()
    .describe("Name of a service, in AWS or in the program; * matches any text. Default: every client."),
  namespace: name.optional().describe("CloudWatch namespace of the metrics; default: any."),
  saturation: metricNames.describe("Metrics for the share of the pool in use."),
  used: metricNames.describe("Metrics for the connections in use."),
  max: metricNames.describe("Metrics for the pool's size."),
  pending: metricNames.describe("Metrics for the requests that wait for a connection."),
  wait: metricNames.describe("Metrics for the wait time."),
  waitUnit: z
    .enum(["ms", "s"])
    .optional()
    .describe("Unit of the wait time; if unset, thresholds on it are not checked."),
  timeouts: metricNames.describe("Metrics for the acquisitions that timed out."),
});

const elsewhere = z.strictObject({
  resource: name.describe("Name or URN of a database, service or function; * matches any text."),
  where: name.describe("Tool or stack that has the alarms."),
  reason: name.describe("Why the alarms are not in this stack."),
});

export const exceptionSchema = z.strictObject({
  rule: name.describe("Id of the rule whose finding is accepted."),
  resource: name.describe("Logical name or URN of the resource; * matches any text."),
  reason: name.describe("Why the finding is accepted."),
  owner: name.describe("Who is responsible for the exception."),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a date in the format YYYY-MM-DD")
    .describe("Last day the exception applies, in UTC; at most 180 days ahead."),
});

/**
 * The settings all rules share: the properties of `poolproof-settings` in a policy configuration. This is the one
 * definition; `settings.schema.json`, which Pulumi and editors read, is made from it and held equal by a test.
 */
export const settingsSchema = z.strictObject({
  budgetShare: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe(
      `Share of the usable connections that clients can use at peak (default ${capacity.budgetShare}).`,
    ),
  peakFactor: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .describe(
      `Factor on the declared peak up to which a pool must meet its wait target (default ${capacity.peakFactor}).`,
    ),
  waitTargetMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe(`Target for the wait for a connection, in milliseconds (default ${capacity.waitTargetMs}).`),
  waitExceedance: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe(`Share of acquisitions that can wait longer than the target (default ${capacity.exceedance}).`),
  operationsReserve: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(
      `Connections reserved for migrations, jobs and people (default ${capacity.operationsReserve}).`,
    ),
  surviveZoneLoss: z
    .boolean()
    .optional()
    .describe(
      `Whether the pools must serve the peak without one availability zone (default ${capacity.surviveZoneLoss}).`,
    ),
  otherWorkMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe(
      `Time a request spends outside the database, in milliseconds (default ${DEFAULT_SETTINGS.otherWorkMs}).`,
    ),
  undecided: z
    .enum(["reject", "warn"])
    .optional()
    .describe(
      `Result if a rule cannot be decided before the deployment (default ${DEFAULT_SETTINGS.undecided}).`,
    ),
  overBudgetShare: z
    .enum(["reject", "warn"])
    .optional()
    .describe(
      `Result if the pools exceed budgetShare but not the usable connections, so that nothing is refused yet (default ${DEFAULT_SETTINGS.overBudgetShare}).`,
    ),
  accountConcurrency: z
    .int()
    .min(100)
    .max(1_000_000)
    .optional()
    .describe(
      "Environments that the Lambda functions of the account may run at once (its concurrency quota). Default: 1000.",
    ),
  confirmedMaxConnections: z
    .union([connections, z.record(z.string(), connections)], {
      error: "must be an integer from 1 to 1000000, or such an integer for each database by name",
    })
    .optional()
    .describe(
      "Result of SHOW max_connections, used instead of the estimate: one number for every database, or by name.",
    ),
  idleInTransactionMaxMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .optional()
    .describe(
      `Maximum idle_in_transaction_session_timeout, in milliseconds (default ${DEFAULT_SETTINGS.idleInTransactionMaxMs}).`,
    ),
  newConnectionsPerSecond: z
    .number()
    .gt(0)
    .max(1_000_000)
    .optional()
    .describe(
      "Rate of new connections per second that a database accepts when all tasks restart; if unset, only the limit of IAM authentication applies.",
    ),
  reconnectSeconds: z
    .number()
    .gt(0)
    .max(86_400)
    .optional()
    .describe(
      `Seconds over which restarting tasks spread the opening of their pools (default ${DEFAULT_SETTINGS.reconnectSeconds}).`,
    ),
  busyPerVcpu: z
    .number()
    .gt(0)
    .max(1_000)
    .optional()
    .describe(
      `Busy connections that one vCPU can process, for database-saturation (default ${DEFAULT_SETTINGS.busyPerVcpu}).`,
    ),
  pools: z.array(pool).optional().describe("Names and settings of the pools of some clients."),
  clients: z
    .array(client)
    .optional()
    .describe("Clients that are not in the plan, or whose settings are not in the plan."),
  notClients: z
    .array(notClient)
    .optional()
    .describe("Resources that depend on a database but hold no connection to it, each with the reason."),
  requireDatabase: z
    .boolean()
    .optional()
    .describe(
      `Whether to reject a stack in which neither a database nor a client of one is found (default ${DEFAULT_SETTINGS.requireDatabase}).`,
    ),
  databases: z
    .array(declaredDatabase)
    .optional()
    .describe("Databases elsewhere, and connections of other stacks' clients to databases in this stack."),
  demand: z
    .array(demand)
    .optional()
    .describe(
      "Demand of services that you do not own; the first matching entry takes precedence over the service's tags.",
    ),
  poolMetrics: z
    .array(poolMetricNames)
    .optional()
    .describe("Names of pool metrics that are neither OpenTelemetry's nor Micrometer's."),
  alarmsElsewhere: z
    .array(elsewhere)
    .optional()
    .describe("Databases and clients whose alarms are in another tool or stack, each with the reason."),
  exceptions: z
    .array(exceptionSchema)
    .optional()
    .describe("Findings that are accepted until a fixed date, with a reason and an owner."),
  neverExcepted: z
    .array(name)
    .optional()
    .describe(
      "Ids of rules that allow no exceptions; Pulumi's engine still applies its own exceptions to them.",
    ),
  configKeys: z
    .record(z.string(), z.string().regex(/^[^\s:]+:[^\s]+$/, "must be written namespace:key"))
    .optional()
    .describe("Pulumi config key that sets a property, for messages: DB_POOL_MAX → auth:poolMax."),
  notes: z
    .array(z.string())
    .optional()
    .describe("Comments: what was found and assumed when the file was written. Ignored by all rules."),
});
