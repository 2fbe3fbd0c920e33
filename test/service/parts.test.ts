import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { costOf, PasswordHasher } from "../../service/auth/passwordHash";
import { hashOfToken, newToken, tokenOf } from "../../service/auth/sessionToken";
import { WorkSlots } from "../../service/auth/workSlots";
import { describeError, FailureLog } from "../../service/http/failureLog";
import { Readiness } from "../../service/http/readiness";
import {
  acquireFailure,
  leavesConnectionUsable,
  ServiceFailure,
  useFailure,
} from "../../service/pool/failure";

const databaseError = (code: string, severity = "ERROR", message = "m"): DatabaseError => {
  const error = new DatabaseError(message, 1, "error");
  error.code = code;
  error.severity = severity;
  return error;
};
const codeOf = (error: unknown) => (error instanceof ServiceFailure ? error.code : undefined);

describe("a password", () => {
  const hasher = new PasswordHasher(costOf(4), new WorkSlots(2));

  it("is known by its hash, in whatever form its letters are encoded, and no other is", async () => {
    const hash = await hasher.hash("ﬁancé"); // a ligature, and é as one sign
    expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await hasher.verify("fiance\u0301", hash)).toBe(true);
    expect(await hasher.verify("fiance", hash)).toBe(false);
    expect(await hasher.hash("ﬁancé")).not.toBe(hash);
  });

  it("is verified at the cost that its hash was made with, though today's is another", async () => {
    const old = await new PasswordHasher(costOf(5), new WorkSlots(1)).hash("x");
    expect(await hasher.verify("x", old)).toBe(true);
  });

  it("of nobody is never right", async () => {
    expect(await hasher.verify("", undefined)).toBe(false);
  });

  it("at production cost takes the memory that it needs, more than Node's own limit", async () => {
    const production = new PasswordHasher(costOf(16), new WorkSlots(1));
    expect(await production.verify("x", await production.hash("x"))).toBe(true);
  });
});

describe("a session's token", () => {
  it("has 256 bits, and only its hash is kept", () => {
    const tokens = new Set(Array.from({ length: 1000 }, newToken));
    expect(tokens.size).toBe(1000);
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(hashOfToken(newToken())).toHaveLength(32);
  });

  it.each([
    ["a bearer token", { authorization: `Bearer ${"a".repeat(43)}` }, "a".repeat(43)],
    ["one in lower case", { authorization: `bearer ${"a".repeat(43)}` }, "a".repeat(43)],
    ["a cookie", { cookie: `x=1; __Host-session=${"b".repeat(43)}; y=2` }, "b".repeat(43)],
    [
      "both",
      { authorization: `Bearer ${"a".repeat(43)}`, cookie: `__Host-session=${"b".repeat(43)}` },
      "a".repeat(43),
    ],
    ["another cookie", { cookie: `session=${"b".repeat(43)}` }, undefined],
    ["a token that is too short", { authorization: "Bearer abc" }, undefined],
    ["a token with SQL in it", { authorization: `Bearer ${"'".repeat(43)}` }, undefined],
    ["another scheme", { authorization: `Basic ${"a".repeat(43)}` }, undefined],
    ["nothing", {}, undefined],
  ])("is found in %s", (_what, headers, expected) => {
    expect(tokenOf(headers)).toBe(expected);
  });
});

