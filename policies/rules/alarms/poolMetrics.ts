import { type PoolMetricNames, wildcard } from "../../plan/settings";

/** What a metric of a client-side pool says. `other` belongs to a pool and is no signal of its own. */
export type PoolSignal = "saturation" | "used" | "max" | "pending" | "wait" | "timeouts" | "other";

export interface PoolMetric {
  readonly signal: PoolSignal;
  /** Milliseconds in one unit of a wait; undefined where nobody says. */
  readonly msPerUnit?: number | undefined;
  /** The entry of the policy configuration that names it. */
  readonly entry?: PoolMetricNames | undefined;
}

/** Names without what exporters do to them: dots, underscores and capitals say the same. */
const plainName = (name: string): string => name.toLowerCase().replace(/[_\-./:]+/g, ".");

/** Prometheus and the Micrometer registries add what was measured: `_total`, `.value`, `.avg`. */
const KIND = "(?:\\.(?:value|total|count|sum|avg|max|seconds|milliseconds)){0,3}";

/**
 * OpenTelemetry's semantic conventions for database client pools (`db.client.connection.*`, and the deprecated
 * `db.client.connections.*`, whose times were in milliseconds), and Micrometer's for HikariCP and for any JDBC pool.
 */
const KNOWN: readonly (readonly [RegExp, PoolSignal])[] = [
  [/^db\.client\.connections?\.(?:count|usage)$/, "used"],
  [/^db\.client\.connections?\.max$/, "max"],
  [/^db\.client\.connections?\.pending\.requests$/, "pending"],
  [/^db\.client\.connections?\.timeouts(?:\.total)?$/, "timeouts"],
  [new RegExp(`^db\\.client\\.connections?\\.wait\\.time${KIND}$`), "wait"],
  [/^db\.client\.connections?\./, "other"],
  [/^(?:hikaricp|jdbc)\.connections\.active(?:\.value)?$/, "used"],
  [/^(?:hikaricp|jdbc)\.connections\.max(?:\.value)?$/, "max"],
  [/^hikaricp\.connections\.pending(?:\.value)?$/, "pending"],
  [new RegExp(`^hikaricp\\.connections\\.timeout${KIND}$`), "timeouts"],
  [new RegExp(`^hikaricp\\.connections\\.acquire${KIND}$`), "wait"],
  [/^(?:hikaricp|jdbc)\.connections(?:\.|$)/, "other"],
];

/** What a metric says of a pool: by the policy configuration, else by a name that everybody uses; undefined for others. */
export function poolMetric(
  namespace: string | undefined,
  name: string | undefined,
  own: readonly PoolMetricNames[],
): PoolMetric | undefined {
  if (name === undefined) return undefined;
  for (const entry of own) {
    if (entry.namespace !== undefined && entry.namespace !== namespace) continue;
    const signal = SIGNALS.find((each) => entry[each]?.includes(name));
    if (signal) return { signal, msPerUnit: entry.waitUnit && MS[entry.waitUnit], entry };
  }
  if (namespace?.startsWith("AWS/")) return undefined;
  const plain = plainName(name);
  const known = KNOWN.find(([pattern]) => pattern.test(plain));
  return known && { signal: known[1], msPerUnit: unitOf(plain) };
}

const SIGNALS = ["saturation", "used", "max", "pending", "wait", "timeouts"] as const;
const MS = { ms: 1, s: 1000 } as const;

/** OpenTelemetry counts seconds, as its deprecated names and Micrometer's CloudWatch registry do milliseconds. */
function unitOf(plain: string): number {
  if (/\.seconds(?:\.|$)/.test(plain)) return MS.s;
  return plain.startsWith("db.client.connection.") ? MS.s : MS.ms;
}

/** Whether the client that an entry of the policy configuration names goes by one of these names. */
export function isAbout(client: string, names: readonly string[]): boolean {
  const pattern = wildcard(client);
  return names.some((name) => pattern.test(name));
}
