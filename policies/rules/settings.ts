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

export const DEFAULT_SETTINGS: Settings = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  otherWorkMs: 0,
  undecided: "reject",
  confirmedMaxConnections: undefined,
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

function wildcard(text: string): RegExp {
  const parts = text.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
