import type { DatabaseBudget, PoolBudget } from "../../budget/budget";
import { isUpward } from "../../model/cloudwatch/alarm";
import { knownValue, unknown } from "../../plan/reading";
import type { DatabaseReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import {
  dependsOn,
  externalAlarms,
  namesOfClient,
  namesOfDatabase,
  type PoolSignal,
  type RelevantAlarm,
  type RelevantMetric,
  relevantAlarms,
} from "./relevantAlarms";

/**
 * On the day of the outage every database alarm was silent, since a pool that is too small leaves the database idle.
 * So both sides need one: the database for connections near its limit, each pool for being full and for giving up.
 *
 * Advisory where no policy configuration says otherwise: many teams keep their alarms in another tool or stack, and a
 * plan without one does not prove that nobody watches. A configuration that makes it mandatory types the silence out,
 * in `alarmsElsewhere`, with a reason.
 *
 * A function's pool is passed over: an environment of it serves one request at a time and never waits for itself. So is
 * what only the policy configuration describes: its alarms belong to the stack that holds it.
 */
export const alarmsPresent = rule({
  id: "alarms-present",
  title: "Alarms on both sides of the pool",
  severity: "high",
  level: "advisory",
  description:
    "Each database has an alarm on its connections, and each pool one on saturation, waiting requests or wait time and one on acquire timeouts, or `alarmsElsewhere` says who holds them.",
  remediationSteps:
    "Add the alarm that the message names; where pool metrics have names of their own, enter them under `poolMetrics` in the policy configuration; where another tool or stack holds the alarms, say so under `alarmsElsewhere`.",
  check(context) {
    const alarms = relevantAlarms(context);
    for (const on of context.budget.databases) checkDatabase(on, alarms, context);
    for (const pool of context.budget.pools) checkPool(pool, alarms, context);
  },
});

function checkDatabase(on: DatabaseBudget, alarms: readonly RelevantAlarm[], context: RuleContext): void {
  const { database } = on;
  if (database.kind === "declared" || externalAlarms(namesOfDatabase(database), context.settings)) return;
  const watching = alarms.filter(watchesConnections);
  if (isCovered(database, watching)) return;
  const isHidden = ({ subject }: RelevantMetric): boolean => subject.kind === "hidden";
  const candidate = watching.find(({ metrics }) => metrics.some(isHidden)) ?? alarms.find(mayWatch);
  if (candidate) {
    context.cannotDecide(
      database.resource.urn,
      unknown(
        "dimensions",
        `alarm ${candidate.alarm.resource.name} may be the one on its connections, and what it watches is not known yet`,
      ),
    );
    return;
  }
  const { name, urn } = database.resource;
  const dimension = database.kind === "cluster" ? "DBClusterIdentifier" : "DBInstanceIdentifier";
  context.violation({
    resource: urn,
    text: `No alarm watches the connections of ${name}: the first sign that they run out is a refused client.`,
    fix: `Add a metric alarm on AWS/RDS DatabaseConnections with the dimension \`${dimension}\` of ${name}, above what its pools hold and below its usable connections${limitOf(on)}, or say under \`alarmsElsewhere\` in the policy configuration who holds it`,
    observed: 0,
    allowed: { min: 1, max: null },
    unit: "alarms",
  });
}

const limitOf = ({ usable }: DatabaseBudget): string => {
  const most = knownValue(usable);
  return most === undefined ? "" : ` (${most})`;
};

/** An alarm that fires when connections grow. */
function watchesConnections(judged: RelevantAlarm): boolean {
  const isUp = isUpward(knownValue(judged.alarm.comparison));
  return isUp && judged.metrics.some((metric) => isConnections(metric) && dependsOn(judged, metric));
}

const isConnections = ({ aws, reading }: RelevantMetric): boolean =>
  aws?.namespace === "AWS/RDS" &&
  aws.name === "DatabaseConnections" &&
  knownValue(reading.dimensions)?.some(({ name }) => name === "ProxyName") !== true;

/** An alarm of which too little is known, or that asks CloudWatch by SQL, may watch anything. */
const mayWatch = ({ alarm, metrics, expressions }: RelevantAlarm): boolean =>
  alarm.signal.state === "unknown" ||
  metrics.some(({ reading }) => reading.name.state === "unknown") ||
  expressions.some(({ text }) => /\bDatabaseConnections\b/.test(knownValue(text) ?? ""));

/** The database itself, or each of a cluster's members: any of them may be the one that is full. */
function isCovered({ resource, members }: DatabaseReading, watching: readonly RelevantAlarm[]): boolean {
  const isWatched = (urn: string): boolean =>
    watching.some(({ metrics }) =>
      metrics.some(
        (metric) =>
          isConnections(metric) && metric.subject.kind === "database" && metric.subject.resource.urn === urn,
      ),
    );
  if (isWatched(resource.urn)) return true;
  return members.length > 0 && members.every((member) => isWatched(member.resource.urn));
}

interface Need {
  readonly signals: readonly PoolSignal[];
  readonly what: string;
  readonly metric: string;
}

const NEEDS: readonly Need[] = [
  {
    signals: ["saturation", "used", "pending", "wait"],
    what: "being full (share in use, waiting requests or wait time)",
    metric: "`db.client.connection.pending_requests` (Micrometer: `hikaricp.connections.pending`)",
  },
  {
    signals: ["timeouts"],
    what: "acquisitions that give up",
    metric: "`db.client.connection.timeouts` (Micrometer: `hikaricp.connections.timeout`)",
  },
];

function checkPool(pool: PoolBudget, alarms: readonly RelevantAlarm[], context: RuleContext): void {
  const { client } = pool;
  if (client.kind !== "ecs-service") return;
  const { urn } = client.resource;
  if (externalAlarms(namesOfClient(client), context.settings)) return;
  const missing = NEEDS.filter(({ signals }) => !alarms.some((alarm) => watchesPool(alarm, pool, signals)));
  if (missing.length === 0) return;
  const hidden = alarms.find((alarm) => mayWatchPool(alarm, missing));
  if (hidden) {
    context.cannotDecide(
      urn,
      unknown(
        "dimensions",
        `alarm ${hidden.alarm.resource.name} may be one on its pool, and what it watches is not known yet`,
      ),
    );
    return;
  }
  const what = missing.map((need) => need.what).join(" nor for ");
  context.violation({
    resource: urn,
    text: `No alarm watches the pool of ${client.name} for ${what}: a pool that is too small leaves the database idle, so nothing else in this stack shows why requests fail.`,
    fix: `Let ${client.name} report ${missing.map(({ metric }) => metric).join(" and ")}, with the pool's or the service's name as dimension, and add a metric alarm on each; where the metrics have other names, enter them under \`poolMetrics\` in the policy configuration; where another tool holds the alarms, say so under \`alarmsElsewhere\``,
    observed: NEEDS.length - missing.length,
    allowed: { min: NEEDS.length, max: null },
    unit: "alarms",
  });
}

const watchesPool = (judged: RelevantAlarm, own: PoolBudget, signals: readonly PoolSignal[]): boolean =>
  judged.metrics.some((metric) => {
    const { pool, subject } = metric;
    if (pool === undefined || !signals.includes(pool.signal) || subject.kind !== "pools") return false;
    return subject.pools.some(({ client }) => client === own.client) && dependsOn(judged, metric);
  });

const mayWatchPool = ({ metrics }: RelevantAlarm, missing: readonly Need[]): boolean =>
  metrics.some(
    ({ pool, subject }) =>
      pool !== undefined &&
      subject.kind === "hidden" &&
      missing.some(({ signals }) => signals.includes(pool.signal)),
  );
