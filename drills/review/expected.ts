/** What the program would deploy, as far as a review compares it with what is deployed. */
export interface Expected {
  readonly stack: string;
  readonly project: string;
  readonly region: string;
  /** What AWS calls the stack's own resources: `auth-prod`. */
  readonly name: string;
  readonly database: ExpectedDatabase;
  readonly service: ExpectedService;
  readonly demand: Demand;
  /** The RDS Proxy between the two, where there is one. */
  readonly proxy: { readonly name: string; readonly maxConnectionsPercent: number } | undefined;
  readonly alarms: readonly ExpectedAlarm[];
}

export interface ExpectedDatabase {
  readonly identifier: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly storageGib: number | undefined;
  readonly multiAz: boolean | undefined;
  /** Logical name of the parameter group: Pulumi puts a hyphen and seven digits after it. */
  readonly parameterGroup: string;
  readonly parameters: readonly ExpectedParameter[];
}

export interface ExpectedParameter {
  readonly name: string;
  readonly value: string;
}

export interface ExpectedService {
  /** Logical name: Pulumi puts a hyphen and seven digits after it. */
  readonly name: string;
  readonly container: string;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  readonly environment: { readonly [name: string]: string };
  readonly tags: { readonly [name: string]: string };
  readonly pool: Pool;
}

/** The settings of each process's pool that the capacity model asks for. */
export interface Pool {
  /** What it calls itself in its metrics. */
  readonly name: string;
  readonly max: number;
  readonly processesPerTask: number;
  readonly acquireTimeoutMs: number | undefined;
}

/** The demand a service declares. */
export interface Demand {
  readonly peakRequestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly tasksAtPeak: number | undefined;
}

export interface ExpectedAlarm {
  readonly name: string;
  /** Composite alarms read other alarms. */
  readonly kind: "metric" | "composite";
  /** Whether the program gives it an action; a signal that only composites read has none. */
  readonly hasActions: boolean;
  readonly actionsEnabled: boolean;
  /** Page in this repository, as the alarm's own description names it. */
  readonly runbook: string | undefined;
  /** Numbers that may have been changed manually, by CloudWatch's own property names. */
  readonly settings: { readonly [property: string]: string | number };
}
