import type { PoolBudget } from "../../budget/budget";

import type { Rung, Timeout } from "../../model/timeouts";
import type { PoolSetting, SettingReading, TimeNotation } from "../../plan/pools/libraries";
import { typeDuration, writeDuration } from "../../plan/pools/settings";
import { knownValue, originOf, type Reading, requireNumber, unknown } from "../../plan/reading";
import { GIVEN } from "../../plan/settings";
import type { ClientReading, DatabaseReading } from "../../plan/types";
import { type Dialect, dialectOf, kindOf, serverNumber } from "../database/parameterGroups";
import { inContainer, type Naming } from "../format";

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

/** The timeouts for which a value can be chosen, by their side. */
export const RUNGS = {
  lock: "lockMs",
  statement: "statementMs",
  query: "queryMs",
  request: "requestMs",
} as const satisfies { readonly [side in SideName]?: Rung };

/** What each of them ends, for a sentence. */
const ENDED: { readonly [side in keyof typeof RUNGS]: string } = {
  lock: "the wait for a lock",
  statement: "a statement",
  query: "a query",
  request: "a request",
};

/** Whether a side is written in whole seconds. */
export const inSeconds = ({ unit, writtenIn }: Side): boolean => unit === "s" || writtenIn === "s";

/**
 * What a person does to give a timeout this value: set the variable, the config key behind it or the server's parameter;
 * or, where nothing of the library's reads a variable, do it the library's way and say so in the policy configuration.
 */
export function setTo(
  name: SideName,
  side: Side,
  ms: number,
  { client, naming }: { readonly client: ClientReading; readonly naming: Naming },
  atLeast = "",
): string {
  const { unread, setting, where } = side;
  const isMapped = naming.isMapped(setting);
  const notation = side.unit === "s" ? "s" : side.writtenIn;
  const shown = writeDuration(ms, notation);
  if (unread !== undefined && !isMapped && name in ENDED) {
    const what = ENDED[name as keyof typeof RUNGS];
    return `End ${what} after ${atLeast}${ms} ms by ${unread.how}, and give it as \`values.${unread.declaredAs}\` of ${client.name} under \`pools\` in the policy configuration`;
  }
  const inGroup =
    side.parameter === undefined || isMapped
      ? ""
      : `, or \`${side.parameter}\` in the database's parameter group`;
  const inRole =
    side.refused === undefined
      ? ""
      : ", or set it with `ALTER ROLE` and declare it under `pools` in the policy configuration";
  return `${naming.set(setting, where, `${atLeast}${shown}`, atLeast === "" ? typeDuration(ms, notation) : undefined)}${inGroup}${inRole}`;
}

/** Several steps as one sentence: "Set `A` to 1000; set `B` to 2000". */
export const steps = (each: readonly string[]): string =>
  each.map((step, i) => (i === 0 ? step : step.charAt(0).toLowerCase() + step.slice(1))).join("; ");

/** Parameters that bound a lock wait and a statement on the server. */
interface ServerTimeouts {
  readonly lock: ServerParameter;
  readonly statement: ServerParameter;
}

interface ServerParameter {
  readonly name: string;
  readonly unit: "ms" | "s";
  /** The server's own value where nothing sets one; 0 never ends. */
  readonly fallback: number;
}

/**
 * - PostgreSQL: `lock_timeout` and `statement_timeout` are off (documentation, "Client Connection Defaults").
 * - MySQL: a row lock is waited for 50 s (reference manual, "InnoDB Startup Options"); `max_execution_time` is off
 *   and ends SELECT statements only (reference manual, "Server System Variables").
 * - MariaDB: the same 50 s (knowledge base, "InnoDB System Variables"); `max_statement_time` is off, counts seconds
 *   and ends every statement (knowledge base, "Aborting Statements").
 *
 * `lock_wait_timeout` of both, a day or a year, is for metadata locks, which only changes of the schema hold for long.
 */
export const SERVER_TIMEOUTS: { readonly [dialect in Dialect]: ServerTimeouts } = {
  postgres: {
    lock: { name: "lock_timeout", unit: "ms", fallback: 0 },
    statement: { name: "statement_timeout", unit: "ms", fallback: 0 },
  },
  mysql: {
    lock: { name: "innodb_lock_wait_timeout", unit: "s", fallback: 50 },
    statement: { name: "max_execution_time", unit: "ms", fallback: 0 },
  },
  mariadb: {
    lock: { name: "innodb_lock_wait_timeout", unit: "s", fallback: 50 },
    statement: { name: "max_statement_time", unit: "s", fallback: 0 },
  },
};

/** Whose default stands in, for messages. */
const SERVER_DEFAULTS: { readonly [dialect in Dialect]: string } = {
  postgres: "PostgreSQL's default",
  mysql: "MySQL's default",
  mariadb: "MariaDB's default",
};
