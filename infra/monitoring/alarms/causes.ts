import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import { type Advice, type AlarmInput, type CompositeAlarmSpec, runbookOf } from "../alarmSpec";
import { databaseLoad, proxyPinned } from "./database";
import { connectionRate, holdTime } from "./pool";

const is = (alarm: string): CompositeRule => ({ alarm });
const not = (alarm: string): CompositeRule => ({ not: { alarm } });

/** Users are affected: without it a cause is a matter for the next working day. */
const USERS_AFFECTED: CompositeRule = {
  any: ["pool-timeouts", "pool-refusals", "pool-wait", "login-failure-rate", "login-latency-p99"].map(is),
};

/** The same, of requests that need a connection. */
const POOL_WAITS: CompositeRule = { any: ["pool-timeouts", "pool-refusals", "pool-wait"].map(is) };

interface Cause {
  readonly id: CauseId;
  readonly intent: string;
  /** All of these have to hold. */
  readonly evidence: readonly CompositeRule[];
  /** Signals that make it something else. */
  readonly unless: readonly string[];
}

/**
 * The root causes, the most telling evidence first. What the database writes into its log is a confession; a full pool
 * is circumstantial, since everything that is slow fills a pool. So each cause is excluded by the evidence of all
 * before it, and no two can be named at once.
 */
function causes(input: AlarmInput): readonly Cause[] {
  const idle = ["sessions-idle-in-transaction"];
  const storm = [...idle, "connection-rate"];
  const exhausted = [...storm, "connections-refused", "connections-near-limit"];
  // Through a proxy, waiting for its connections looks like a slow database.
  const proxied = input.connection === "proxy" ? ["proxy-borrow-latency"] : [];
  const saturated = [...exhausted, ...proxied, "database-busy"];
  const waiting = [is("database-waiting"), is("hold-time"), USERS_AFFECTED];
  const starvedProxy: Cause = {
    id: "proxy-starved",
    intent: "The RDS Proxy has too few database connections for the load: queries wait in the proxy.",
    evidence: [is("proxy-borrow-latency"), USERS_AFFECTED],
    unless: exhausted,
  };
  return [
    {
      id: "idle-in-transaction",
      intent:
        "Sessions stay idle in open transactions and hold their connections: logins wait for a connection.",
      evidence: [is("sessions-idle-in-transaction"), USERS_AFFECTED],
      unless: [],
    },
    {
      id: "connection-storm",
      intent: "Connections are lost and reopened faster than any restart explains: logins wait for new ones.",
      evidence: [is("connection-rate"), USERS_AFFECTED],
      unless: idle,
    },
    {
      id: "connections-exhausted",
      intent: "The database's connections are exhausted, or nearly exhausted: it refuses new ones.",
      evidence: [{ any: ["connections-refused", "connections-near-limit"].map(is) }],
      unless: storm,
    },
    ...(input.connection === "proxy" ? [starvedProxy] : []),
    {
      id: "database-saturated",
      intent: "The database itself is overloaded: as many sessions need a CPU as it has vCPU, or more.",
      evidence: [is("database-load"), USERS_AFFECTED],
      unless: [...exhausted, ...proxied],
    },
    {
      id: "lock-contention",
      intent:
        "A session holds a lock that others wait for: their connections are held, and logins wait for one.",
      evidence: [is("lock-waits"), ...waiting],
      unless: saturated,
    },
    {
      id: "storage-slow",
      intent:
        "Statements wait in the database, and not for a CPU: for its storage, or for a lock that the log does not show.",
      evidence: waiting,
      unless: [...saturated, "lock-waits"],
    },
    {
      id: "downstream-slow",
      intent:
        "Connections are held too long at no more than the declared load, while the database has little to do.",
      evidence: [is("hold-time"), USERS_AFFECTED],
      unless: [...saturated, "database-waiting", "load-above-declared"],
    },
    {
      id: "pool-starved",
      intent:
        "The connection pool is too small: logins wait for a connection and fail, while the database is not busy.",
      evidence: [is("pool-saturated"), POOL_WAITS],
      unless: [...saturated, "hold-time"],
    },
    {
      id: "task-starved",
      intent:
        "A task has run out of connections while the others have connections left: its share of the logins waits and fails.",
      evidence: [is("process-saturated"), POOL_WAITS],
      unless: [...saturated, "hold-time", "pool-busy"],
    },
  ];
}

/** The composites that name a root cause. Each pages. */
export function causeAlarms(input: AlarmInput): readonly CompositeAlarmSpec[] {
  return causes(input).map(({ id, intent, evidence, unless }) => ({
    kind: "composite",
    id,
    intent,
    rule: { all: [...evidence, ...unless.map(not)] },
    severity: "page",
    role: "cause",
    runbook: runbookOf(id),
    advice: causeAdvice(id, input),
  }));
}

/** A cause's setting as it is, the bounds it has, and how to fix it. */
export function causeAdvice(cause: CauseId, input: AlarmInput): Advice {
  return ADVICE[cause](input);
}

export type CauseId =
  | "pool-starved"
  | "task-starved"
  | "database-saturated"
  | "lock-contention"
  | "storage-slow"
  | "connections-exhausted"
  | "connection-storm"
  | "downstream-slow"
  | "idle-in-transaction"
  | "proxy-starved";

