import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import { type CompositeAlarmSpec, runbookOf } from "../alarmSpec";
import type { AlarmInput } from "../input";
import { type CauseId, causeAdvice } from "./advice";

const is = (alarm: string): CompositeRule => ({ alarm });
const not = (alarm: string): CompositeRule => ({ not: { alarm } });

/** Somebody is hurt: without it a cause is a matter for the morning. */
const HURTS: CompositeRule = {
  any: ["pool-timeouts", "pool-refusals", "pool-wait", "login-failure-rate", "login-latency-p99"].map(is),
};

interface Cause {
  readonly id: CauseId;
  readonly intent: string;
  /** All of these have to hold. */
  readonly accused: readonly CompositeRule[];
  /** Signals that make it something else. */
  readonly unless: readonly string[];
}

/**
 * The root causes, the most telling evidence first. What the database writes into its log is a confession; a full pool
 * is circumstantial, since everything that is slow fills a pool. So each cause is acquitted by the evidence of all
 * before it, and no two can be named at once.
 */
function causes(input: AlarmInput): readonly Cause[] {
  const idle = ["sessions-idle-in-transaction"];
  const storm = [...idle, "connection-rate"];
  const exhausted = [...storm, "connections-refused", "connections-near-limit"];
  // Through a proxy, waiting for its connections looks like a slow database.
  const proxied = input.connection === "proxy" ? ["proxy-borrow-latency"] : [];
  const saturated = [...exhausted, ...proxied, "database-busy"];
  const starvedProxy: Cause = {
    id: "proxy-starved",
    intent: "The RDS Proxy has too few database connections for what is asked of it: queries wait in it.",
    accused: [is("proxy-borrow-latency"), HURTS],
    unless: exhausted,
  };
  return [
    {
      id: "idle-in-transaction",
      intent: "Sessions sit in open transactions and keep their connections: logins wait for those.",
      accused: [is("sessions-idle-in-transaction"), HURTS],
      unless: [],
    },
    {
      id: "connection-storm",
      intent:
        "Connections are lost and opened again faster than any restart explains: logins wait for new ones.",
      accused: [is("connection-rate"), HURTS],
      unless: idle,
    },
    {
      id: "connections-exhausted",
      intent: "The database's connections are used up, or about to be: it refuses new ones.",
      accused: [{ any: ["connections-refused", "connections-near-limit"].map(is) }],
      unless: storm,
    },
    ...(input.connection === "proxy" ? [starvedProxy] : []),
    {
      id: "database-saturated",
      intent: "The database itself is overloaded: more sessions are at work than it has processors.",
      accused: [is("database-load"), HURTS],
      unless: [...exhausted, ...proxied],
    },
    {
      id: "downstream-slow",
      intent: "Connections are held for too long at no more load than declared: a query or a lock is slow.",
      accused: [is("hold-time"), HURTS],
      unless: [...saturated, "load-above-declared"],
    },
    {
      id: "pool-starved",
      intent:
        "The connection pool is too small: logins wait for a connection and fail, while the database is calm.",
      accused: [is("pool-saturated"), { any: ["pool-timeouts", "pool-refusals", "pool-wait"].map(is) }],
      unless: [...saturated, "hold-time"],
    },
  ];
}

/** The composites that name a root cause. Each pages. */
export function causeAlarms(input: AlarmInput): readonly CompositeAlarmSpec[] {
  return causes(input).map(({ id, intent, accused, unless }) => ({
    kind: "composite",
    id,
    intent,
    rule: { all: [...accused, ...unless.map(not)] },
    severity: "page",
    role: "cause",
    runbook: runbookOf(id),
    advice: causeAdvice(id, input),
  }));
}
