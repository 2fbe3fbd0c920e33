import { type CapacitySettings, DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";

/**
 * What a team says of clients and databases that the plan does not show, or does not show in full: the parts of the
 * policy configuration that the readers take beside the plan.
 */
export interface Declarations {
  /** Demand of services one does not own; the first entry whose pattern fits wins over the service's tags. */
  readonly demand: readonly DemandOverride[];
  /** How pools of some clients are named and held, beside the profile that is recognised. */
  readonly pools: readonly PoolOverride[];
  /** Clients that no resource of the plan stands for, or whose settings no plan shows. */
  readonly clients: readonly DeclaredClient[];
  /** Environments that the Lambda functions of the account may run at once. @default 1000, AWS's own */
  readonly accountConcurrency?: number | undefined;
  /** What depends on a database and holds no connection to it, with the reason. */
  readonly notClients: readonly NotClient[];
  /** Databases of other stacks, and what clients of other stacks hold on those of this one. */
  readonly databases: readonly DeclaredDatabase[];
}

/** What the policy configuration may say of an environment that the plan hides. */
export const SETS_NONE = "sets none of these";

/** Stands as the source of a value that the policy configuration gives. */
export const POLICY_CONFIGURATION = "the policy configuration";

export const NO_DECLARATIONS: Declarations = {
  demand: [],
  pools: [],
  clients: [],
  notClients: [],
  databases: [],
};

export interface DemandOverride {
  /** Name of an ECS service or Lambda function, in AWS or in the program; `*` stands for any text. */
  readonly service: string;
  readonly peakRequestsPerSecond?: number | undefined;
  readonly holdMs?: number | undefined;
  readonly acquisitionsPerRequest?: number | undefined;
  readonly tasksAtPeak?: number | undefined;
  readonly queriesPerRequest?: number | undefined;
  readonly heldAtOnce?: number | undefined;
  readonly requestsInFlight?: number | undefined;
  readonly peakBurst?: number | undefined;
  readonly holdP99Ms?: number | undefined;
  readonly holdCv?: number | undefined;
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
  /**
   * Environment names by setting, in place of the library's own: `{ "poolMax": ["ORDERS_POOL"] }`. A time is in
   * milliseconds unless its text carries a unit, such as `5s`.
   */
  readonly variables?: { readonly [setting: string]: readonly string[] | undefined } | undefined;
  /** Environment names that look like a pool's or a server's and set nothing that counts; `*` stands for any text. */
  readonly ignoredVariables?: readonly string[] | undefined;
  /** Says that an environment which the plan hides sets none of the library's variables: its defaults apply. */
  readonly environment?: typeof SETS_NONE | undefined;
  /** Values that no environment shows, by setting: `{ "poolMax": 20 }`. */
  readonly values?: { readonly [setting: string]: number | undefined } | undefined;
  /** As the tag `poolproof:database`. */
  readonly database?: string | undefined;
  /** As the tag `poolproof:endpoint`. */
  readonly endpoint?: "writer" | "reader" | undefined;
  /** Seconds between SIGTERM and SIGKILL, where no plan shows the container's own. */
  readonly stopTimeoutSeconds?: number | undefined;
}

/** Something that depends on a database and is said to hold no connection to it. */
interface NotClient {
  /** Name, URN or type token of the resource; `*` stands for any text. */
  readonly resource: string;
  readonly reason: string;
}

/** A client that the policy configuration describes. */
export interface DeclaredClient extends Omit<DemandOverride, "service"> {
  readonly name: string;
  /** As the tag `poolproof:database`. */
  readonly database?: string | undefined;
  /** As the tag `poolproof:endpoint`. */
  readonly endpoint?: "writer" | "reader" | undefined;
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

/** What the name of a setting begins with that the policy configuration gives: `values.poolMax`. */
export const GIVEN = "values.";

/** Says whether a whole name fits. */
interface NamePattern {
  test(name: string): boolean;
}

/**
 * A text in which `*` stands for any text, as a pattern for whole names. Each part is looked for after the one before
 * it, so the time grows with the name and never with what a regular expression would try again.
 */
export function wildcard(text: string): NamePattern {
  const [first = "", ...rest] = text.split("*");
  const last = rest.pop();
  return {
    test(name) {
      if (last === undefined) return name === first;
      if (!name.startsWith(first)) return false;
      let at = first.length;
      for (const part of rest) {
        const found = name.indexOf(part, at);
        if (found < 0) return false;
        at = found + part.length;
      }
      return name.length - last.length >= at && name.endsWith(last);
    },
  };
}

/** What a team may set for all rules, in the policy configuration of `poolproof-settings`. */
export interface Settings extends Declarations {
  readonly capacity: CapacitySettings;
  /** What a request does besides the database, in milliseconds. @default 0 */
  readonly otherWorkMs: number;
  /** Whether something that cannot be decided before the deployment rejects it. @default "reject" */
  readonly undecided: "reject" | "warn";
  /**
   * What demand between `budgetShare` and the usable connections means: nothing is refused yet, and less is kept free
   * than was asked for. @default "reject"
   */
  readonly overBudgetShare: "reject" | "warn";
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
  overBudgetShare: "reject",
  requireDatabase: false,
  confirmedMaxConnections: undefined,
  idleInTransactionMaxMs: 60_000,
  newConnectionsPerSecond: undefined,
  accountConcurrency: 1000,
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
