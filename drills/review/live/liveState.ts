/** What AWS says of a stack, as far as it could be asked. The judgement reads this and nothing else. */
export interface LiveState {
  /** The time the review looks back from, and how far. */
  readonly until: Date;
  readonly since: Date;
  readonly account: string | undefined;
  readonly database: Look<LiveDatabase>;
  /** By name, of the group in force. */
  readonly parameters: Look<ReadonlyMap<string, LiveParameter>>;
  readonly service: Look<LiveService>;
  readonly task: Look<LiveTask>;
  readonly scaling: Look<LiveScaling>;
  readonly alarms: Look<readonly LiveAlarm[]>;
  readonly metrics: { readonly [metric in MetricName]: Look<Series> };
  /** What could not be looked at, and what to do about it. */
  readonly notReviewed: readonly NotReviewed[];
}

/** Seen, certainly not there, or not to be seen: `notReviewed` says why. */
export type Look<T> =
  | { readonly state: "seen"; readonly value: T }
  | { readonly state: "absent" }
  | { readonly state: "hidden" };

export const seen = <T>(value: T): Look<T> => ({ state: "seen", value });
export const ABSENT = { state: "absent" } as const;
export const HIDDEN = { state: "hidden" } as const;

/** The value where it was seen. */
export const seenValue = <T>(look: Look<T>): T | undefined =>
  look.state === "seen" ? look.value : undefined;

export interface NotReviewed {
  /** In words for a report: "the alarms". */
  readonly what: string;
  /** As an IAM policy calls it: `cloudwatch:DescribeAlarms`; undefined where no permission is missing. */
  readonly action: string | undefined;
  readonly reason: string;
  readonly fix: string;
}

export interface LiveDatabase {
  readonly identifier: string;
  readonly instanceClass: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly multiAz: boolean | undefined;
  /** The group in force, and whether all of it is: `in-sync`, `pending-reboot`, `applying`. */
  readonly parameterGroup: string;
  readonly applyStatus: string;
  /** What waits for the maintenance window, by RDS's property names. */
  readonly pending: { readonly [property: string]: string };
}

export interface LiveParameter {
  readonly value: string | undefined;
  /** `user` where it was set, `system` or `engine-default` elsewhere. */
  readonly source: string | undefined;
}

export interface LiveService {
  readonly name: string;
  readonly desired: number;
  readonly running: number;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  readonly taskDefinition: string;
  readonly tags: { readonly [name: string]: string };
}

export interface LiveTask {
  /** Family and revision: `auth-prod:17`. */
  readonly revision: string;
  readonly environment: { readonly [name: string]: string };
}

export interface LiveScaling {
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Kinds of scaling that are suspended. */
  readonly suspended: readonly string[];
  /** `app/NAME/ID`, from the policy that follows the load balancer's requests. */
  readonly loadBalancer: string | undefined;
}

export interface LiveAlarm {
  readonly name: string;
  readonly state: string;
  readonly stateSince: Date | undefined;
  readonly actionsEnabled: boolean;
  readonly actions: number;
  readonly settings: { readonly [property: string]: string | number };
}

/** One number for each period that reported any, oldest first. */
export interface Series {
  readonly periodSeconds: number;
  readonly points: readonly Point[];
}

export interface Point {
  /** Start of the period, milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

/**
 * - `requests`: requests a minute, of the load balancer.
 * - `tasks`: tasks that ran, mean of each minute.
 * - `connections`: the most open connections of each minute, as the database counts them.
 * - `holds`, `holdSeconds`: acquisitions that ended in a minute, and how long they held in all.
 * - `used`, `limit`: connections in use in one process, mean over five minutes; the pool's maximum.
 * - `waitP99`: the 99th percentile of the wait for a connection over five minutes, in seconds.
 * - `timeouts`: acquisitions that gave up, per five minutes.
 * - `proxyLimit`: connections that an RDS Proxy may open.
 */
export const METRICS = [
  "requests",
  "tasks",
  "connections",
  "holds",
  "holdSeconds",
  "used",
  "limit",
  "waitP99",
  "timeouts",
  "proxyLimit",
] as const;
export type MetricName = (typeof METRICS)[number];
