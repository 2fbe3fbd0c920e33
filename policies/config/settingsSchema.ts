import { z } from "zod";
import { DEFAULT_CAPACITY_SETTINGS as capacity } from "../model/defaults";
import { DEFAULT_SETTINGS, type Settings } from "../rules/settings";

const connections = z.int().min(1).max(1_000_000);

const demand = z.strictObject({
  service: z
    .string()
    .min(1)
    .describe("Name of an ECS service, in AWS or in the program; * stands for any text."),
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
    .describe(`What a request does besides the database (default ${DEFAULT_SETTINGS.otherWorkMs}).`),
  undecided: z
    .enum(["reject", "warn"])
    .optional()
    .describe(
      `What it means that a rule cannot decide before the deployment (default ${DEFAULT_SETTINGS.undecided}).`,
    ),
  confirmedMaxConnections: z
    .union([connections, z.record(z.string(), connections)])
    .optional()
    .describe(
      "What SHOW max_connections says, in place of the estimate: for every database, or by its name.",
    ),
  demand: z
    .array(demand)
    .optional()
    .describe("Demand of services one does not own; the first entry that fits wins over the service's tags."),
  configKeys: z
    .record(z.string(), z.string().regex(/^[^\s:]+:[^\s]+$/, "must be written namespace:key"))
    .optional()
    .describe("Pulumi config key that sets a property, for messages: DB_POOL_MAX → auth:poolMax."),
});

/** Settings, or what is wrong with them: all problems, each with its path. */
export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Parses the properties of `poolproof-settings`; what is not set has its documented default. */
export function parseSettings(input: unknown): ParsedSettings {
  const result = settingsSchema.safeParse(input);
  if (!result.success) {
    return {
      ok: false,
      problems: result.error.issues.map(
        ({ path, message }) => `${path.join(".") || "settings"}: ${plainWords(message)}`,
      ),
    };
  }
  const {
    waitExceedance,
    budgetShare,
    peakFactor,
    waitTargetMs,
    operationsReserve,
    surviveZoneLoss,
    ...own
  } = result.data;
  return {
    ok: true,
    settings: {
      capacity: {
        budgetShare: budgetShare ?? capacity.budgetShare,
        peakFactor: peakFactor ?? capacity.peakFactor,
        waitTargetMs: waitTargetMs ?? capacity.waitTargetMs,
        exceedance: waitExceedance ?? capacity.exceedance,
        operationsReserve: operationsReserve ?? capacity.operationsReserve,
        surviveZoneLoss: surviveZoneLoss ?? capacity.surviveZoneLoss,
      },
      otherWorkMs: own.otherWorkMs ?? DEFAULT_SETTINGS.otherWorkMs,
      undecided: own.undecided ?? DEFAULT_SETTINGS.undecided,
      confirmedMaxConnections: own.confirmedMaxConnections,
      idleInTransactionMaxMs: DEFAULT_SETTINGS.idleInTransactionMaxMs,
      newConnectionsPerSecond: undefined,
      reconnectSeconds: DEFAULT_SETTINGS.reconnectSeconds,
      busyPerVcpu: DEFAULT_SETTINGS.busyPerVcpu,
      pools: [],
      clients: [],
      databases: [],
      exceptions: [],
      neverExcepted: [],
      demand: own.demand ?? DEFAULT_SETTINGS.demand,
      configKeys: own.configKeys ?? DEFAULT_SETTINGS.configKeys,
    },
  };
}

/** zod's wording starts with a capital and is otherwise fit for a sentence. */
const plainWords = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);
