import { describe, expect, it } from "vitest";
import { arrivals, scheduledRequests, steady, timeOfArrivals } from "../../../drills/stress/load/arrivals";
import {
  acquisitionsOf,
  chooseKind,
  countOutcomes,
  declaredMix,
  outcomeOfAnswer,
  REQUEST_KINDS,
} from "../../../drills/stress/load/requests";
import { seeded } from "../../../policies/kit/random";
import { request } from "./support";

const times = (seed: number, profile = [steady(1000, 50)]): number[] => [...arrivals(seeded(seed), profile)];

describe("arrivals", () => {
  it("repeat with the same seed and differ with another", () => {
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
  });

  it("are a Poisson process: counts in a second have a variance equal to their mean", () => {
    const counts = new Array<number>(1000).fill(0);
    for (const at of times(3)) counts[Math.floor(at)] = (counts[Math.floor(at)] ?? 0) + 1;
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (counts.length - 1);
    expect(Math.abs(mean - 50)).toBeLessThan(1);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.15);
  });

  it("grow along a ramp as its area does", () => {
    // 10 s at 20/s and 20 s of a ramp to 40/s: 800 in all.
    const profile = [steady(10, 20), { seconds: 20, from: 20, to: 40 }];
    expect(timeOfArrivals(profile, 200)).toBeCloseTo(10);
    // After another 10 s of the ramp: 10 × (20 + 30) / 2
    expect(timeOfArrivals(profile, 450)).toBeCloseTo(20);
    expect(timeOfArrivals(profile, 800)).toBeCloseTo(30);
    expect(timeOfArrivals(profile, 801)).toBeUndefined();
    const late = times(5, profile).filter((at) => at >= 20).length;
    expect(Math.abs(late - 350)).toBeLessThan(50);
  });

  it("are counted for every target of a load, each with a process of its own", () => {
    const profile = [steady(10, 50)];
    const [one, two] = [1, 2].map((targets) => scheduledRequests(1, targets, profile));
    expect(two).toBeGreaterThan((one ?? 0) + 400);
    expect(two).not.toBe(2 * (one ?? 0));
  });
});

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
