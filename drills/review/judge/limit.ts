import { usableConnections } from "../../../policies/model/connectionBudget";
import { type ConnectionLimit, connectionLimit } from "../../../policies/model/connectionLimit";
import { databaseEngine } from "../../../policies/model/engines";
import type { Expected } from "../expected/expected";
import { type LiveState, seenValue } from "../live/liveState";

/** The connection limit: what is written, what is in force, and how that is known. */
export interface Limit {
  /** The live group's `max_connections`, a number or a formula; undefined where it could not be read. */
  readonly written: string | undefined;
  /** What the written text gives on the live class, by the model; undefined where it gives none. */
  readonly model: ConnectionLimit | undefined;
  /** What the program's text gives on the program's class: what the policies judged by. */
  readonly judged: ConnectionLimit | undefined;
  /** What the server has now; undefined where parameters are pending and nobody asked it. */
  readonly inForce: number | undefined;
  /** How `inForce` is known. */
  readonly from: "SHOW max_connections" | "CloudWatch" | (typeof FROM)[keyof typeof FROM] | undefined;
  /** Of the limit in force, what clients can have. */
  readonly usable: number | undefined;
  readonly pendingReboot: boolean;
}

export interface Confirmed {
  /** What `SHOW max_connections` says now. */
  readonly now: number | undefined;
  /** What it said when the policy configuration was written. */
  readonly before: number | undefined;
}

export function limitOf(expected: Expected, live: LiveState, confirmed: Confirmed): Limit {
  const database = seenValue(live.database);
  const parameters = seenValue(live.parameters);
  const written = parameters?.get("max_connections")?.value;
  const engineVersion = database?.engineVersion ?? expected.database.engineVersion;
  const text = parameters === undefined ? programs(expected) : written;
  const model = modelled({
    ...expected.database,
    engineVersion,
    instanceClass: database?.instanceClass ?? expected.database.instanceClass,
    text,
    confirmed: confirmed.before,
  });
  const judged = modelled({ ...expected.database, text: programs(expected), confirmed: confirmed.before });
  const pendingReboot = database?.applyStatus === "pending-reboot";
  const { inForce, from } = effective(
    confirmed.now,
    proxied(expected, live, model),
    pendingReboot ? undefined : model,
  );
  return { written, model, judged, inForce, from, usable: usable(expected, inForce), pendingReboot };
}

const programs = ({ database }: Expected): string | undefined =>
  database.parameters.find(({ name }) => name === "max_connections")?.value;

interface Question {
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly storageGib: number | undefined;
  readonly text: string | undefined;
  readonly confirmed: number | undefined;
}

function modelled({ engine, text, storageGib, confirmed, ...rest }: Question): ConnectionLimit | undefined {
  const known = databaseEngine(engine);
  if (known === undefined) return undefined;
  const result = connectionLimit({
    ...rest,
    engine: known,
    parameterValue: text,
    confirmedMaxConnections: confirmed,
    allocatedStorageGib: storageGib,
  });
  return result.ok ? result.limit : undefined;
}

function effective(
  confirmed: number | undefined,
  proxied: number | undefined,
  model: ConnectionLimit | undefined,
): Pick<Limit, "inForce" | "from"> {
  if (confirmed !== undefined) return { inForce: confirmed, from: "SHOW max_connections" };
  if (proxied !== undefined) return { inForce: proxied, from: "CloudWatch" };
  if (model === undefined) return { inForce: undefined, from: undefined };
  const from = FROM[model.source];
  return { inForce: model.maxConnections, from };
}

const FROM = {
  explicit: "the parameter group",
  estimated: "the model's estimate",
  confirmed: "the policy configuration",
} as const;

/**
 * An RDS Proxy tells how many connections it may open, which is its share of the limit in force, cut to a whole number. So
 * the limit is known within 100 / share; inside of that the model's number stands.
 */
function proxied(
  { proxy }: Expected,
  { metrics }: LiveState,
  model: ConnectionLimit | undefined,
): number | undefined {
  const latest = seenValue(metrics.proxyLimit)?.points.at(-1)?.value;
  if (proxy === undefined || latest === undefined || latest < 1) return undefined;
  const least = Math.ceil((100 * latest) / proxy.maxConnectionsPercent);
  const most = Math.ceil((100 * (latest + 1)) / proxy.maxConnectionsPercent) - 1;
  const fits = model !== undefined && model.maxConnections >= least && model.maxConnections <= most;
  return fits ? model.maxConnections : least;
}

function usable({ database }: Expected, maxConnections: number | undefined): number | undefined {
  const engine = databaseEngine(database.engine);
  if (engine === undefined || maxConnections === undefined) return undefined;
  return usableConnections({ engine, engineVersion: database.engineVersion, maxConnections }).usable;
}