describe("work slots", () => {
  it("let so many run at once, in the order they came", async () => {
    const slots = new WorkSlots(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (id: number) =>
      slots.run(() => {
        begun.push(id);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [1, 2, 3, 4].map(work);
    await Promise.resolve();
    expect(begun).toEqual([1, 2]);
    ends[0]?.();
    await all[0];
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    ends[1]?.();
    ends[2]?.();
    await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
    ends[3]?.();
    await Promise.all(all);
  });

  it("take back the place of work that failed, and of a wait that was given up", async () => {
    const slots = new WorkSlots(1);
    await expect(slots.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    let end = () => {};
    const first = slots.run(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const abort = new AbortController();
    const given = slots.run(() => Promise.resolve("never"), abort.signal);
    abort.abort(new Error("too late"));
    await expect(given).rejects.toThrow("too late");
    const next = slots.run(() => Promise.resolve("next"));
    end();
    await first;
    expect(await next).toBe("next");
    await expect(slots.run(() => Promise.resolve(), abort.signal)).rejects.toThrow("too late");
  });
});

describe("a failure", () => {
  it.each([
    [new Error("timeout exceeded when trying to connect"), "pool_timeout"],
    [new Error("Connection terminated due to connection timeout"), "connect_timeout"],
    [databaseError("53300", "FATAL"), "too_many_connections"],
    [databaseError("28P01", "FATAL"), "connect_failed"],
    [databaseError("57P03", "FATAL"), "connect_failed"],
    [Object.assign(new Error("refused"), { code: "ECONNREFUSED" }), "connect_failed"],
  ])("to get a connection by %s is %s", (error, code) => {
    expect(acquireFailure(error).code).toBe(code);
  });

  it.each([
    [new Error("Query read timeout"), "query_timeout", false],
    [new Error("Connection terminated unexpectedly"), "connection_lost", false],
    [Object.assign(new Error("reset"), { code: "ECONNRESET", syscall: "read" }), "connection_lost", false],
    [databaseError("57014"), "statement_timeout", true],
    [databaseError("55P03"), "lock_timeout", true],
    [databaseError("57P01", "FATAL"), "connection_lost", false],
    [databaseError("25P03", "FATAL"), "connection_lost", false],
    [databaseError("23505"), undefined, true],
    [new TypeError("a mistake of ours"), undefined, false],
  ])("of a statement by %s is %s, and whether its connection may be used again is %s", (error, code, usable) => {
    expect(codeOf(useFailure(error))).toBe(code);
    if (code === undefined) expect(useFailure(error)).toBe(error);
    expect(leavesConnectionUsable(error)).toBe(usable);
  });

  it("is logged once a second, with how many more there were", () => {
    let nowMs = 0;
    const lines: object[] = [];
    const log = new FailureLog({ warn: (fields) => lines.push(fields) }, () => nowMs);
    for (let each = 0; each < 5; each++) log.failed("pool_timeout", { event: "request_failed" });
    log.failed("queue_refused", {});
    nowMs = 1000;
    log.failed("pool_timeout", { event: "request_failed" });
    expect(lines).toEqual([
      { event: "request_failed", code: "pool_timeout", alsoSinceLastLine: 0 },
      { code: "queue_refused", alsoSinceLastLine: 0 },
      { event: "request_failed", code: "pool_timeout", alsoSinceLastLine: 4 },
    ]);
  });

  it("of the database is described without the values that PostgreSQL quotes", () => {
    const error = databaseError("23505", "ERROR", 'duplicate key "ada"');
    error.detail = "Key (username)=(ada) already exists.";
    error.constraint = "users_username_key";
    expect(JSON.stringify(describeError(error))).not.toContain("ada");
    expect(describeError(error)).toMatchObject({ sqlState: "23505", constraint: "users_username_key" });
  });
});

describe("readiness", () => {
  it("is lost when no connection can be opened, for ten seconds or until one can", () => {
    let nowMs = 0;
    const readiness = new Readiness(() => nowMs);
    expect(readiness.state()).toBe("ready");
    readiness.gaveUp(5, "connect_failed");
    expect(readiness.state()).toBe("database_unreachable");
    nowMs = 9_999;
    expect(readiness.state()).toBe("database_unreachable");
    nowMs = 10_000;
    expect(readiness.state()).toBe("ready");
    readiness.gaveUp(5, "too_many_connections");
    readiness.acquired();
    expect(readiness.state()).toBe("ready");
  });

  it("stays with a starved pool, whose requests would only starve the other tasks, and goes when it drains", () => {
    const readiness = new Readiness();
    readiness.gaveUp(1000, "pool_timeout");
    expect(readiness.state()).toBe("ready");
    readiness.drain();
    expect(readiness.state()).toBe("draining");
  });
});
