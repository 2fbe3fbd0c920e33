import type { AlarmListener, AlarmReading } from "./alarms/alarmReading";
import type { Container } from "./clients/containers";
import type { PlanResource, PropertyValue } from "./plan";
import type { PoolSetting, SettingReading } from "./pools/libraries";
import type { Opens } from "./pools/library";
import type { Reading, Unknown } from "./reading";

/** What the rules judge: a plan's databases and the pools that use them, each field with its state. */
export interface StackReading {
  readonly stack: string;
  readonly project: string;
  readonly databases: readonly DatabaseReading[];
  readonly proxies: readonly ProxyReading[];
  /** Limits of single roles and logical databases, below the server's own. */
  readonly accountLimits: readonly AccountLimit[];
  readonly clients: readonly ClientReading[];
  /** CloudWatch alarms, whatever they watch. */
  readonly alarms: readonly AlarmReading[];
  readonly alarmListeners: readonly AlarmListener[];
  /** Resources that look like a database or a client and could not be taken as one. */
  readonly unexamined: readonly Unexamined[];
  /** Entries of `notClients` in the policy configuration that fit something, by what they name. */
  readonly exempted: ReadonlySet<string>;
  /** Databases that no reader knows: nothing is held against their limits. */
  readonly unreadDatabases: readonly UnreadDatabase[];
  /** Services and functions, clients or not: what names in the policy configuration may mean. */
  readonly places: readonly ConfigTarget[];
  /** Tags written as if poolproof read them. */
  readonly strayTags: readonly StrayTag[];
  /** The stack as it is deployed now, where its state is at hand (`--base`, `POOLPROOF_BASE`). */
  readonly base?: StackReading | undefined;
}

/** Something no rule judges, and why. */
export interface Unexamined {
  readonly resource: string;
  readonly reason: string;
  /** Whether it certainly holds connections to a database: what nothing bounds may be the next outage. */
  readonly usesDatabase: boolean;
  /** Set where nothing that can be seen says whether it is a client at all: what hides that. */
  readonly undecided?: Unknown;
  /** Set for a task of operations, which holds connections that the budget keeps for such tasks. */
  readonly operations?: OperationsReading;
}

/** A resource that is a database by its type or its properties, in words: "an Aurora DSQL cluster". */
export interface UnreadDatabase {
  readonly resource: PlanResource;
  readonly what: string;
}

/** Connections that a migration, or a job run by hand, holds at most. */
export interface OperationsReading {
  readonly connections: number;
  /** URN of the database; undefined where nothing says which one it is. */
  readonly database: string | undefined;
}

export type ClientKind = "ecs-service" | "lambda" | "app-runner" | "beanstalk" | "kubernetes" | "declared";

/** One pool: a container or a function that holds connections to a database, or one the policy configuration describes. */
export interface ClientReading {
  readonly kind: ClientKind;
  readonly resource: PlanResource;
  /** The client's logical name, and the pool's where one container holds several, for messages. */
  readonly name: string;
  /** The pool's own name, where the policy configuration names one of several. */
  readonly pool?: string | undefined;
  /** The container that holds the pool, and what its environment hides when it cannot be read; unset for others. */
  readonly container: Reading<string>;
  /** What its environment is known to be, by name, without secrets: to be compared and run, never to be shown as a whole. */
  readonly environment: Reading<{ readonly [variable: string]: string }>;
  /** Names for messages: the task definition's logical name. */
  readonly taskDefinition: string | undefined;
  /** Name of the pool library; `assumed` says how it was recognised where it is not named. */
  readonly library: Reading<string>;
  readonly declared: DeclaredDemand;
  readonly tasks: TaskReading;
  readonly settings: { readonly [setting in PoolSetting]: SettingReading };
  /** How its library opens connections. @default "pool" */
  readonly opens?: Opens | undefined;
  /** What `concurrencyPerProcess` counts: threads want a connection each, requests of an event loop share a pool. */
  readonly counts?: "threads" | "requests" | undefined;
  /** Why each of its sessions pins at an RDS Proxy, where its library always does. */
  readonly pins?: string | undefined;
  /** Connections that stay open without work, where its library closes what is above; the variable that says so. */
  readonly keptIdle?: { readonly variable: string; readonly reading: Reading<number> } | undefined;
  /** Variables whose values it sends when it connects, which an RDS Proxy and most poolers refuse. */
  readonly startUpParameters?: readonly string[] | undefined;
  /** Set where it is a pooler: what it holds are the connections of its clients. */
  readonly pooler?: PoolerReading | undefined;
  /** Where its settings lead if not to the database itself: to a pooler by its port or name, or to its own task. */
  readonly leadsTo?: "pooler" | "its task" | undefined;
  /** Name of the client that is the pooler it goes through: the database sees the pooler's connections, not its own. */
  readonly behind?: Reading<string> | undefined;
  readonly database: DatabaseLink;
  /** What its environment says of pools, processes or databases that no setting was read from. */
  readonly unread: readonly Unknown[];
  /** What metrics of its pool may be named after: the service, the container, and names that its environment gives it. */
  readonly metricNames: readonly string[];
  /** URNs of the load balancers and target groups in front of it. */
  readonly inFront: readonly string[];
  /** Idle timeout of the load balancer in front, in seconds; unset when there is none. */
  readonly loadBalancerIdleSeconds: Reading<number>;
  /** How long a target that leaves the load balancer may finish its requests, in seconds; unset without one. */
  readonly deregistrationDelaySeconds: Reading<number>;
  /** How long its target groups take to let a target leave, in seconds, the longest of them; unset without one. */
  readonly drainSeconds: Reading<number>;
  /** Whether the load balancer shares requests out by zone first, and by target within each. */
  readonly spreadByZone: boolean;
  /** Whether it may keep a user's requests on one target: how even their shares are, no plan says. */
  readonly isSticky?: boolean | undefined;
  /** How soon after its start a target is checked the first time, in seconds, at the earliest; unset without one. */
  readonly healthCheckSeconds: Reading<number>;
  /** Name of the environment variable that turns TLS to the database off; undefined where none does. */
  readonly tlsTurnedOffBy?: string | undefined;
  /** How long ECS waits between SIGTERM and SIGKILL, in seconds; unset for what is not a task. */
  readonly stopTimeoutSeconds: Reading<number>;
}

