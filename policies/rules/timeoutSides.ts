import type { Timeout } from "../model/timeouts";
import { GIVEN } from "../plan/declarations";
import type { PoolSetting, SettingReading, TimeNotation } from "../plan/pools/libraries";
import { knownValue, originOf, type Reading, requireNumber, unknown } from "../plan/reading";
import type { DatabaseReading } from "../plan/types";
import type { PoolBudget } from "./budget";
import { kindOf } from "./parameterGroups";
import { serverNumber } from "./serverSettings";
import { dialectOf, SERVER_DEFAULTS, SERVER_TIMEOUTS, type ServerTimeouts } from "./serverTimeouts";
import { inContainer } from "./words";

/** One side of the order: what it reads as, and what sets it. */
export interface Side {
  readonly reading: Reading<number>;
  readonly setting: string;
  /** Where that setting stands, for a sentence: " of container `api` in task definition `api`". */
  readonly where: string;
  readonly unit: "ms" | "s";
  /** How the client's variable writes a time, where that is not milliseconds. */
  readonly writtenIn?: TimeNotation | undefined;
  /** Set where nothing of the library's reads the variable: how its users set it, and its name under `values`. */
  readonly unread?: { readonly how: string; readonly declaredAs: PoolSetting };
  /** The server parameter that would do as well, where the client sends nothing. */
  readonly parameter?: string;
  /** The client's own variable, where an RDS Proxy keeps its value from the server. */
  readonly refused?: string;
}

export type Sides = { readonly [side in SideName]: Side };
export type SideName = "lock" | "statement" | "query" | "acquire" | "request" | "balancer" | "keepAlive";

/** A side as the model takes it: 0 and unset never end. */
export const timeout = ({ reading, unit }: Side): Timeout => {
  if (reading.state === "unset") return "forever";
  const value = knownValue(reading);
  if (value === undefined) return undefined;
  return value === 0 ? "forever" : unit === "s" ? value * 1000 : value;
};

/** Everything a pool and its server wait for, the parameter group and the load balancer included. */
export function sidesOf(pool: PoolBudget, database: DatabaseReading | undefined): Sides {
  const { client } = pool;
  const own = (setting: PoolSetting): Side => {
    const { variable, reading, writtenIn, how } = client.settings[setting];
    const side = {
      reading,
      setting: variable,
      where: inContainer(client, variable),
      unit: "ms",
      writtenIn,
    } as const;
    return how === undefined || originOf(reading) === "set"
      ? side
      : { ...side, unread: { how, declaredAs: setting } };
  };
  const idle = requireNumber(
    client.loadBalancerIdleSeconds,
    "idleTimeout",
    (s) => s >= 0,
    "seconds, 0 or more",
  );
  const request = own("requestTimeoutMs");
  const untilRequestEnds = (setting: "queryTimeoutMs" | "acquireTimeoutMs"): Side =>
    endsWithRequest(own(setting), request, client.settings[setting]) ? request : own(setting);
  return {
    lock: effective("lock", own("lockTimeoutMs"), pool, database),
    statement: effective("statement", own("statementTimeoutMs"), pool, database),
    query: untilRequestEnds("queryTimeoutMs"),
    acquire: untilRequestEnds("acquireTimeoutMs"),
    request,
    balancer: { reading: idle, setting: "idleTimeout", where: " of the load balancer", unit: "s" },
    keepAlive: own("keepAliveTimeoutMs"),
  };
}

/**
 * Go's `database/sql` has no limit of its own on a query: the request's context ends it, as it ends the wait for a
 * connection, and also one that the program bounds by no less than the request has.
 */
function endsWithRequest(own: Side, request: Side, { boundedByRequest }: SettingReading): boolean {
  if (boundedByRequest !== true || timeout(request) === "forever") return false;
  return timeout(own) === "forever" || Number(timeout(own)) >= Number(timeout(request));
}

/**
 * The client's own value; where it sends none (unset, 0), the parameter group's, and last the server's default.
 * node-postgres leaves a value of 0 out of its start-up packet (packages/pg/lib/client.js). An RDS Proxy refuses
 * these start-up parameters of PostgreSQL altogether, so behind one only what the server knows counts, unless the
 * policy configuration vouches for it: a role's own settings (`ALTER ROLE`) are in no plan.
 */
function effective(
  which: keyof ServerTimeouts,
  own: Side,
  { client, proxied }: PoolBudget,
  database: DatabaseReading | undefined,
): Side {
  const isSent = own.reading.state !== "unset" && knownValue(own.reading) !== 0;
  const isVouchedFor = own.setting.startsWith(GIVEN);
  const dialect = dialectOf(database && knownValue(database.engine));
  const isDirect = knownValue(proxied) === false;
  if (isSent && (isDirect || isVouchedFor || dialect !== "postgres")) return own;
  if (isSent && proxied.state !== "known") return { ...own, reading: proxied };
  if (!database) {
    const link = client.database;
    const reason = link.state === "unlinked" ? link.reason : "its database is not in this stack";
    return { ...own, reading: unknown("tags", reason) };
  }
  const { name, unit, fallback } = SERVER_TIMEOUTS[dialect][which];
  if (database.kind === "declared") {
    const group = `the parameter group of ${database.resource.name} is not in this stack`;
    return { ...own, reading: unknown("parameters", group) };
  }
  // A client that may send its own is the nearer place to set one.
  const mayBeSent = own.unread === undefined;
  const isUnset = database.parameters.parameter(name).value.state === "unset";
  if (isUnset && dialect === "postgres" && isDirect && mayBeSent) return { ...own, parameter: name };
  const reading = serverNumber(database.parameters, name, { value: fallback, of: SERVER_DEFAULTS[dialect] });
  const { isOwn, resource } = database.parameters;
  const where = isOwn
    ? ` in ${kindOf(database.parameters)} \`${resource.name}\``
    : ` in a parameter group of ${database.resource.name}'s own`;
  return { reading, setting: name, where, unit, ...(isSent ? { refused: own.setting } : {}) };
}
