import type { Timeout } from "../model/timeouts";
import type { PoolSetting } from "../plan/read/poolProfiles";
import { known, knownValue, type Reading, requireNumber, toNumber } from "../plan/reading";
import type { DatabaseReading } from "../plan/stackReading";
import type { PoolBudget } from "./budget";

/** One side of the order: what it reads as, and what sets it. */
export interface Side {
  readonly reading: Reading<number>;
  readonly setting: string;
  readonly unit: "ms" | "s";
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
export function sidesOf({ client }: PoolBudget, database: DatabaseReading | undefined): Sides {
  const own = (setting: PoolSetting): Side => {
    const { variable, reading } = client.settings[setting];
    return { reading, setting: variable, unit: "ms" };
  };
  const effective = (setting: "lockTimeoutMs" | "statementTimeoutMs", parameter: string): Side => ({
    ...own(setting),
    reading: behindClient(client.settings[setting].reading, parameter, client, database),
  });
  const idle = requireNumber(
    client.loadBalancerIdleSeconds,
    "idleTimeout",
    (s) => s >= 0,
    "seconds, 0 or more",
  );
  return {
    lock: effective("lockTimeoutMs", "lock_timeout"),
    statement: effective("statementTimeoutMs", "statement_timeout"),
    query: own("queryTimeoutMs"),
    acquire: own("acquireTimeoutMs"),
    request: own("requestTimeoutMs"),
    balancer: { reading: idle, setting: "idleTimeout", unit: "s" },
    keepAlive: own("keepAliveTimeoutMs"),
  };
}

/**
 * The client's own value; where it sends none (unset, 0), the parameter group's, and last the server's default,
 * which is no limit. node-postgres leaves a value of 0 out of its start-up packet (packages/pg/lib/client.js).
 */
function behindClient(
  own: Reading<number>,
  parameter: string,
  { database: link }: { database: { readonly state: string; readonly reason?: string } },
  database: DatabaseReading | undefined,
): Reading<number> {
  const sendsNone = own.state === "unset" || (own.state === "known" && own.value === 0);
  if (!sendsNone) return own;
  if (!database) {
    return { state: "unknown", property: "tags", reason: link.reason ?? "its database is not in this stack" };
  }
  const { value } = database.parameters.parameter(parameter);
  if (value.state === "unset") return known(0, "PostgreSQL's default");
  return value.state === "known" ? toNumber(value.value, parameter) : value;
}
