import { z } from "zod";

/** The types that Pulumi.yaml knows. It has none for fractions: those are `string` there and numbers here. */
export type PulumiType = "string" | "integer" | "boolean" | "array";

/** What a person needs to know about one setting. */
export interface SettingDocs {
  /** One sentence of meaning; it is the description in Pulumi.yaml too. */
  readonly meaning: string;
  /** Unit of the value, for numbers. */
  readonly unit?: string;
  /** A value that reads well in `pulumi config set`. */
  readonly example: string;
}

/** One setting of the stack: how its value is read, and what it means. */
export interface Setting<T> extends SettingDocs {
  readonly pulumiType: PulumiType;
  /** Undefined where the value has to be stated in every stack. */
  readonly default: T | undefined;
  /** Reads what YAML or Pulumi hand over, which may be the text of the value, and refuses what is no such value. */
  readonly schema: z.ZodType<T>;
}

type Docs<T> = SettingDocs & { readonly default?: T };

function setting<T>(pulumiType: PulumiType, schema: z.ZodType<T>, { default: fallback, ...docs }: Docs<T>) {
  return { pulumiType, schema, default: fallback, ...docs } satisfies Setting<T>;
}

function show(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** Text such as `12`, `0.5`, `-1` or `1e9`; not `ten`, not an empty string, not `0x10`. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/**
 * A number, fractions allowed. Any sign and size is read: what is safe is for the policies to say, which
 * can only judge what reaches them.
 */
export function number(docs: Docs<number> & { unit: string }): Setting<number> {
  const schema = z.unknown().transform((value, context): number => {
    const number = readNumber(value);
    if (number !== undefined) return number;
    context.addIssue(`${show(value)} is not a number (${docs.unit})`);
    return z.NEVER;
  });
  return setting("string", schema, docs);
}

/**
 * A whole number. `min`, `max` and `among` are for what AWS itself refuses to create, with `limit` saying so;
 * a value that could be deployed but should not be is for the policies to reject.
 */
export function integer(
  docs: Docs<number> & {
    unit: string;
    min?: number;
    max?: number;
    among?: readonly number[];
    limit?: string;
  },
): Setting<number> {
  const { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, among, limit, ...rest } = docs;
  const schema = z.unknown().transform((value, context): number => {
    const number = readNumber(value);
    if (number === undefined || !Number.isSafeInteger(number)) {
      context.addIssue(`${show(value)} is not an integer (${docs.unit})`);
      return z.NEVER;
    }
    const reason = limit ? `: ${limit}` : "";
    if (number < min || number > max) {
      context.addIssue(`${number} is outside ${min} to ${max} ${docs.unit}${reason}`);
      return z.NEVER;
    }
    if (among !== undefined && !among.includes(number)) {
      context.addIssue(`${number} is not one of ${among.join(", ")} ${docs.unit}${reason}`);
      return z.NEVER;
    }
    return number;
  });
  return setting("integer", schema, rest);
}

/** A line of text. `pattern` describes its shape, `shape` names it in the message. */
export function text(docs: Docs<string> & { pattern?: RegExp; shape?: string }): Setting<string> {
  const { pattern, shape = "text", ...rest } = docs;
  const schema = z.unknown().transform((value, context): string => {
    const line = typeof value === "number" ? String(value) : value;
    if (typeof line === "string" && (pattern === undefined || pattern.test(line))) return line;
    context.addIssue(`${show(value)} is not ${shape}`);
    return z.NEVER;
  });
  return setting("string", schema, rest);
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], docs: Docs<NoInfer<W>>): Setting<W> {
  const schema = z.unknown().transform((value, context): W => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    context.addIssue(`${show(value)} is not one of ${words.join(", ")}`);
    return z.NEVER;
  });
  return setting("string", schema, docs);
}

