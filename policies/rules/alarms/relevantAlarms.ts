import type { DatabaseBudget, PoolBudget, ProxyBudget } from "../../budget/budget";
import { parseMetricMath } from "../../model/cloudwatch/metricMath";
import { type AwsMetric, findAwsMetric, namespaceMeant } from "../../model/cloudwatch/metrics";
import type { DimensionReading, MetricAlarmReading, MetricReading } from "../../plan/alarms/alarmReading";
import type { PlanResource } from "../../plan/plan";
import { dependencyUrns } from "../../plan/planIndex";
import { knownValue, type Reading } from "../../plan/reading";
import { type AlarmsElsewhere, type PoolMetricNames, type Settings, wildcard } from "../../plan/settings";
import type { ClientReading, DatabaseReading } from "../../plan/types";
import type { RuleContext } from "../rule";

/**
 * A metric alarm that is poolproof's business: one of its metrics is about a database, a proxy or a pool of this stack,
 * or about a load balancer or service that a client stands behind. All others are none of it.
 */
export interface RelevantAlarm {
  readonly alarm: MetricAlarmReading;
  readonly metrics: readonly RelevantMetric[];
  readonly expressions: readonly JudgedExpression[];
}

export interface RelevantMetric {
  readonly reading: MetricReading;
  /** Its id, where it stands among the queries of metric math. */
  readonly id: string | undefined;
  readonly isReturned: boolean;
  readonly aws: AwsMetric | undefined;
  readonly pool: PoolMetric | undefined;
  readonly subject: Subject;
}

interface JudgedExpression {
  readonly id: Reading<string>;
  readonly text: Reading<string>;
  readonly isReturned: boolean;
}

/** What a metric is about. `none`: nothing of this stack, as far as its dimensions say; `hidden`: they do not say yet. */
type Subject =
  | { readonly kind: "database"; readonly on: DatabaseBudget; readonly resource: PlanResource }
  | { readonly kind: "proxy"; readonly proxy: ProxyBudget }
  | { readonly kind: "pools"; readonly pools: readonly PoolBudget[] }
  | { readonly kind: "client"; readonly resource: PlanResource }
  | { readonly kind: "none" }
  | { readonly kind: "hidden" };

const NONE: Subject = { kind: "none" };
const HIDDEN: Subject = { kind: "hidden" };

const cache = new WeakMap<RuleContext, readonly RelevantAlarm[]>();

/** The metric alarms that the four alarm rules judge, worked out once for all of them. */
export function relevantAlarms(context: RuleContext): readonly RelevantAlarm[] {
  const known = cache.get(context);
  if (known) return known;
  const scope = new Scope(context);
  const judged = context.stack.alarms.flatMap((alarm) =>
    alarm.kind === "metric" ? (scope.judged(alarm) ?? []) : [],
  );
  cache.set(context, judged);
  return judged;
}

/** Dimensions that only a database or a proxy has. */
export const OF_DATABASES: readonly string[] = ["DBInstanceIdentifier", "DBClusterIdentifier", "ProxyName"];

class Scope {
  private readonly databases = new Map<string, DatabaseBudget>();
  private readonly proxies = new Map<string, ProxyBudget>();
  private readonly clients = new Set<string>();
  private readonly inFront = new Set<string>();
  /** Pools by the names that their metrics may carry, in lower case. */
  private readonly byName = new Map<string, PoolBudget[]>();

  constructor(private readonly context: RuleContext) {
    for (const on of context.budget.databases) {
      this.databases.set(on.database.resource.urn, on);
      for (const { resource } of on.database.members) this.databases.set(resource.urn, on);
      for (const each of on.proxies) this.proxies.set(each.proxy.resource.urn, each);
    }
    for (const pool of context.budget.pools) {
      const { client } = pool;
      this.clients.add(client.resource.urn);
      for (const urn of client.inFront) this.inFront.add(urn);
      for (const name of client.metricNames) {
        const key = name.toLowerCase();
        this.byName.set(key, [...(this.byName.get(key) ?? []), pool]);
      }
    }
  }

