import { z } from "zod";
import { DEFAULT_CAPACITY_SETTINGS as capacity } from "../model/defaults";
import { DATABASE_ENGINES } from "../model/engines";
import { POOL_PROFILES, type PoolSetting } from "../plan/pools/libraries";
import { DEFAULT_SETTINGS } from "../plan/settings";

const connections = z.int().min(1).max(1_000_000);
const name = z.string().min(1);
const milliseconds = z.number().min(0).max(86_400_000);
/** JSON has no comments: what a person must know of an entry stands in it. */
const note = z
  .string()
  .optional()
  .describe("For people: where the numbers come from, what is still to do. No rule reads it.");

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
};
const poolSetting = z.enum(POOL_SETTINGS);

/** What a client asks of its pool at peak. */
const demandFields = {
  peakRequestsPerSecond: z.number().min(0).optional().describe("All requests that need the database."),
  holdMs: z
    .number()
    .gt(0)
    .optional()
    .describe("Mean time one acquisition holds its connection, in milliseconds."),
  acquisitionsPerRequest: z
    .number()
    .gt(0)
    .optional()
    .describe("Connections one request takes, one after another."),
  tasksAtPeak: z.int().min(1).optional().describe("Tasks that run when the peak arrives."),
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
};

const database = name.optional().describe("Database it uses, as the tag poolproof:database names it.");
const library = z
  .enum([...POOL_PROFILES.keys()])
  .optional()
  .describe("Pool library, as the tag poolproof:pool-library names it.");

const demand = z.strictObject({
  service: name.describe("Name of an ECS service, in AWS or in the program; * stands for any text."),
  ...demandFields,
  note,
});

const pool = z.strictObject({
  client: name.describe("Name of a service or function, in AWS or in the program; * stands for any text."),
  pool: name.optional().describe("Name of a second pool in the same container."),
  container: name.optional().describe("Container that holds the pool; without one, every container."),
  library,
  variables: z
    .partialRecord(poolSetting, z.array(name).min(1))
    .optional()
    .describe("Environment names by setting, tried before the library's own."),
  ignoredVariables: z
    .array(name)
    .min(1)
    .optional()
    .describe(
      "Environment names that look like the size of a pool or a number of processes and set nothing that counts; * stands for any text.",
    ),
  values: z
    .partialRecord(poolSetting, z.number())
    .optional()
    .describe("Values that no environment shows, by setting."),
  database,
  stopTimeoutSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .optional()
    .describe("Seconds between SIGTERM and SIGKILL, where no plan shows the container's own."),
  note,
});

const client = z.strictObject({
  name: name.describe("What reports call it."),
  database,
  library,
  poolMax: connections.describe("Most connections one pool opens."),
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
    .describe("Most instances that hold a pool at once, a deployment's surge included."),
  acquireTimeoutMs: milliseconds
    .optional()
    .describe("How long an acquisition waits, in milliseconds; 0 waits without a limit."),
  ...demandFields,
  note,
});

const notClient = z.strictObject({
  resource: name.describe("Name, URN or type of a resource; * stands for any text."),
  reason: name.describe("Why it holds no connection to the database it depends on."),
});

const declaredDatabase = z.strictObject({
  name: name.describe(
    "A database of this stack, as the tag poolproof:database names it, or one that lives elsewhere.",
  ),
  engine: z
    .enum(DATABASE_ENGINES)
    .optional()
    .describe("Engine of a database elsewhere, as RDS names it, such as postgres."),
  engineVersion: name.optional().describe("Its version, such as 17 or 17.4."),
  maxConnections: connections.optional().describe("Its connection limit."),
  otherDemand: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Connections that clients outside this stack may hold at peak (default 0)."),
  note,
});

const metricNames = z.array(name).min(1).optional();

const poolMetricNames = z.strictObject({
  client: name
    .optional()
    .describe(
      "Name of a service, in AWS or in the program; * stands for any text. Without one, every client.",
    ),
  namespace: name.optional().describe("CloudWatch namespace of the metrics; without one, any."),
  saturation: metricNames.describe("Metrics of the share of the pool in use."),
  used: metricNames.describe("Metrics of the connections in use."),
  max: metricNames.describe("Metrics of the pool's size."),
  pending: metricNames.describe("Metrics of the requests that wait for a connection."),
  wait: metricNames.describe("Metrics of how long they wait."),
  waitUnit: z.enum(["ms", "s"]).optional().describe("Unit of the wait; unset, its threshold is not judged."),
  timeouts: metricNames.describe("Metrics of the acquisitions that gave up."),
});

