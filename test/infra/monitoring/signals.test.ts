import { describe, expect, it } from "vitest";
import { filterPattern, LOG_FILTERS } from "../../../infra/monitoring/metrics";

/** CloudWatch Logs' reading of a pattern of quoted terms: `?` before a term makes it one of several, else all have to be there. */
function matches(pattern: string, line: string): boolean {
  const terms = [...pattern.matchAll(/(\?)?"([^"]*)"/g)];
  const rest = pattern.replace(/(\?)?"([^"]*)"/g, "").trim();
  if (rest !== "" || terms.length === 0) throw new Error(`not a pattern of quoted terms: ${pattern}`);
  const optional = terms.filter(([, mark]) => mark === "?").map(([, , term = ""]) => term);
  const needed = terms.filter(([, mark]) => mark === undefined).map(([, , term = ""]) => term);
  return (
    needed.every((term) => line.includes(term)) &&
    (optional.length === 0 || optional.some((term) => line.includes(term)))
  );
}

/** Metrics that count a line of the database's log. */
function countedIn(message: string): readonly string[] {
  const line = `2026-01-01 02:15:00 UTC:10.20.4.7(41234):auth_app@auth:[4711]:${message}`;
  return LOG_FILTERS.filter(({ phrases }) => matches(filterPattern(phrases), line)).map(
    ({ metric }) => metric,
  );
}

describe("lines of the database's log", () => {
  it.each([
    // PostgreSQL 15 and before
    "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
    // 16 and after
    "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    'FATAL:  remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    'FATAL:  remaining connection slots are reserved for roles with privileges of the "rds_reserved" role',
    "FATAL:  sorry, too many clients already",
    'FATAL:  too many connections for role "auth_app"',
    'FATAL:  too many connections for database "auth"',
  ])("are counted as refusals: %s", (line) => {
    expect(countedIn(line)).toEqual(["connections-refused"]);
  });

  it("are counted as sessions ended for idling in a transaction", () => {
    expect(countedIn("FATAL:  terminating connection due to idle-in-transaction timeout")).toEqual([
      "sessions-ended-idle-in-transaction",
    ]);
  });

  it.each([
    "LOG:  process 4711 still waiting for ShareLock on transaction 742 after 1000.123 ms",
    "LOG:  process 4711 still waiting for AccessShareLock on relation 16402 of database 16384 after 1000.123 ms",
    "ERROR:  canceling statement due to lock timeout",
  ])("are counted as lock waits: %s", (line) => {
    expect(countedIn(line)).toEqual(["lock-waits"]);
  });

  it.each([
    "LOG:  process 4711 acquired ShareLock on transaction 742 after 1200.123 ms",
    "LOG:  connection authorized: user=auth_app database=auth SSL enabled",
    "ERROR:  canceling statement due to statement timeout",
    "FATAL:  terminating connection due to administrator command",
    "FATAL:  terminating connection due to idle-session timeout",
    'FATAL:  PAM authentication failed for user "auth_app"',
    "LOG:  disconnection: session time: 0:00:12.345 user=auth_app database=auth host=10.20.4.7",
  ])("are counted as neither: %s", (line) => {
    expect(countedIn(line)).toEqual([]);
  });
});

describe("a pattern", () => {
  it("quotes each term, and puts a question mark before each of several", () => {
    expect(filterPattern(["sorry, too many"])).toBe('"sorry, too many"');
    expect(filterPattern(["a b", "c-d"])).toBe('?"a b" ?"c-d"');
  });

  it("is refused where it would mean something else", () => {
    expect(() => filterPattern([])).toThrow(/nothing/);
    expect(() => filterPattern(['role "a"'])).toThrow(/cannot look for/);
    expect(() => filterPattern([" "])).toThrow(/cannot look for/);
    expect(() => filterPattern(["x".repeat(1024)])).toThrow(/takes 1024/);
  });
});