const ADVICE: { readonly [cause in CauseId]: (input: AlarmInput) => Advice } = {
  "pool-starved": (input) => ({ present: `${poolNow(input)}.`, ...poolFix(input) }),

  "task-starved": (input) => ({
    present: `${poolNow(input)}; the mean over all pools is not saturated.`,
    fix: "Do not raise the pool: the other tasks have connections left. Find the task, by its address, that has all of its connections open, and stop it (aws ecs stop-task); ECS replaces it:",
    command:
      "SELECT client_addr, count(*), max(now() - state_change) AS unused FROM pg_stat_activity WHERE usename = 'auth_app' GROUP BY 1 ORDER BY 2 DESC, 3 DESC LIMIT 10;",
  }),

  "database-saturated": (input) => ({
    present: `auth:instanceClass is ${input.instanceClass}, ${databaseLoad(input).value} vCPU; ${poolNow(input)}.`,
    fix: "Do not raise the pool: more sessions would wait for the same CPU. Find the active statements and cancel the new one:",
    command:
      "SELECT pid, now() - query_start AS runs, wait_event_type, left(query, 60) FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start LIMIT 10;",
  }),

  "lock-contention": (input) => ({
    present: `A statement gives up waiting for a lock after ${input.lockTimeoutMs} ms (auth:lockTimeoutMs); ${poolNow(input)}.`,
    fix: "Do not raise the pool: more sessions would wait for the same lock. Find the session that blocks the others, and end it (pg_terminate_backend):",
    command:
      "SELECT pid, pg_blocking_pids(pid), state, now() - xact_start AS runs, left(query, 60) FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start LIMIT 10;",
  }),

  "storage-slow": (input) => ({
    present: `The declared hold is ${input.dbHoldMs} ms (auth:dbHoldMs), the limit ${holdTime(input).value} ms; ${poolNow(input)}.`,
    fix: "Do not raise the pool: more sessions would wait for the same disk. See what they wait for; if it is IO, see ReadLatency, WriteLatency and the burst balances:",
    command:
      "SELECT wait_event_type, wait_event, count(*), left(query, 60) FROM pg_stat_activity WHERE state = 'active' GROUP BY 1, 2, 4 ORDER BY 3 DESC LIMIT 10;",
  }),

  "connections-exhausted": (input) => {
    const { maxConnections, usable, demandAtPeak } = input.capacity;
    const { poolMax } = input;
    const ceiling = input.capacity.window?.ceiling;
    const present = `max_connections is ${maxConnections ?? "unknown"} (auth:maxConnections), ${usable ?? "unknown"} of them usable; the stack needs at most ${demandAtPeak ?? "an unknown number"}; ${poolNow(input)}.`;
    if (ceiling !== undefined && ceiling > 0 && poolMax > ceiling && input.connection === "direct") {
      return {
        present,
        fix: `The pool is above its ceiling: lower it to ${ceiling}.`,
        command: setPool(ceiling),
      };
    }
    return {
      present,
      fix: "An unknown client holds connections. Find it, terminate its sessions, and stop tasks that do not exit:",
      command:
        "SELECT usename, application_name, client_addr, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 10;",
    };
  },

  "connection-storm": (input) => ({
    present: `A restart of all tasks explains up to ${connectionRate(input).value} new connections a minute; ${poolNow(input)}.`,
    fix: "Do not restart tasks: each would reopen its whole pool. Find what closes the connections; check for a failover first:",
    command: "aws rds describe-events --source-type db-instance --source-identifier NAME --duration 60",
  }),

  "downstream-slow": (input) => ({
    present: `The declared hold is ${input.dbHoldMs} ms (auth:dbHoldMs), the limit ${holdTime(input).value} ms; ${poolNow(input)}.`,
    fix: "Do not raise the pool: requests would queue in the database. Find what the sessions wait for, and cancel what blocks them (pg_cancel_backend):",
    command:
      "SELECT pid, pg_blocking_pids(pid), wait_event_type, now() - query_start AS runs, left(query, 60) FROM pg_stat_activity WHERE state = 'active' ORDER BY runs DESC LIMIT 10;",
  }),

  "idle-in-transaction": (input) => ({
    present: `The database terminates such a session after ${input.idleInTransactionTimeoutMs} ms (auth:idleInTransactionTimeoutMs); ${poolNow(input)}.`,
    fix: "Do not raise the pool: each open transaction takes one more connection. Roll back the last deployment; find the last statement of these sessions:",
    command:
      "SELECT pid, now() - state_change AS idle, left(query, 60) FROM pg_stat_activity WHERE state = 'idle in transaction' ORDER BY idle DESC LIMIT 10;",
  }),

  "proxy-starved": (input) => ({
    present: `The proxy can open ${proxyPinned(input).inputs.maxConnectionsPercent} % of max_connections ${input.capacity.maxConnections ?? "unknown"}; the total demand needs ${proxyPinned(input).inputs.needed} connections if no session is pinned.`,
    fix: "Check whether sessions are pinned (DatabaseConnectionsCurrentlySessionPinned) since the last deployment; if not, raise auth:maxConnections, which needs a reboot.",
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
      fix: "No pool size alone fixes this: the command names the change that opens the window.",
      command: "npm run explain -- STACK",
    };
  }
  if (poolMax < window.floor) {
    return {
      fix: `Raise it to ${window.floor}: one rolling deployment, no reboot. To roll back, set ${poolMax} again.`,
      command: setPool(window.floor),
    };
  }
  const more = Math.min(ceiling, Math.max(poolMax + 1, 2 * poolMax));
  if (poolMax < more) {
    return {
      fix: `It is inside its window: the load exceeds the declared peak. Raise it to ${more}: one rolling deployment, no reboot. Then declare the load.`,
      command: setPool(more),
    };
  }
  return {
    fix: "It is at its ceiling: the load exceeds the declared peak. The command names the alternatives.",
    command: "npm run explain -- STACK",
  };
}

function setPool(value: number): string {
  return `pulumi config set auth:poolMax ${value} --stack STACK && npm run up -- STACK --real-aws`;
}
