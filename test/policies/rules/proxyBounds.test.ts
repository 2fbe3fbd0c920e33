import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { SERVICE, tags } from "../samplePlan";
import { PROXY, PROXY_POOL, proxyResources, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

const through = (pool: object | undefined, poolMax = "12", more: object = {}) =>
  judge({
    ...throughProxy({ DB_POOL_MAX: poolMax }, { pool: pool as never }),
    tags: tags({ "poolproof:proxy-sessions": "multiplexed" }),
    ...more,
  });

describe("proxy-bounds", () => {
  it("accepts a share that carries its clients and leaves the rest to others", () => {
    expect(by(through({}), "proxy-bounds")).toEqual([]);
  });

  it("has nothing to say of a stack without a proxy", () => {
    expect(by(judge(), "proxy-bounds")).toEqual([]);
  });

  it("rejects a share below what comes through it, and advises AWS's headroom", () => {
    const violation = only(
      through({ maxConnectionsPercent: 10, maxIdleConnectionsPercent: 5 }),
      "proxy-bounds",
    );
    expect(violation.resource).toBe(PROXY_POOL);
    expect(violation.message).toContain("open 40 connections of `max_connections` 400, and api need");
    expect(violation.observed).toBe(10);
    const least = violation.allowed?.min ?? 0;
    expect(violation.fix).toContain(`at least ${least}; AWS advises 30 % above the highest use`);
    const fixed = through({ maxConnectionsPercent: least, maxIdleConnectionsPercent: 5 });
    expect(by(fixed, "proxy-bounds")).toEqual([]);
    const below = through({ maxConnectionsPercent: least - 1, maxIdleConnectionsPercent: 5 });
    expect(by(below, "proxy-bounds")).toHaveLength(1);
  });

  it("counts every connection of sessions that pin", () => {
    const pinned = { tags: tags({ "poolproof:proxy-sessions": "pinned" }) };
    // 16 × 12 = 192 of 200, and of 188.
    const half = { maxConnectionsPercent: 50, maxIdleConnectionsPercent: 25 };
    expect(by(through(half, "12", pinned), "proxy-bounds")).toEqual([]);
    const less = { maxConnectionsPercent: 47, maxIdleConnectionsPercent: 25 };
    expect(only(through(less, "12", pinned), "proxy-bounds").message).toContain("api need 192 through it");
  });

  it("is undecided between the two while nothing says whether sessions pin", () => {
    const report = through({ maxConnectionsPercent: 40, maxIdleConnectionsPercent: 20 }, "12", {
      tags: tags({}),
    });
    expect(by(report, "proxy-bounds")).toEqual([]);
    expect(report.undecided).toEqual([
      expect.objectContaining({
        rule: "proxy-bounds",
        resource: SERVICE,
        property: "poolproof:proxy-sessions",
      }),
    ]);
    expect(only(report, "undecided").fix).toContain("`poolproof:proxy-sessions`");
  });

  it("rejects a share that leaves nothing for anyone else, and says how much would", () => {
    const violation = only(through({ maxConnectionsPercent: 100 }, "60"), "proxy-bounds");
    // 400 + 5 for operations, of 389 usable: 384 are 96 %.
    expect(violation.message).toContain(
      "Proxies may open proxy 400 and 5 connections are for others: 405 in all",
    );
    expect(violation.allowed).toEqual({ min: 1, max: 96 });
    expect(by(through({ maxConnectionsPercent: 96 }, "60"), "proxy-bounds")).toEqual([]);
  });

  it("lets AWS's default share pass where the clients cannot fill it", () => {
    const report = through({ maxConnectionsPercent: 100, maxIdleConnectionsPercent: 50 });
    expect(by(report, "proxy-bounds")).toEqual([]);
  });

  it("judges a proxy whose clients are all of another stack by its whole share", () => {
    const report = judge({ extra: proxyResources({ pool: { maxConnectionsPercent: 90 } }) });
    // 360 + 16 × 12 + 5.
    expect(only(report, "proxy-bounds").message).toContain("557 in all");
  });

  it.each([
    [
      "above its share",
      { maxConnectionsPercent: 30, maxIdleConnectionsPercent: 50 },
      "above its `maxConnectionsPercent` of 30",
    ],
    ["above 100", { maxConnectionsPercent: 150 }, "is 150, outside 1–100"],
    ["of 0", { maxConnectionsPercent: 0 }, "is 0, outside 1–100"],
    ["below 0", { maxIdleConnectionsPercent: -1 }, "is -1, outside 0–90"],
  ])("rejects a percentage %s", (_, pool, shown) => {
    const messages = by(through(pool), "proxy-bounds").map(({ message }) => message);
    expect(messages.filter((message) => message.includes(shown))).toHaveLength(1);
  });

  it.each([
    ["above AWS's own limit", 301, "is 301 s, above AWS's 300 s"],
    ["of 0", 0, "is 0 s, not above 0"],
    ["as long as the request", 8, "is 8 s, not below the request timeout of api, 8000 ms"],
  ])("rejects a borrow timeout %s", (_, connectionBorrowTimeout, shown) => {
    const violation = only(through({ connectionBorrowTimeout }), "proxy-bounds");
    expect(violation.message).toContain(shown);
    expect(violation.allowed).toEqual({ min: 1, max: 7 });
    expect(by(through({ connectionBorrowTimeout: 7 }), "proxy-bounds")).toEqual([]);
  });

  it("rejects AWS's defaults where the request is shorter, and says whose they are", () => {
    const violation = only(through(undefined), "proxy-bounds");
    expect(violation.resource).toBe(PROXY);
    expect(violation.message).toContain("is 120 s (RDS Proxy's default), not below the request timeout");
  });

  it("is undecided about a share that the preview does not know", () => {
    const report = through({ maxConnectionsPercent: UNKNOWN });
    expect(by(report, "proxy-bounds")).toEqual([]);
    expect(report.undecided.map(({ rule, property }) => [rule, property])).toContainEqual([
      "proxy-bounds",
      "connectionPoolConfig.maxConnectionsPercent",
    ]);
  });

  it("rejects a share that is no number", () => {
    const violation = by(through({ maxConnectionsPercent: "half" }), "proxy-bounds");
    expect(violation.map(({ message }) => message).join()).toContain('is "half", not a number');
  });

  it("accepts no share below the demand and none above the rest, whatever the demand is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 10, max: 2000 }), (percent, rate) => {
        const report = through({ maxConnectionsPercent: percent, maxIdleConnectionsPercent: 0 }, "60", {
          tags: tags({
            "poolproof:proxy-sessions": "multiplexed",
            "poolproof:peak-requests-per-second": String(rate),
          }),
        });
        const opens = Math.floor(4 * percent);
        const busy = 1.25 * rate * 1.1 * 0.09;
        const isAccepted = by(report, "proxy-bounds").length === 0;
        if (opens <= busy || opens + 5 > 389) expect(isAccepted).toBe(false);
        if (opens > 2 * busy + 20 && opens + 5 <= 389) expect(isAccepted).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