/** A list of lines. The engine hands a list over as JSON text, YAML as a list. */
export function list(
  docs: Docs<readonly string[]> & { pattern: RegExp; shape: string },
): Setting<readonly string[]> {
  const { pattern, shape, ...rest } = docs;
  const schema = z.unknown().transform((value, context): readonly string[] => {
    const items = typeof value === "string" ? parseJson(value) : value;
    if (!Array.isArray(items)) {
      context.addIssue(`${show(value)} is not a list`);
      return z.NEVER;
    }
    return items.filter((item): item is string => {
      const good = typeof item === "string" && pattern.test(item);
      if (!good) context.addIssue(`${show(item)} is not ${shape}`);
      return good;
    });
  });
  return setting("array", schema, rest);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Prefix of the settings in a stack file: the name of the project. */
export const NAMESPACE = "auth";

/**
 * Every setting of a stack, in one table: this is what Pulumi.yaml declares (a test holds them equal), what a
 * stack file is read with before the engine starts, and what the program is built from.
 *
 * What is bounded here is only what AWS refuses to create. Whether a pool, a timeout or a limit is *safe* is
 * decided by the policies, which is why 0, -1 and 1e9 are read without complaint.
 */
export const settings = {
  environment: choice(["dev", "prod"], {
    meaning:
      "Type of environment. dev can omit the certificate, the standby and deletion protection; prod cannot.",
    example: "prod",
  }),

  // Demand, as measured; it becomes the tags from which the policies compute the pool's floor.
  peakRequestsPerSecond: number({
    meaning: "Peak rate of all requests that need the database, session checks as well as logins.",
    unit: "requests/s",
    example: "400",
  }),
  dbHoldMs: number({
    meaning: "Mean time that one acquisition holds a connection, including network round trips.",
    unit: "ms",
    example: "12",
  }),
  dbAcquisitionsPerRequest: number({
    meaning: "Mean number of connection acquisitions per request: 2 for a login, 1 for a session check.",
    unit: "acquisitions",
    default: 1,
    example: "1.1",
  }),
  tasksAtPeak: integer({
    meaning: "Minimum number of tasks running at peak.",
    unit: "tasks",
    example: "8",
  }),

  // The pool of one process.
  poolMax: integer({
    meaning: "Maximum pool size (connections per process).",
    unit: "connections",
    example: "12",
  }),
  processesPerTask: integer({
    meaning: "Processes per task, each with its own pool (WEB_CONCURRENCY).",
    unit: "processes",
    default: 1,
    example: "1",
  }),
  queueMax: integer({
    meaning:
      "Maximum number of requests waiting for a connection in one process; further requests get a 503 immediately.",
    unit: "requests",
    default: 64,
    example: "64",
  }),
  acquireTimeoutMs: integer({
    meaning: "Maximum wait for a connection from the pool.",
    unit: "ms",
    default: 1000,
    example: "1000",
  }),
  idleTimeoutMs: integer({
    meaning: "Time after which an unused connection is closed.",
    unit: "ms",
    default: 30_000,
    example: "30000",
  }),
  maxLifetimeMs: integer({
    meaning: "Time after which a connection is replaced, used or not; 0 means no limit.",
    unit: "ms",
    default: 1_800_000,
    example: "1800000",
  }),

  // Timeouts, innermost first: each is shorter than the next.
  lockTimeoutMs: integer({
    meaning: "Maximum wait for a lock in the database.",
    unit: "ms",
    default: 1500,
    example: "1500",
  }),
  statementTimeoutMs: integer({
    meaning: "Time after which the database cancels a statement.",
    unit: "ms",
    default: 2000,
    example: "2000",
  }),
  idleInTransactionTimeoutMs: integer({
    meaning:
      "Time after which the database terminates a session that is idle in a transaction (RDS default: 24 hours).",
    unit: "ms",
    default: 10_000,
    example: "10000",
  }),
  queryTimeoutMs: integer({
    meaning: "Time after which the service stops waiting for a response from the database.",
    unit: "ms",
    default: 2500,
    example: "2500",
  }),
  requestTimeoutMs: integer({
    meaning: "Maximum time to respond to a request, with an error if necessary.",
    unit: "ms",
    default: 8000,
    example: "8000",
  }),
  albIdleTimeoutSeconds: integer({
    meaning: "Time after which the load balancer closes an idle connection.",
    unit: "seconds",
    default: 60,
    example: "60",
  }),
  httpKeepAliveTimeoutMs: integer({
    meaning:
      "Time after which the service closes an idle HTTP connection. Must be longer than the load balancer's idle timeout, or requests fail with 502.",
    unit: "ms",
    default: 75_000,
    example: "75000",
  }),

  // The service.
  image: text({
    meaning: "Container image, with an immutable tag or a digest.",
    pattern: /^[^\s:@]+[\w./:-]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
    shape: "an image reference with a tag or a digest",
    example: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/auth:1.0.0",
  }),
  cpuArchitecture: choice(["ARM64", "X86_64"], {
    meaning: "CPU architecture of the image; ARM64 costs about a fifth less.",
    default: "ARM64",
    example: "ARM64",
  }),
  taskCpu: integer({
    meaning: "CPU of a task; 1024 units are one vCPU. Password hashing uses most of it.",
    unit: "CPU units",
    default: 512,
    example: "2048",
  }),
  taskMemoryMib: integer({
    meaning: "Memory of a task.",
    unit: "MiB",
    default: 1024,
    example: "4096",
  }),
  minTasks: integer({
    meaning: "Minimum number of tasks for autoscaling.",
    unit: "tasks",
    min: 0,
    max: 5000,
    limit: "the ECS quota for one service",
    example: "8",
  }),
  maxTasks: integer({
    meaning: "Maximum number of tasks for autoscaling.",
    unit: "tasks",
    min: 0,
    max: 5000,
    limit: "the ECS quota for one service",
    example: "12",
  }),
  maximumPercent: integer({
    meaning:
      "Maximum tasks during a deployment, as a percentage of the desired count. Both revisions hold pools.",
    unit: "percent",
    default: 200,
    example: "150",
  }),
  minimumHealthyPercent: integer({
    meaning: "Minimum tasks during a deployment, as a percentage of the desired count.",
    unit: "percent",
    default: 100,
    example: "100",
  }),
  scaleAtCpuPercent: integer({
    meaning: "Target CPU use for autoscaling.",
    unit: "percent",
    min: 1,
    max: 100,
    limit: "a share of the task's CPU",
    default: 60,
    example: "60",
  }),
  stopTimeoutSeconds: integer({
    meaning: "Time for a stopping task to finish accepted requests.",
    unit: "seconds",
    min: 2,
    max: 120,
    limit: "the range that Fargate allows",
    default: 30,
    example: "30",
  }),
  deregistrationDelaySeconds: integer({
    meaning: "Time during which the load balancer lets a deregistering task finish its requests.",
    unit: "seconds",
    min: 0,
    max: 3600,
    limit: "the range that a target group allows",
    default: 30,
    example: "30",
  }),

  // The database.
  engineVersion: text({
    meaning: "PostgreSQL version: major (AWS selects the minor version) or major.minor.",
    pattern: /^1[678](\.\d+)?$/,
    shape: "a PostgreSQL version from 16 to 18",
    default: "17",
    example: "17",
  }),
  instanceClass: text({
    meaning: "Class of the database instance.",
    example: "db.m7g.large",
  }),
  maxConnections: text({
    meaning: "max_connections of the database: a number, or a parameter-group formula.",
    example: "400",
  }),
  storageGib: integer({
    meaning: "Storage of the database (gp3).",
    unit: "GiB",
    min: 20,
    max: 65_536,
    limit: "the range that RDS allows for gp3",
    default: 20,
    example: "100",
  }),
  maxStorageGib: integer({
    meaning: "Maximum storage for automatic growth.",
    unit: "GiB",
    min: 20,
    max: 65_536,
    limit: "the range that RDS allows for gp3",
    default: 100,
    example: "500",
  }),
  backupRetentionDays: integer({
    meaning: "Retention of backups for point-in-time recovery.",
    unit: "days",
    min: 1,
    max: 35,
    limit: "RDS allows up to 35, and 0 would disable backups",
    default: 7,
    example: "14",
  }),
  connection: choice(["direct", "proxy"], {
    meaning:
      "How the service reaches the database: direct, or through an RDS Proxy (about 0.018 USD per vCPU-hour).",
    default: "direct",
    example: "direct",
  }),

  // The network.
  vpcCidr: text({
    meaning: "Address block of the VPC; each subnet takes a sixteenth.",
    pattern: /^\d{1,3}(\.\d{1,3}){3}\/(1[6-9]|2[0-4])$/,
    shape: "an IPv4 block of /16 to /24",
    default: "10.20.0.0/16",
    example: "10.20.0.0/16",
  }),
  zones: integer({
    meaning: "Number of availability zones.",
    unit: "zones",
    min: 2,
    max: 3,
    limit: "a load balancer and a standby need two, and not every region has four",
    default: 2,
    example: "3",
  }),
  zoneLoss: choice(["survive", "accept"], {
    meaning:
      "Whether the pool serves the declared peak without one availability zone too, in the safe window that alarms name. survive where the stack's policy config sets surviveZoneLoss.",
    default: "accept",
    example: "survive",
  }),
  egress: choice(["nat-single", "nat-per-zone", "endpoints"], {
    meaning:
      "Outbound access from the service's subnets: one NAT gateway (about 35 USD a month), one per zone, or only AWS services through endpoints (about 8 USD a month per service and zone).",
    default: "nat-single",
    example: "nat-per-zone",
  }),
  ingressCidrs: list({
    meaning: "Address blocks that can reach the load balancer.",
    pattern: /^\d{1,3}(\.\d{1,3}){3}\/([0-9]|[12]\d|3[0-2])$/,
    shape: "an IPv4 block",
    default: ["0.0.0.0/0"],
    example: '["0.0.0.0/0"]',
  }),
  certificateArn: text({
    meaning: "ACM certificate of the load balancer; empty means plain HTTP, which is allowed only in dev.",
    pattern: /^(arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+)?$/,
    shape: "the ARN of an ACM certificate",
    default: "",
    example: "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555",
  }),

  // Logs and alarms.
  logRetentionDays: integer({
    meaning: "Retention of logs.",
    unit: "days",
    among: [
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ],
    limit: "the values that CloudWatch Logs allows",
    default: 30,
    example: "365",
  }),
  alarms: choice(["enabled", "disabled"], {
    meaning: "Whether alarms are created. To disable them, state the reason in alarmsDisabledReason.",
    default: "enabled",
    example: "enabled",
  }),
  alarmsDisabledReason: text({
    meaning: "Reason for having no alarms; only with alarms: disabled.",
    default: "",
    example: "short-lived test stack",
  }),
  alarmSubscriptions: list({
    meaning: "Notification targets: e-mail addresses, or https:// URLs of a paging service.",
    pattern: /^(https:\/\/\S+|[^\s@:]+@[^\s@]+\.[^\s@]+)$/,
    shape: "an e-mail or https:// address",
    default: [],
    example: '["oncall@example.com"]',
  }),
  toleratedFailurePercent: number({
    meaning: "Share of requests that can fail in a minute before a notification is sent.",
    unit: "percent",
    default: 2,
    example: "2",
  }),
  toleratedLatencyMs: integer({
    meaning: "Latency objective: 99 % of requests are answered within this time (p99).",
    unit: "ms",
    default: 1000,
    example: "1000",
  }),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;

/** The settings of one stack, read. */
export type Settings = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};
