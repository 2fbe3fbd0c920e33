import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";

/** What a team may set for all rules, in the policy configuration of `poolproof-settings`. */
export interface Settings {
  readonly capacity: CapacitySettings;
  /** What a request does besides the database, in milliseconds. @default 0 */
  readonly otherWorkMs: number;
  /** Whether something that cannot be decided before the deployment rejects it. @default "reject" */
  readonly undecided: "reject" | "warn";
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
  /** How pools of some clients are named and held, beside the profile that is recognised. */
  readonly pools: readonly PoolOverride[];
  /** Clients that no resource of the plan stands for, or whose settings no plan shows. */
  readonly clients: readonly DeclaredClient[];
  /** Databases of other stacks, and what clients of other stacks hold on those of this one. */
  readonly databases: readonly DeclaredDatabase[];
  readonly exceptions: readonly ExceptionRequest[];
  /** Rules that no exception may lift. */
  readonly neverExcepted: readonly string[];
  /** Demand of services one does not own; the first entry whose pattern fits wins over the service's tags. */
  readonly demand: readonly DemandOverride[];
  /** Pulumi config key that sets a property, for messages: `{ "DB_POOL_MAX": "auth:poolMax" }`. */
  readonly configKeys: { readonly [setting: string]: string };
}

export interface DemandOverride {
  /** Name of an ECS service, in AWS or in the program; `*` stands for any text. */
  readonly service: string;
  readonly peakRequestsPerSecond?: number | undefined;
  readonly holdMs?: number | undefined;
  readonly acquisitionsPerRequest?: number | undefined;
  readonly tasksAtPeak?: number | undefined;
}

/** How one pool of a client is read: whose defaults hold, and which environment names carry its settings. */
export interface PoolOverride {
  /** Name of a service or function, in AWS or in the program; `*` stands for any text. */
  readonly client: string;
  /** Name of a second pool in the same container; without one, the override is of its only pool. */
  readonly pool?: string | undefined;
  /** Container that holds the pool; without one, every container. */
  readonly container?: string | undefined;
  readonly library?: string | undefined;
  /** Environment names by setting, tried before the library's own: `{ "poolMax": ["ORDERS_POOL"] }`. */
  readonly variables?: { readonly [setting: string]: readonly string[] } | undefined;
  /** Values that no environment shows, by setting: `{ "poolMax": 20 }`. */
  readonly values?: { readonly [setting: string]: number } | undefined;
  /** As the tag `poolproof:database`. */
  readonly database?: string | undefined;
}

/** A client that the policy configuration describes. */
export interface DeclaredClient extends Omit<DemandOverride, "service"> {
  readonly name: string;
  /** As the tag `poolproof:database`. */
  readonly database?: string | undefined;
  readonly library?: string | undefined;
  readonly poolMax: number;
  /** @default 1 */
  readonly processesPerInstance?: number | undefined;
  /** The most instances that hold a pool at once, a deployment's surge included. */
  readonly instances: number;
  readonly acquireTimeoutMs?: number | undefined;
}

/** A database that the policy configuration describes, or adds something to. */
export interface DeclaredDatabase {
  /** Name of a database of this stack (as the tag `poolproof:database` writes it), or of one elsewhere. */
  readonly name: string;
  readonly engine?: string | undefined;
  readonly engineVersion?: string | undefined;
  readonly maxConnections?: number | undefined;
  /** Connections that clients outside this stack may hold at peak. @default 0 */
  readonly otherDemand?: number | undefined;
}

/** A finding that a team accepts for a while, and answers for. */
export interface ExceptionRequest {
  readonly rule: string;
  /** Logical name or URN of the resource; `*` stands for any text. */
  readonly resource: string;
  readonly reason: string;
  readonly owner: string;
  /** Last day it holds, `YYYY-MM-DD` in UTC; at most 180 days ahead. */
  readonly expires: string;
}

export const DEFAULT_SETTINGS: Settings = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  otherWorkMs: 0,
  undecided: "reject",
  confirmedMaxConnections: undefined,
  idleInTransactionMaxMs: 60_000,
  newConnectionsPerSecond: undefined,
  reconnectSeconds: 1,
  busyPerVcpu: 3,
  pools: [],
  clients: [],
  databases: [],
  exceptions: [],
  neverExcepted: [],
  demand: [],
  configKeys: {},
};

/** Finds the override for a service, by its name in AWS or its logical name. */
export function demandOverrides(
  settings: Settings,
): (serviceName: string, logicalName: string) => DemandOverride | undefined {
  const patterns = settings.demand.map((override) => ({ override, pattern: wildcard(override.service) }));
  return (serviceName, logicalName) =>
    patterns.find(({ pattern }) => pattern.test(serviceName) || pattern.test(logicalName))?.override;
}

export function wildcard(text: string): RegExp {
  const parts = text.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
