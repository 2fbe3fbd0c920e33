import { z } from "zod";

// Only types leave this file for what runs in the engine: nothing there loads zod. `npm run generate` writes
// report.schema.json from it.

const urn = z.string().describe("URN");
const orNull = z.number().nullable();

const violation = z
  .strictObject({
    rule: z.string(),
    level: z.enum(["mandatory", "advisory"]).describe("Advisory ones never change the verdict."),
    resource: urn,
    message: z.string().describe("Observed → limit → consequence → fix → link."),
    observed: z.union([z.number(), z.string()]).nullable(),
    allowed: z
      .strictObject({ min: orNull, max: orNull })
      .readonly()
      .nullable()
      .describe("min above max: no value is allowed as things are. null for rules that bound no number."),
    unit: z.string().nullable(),
    fix: z.string(),
    docs: z.string(),
    cause: z
      .string()
      .exactOptional()
      .describe(
        "Equal for findings of one cause on several resources, which texts show once. Absent where a finding stands alone.",
      ),
    location: z
      .strictObject({
        file: z.string().describe("From the repository's root, with forward slashes."),
        line: z.int().min(1).exactOptional(),
      })
      .readonly()
      .exactOptional()
      .describe(
        "Where to fix it, as far as check knows. Absent in the engine's reports, which know no files.",
      ),
  })
  .readonly()
  .meta({ id: "violation" });

const exception = z
  .strictObject({
    id: z
      .string()
      .exactOptional()
      .describe(
        "Id of an exception of Pulumi's own, which may name several rules and resources: one entry for each of both.",
      ),
    rule: z.string(),
    resource: z.string().describe("Logical name or URN; * stands for any text."),
    reason: z.string(),
    owner: z.string().describe('"not given" for an exception of Pulumi\'s own, which has no such field.'),
    expires: z
      .string()
      .describe('Last day it holds, in UTC; "never" for an exception of Pulumi\'s own, which is permanent.'),
    status: z
      .enum(["active", "expired", "malformed", "unused", "forbidden"])
      .describe(
        "Only an active one lifts findings; each of the others is a violation of poolproof-settings.",
      ),
    findings: z.array(violation).readonly().describe("What it lifts out of the verdict."),
  })
  .readonly();

const client = z
  .strictObject({
    resource: urn,
    container: z.string().nullable().describe("Container that holds the pool; a service may have several."),
    pool: z
      .string()
      .nullable()
      .describe("Name of the pool, where the policy configuration names several of one client."),
    poolMax: orNull,
    processesPerTask: orNull,
    tasksAtPeak: orNull.describe("Tasks that may hold a pool, the surge of a deployment included."),
    tasksServingPeak: orNull,
    offeredLoad: orNull.describe("Connections one pool keeps busy at the declared peak, in erlangs."),
    floor: orNull,
    ceiling: orNull.describe("Below the floor: no setting is safe as things are."),
    failingShare: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe("Share of requests that would fail at the declared peak."),
  })
  .readonly();

const budget = z
  .strictObject({
    database: z.string().nullable().describe("URN; null for pools whose database is not known."),
    maxConnections: orNull,
    maxConnectionsSource: z.enum(["explicit", "estimated", "confirmed"]).nullable(),
    usable: orNull,
    demandAtPeak: orNull,
    clients: z.array(client).readonly(),
  })
  .readonly();

const undecided = z
  .strictObject({ rule: z.string(), resource: urn, property: z.string(), reason: z.string() })
  .readonly();

const coverage = z
  .strictObject({
    databases: z.array(urn).readonly(),
    clients: z.array(urn).readonly(),
    unexamined: z.array(z.strictObject({ resource: urn, reason: z.string() }).readonly()).readonly(),
    resources: z
      .int()
      .min(0)
      .describe("How many resources the plan has, the stack and its providers left out."),
  })
  .readonly();

const tables = z
  .strictObject({ date: z.string(), ageDays: z.int().min(0) })
  .readonly()
  .describe(
    "Day of the table of instance classes that the limits were computed with, and its age on the day of the report.",
  );

export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    stack: z.string(),
    verdict: z.enum(["accepted", "rejected"]).describe("Rejected where a violation is mandatory."),
    violations: z.array(violation).readonly(),
    undecided: z.array(undecided).readonly().describe("What the plan hides until the deployment, by rule."),
    exceptions: z
      .array(exception)
      .readonly()
      .describe("Exceptions of the policy configuration, and what became of each."),
    coverage,
    budgets: z.array(budget).readonly(),
    tables,
  })
  .readonly();

/** The report of one stack: the public contract of `check` and of the pack (`POOLPROOF_REPORT`). `null` = unknown. */
export type Report = z.infer<typeof reportSchema>;
export type ReportedViolation = z.infer<typeof violation>;
export type ReportedException = z.infer<typeof exception>;
export type ReportedBudget = z.infer<typeof budget>;
export type ReportedClient = z.infer<typeof client>;
