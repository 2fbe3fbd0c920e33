import type { PlanResource } from "./plan";
import type { PropertyValue } from "./property";
import type { PoolSetting, SettingReading } from "./read/poolProfiles";
import type { Reading } from "./reading";

/** What the rules judge: a plan's databases and the pools that use them, each field with its state. */
export interface StackReading {
  readonly stack: string;
  readonly project: string;
  readonly databases: readonly DatabaseReading[];
  readonly clients: readonly ClientReading[];
  /** Resources that look like a database or a client and could not be taken as one, with the reason. */
  readonly unexamined: readonly { readonly resource: string; readonly reason: string }[];
}

/** One pool: a container of an ECS service that holds connections to a database. */
export interface ClientReading {
  readonly resource: PlanResource;
  /** The service's logical name, for messages. */
  readonly name: string;
  /** The container that holds the pool, and what its environment hides when it cannot be read. */
  readonly container: Reading<string>;
  /** Names for messages: the task definition's logical name. */
  readonly taskDefinition: string | undefined;
  readonly declared: DeclaredDemand;
  readonly tasks: TaskReading;
  readonly settings: { readonly [setting in PoolSetting]: SettingReading };
  readonly database: DatabaseLink;
  /** Idle timeout of the load balancer in front, in seconds; unset when there is none. */
  readonly loadBalancerIdleSeconds: Reading<number>;
}

/** The demand a service declares in its tags (or the policy configuration declares for it). */
export interface DeclaredDemand {
  readonly peakRequestsPerSecond: Reading<number>;
  readonly holdMs: Reading<number>;
  readonly acquisitionsPerRequest: Reading<number>;
  readonly tasksAtPeak: Reading<number>;
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
  /** Subnets the tasks are spread over, as a stand-in for zones; unset when the service names none. */
  readonly zones: Reading<number>;
}

/** Which database a client uses, how that is known, and whether a proxy stands between. */
export type DatabaseLink =
  | {
      readonly state: "linked";
      readonly database: string;
      readonly via: "tag" | "dependency" | "only database";
      readonly proxied: Reading<boolean>;
    }
  | { readonly state: "unlinked"; readonly reason: string };

export interface DatabaseReading {
  readonly resource: PlanResource;
  /** Names the tag `poolproof:database` may use: logical name, identifier, database name. */
  readonly names: readonly string[];
  readonly kind: "instance" | "replica" | "cluster";
  /** Engine name and version as RDS writes them; unset when AWS chooses. */
  readonly engine: Reading<string>;
  readonly engineVersion: Reading<string>;
  readonly instanceClass: Reading<string>;
  readonly parameters: ParameterGroupReading;
}

export interface ParameterGroupReading {
  /** The resource to name in messages: the group when it is in the plan, else the database. */
  readonly resource: PlanResource;
  /** The group's own resource, when the plan has it. */
  readonly isOwn: boolean;
  parameter(name: string): ParameterReading;
}

export interface ParameterReading {
  readonly value: Reading<PropertyValue>;
  /** `immediate` (the provider's default) or `pending-reboot`. */
  readonly applyMethod: Reading<string>;
}
