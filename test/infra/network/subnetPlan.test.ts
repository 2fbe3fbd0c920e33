import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { subnetPlan } from "../../../infra/network/network";

const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];

/** First and last address of a block, as numbers. */
function range(cidrBlock: string): readonly [number, number] {
  const [address = "", prefix = ""] = cidrBlock.split("/");
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [first, first + 2 ** (32 - Number(prefix)) - 1];
}

describe("the subnet plan", () => {
  it("gives each tier a band, and each zone its place in it", () => {
    expect(
      subnetPlan("10.20.0.0/16", zones).map(({ tier, zone, cidrBlock }) => [tier, zone.slice(-1), cidrBlock]),
    ).toEqual([
      ["public", "a", "10.20.0.0/20"],
      ["public", "b", "10.20.16.0/20"],
      ["public", "c", "10.20.32.0/20"],
      ["service", "a", "10.20.64.0/20"],
      ["service", "b", "10.20.80.0/20"],
      ["service", "c", "10.20.96.0/20"],
      ["database", "a", "10.20.128.0/20"],
      ["database", "b", "10.20.144.0/20"],
      ["database", "c", "10.20.160.0/20"],
    ]);
  });

  it("renumbers nothing when a zone is added", () => {
    const before = subnetPlan("10.20.0.0/16", zones.slice(0, 2));
    expect(subnetPlan("10.20.0.0/16", zones)).toEqual(expect.arrayContaining([...before]));
  });

  it("never overlaps, and never leaves the VPC", () => {
    const vpc = fc
      .tuple(fc.integer({ min: 16, max: 24 }), fc.integer({ min: 0, max: 2 ** 16 - 1 }))
      .map(([prefix, seed]) => {
        const size = 2 ** (32 - prefix);
        const first = 10 * 2 ** 24 + ((seed * size) % 2 ** 24);
        return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
      });
    fc.assert(
      fc.property(vpc, fc.integer({ min: 1, max: 4 }), (cidrBlock, count) => {
        const [low, high] = range(cidrBlock);
        const taken = subnetPlan(
          cidrBlock,
          Array.from({ length: count }, (_, index) => `z${index}`),
        ).map((subnet) => range(subnet.cidrBlock));
        for (const [index, [first, last]] of taken.entries()) {
          expect(first).toBeGreaterThanOrEqual(low);
          expect(last).toBeLessThanOrEqual(high);
          for (const [otherFirst, otherLast] of taken.slice(index + 1)) {
            expect(last < otherFirst || otherLast < first).toBe(true);
          }
        }
      }),
    );
  });

  it.each([
    ["10.20.0.0/15", zones, "is not an IPv4 block of /16 to /24"],
    ["10.20.0.0/25", zones, "is not an IPv4 block of /16 to /24"],
    ["10.300.0.0/16", zones, "is not an IPv4 block of /16 to /24"],
    ["10.20.1.0/16", zones, "does not start at a boundary of a /16"],
    ["10.20.0.0/16", [], "1 to 4 zones, not 0"],
    ["10.20.0.0/16", [...zones, "d", "e"], "1 to 4 zones, not 5"],
  ])("refuses %s with %j", (cidrBlock, names, message) => {
    expect(() => subnetPlan(cidrBlock, names)).toThrow(message);
  });
});
