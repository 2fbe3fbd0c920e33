import { describe, expect, it } from "vitest";
import {
  acquisitionsOf,
  chooseKind,
  countOutcomes,
  declaredMix,
  outcomeOfAnswer,
  REQUEST_KINDS,
} from "../../../../drills/stress/load/requests";
import { seeded } from "../../../../policies/kit/random";
import { request } from "../support/record";

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
    expect(outcomeOfAnswer({ status: 503, body: { error } }, right)).toBe(error);
  });

  it("call any other server error by its class, whatever its body says", () => {
    expect(outcomeOfAnswer({ status: 500, body: { error: "internal_error" } }, right)).toBe("5xx");
    expect(outcomeOfAnswer({ status: 502, body: undefined }, right)).toBe("5xx");
    expect(outcomeOfAnswer({ status: 503, body: { error: "ok" } }, right)).toBe("5xx");
  });

  it("do not take a refusal for an answer: a right login that gets 401 was answered wrongly", () => {
    expect(outcomeOfAnswer({ status: 401, body: {} }, wrong)).toBe("wrong_answer");
    expect(outcomeOfAnswer({ status: 200, body: {} }, wrong)).toBe("wrong_answer");
    expect(outcomeOfAnswer({ status: 200, body: {} }, right)).toBe("ok");
  });
});

it("outcomes are counted in one order, and those that did not happen left out", () => {
  const requests = (["5xx", "ok", "ok"] as const).map((outcome) => request(0, outcome));
  expect(JSON.stringify(countOutcomes(requests))).toBe('{"ok":2,"5xx":1}');
});

describe("the request mix", () => {
  it("makes one login in ten of 1.1 acquisitions a request", () => {
    const random = seeded(1);
    const kinds = Array.from({ length: 20_000 }, () => chooseKind(random, declaredMix(1.1)));
    const acquisitions = kinds.map((kind) =>
      acquisitionsOf({ ...request(0), kind: REQUEST_KINDS.indexOf(kind) }),
    );
    expect(acquisitions.reduce((sum, n) => sum + n, 0) / kinds.length).toBeCloseTo(1.1, 1);
    expect(new Set(kinds)).toEqual(new Set(["login", "session"]));
  });

  it("refuses what logins and session checks cannot add up to", () => {
    expect(() => declaredMix(2.5)).toThrow(/2\.5 .*1 to 2/);
    expect(() => declaredMix(0.5)).toThrow(/0\.5/);
  });
});
