import { describe, expect, it } from "vitest";
import { idleClientTimeoutSeconds, proxyPool } from "../../../infra/database/proxyPool";

const input = {
  peakRequestsPerSecond: 1200,
  acquisitionsPerRequest: 1.1,
  holdMs: 90,
  maxConnections: 500,
  usable: 489,
  acquireTimeoutMs: 1000,
  queryTimeoutMs: 2500,
};

describe("the proxy's pool", () => {
  it("carries the whole demand as one queue, with AWS's headroom on top", () => {
    // a = 1.25 × 1200 × 1.1 × 0.09 = 148.5 busy; the smallest pool with P(W > 50 ms) ≤ 1 % holds 156 (155 leaves 1.3 % waiting).
    // 1.3 × 156 of 500 is 40.6 %.
    expect(proxyPool(input).maxConnectionsPercent).toBe(41);
  });

  it("leaves the operations reserve beside the budget's share of the database, whatever the demand", () => {
    // ⌊0.80 × 489⌋ − 5 = 386 of 500 = 77.2 %
    expect(proxyPool({ ...input, peakRequestsPerSecond: 12_000 }).maxConnectionsPercent).toBe(77);
  });

  it("takes no less than AWS advises", () => {
    expect(proxyPool({ ...input, peakRequestsPerSecond: 1 }).maxConnectionsPercent).toBe(30);
  });

  it("keeps no more than half of it idle", () => {
    expect(proxyPool(input).maxIdleConnectionsPercent).toBe(20);
  });

  it("waits for a connection no longer than the service would, and less than it waits for the query", () => {
    expect(proxyPool(input).borrowTimeoutSeconds).toBe(1);
    expect(proxyPool({ ...input, acquireTimeoutMs: 5000, queryTimeoutMs: 4000 }).borrowTimeoutSeconds).toBe(
      3,
    );
    expect(proxyPool({ ...input, acquireTimeoutMs: 0 }).borrowTimeoutSeconds).toBe(1);
  });

  it("gives the budget's share where the demand or the limit is no number, since policies judge those", () => {
    expect(proxyPool({ ...input, holdMs: -1 }).maxConnectionsPercent).toBe(77);
    expect(proxyPool({ ...input, maxConnections: undefined, usable: undefined }).maxConnectionsPercent).toBe(
      80,
    );
  });
});

describe("the proxy's idle client timeout", () => {
  it.each([
    [30_000, 1800],
    [1_800_000, 3600],
    [-1, 1800],
    [1e12, 28_800],
  ])("for clients that close after %d ms is %d s", (clientMs, seconds) => {
    expect(idleClientTimeoutSeconds(clientMs)).toBe(seconds);
  });
});
