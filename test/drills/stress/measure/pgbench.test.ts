import { expect, it } from "vitest";
import { pgbenchNumbers } from "../../../../drills/stress/measure/pgbench";

it("pgbench's own words are read for rate, latency and the wait for a connection", () => {
  const text = `transaction type: script.sql
latency average = 98.123 ms
latency stddev = 80.1 ms
rate limit schedule lag: avg 7.250 (max 310.100) ms
initial connection time = 20.5 ms
tps = 54.900000 (without initial connection time)
`;
  expect(pgbenchNumbers(text)).toEqual({ transactionsPerSecond: 54.9, latencyMs: 98.123, waitMs: 7.25 });
  expect(pgbenchNumbers("pgbench: error")).toBeUndefined();
});