/** A pooler between clients and their database, such as PgBouncer. */
export interface PoolerReading {
  /** Connections that it takes from its clients, in each instance. */
  readonly maxClients: Reading<number>;
  /** `session` lends a connection for as long as the client stays. */
  readonly mode: Reading<string>;
  readonly isPgBouncer: boolean;
  /** All that goes through it, where that is of its own task and so is told to stop when it is. */
  readonly stopsWith?: readonly ClientReading[];
}

/** The demand a service declares in its tags (or the policy configuration declares for it). */
export interface DeclaredDemand {
  readonly peakRequestsPerSecond: Reading<number>;
  readonly holdMs: Reading<number>;
  readonly acquisitionsPerRequest: Reading<number>;
  readonly tasksAtPeak: Reading<number>;
  /** Queries of one request, one after another; unset counts as one for each acquisition. */
  readonly queriesPerRequest: Reading<number>;
  /** Connections of one pool that one request holds at the same time; unset counts as 1. */
  readonly heldAtOnce: Reading<number>;
  /** The most requests that one process serves at once; unset where nothing bounds them. */
  readonly requestsInFlight: Reading<number>;
  /** Busiest second ÷ busiest minute; unset counts as 1. */
  readonly peakBurst: Reading<number>;
  /** 99th percentile of the hold time; unset counts as that of exponential holds. */
  readonly holdP99Ms: Reading<number>;
  /** Standard deviation of the hold time ÷ its mean; counts before the percentile. */
  readonly holdCv: Reading<number>;
}

export interface TaskReading {
  readonly minCapacity: Reading<number>;
  /** The most that may run at once: what the first deployment starts counts, even above autoscaling's maximum. */
  readonly maxCapacity: Reading<number>;
  /** The most that autoscaling keeps running: no more tasks can share the declared peak. */
  readonly sustainedCapacity: Reading<number>;
  readonly maximumPercent: Reading<number>;
  readonly minimumHealthyPercent: Reading<number>;
  /** Whether both revisions run through the bake time: blue/green, canary, linear. */
  readonly keepsBothRevisions: Reading<boolean>;
  /** Set where what is replaced is gone before its successor starts: never do both hold a pool. */
  readonly inPlace?: true;
  /** Set where its environments share a limit with every other client of the kind: the limit of the account. */
  readonly shares?: number;
  /** Subnets the tasks are spread over, as a stand-in for zones; unset when the service names none. */
  readonly zones: Reading<number>;
}

/** Which database a client uses, how that is known, and whether a proxy stands between. */
export type DatabaseLink =
  | {
      readonly state: "linked";
      readonly database: string;
      readonly via: "tag" | "dependency" | "name" | "only database" | "policy configuration";
      readonly proxied: Reading<boolean>;
      /** URN of the proxy it goes through, where that is known. */
      readonly proxy: string | undefined;
      /** Which end of a cluster it connects to; unset counts as the writer's, which is the lower of two bounds. */
      readonly endpoint: Reading<"writer" | "reader">;
    }
  | {
      readonly state: "unlinked";
      readonly reason: string;
      /** The variable that names an endpoint which no resource of the stack is known to have. */
      readonly named?: string;
    };

