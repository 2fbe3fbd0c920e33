import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { POSTGRES_START_MS, skipsWithoutPostgres } from "../support/postgres";
import type { Change } from "./support/environment";
import {
  type AuthDatabase,
  type ServiceUnderTest,
  STRANGE_TOKEN,
  startAuthDatabase,
  startUnderTest,
} from "./support/serviceUnderTest";

const WAIT = "db.client.connection.wait_time";

describe.skipIf(skipsWithoutPostgres())("the service, on a real PostgreSQL", () => {
  let database: AuthDatabase;
  const running: ServiceUnderTest[] = [];
  const start = async (change?: Change) => {
    const service = await startUnderTest(database, change);
    running.push(service);
    return service;
  };
  const bearer = (token: unknown) => ({ authorization: `Bearer ${token}` });

  beforeAll(async () => {
    database = await startAuthDatabase();
  }, POSTGRES_START_MS);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
  });
  afterAll(() => database?.stop());

  it("logs a user in, knows the session, and forgets it at the logout", async () => {
    const service = await start();
    const login = await service.login(database.account);
    expect(login.status).toBe(200);
    expect(login.body.token).toMatch(/^[\w-]{43}$/);

    const session = await service.get("/session", bearer(login.body.token));
    expect(session.status).toBe(200);
    expect(session.body).toEqual({ userId: login.body.userId, expiresAt: login.body.expiresAt });

    expect((await service.post("/logout", undefined, bearer(login.body.token))).status).toBe(204);
    expect((await service.get("/session", bearer(login.body.token))).status).toBe(401);
  });

  it("takes the token from the cookie that the login set", async () => {
    const service = await start();
    const login = await service.login(database.account);
    const cookie = login.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax$/,
    );
    const carried = { cookie: `theme=dark; ${cookie.split(";")[0]}` };
    expect((await service.get("/session", carried)).status).toBe(200);
    const logout = await service.post("/logout", undefined, carried);
    expect(logout.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await service.get("/session", carried)).status).toBe(401);
  });

  it("knows a name in any case and spelling that looks the same", async () => {
    const service = await start();
    const { password } = database.account;
    expect((await service.login({ username: " ＡDA ", password })).status).toBe(200);
  });

  it("takes no session for one that has expired", async () => {
    const service = await start();
    const { body } = await service.login(database.account);
    await database.run("UPDATE sessions SET expires_at = now()");
    expect((await service.get("/session", bearer(body.token))).status).toBe(401);
    await service.login(database.account);
    expect(
      await database.run("SELECT count(*)::int AS left FROM sessions WHERE expires_at <= now()"),
    ).toEqual([{ left: 0 }]);
  });

  it("stores neither the token nor the password", async () => {
    const service = await start();
    const { body } = await service.login(database.account);
    const [{ stored } = {}] = await database.run(
      "SELECT (SELECT json_agg(s) FROM sessions s)::text || (SELECT json_agg(u) FROM users u)::text AS stored",
    );
    expect(stored).not.toContain(String(body.token));
    expect(stored).not.toContain(database.account.password);
  });

  it("takes two connections for a login, one for a session check or a logout, none without a token or for its health", async () => {
    const counts: [string, number][] = [];
    const count = async (what: string, act: (service: ServiceUnderTest) => Promise<unknown>) => {
      const service = await start();
      await act(service);
      counts.push([what, (await service.stopAndRead()).values(WAIT).length]);
    };
    await count("login", (service) => service.login(database.account));
    await count("wrong password", (service) => service.login({ ...database.account, password: "wrong" }));
    await count("session", (service) => service.get("/session", bearer(STRANGE_TOKEN)));
    await count("logout", (service) => service.hold());
    await count("no token", (service) => service.get("/session"));
    await count("no possible token", (service) => service.get("/session", bearer("x")));
    await count("health", async (service) => [await service.get("/healthz"), await service.get("/readyz")]);
    expect(counts).toEqual([
      ["login", 2],
      ["wrong password", 1],
      ["session", 1],
      ["logout", 1],
      ["no token", 0],
      ["no possible token", 0],
      ["health", 0],
    ]);
  });

  it("answers an unknown name like a wrong password, and in its time", async () => {
    const costly = await startAuthDatabase(13);
    const service = await startUnderTest(costly, { SCRYPT_LOG2_N: "13" });
    try {
      await service.login(database.account); // opens the connection
      const timed = async (account: object) => {
        const startedAtMs = performance.now();
        const answer = await service.login(account);
        return { answer, tookMs: performance.now() - startedAtMs };
      };
      const wrong = await timed({ username: "ada", password: "wrong" });
      const unknown = await timed({ username: "nobody", password: "wrong" });
      expect(unknown.answer.status).toBe(401);
      expect(unknown.answer.body).toEqual(wrong.answer.body);
      // One hash of this cost is most of either; without one the answer would take a tenth of it.
      expect(unknown.tookMs).toBeGreaterThan(wrong.tookMs / 3);
      expect(unknown.tookMs).toBeLessThan(wrong.tookMs * 3);
    } finally {
      await service.stop();
      await costly.stop();
    }
  });

  it("holds no connection while it verifies a password", async () => {
    const costly = await startAuthDatabase(15);
    const service = await startUnderTest(costly, { SCRYPT_LOG2_N: "15", DB_POOL_MAX: "1" });
    try {
      let answered = false;
      const login = service.login(costly.account).finally(() => {
        answered = true;
      });
      await expect
        .poll(() => service.pool.sample(), { interval: 5 })
        .toEqual({ used: 0, idle: 1, pending: 0 });
      // The only connection serves others meanwhile.
      expect((await service.get("/session", bearer(STRANGE_TOKEN))).status).toBe(401);
      expect(answered).toBe(false);
      expect((await login).status).toBe(200);
    } finally {
      await service.stop();
      await costly.stop();
    }
  });

  it.each([
    ["no body", undefined],
    ["JSON that ends early", '{"username":'],
    ["a list", []],
    ["no password", { username: "ada" }],
    ["a number for a name", { username: 1, password: "x" }],
    ["an empty name", { username: " ", password: "x" }],
    ["a name with a NUL", { username: "a\0da", password: "x" }],
    ["a name of 255 letters", { username: "a".repeat(255), password: "x" }],
    ["a password of 1025 letters", { username: "ada", password: "x".repeat(1025) }],
    ["a field too many", { username: "ada", password: "x", admin: true }],
  ])("answers a login with %s with 400, repeats none of it, and takes no connection", async (_what, body) => {
    const service = await start();
    const answer = await service.post("/login", body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe("invalid_request");
    expect(JSON.stringify(answer.body)).not.toMatch(/aaa|xxx|admin/);
    expect((await service.stopAndRead()).values(WAIT)).toEqual([]);
  });

  it("refuses a body that is too large or of another type before it is read", async () => {
    const service = await start();
    expect((await service.login({ username: "ada", password: "x".repeat(20_000) })).status).toBe(413);
    expect((await service.post("/login", "a=b", { "content-type": "text/csv" })).status).toBe(415);
    expect((await service.get("/nowhere")).body).toEqual({ error: "not_found" });
  });

  it("writes neither passwords nor tokens, whatever goes wrong", async () => {
    const service = await start({ DB_PASSWORD: "not-the-role's" });
    const refused = await service.login(database.account);
    expect(refused.body).toEqual({ error: "connect_failed" });
    const good = await start();
    const { body } = await good.login(database.account);
    await good.login({ username: "ada", password: "a-secret-guess" });
    await good.get("/session", bearer(body.token));
    await database.run("REVOKE SELECT ON sessions FROM auth_app");
    const crashed = await good.get("/session", bearer(body.token));
    await database.run("GRANT SELECT ON sessions TO auth_app");
    expect(crashed).toMatchObject({ status: 500, body: { error: "internal_error" } });
    await Promise.all([service.stop(), good.stop()]);
    const written = [...service.lines, ...good.lines].join("");
    expect(written).toContain("request_crashed");
    for (const secret of [
      "not-the-role",
      "correct horse",
      "a-secret-guess",
      String(body.token),
      "password-of-the-role",
    ]) {
      expect(written).not.toContain(secret);
    }
  });
});
