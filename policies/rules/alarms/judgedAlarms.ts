import type { DatabaseBudget, PoolBudget, ProxyBudget } from "../../budget/budget";
import { type AwsMetric, findAwsMetric, namespaceMeant } from "../../model/awsMetrics";
import type { DimensionReading, MetricAlarmReading, MetricReading } from "../../plan/alarmReading";
import type { PlanResource } from "../../plan/plan";
import { dependencyUrns } from "../../plan/planIndex";
import { knownValue, type Reading } from "../../plan/reading";
import type { RuleContext } from "../rule";
import { namesOfClient } from "./elsewhere";
import { isAbout, type PoolMetric, poolMetric } from "./poolMetrics";

/**
 * A metric alarm that is poolproof's business: one of its metrics is about a database, a proxy or a pool of this stack,
 * or about a load balancer or service that a client stands behind. All others are none of it.
 */
export interface JudgedAlarm {
  readonly alarm: MetricAlarmReading;
  readonly metrics: readonly JudgedMetric[];
  readonly expressions: readonly JudgedExpression[];
}

export interface JudgedMetric {
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

const cache = new WeakMap<RuleContext, readonly JudgedAlarm[]>();

/** The metric alarms that the four alarm rules judge, worked out once for all of them. */
export function judgedAlarms(context: RuleContext): readonly JudgedAlarm[] {
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
  judged(alarm: MetricAlarmReading): JudgedAlarm | undefined {
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

  private metric(reading: MetricReading, id: string | undefined, isReturned: boolean): JudgedMetric {
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

  private concerns({ reading, pool, subject }: JudgedMetric): boolean {
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
export function metricInWords({ reading, id }: JudgedMetric): string {
  const name = knownValue(reading.name) ?? "its metric";
  const namespace = knownValue(reading.namespace);
  return `${namespace === undefined ? "" : `${namespace} `}${name}${id === undefined ? "" : ` (${id})`}`;
}
