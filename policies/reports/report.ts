import type { Level } from "../rules/rule";

/** The report of one stack: the public contract of `check` and of the pack (`POOLPROOF_REPORT`). `null` = unknown. */
export interface Report {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly verdict: "accepted" | "rejected";
  readonly violations: readonly ReportedViolation[];
  readonly undecided: readonly {
    readonly rule: string;
    readonly resource: string;
    readonly property: string;
    readonly reason: string;
  }[];
  /** Exceptions of the policy configuration, and what became of each. */
  readonly exceptions: readonly ReportedException[];
  readonly coverage: {
    readonly databases: readonly string[];
    readonly clients: readonly string[];
    readonly unexamined: readonly { readonly resource: string; readonly reason: string }[];
    /** How many resources the plan has, the stack and its providers left out. */
    readonly resources: number;
  };
  readonly budgets: readonly ReportedBudget[];
  /** Day of the table of instance classes that the limits were computed with, and its age on the day of the report. */
  readonly tables: { readonly date: string; readonly ageDays: number };
}

export interface ReportedViolation {
  readonly rule: string;
  readonly level: Level;
  readonly resource: string;
  /** Observed → limit → consequence → fix → link. */
  readonly message: string;
  readonly observed: number | string | null;
  readonly allowed: { readonly min: number | null; readonly max: number | null } | null;
  readonly unit: string | null;
  readonly fix: string;
  readonly docs: string;
  /** Equal for findings of one cause on several resources. Absent where a finding stands alone. */
  readonly cause?: string;
}

export interface ReportedException {
  /** Id of an exception of Pulumi's own, which may name several rules and resources: an entry for each of both. */
  readonly id?: string;
  readonly rule: string;
  /** Logical name or URN; `*` stands for any text. */
  readonly resource: string;
  readonly reason: string;
  /** "not given" for an exception of Pulumi's own, which has no such field. */
  readonly owner: string;
  /** Last day it holds, in UTC; "never" for an exception of Pulumi's own, which is permanent. */
  readonly expires: string;
  /** Only an active one lifts findings. Each of the others is a violation of `poolproof-settings`. */
  readonly status: "active" | "expired" | "malformed" | "unused" | "forbidden";
  /** What it lifts out of the verdict. */
  readonly findings: readonly ReportedViolation[];
}

export interface ReportedBudget {
  /** `null` for pools whose database is not known. */
  readonly database: string | null;
  readonly maxConnections: number | null;
  readonly maxConnectionsSource: "explicit" | "estimated" | "confirmed" | null;
  readonly usable: number | null;
  readonly demandAtPeak: number | null;
  readonly clients: readonly ReportedClient[];
}

export interface ReportedClient {
  readonly resource: string;
  /** Container that holds the pool; a service may have several. */
  readonly container: string | null;
  /** Name of the pool, where the policy configuration names several of one client. */
  readonly pool: string | null;
  readonly poolMax: number | null;
  readonly processesPerTask: number | null;
  /** Tasks that may hold a pool, the surge of a deployment included. */
  readonly tasksAtPeak: number | null;
  readonly tasksServingPeak: number | null;
  /** Connections one pool keeps busy at the declared peak, in erlangs. */
  readonly offeredLoad: number | null;
  readonly floor: number | null;
  readonly ceiling: number | null;
  readonly failingShare: number | null;
}
