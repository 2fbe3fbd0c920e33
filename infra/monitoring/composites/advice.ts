import type { Advice } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { databaseLoad } from "../thresholds/database";
import { connectionRate, holdTime } from "../thresholds/pool";
import { proxyPinned } from "../thresholds/proxy";

/** A cause's setting as it is, the bounds it has, and what mends it. */
export function causeAdvice(cause: CauseId, input: AlarmInput): Advice {
  return ADVICE[cause](input);
}

export type CauseId =
  | "pool-starved"
  | "database-saturated"
  | "connections-exhausted"
  | "connection-storm"
  | "downstream-slow"
  | "idle-in-transaction"
  | "proxy-starved";

const ADVICE: { readonly [cause in CauseId]: (input: AlarmInput) => Advice } = {
  "pool-starved": (input) => ({ present: `${poolNow(input)}.`, ...poolFix(input) }),

  "database-saturated": (input) => ({
    present: `auth:instanceClass is ${input.instanceClass}, ${databaseLoad(input).value} vCPU; ${poolNow(input)}.`,
    fix: "Do not raise the pool: more sessions would wait for the same processors. Find the statements at work and end the one that is new:",
    command:
      "SELECT pid, now() - query_start AS runs, wait_event_type, left(query, 60) FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start LIMIT 10;",
  }),

  "connections-exhausted": (input) => {
    const { maxConnections, usable, demandAtPeak } = input.capacity;
    const { poolMax } = input;
    const ceiling = input.capacity.window?.ceiling;
    const present = `max_connections is ${maxConnections ?? "unknown"} (auth:maxConnections), ${usable ?? "unknown"} of them usable; the plan takes ${demandAtPeak ?? "an unknown number"} at most; ${poolNow(input)}.`;
    if (ceiling !== undefined && ceiling > 0 && poolMax > ceiling && input.connection === "direct") {
      return {
        present,
        fix: `The pool is above its ceiling: lower it to ${ceiling}.`,
        command: setPool(ceiling),
      };
    }
    return {
      present,
      fix: "Somebody outside the plan holds connections. Find them, end their sessions, and stop tasks that hang on:",
      command:
        "SELECT usename, application_name, client_addr, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 10;",
    };
  },

  "connection-storm": (input) => ({
    present: `A restart of everything explains ${connectionRate(input).value} openings a minute; ${poolNow(input)}.`,
    fix: "Do not restart tasks: each would open its whole pool again. Find what ends the connections, a failover first:",
    command: "aws rds describe-events --source-type db-instance --source-identifier NAME --duration 60",
  }),

  "downstream-slow": (input) => ({
    present: `A hold of ${input.dbHoldMs} ms is declared (auth:dbHoldMs), the limit is ${holdTime(input).value} ms; ${poolNow(input)}.`,
    fix: "Do not raise the pool: it would queue in the database. Find what the holders wait for, and cancel what blocks them (pg_cancel_backend):",
    command:
      "SELECT pid, pg_blocking_pids(pid), wait_event_type, now() - query_start AS runs, left(query, 60) FROM pg_stat_activity WHERE state = 'active' ORDER BY runs DESC LIMIT 10;",
  }),

  "idle-in-transaction": (input) => ({
    present: `The database ends such a session after ${input.idleInTransactionTimeoutMs} ms (auth:idleInTransactionTimeoutMs); ${poolNow(input)}.`,
    fix: "Do not raise the pool: each transaction left open takes one more. Roll back the last deployment; see which statement came last in them:",
    command:
      "SELECT pid, now() - state_change AS idle, left(query, 60) FROM pg_stat_activity WHERE state = 'idle in transaction' ORDER BY idle DESC LIMIT 10;",
  }),

  "proxy-starved": (input) => ({
    present: `The proxy may open ${proxyPinned(input).inputs.maxConnectionsPercent} % of max_connections ${input.capacity.maxConnections ?? "unknown"}; the whole demand needs ${proxyPinned(input).inputs.needed} connections if no session is pinned.`,
    fix: "Look whether sessions are pinned (DatabaseConnectionsCurrentlySessionPinned) and the last deployment pins them; if none is, raise auth:maxConnections, which needs a reboot.",
    command: "npm run explain -- STACK",
  }),
};

/** The pool's setting and its safe window, in a clause. */
function poolNow({ poolMax, connection, capacity: { window } }: AlarmInput): string {
  const now = `auth:poolMax is ${poolMax}`;
  if (window === undefined) return `${now}, its safe window cannot be computed`;
  // Behind a proxy the pools of the tasks are not what the database sees: the proxy's share is the ceiling.
  if (connection === "proxy") return `${now}, at least ${window.floor} is safe`;
  if (window.empty) return `${now}, and no value is safe: floor ${window.floor}, ceiling ${window.ceiling}`;
  return `${now}, its safe window ${window.floor}–${window.ceiling}`;
}

function poolFix({ poolMax, connection, capacity: { window } }: AlarmInput): Pick<Advice, "fix" | "command"> {
  const ceiling = connection === "proxy" ? Number.POSITIVE_INFINITY : window?.ceiling;
  if (window === undefined || ceiling === undefined || window.floor > ceiling) {
    return {
      fix: "No pool alone mends this: the command names the lever that opens the window.",
      command: "npm run explain -- STACK",
    };
  }
  if (poolMax < window.floor) {
    return {
      fix: `Raise it to ${window.floor}: one rolling deployment, no reboot. To go back, set ${poolMax} again.`,
      command: setPool(window.floor),
    };
  }
  const more = Math.min(ceiling, Math.max(poolMax + 1, 2 * poolMax));
  if (poolMax < more) {
    return {
      fix: `It is inside: more arrives than was declared. Raise it to ${more}: one rolling deployment, no reboot. Then declare the load.`,
      command: setPool(more),
    };
  }
  return {
    fix: "It is at its ceiling: more arrives than was declared. The command names the lever for more.",
    command: "npm run explain -- STACK",
  };
}

function setPool(value: number): string {
  return `pulumi config set auth:poolMax ${value} --stack STACK && npm run up -- STACK --real-aws`;
}