const elsewhere = z.strictObject({
  resource: name.describe("Name or URN of a database, service or function; * stands for any text."),
  where: name.describe("The tool or stack that holds its alarms."),
  reason: name.describe("Why they are not in this stack."),
});

export const exceptionSchema = z.strictObject({
  rule: name.describe("Id of the rule whose finding is accepted."),
  resource: name.describe("Logical name or URN of the resource; * stands for any text."),
  reason: name.describe("Why the finding is accepted."),
  owner: name.describe("Who answers for it."),
  expires: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day written YYYY-MM-DD")
    .describe("Last day it holds, in UTC; at most 180 days ahead."),
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
      `Share of the usable connections that clients may claim at peak (default ${capacity.budgetShare}).`,
    ),
  peakFactor: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .describe(
      `How much above the declared peak a pool must hold its wait target (default ${capacity.peakFactor}).`,
    ),
  waitTargetMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .optional()
    .describe(`A wait for a connection up to this long is good enough (default ${capacity.waitTargetMs}).`),
  waitExceedance: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe(`Share of acquisitions that may wait longer than the target (default ${capacity.exceedance}).`),
  operationsReserve: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe(`Connections kept for migrations, jobs and people (default ${capacity.operationsReserve}).`),
  surviveZoneLoss: z
    .boolean()
    .optional()
    .describe(`Whether the peak must be served with one zone gone (default ${capacity.surviveZoneLoss}).`),
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
      `What it means that a rule cannot decide before the deployment (default ${DEFAULT_SETTINGS.undecided}).`,
    ),
  confirmedMaxConnections: z
    .union([connections, z.record(z.string(), connections)], {
      error: "must be a whole number from 1 to 1000000, or such a number for each database by its name",
    })
    .optional()
    .describe(
      "What SHOW max_connections says, in place of the estimate: for every database, or by its name.",
    ),
  idleInTransactionMaxMs: z
    .int()
    .min(1)
    .max(86_400_000)
    .optional()
    .describe(
      `The longest a session may stay idle inside a transaction, in milliseconds (default ${DEFAULT_SETTINGS.idleInTransactionMaxMs}).`,
    ),
  newConnectionsPerSecond: z
    .number()
    .gt(0)
    .max(1_000_000)
    .optional()
    .describe(
      "New connections a second that a database takes when all tasks restart; unset, only the limit of IAM authentication counts.",
    ),
  reconnectSeconds: z
    .number()
    .gt(0)
    .max(86_400)
    .optional()
    .describe(
      `Seconds over which restarting tasks open their pools (default ${DEFAULT_SETTINGS.reconnectSeconds}).`,
    ),
  busyPerVcpu: z
    .number()
    .gt(0)
    .max(1_000)
    .optional()
    .describe(
      `Connections that one vCPU keeps busy at once, for database-saturation (default ${DEFAULT_SETTINGS.busyPerVcpu}).`,
    ),
  pools: z.array(pool).optional().describe("How the pools of some clients are named and held."),
  clients: z
    .array(client)
    .optional()
    .describe("Clients that no resource of the plan stands for, or whose settings no plan shows."),
  notClients: z
    .array(notClient)
    .optional()
    .describe("Resources that depend on a database and hold no connection to it, each with the reason."),
  requireDatabase: z
    .boolean()
    .optional()
    .describe(
      `Whether a stack in which no database and no client of one is found is rejected (default ${DEFAULT_SETTINGS.requireDatabase}).`,
    ),
  databases: z
    .array(declaredDatabase)
    .optional()
    .describe("Databases elsewhere, and what clients of other stacks hold on those of this one."),
  demand: z
    .array(demand)
    .optional()
    .describe("Demand of services one does not own; the first entry that fits wins over the service's tags."),
  poolMetrics: z
    .array(poolMetricNames)
    .optional()
    .describe("Names of pool metrics that are neither OpenTelemetry's nor Micrometer's."),
  alarmsElsewhere: z
    .array(elsewhere)
    .optional()
    .describe("Databases and clients whose alarms another tool or stack holds, each with the reason."),
  exceptions: z
    .array(exceptionSchema)
    .optional()
    .describe("Findings that someone accepts for a while, with a reason and an owner."),
  neverExcepted: z
    .array(name)
    .optional()
    .describe(
      "Ids of rules whose findings no exception lifts; Pulumi's engine applies its own exceptions to them all the same.",
    ),
  configKeys: z
    .record(z.string(), z.string().regex(/^[^\s:]+:[^\s]+$/, "must be written namespace:key"))
    .optional()
    .describe("Pulumi config key that sets a property, for messages: DB_POOL_MAX → auth:poolMax."),
  notes: z
    .array(z.string())
    .optional()
    .describe("For people: what was found and assumed when the file was written. No rule reads it."),
});
