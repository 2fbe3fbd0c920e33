import { describe, expect, it } from "vitest";
import { mulberry32 } from "../../../policies/kit/random";
import { churnPerSecond } from "../../../policies/model/poolFloor";

/** Share of acquisitions that open a connection, of a load in erlangs. */
const share = (load: number, keptIdle: number, poolMax?: number) =>
  churnPerSecond({ acquisitionsPerSecond: load * 10, meanHoldSeconds: 0.1, keptIdle, poolMax }) / (load * 10);

/** The same by playing it through. */
function played(load: number, kept: number, most: number): number {
  const random = mulberry32(5);
  let [busy, idle, waiting, opened, asked] = [0, 0, 0, 0, 0];
  for (let event = 0; event < 300_000; event++) {
    if (random() * (load + busy) < load) {
      asked += 1;
      if (busy === most) waiting += 1;
      else {
        if (idle > 0) idle -= 1;
        else opened += 1;
        busy += 1;
      }
    } else if (waiting > 0) waiting -= 1;
    else {
      busy -= 1;
      idle = Math.min(kept, idle + 1);
    }
  }
  return opened / asked;
}

describe("new connections of a pool that keeps few idle ones", () => {
  it.each([
    [20, 2, 40],
    [5, 2, 11],
    [20, 10, 40],
    [1, 1, 5],
  ])("are as many as a pool of load %d that keeps %d of %d opens", (load, kept, most) => {
    expect(Math.abs(share(load, kept, most) - played(load, kept, most))).toBeLessThan(0.02);
  });

  it("are one for each acquisition where none is kept, and none where all are", () => {
    expect(share(20, 0, 40)).toBe(1);
    expect(share(20, 40, 40)).toBe(0);
    expect(share(0.001, 0, 0)).toBe(0);
    expect(churnPerSecond({ acquisitionsPerSecond: 0, meanHoldSeconds: 1, keptIdle: 0 })).toBe(0);
  });

  it("approach one in three from below with the two of Go", () => {
    const shares = [5, 20, 40, 400].map((load) => share(load, 2));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThan(1 / 3);
    expect(shares.at(-1)).toBeGreaterThan(0.32);
  });

  it("are none where every connection is busy", () => {
    expect(share(50, 2, 40)).toBe(0);
  });
});
