import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";
import type { Declarations } from "../plan/declarations";

export {
  type DeclaredClient,
  type DeclaredDatabase,
  type DemandOverride,
  type NotClient,
  type PoolOverride,
  wildcard,
} from "../plan/declarations";

/** What a team may set for all rules, in the policy configuration of `poolproof-settings`. */
export interface Settings extends Declarations {
  readonly capacity: CapacitySettings;
  /** What a request does besides the database, in milliseconds. @default 0 */
  readonly otherWorkMs: number;
  /** Whether something that cannot be decided before the deployment rejects it. @default "reject" */
  readonly undecided: "reject" | "warn";
  /** Whether a stack in which no database and no client of one is found is rejected. @default false */
  readonly requireDatabase: boolean;
  /** What `SHOW max_connections` says: one number for every database, or by the database's name. */
  readonly confirmedMaxConnections: number | { readonly [database: string]: number } | undefined;
  /** The longest a session may stay idle inside a transaction, in milliseconds. @default 60000 */
  readonly idleInTransactionMaxMs: number;
  /** New connections a second a database takes when all tasks restart; undefined where only IAM's own limit counts. */
  readonly newConnectionsPerSecond: number | undefined;
  /** Seconds over which restarting tasks open their pools. @default 1 */
  readonly reconnectSeconds: number;
  /** Connections that one vCPU keeps busy at once, for `database-saturation`. @default 3 */
  readonly busyPerVcpu: number;
  /** How metrics of client pools are named that go by names of their own. */
  readonly poolMetrics: readonly PoolMetricNames[];
  /** Databases and clients whose alarms no plan shows: silence is typed out. */
  readonly alarmsElsewhere: readonly AlarmsElsewhere[];
  readonly exceptions: readonly ExceptionRequest[];
  /** Rules that no exception may lift. */
  readonly neverExcepted: readonly string[];
  /** Pulumi config key that sets a property, for messages: `{ "DB_POOL_MAX": "auth:poolMax" }`. */
  readonly configKeys: { readonly [setting: string]: string };
}

/** Names of the metrics that say how a pool is, where they are neither OpenTelemetry's nor Micrometer's. */
export interface PoolMetricNames {
  /** Name of the service; `*` stands for any text. Without one, of every client. */
  readonly client?: string | undefined;
  /** CloudWatch namespace; without one, any. */
  readonly namespace?: string | undefined;
  /** Share of the pool in use. */
  readonly saturation?: readonly string[] | undefined;
  readonly used?: readonly string[] | undefined;
  readonly max?: readonly string[] | undefined;
  /** Requests that wait for a connection. */
  readonly pending?: readonly string[] | undefined;
  /** How long they wait. */
  readonly wait?: readonly string[] | undefined;
  readonly waitUnit?: "ms" | "s" | undefined;
  /** Acquisitions that gave up. */
  readonly timeouts?: readonly string[] | undefined;
}

/** Where the alarms of a database or of a client's pools are, when no plan shows them. */
export interface AlarmsElsewhere {
  /** Name of a database or client, or its URN; `*` stands for any text. */
  readonly resource: string;
  /** The tool or stack that holds them. */
  readonly where: string;
  readonly reason: string;
}

/** A finding that a team accepts for a while, and answers for. What an entry leaves out is empty. */
export interface ExceptionRequest {
  readonly rule: string;
  /** Logical name or URN of the resource; `*` stands for any text. */
  readonly resource: string;
  readonly reason: string;
  readonly owner: string;
  /** Last day it holds, `YYYY-MM-DD` in UTC; at most 180 days ahead. */
  readonly expires: string;
  /** What is wrong with the entry's shape: it lifts nothing and is a violation of its own. */
  readonly malformed?: string | undefined;
}

/**
 * An exception of Pulumi's own, from a policy configuration of version 2. Pulumi's engine applies it after the pack has
 * reported, and reads neither an owner nor a last day.
 */
export interface PulumiException {
  readonly id: string;
  readonly reason: string;
  /** Each entry excepts every one of its policies on every one of its targets, which are whole URNs. */
  readonly match: readonly { readonly policies: readonly string[]; readonly targets: readonly string[] }[];
}

export const DEFAULT_SETTINGS: Settings = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  otherWorkMs: 0,
  undecided: "reject",
  requireDatabase: false,
  confirmedMaxConnections: undefined,
  idleInTransactionMaxMs: 60_000,
  newConnectionsPerSecond: undefined,
  reconnectSeconds: 1,
  busyPerVcpu: 3,
  pools: [],
  clients: [],
  notClients: [],
  databases: [],
  poolMetrics: [],
  alarmsElsewhere: [],
  exceptions: [],
  neverExcepted: [],
  demand: [],
  configKeys: {},
};
