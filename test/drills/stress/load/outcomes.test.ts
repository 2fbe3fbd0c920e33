import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../../drills/stress/load/outcomes";
import { seeded } from "../../../../drills/stress/load/random";
import { acquisitionsOf, chooseKind, declaredMix } from "../../../../drills/stress/load/requestMix";

const right = () => true;
const wrong = () => false;

describe("outcomes", () => {
  it.each([
    "pool_timeout",
    "queue_refused",
    "connect_failed",
    "connect_timeout",
    "too_many_connections",
    "statement_timeout",
    "request_timeout",
  ])("name the limit that the service names: %s", (error) => {
    expect(outcomeOf({ status: 503, body: { error } }, right)).toBe(error);
  });

  it("call any other server error by its class, whatever its body says", () => {
    expect(outcomeOf({ status: 500, body: { error: "internal_error" } }, right)).toBe("5xx");
    expect(outcomeOf({ status: 502, body: undefined }, right)).toBe("5xx");
    expect(outcomeOf({ status: 503, body: { error: "ok" } }, right)).toBe("5xx");
  });

  it("do not take a refusal for an answer: a right login that gets 401 was answered wrongly", () => {
    expect(outcomeOf({ status: 401, body: {} }, wrong)).toBe("wrong_answer");
    expect(outcomeOf({ status: 200, body: {} }, wrong)).toBe("wrong_answer");
    expect(outcomeOf({ status: 200, body: {} }, right)).toBe("ok");
  });
});

describe("the request mix", () => {
  it("makes one login in ten of 1.1 acquisitions a request", () => {
    const mix = declaredMix(1.1);
    expect(mix.loginShare).toBeCloseTo(0.1);
    expect(acquisitionsOf(mix)).toBeCloseTo(1.1);
    const random = seeded(1);
    const kinds = Array.from({ length: 20_000 }, () => chooseKind(random, mix));
    const logins = kinds.filter((kind) => kind === "login").length / kinds.length;
    expect(logins).toBeGreaterThan(0.09);
    expect(logins).toBeLessThan(0.11);
    expect(new Set(kinds)).toEqual(new Set(["login", "session"]));
  });

  it("refuses what logins and session checks cannot add up to", () => {
    expect(() => declaredMix(2.5)).toThrow(/2\.5 acquisitions a request.*1 to 2/);
    expect(() => declaredMix(0.5)).toThrow(/0\.5/);
  });
});