  /** Undefined where the alarm is about nothing that the stack reads. */
  judged(alarm: MetricAlarmReading): RelevantAlarm | undefined {
    const { signal } = alarm;
    if (signal.state !== "known") {
      return this.isMadeFromOurs(alarm.resource) ? { alarm, metrics: [], expressions: [] } : undefined;
    }
    if (signal.value.kind === "metric") {
      const metric = this.metric(signal.value.metric, undefined, true);
      return this.concerns(metric) ? { alarm, metrics: [metric], expressions: [] } : undefined;
    }
    const { queries } = signal.value;
    const metrics = queries.flatMap(({ id, metric, returnData }) =>
      metric ? [this.metric(metric, knownValue(id) ?? "", knownValue(returnData) === true)] : [],
    );
    const expressions = queries.flatMap(({ id, expression, returnData }) =>
      expression.state === "unset"
        ? []
        : [{ id, text: expression, isReturned: knownValue(returnData) === true }],
    );
    const isSql = expressions.some(({ text }) => /["']AWS\/RDS["']/.test(knownValue(text) ?? ""));
    const isOurs = metrics.some((metric) => this.concerns(metric)) || (isSql && this.databases.size > 0);
    return isOurs ? { alarm, metrics, expressions } : undefined;
  }

  private isMadeFromOurs(alarm: PlanResource): boolean {
    return ["metricQueries", "metricName"]
      .flatMap((property) => dependencyUrns(alarm, property))
      .some((urn) => this.databases.has(urn) || this.proxies.has(urn) || this.clients.has(urn));
  }

  private metric(reading: MetricReading, id: string | undefined, isReturned: boolean): RelevantMetric {
    const namespace = knownValue(reading.namespace);
    const name = knownValue(reading.name);
    const pool = poolMetric(namespace, name, this.context.settings.poolMetrics);
    const aws = findAwsMetric(namespaceMeant(namespace ?? "") ?? "", name ?? "");
    return { reading, id, isReturned, aws, pool, subject: this.subject(reading, pool) };
  }

  private subject(reading: MetricReading, pool: PoolMetric | undefined): Subject {
    const { dimensions } = reading;
    if (dimensions.state !== "known") return HIDDEN;
    if (pool) return this.poolsOf(dimensions.value, pool);
    let subject = NONE;
    for (const { name, of } of dimensions.value) {
      const found = of.state === "found" ? this.found(of.resource) : undefined;
      if (found) return found;
      if (of.state === "hidden" && OF_DATABASES.includes(name)) subject = HIDDEN;
    }
    return subject;
  }

  private found(resource: PlanResource): Subject | undefined {
    const on = this.databases.get(resource.urn);
    if (on) return { kind: "database", on, resource };
    const proxy = this.proxies.get(resource.urn);
    if (proxy) return { kind: "proxy", proxy };
    const isClients = this.clients.has(resource.urn) || this.inFront.has(resource.urn);
    return isClients ? { kind: "client", resource } : undefined;
  }

  /** The pools whose names stand in the dimensions; the only pool of the stack, where none does. */
  private poolsOf(dimensions: readonly DimensionReading[], { entry }: PoolMetric): Subject {
    const all = this.context.budget.pools;
    const ofClient = entry?.client;
    if (ofClient !== undefined) {
      return { kind: "pools", pools: all.filter(({ client }) => isAbout(ofClient, namesOfClient(client))) };
    }
    const named = dimensions.flatMap(
      ({ value }) => this.byName.get((knownValue(value) ?? "").toLowerCase()) ?? [],
    );
    const exact = named.filter(({ client }) =>
      dimensions.some(({ value }) => client.pool !== undefined && knownValue(value) === client.pool),
    );
    const meant = exact.length > 0 ? exact : named;
    if (meant.length > 0) return { kind: "pools", pools: [...new Set(meant)] };
    if (all.length === 1) return { kind: "pools", pools: all };
    return dimensions.some(({ value }) => value.state === "unknown") ? HIDDEN : NONE;
  }

  private concerns({ reading, pool, subject }: RelevantMetric): boolean {
    if (pool) return this.context.budget.pools.length > 0;
    if (subject.kind === "client") return true;
    const dimensions = knownValue(reading.dimensions);
    const meant = namespaceMeant(knownValue(reading.namespace) ?? "");
    if (this.databases.size === 0) return false;
    if (meant === "AWS/RDS") return true;
    if (dimensions?.some(({ name }) => OF_DATABASES.includes(name))) return true;
    return meant === "AWS/ApplicationELB" && dimensions?.length === 0 && this.inFront.size > 0;
  }
}

/** How a metric is called in a sentence: "`AWS/RDS` DatabaseConnections". */
export function metricInWords({ reading, id }: RelevantMetric): string {
  const name = knownValue(reading.name) ?? "its metric";
  const namespace = knownValue(reading.namespace);
  return `${namespace === undefined ? "" : `${namespace} `}${name}${id === undefined ? "" : ` (${id})`}`;
}

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

/** Names that a database goes by in `alarmsElsewhere`. */
export const namesOfDatabase = ({ resource, names }: DatabaseReading): readonly string[] => [
  resource.urn,
  ...names,
];

/** Names that a client goes by there, and in `poolMetrics`. */
export const namesOfClient = ({ resource, name, metricNames }: ClientReading): readonly string[] => [
  resource.urn,
  name,
  ...metricNames,
];

/** What the policy configuration says of who watches the resource that goes by these names. */
export const externalAlarms = (names: readonly string[], settings: Settings): AlarmsElsewhere | undefined =>
  settings.alarmsElsewhere.find(({ resource }) => names.some((name) => wildcard(resource).test(name)));

/** None, one and far more: whatever depends on a count of connections or requests tells two of them apart. */
const COUNTS = [0, 1, 1e6];

/**
 * Whether what an alarm compares changes with a metric. Math may read one only for its data points (`count + 0 * other`
 * has a value whenever the other one has), and such an alarm does not watch it. What cannot be computed may.
 */
export function dependsOn({ metrics, expressions }: RelevantAlarm, { id = "" }: RelevantMetric): boolean {
  const returned = expressions.find((each) => each.isReturned);
  // Without an expression the alarm compares the metric itself.
  const text = returned && knownValue(returned.text);
  const parsed = text === undefined ? undefined : parseMetricMath(text);
  if (parsed === undefined || "problem" in parsed) return true;
  const known = new Set(metrics.map((metric) => metric.id));
  if (parsed.ids.some((each) => !known.has(each))) return true;
  return [0, 1].some((others) => {
    const rest = Object.fromEntries(parsed.ids.map((each) => [each, others]));
    const results = COUNTS.map((value) => parsed.evaluate({ ...rest, [id]: value }));
    return new Set(results.filter(Number.isFinite)).size > 1;
  });
}