export interface DatabaseReading {
  readonly resource: PlanResource;
  /** Names the tag `poolproof:database` may use: logical name, identifier, database name. */
  readonly names: readonly string[];
  /** `declared`: described in the policy configuration, of another stack or another platform. */
  readonly kind: "instance" | "replica" | "cluster" | "declared";
  /** What a replica copies: a URN of this stack, or the identifier of an instance elsewhere. Unset for a primary. */
  readonly source?: Reading<string> | undefined;
  /** Engine name and version as RDS writes them; unset when AWS chooses. */
  readonly engine: Reading<string>;
  readonly engineVersion: Reading<string>;
  /** Unset for a cluster, whose `members` have classes of their own. */
  readonly instanceClass: Reading<string>;
  /** Instances of a cluster that this stack holds; any of them may become the writer. */
  readonly members: readonly ClusterMember[];
  /** Capacity bounds of Aurora Serverless v2, in ACU; undefined for what has none. */
  readonly serverless: { readonly minAcu: Reading<number>; readonly maxAcu: Reading<number> } | undefined;
  /** What is in force: an instance's own group before its cluster's. */
  readonly parameters: ParameterGroupReading;
  /** `max_connections` of a database that the policy configuration describes. */
  readonly declaredMaxConnections: number | undefined;
  /** Connections that clients outside this stack may hold, from the policy configuration. @default 0 */
  readonly otherDemand: number;
  /** Whether clients may log in with IAM tokens. */
  readonly iamAuthentication: Reading<boolean>;
  /** Logs sent to CloudWatch: `postgresql`, `upgrade`, `error`, … */
  readonly logExports: Reading<readonly string[]>;
}

/** One instance of an Aurora cluster. */
export interface ClusterMember {
  readonly resource: PlanResource;
  /** `db.serverless` follows the cluster's capacity bounds. */
  readonly instanceClass: Reading<string>;
  /** The group in force on this member: its own values before the cluster's. */
  readonly parameters: ParameterGroupReading;
}

export interface ParameterGroupReading {
  /** The resource to name in messages: the group when it is in the plan, else the database. */
  readonly resource: PlanResource;
  /** The group's own resource, when the plan has it. */
  readonly isOwn: boolean;
  /** Name of the group that is asked for: unset or `default.…` when AWS assigns its own. */
  readonly group: Reading<string>;
  /** Such as `postgres17`; unset where AWS assigns its default group. */
  readonly family: Reading<string>;
  readonly scope: "instance" | "cluster";
  /** The cluster's group, which holds where this one of an instance sets nothing; undefined for any other group. */
  readonly behind?: ParameterGroupReading | undefined;
  parameter(name: string): ParameterReading;
  /** Names of every parameter the group sets, in the order of the program; unknown as a whole where the list is. */
  readonly names: Reading<readonly string[]>;
}

export interface ParameterReading {
  readonly value: Reading<PropertyValue>;
  /** `immediate` (the provider's default) or `pending-reboot`; `assumed` where CloudFormation chooses by kind. */
  readonly applyMethod: Reading<string>;
}

/** One RDS Proxy with its default target group. */
export interface ProxyReading {
  readonly resource: PlanResource;
  /** The default target group's settings, where the stack holds it; AWS's defaults stand in otherwise. */
  readonly targetGroup: PlanResource | undefined;
  /** URN of the database behind it. */
  readonly database: Reading<string>;
  /** Share of the database's `max_connections` that the proxy may open, in percent. */
  readonly maxConnectionsPercent: Reading<number>;
  readonly maxIdleConnectionsPercent: Reading<number>;
  /** How long a client waits for a connection, in seconds. */
  readonly borrowTimeoutSeconds: Reading<number>;
  /** After how long without traffic the proxy closes a client's connection, in seconds. */
  readonly idleClientSeconds: Reading<number>;
  readonly requireTls: Reading<boolean>;
  /** Whether it logs in to the database with IAM tokens itself (`defaultAuthScheme`). */
  readonly usesIam: Reading<boolean>;
}

/** A service or function that an entry of the policy configuration may mean, client or not. */
export interface ConfigTarget {
  readonly resource: PlanResource;
  readonly names: readonly string[];
  /** Whether its name in AWS is one that only the deployment tells. */
  readonly hasHiddenName: boolean;
  /** What holds its pools; read when it is asked for. */
  readonly containers: () => Reading<readonly Container[]>;
}

/** A tag that is written as if poolproof read it. */
export interface StrayTag {
  readonly resource: PlanResource;
  readonly tag: string;
}

/**
 * A limit on the connections of one account or one logical database, below the server's: `CONNECTION LIMIT` of a role
 * or a database in PostgreSQL (manual, CREATE ROLE and CREATE DATABASE). The plan has it from Pulumi's `postgresql`
 * provider, or as the text of a command that runs `ALTER ROLE`.
 */
export interface AccountLimit {
  readonly resource: PlanResource;
  readonly of: "role" | "database";
  /** The role's or database's name. */
  readonly name: Reading<string>;
  /** Unset where it has no limit of its own. */
  readonly connections: Reading<number>;
}
