import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../../infra/capacity";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import type { StackConfig } from "../../infra/config/stackConfig";
import { physicalName } from "../../infra/context";
import { subnetPlan } from "../../infra/network/network";
import { poolAtPeak, safeWindow } from "../../policies/model/poolFloor";
import { tasksHoldingPools, tasksServingPeak } from "../../policies/model/tasks";
import { timeoutFrom, timeoutOrder } from "../../policies/model/timeouts";
import { stackConfig } from "./plannedProgram";

const STACKS = ["dev", "prod", "incident-2024-09-02"] as const;

function read(stack: string): StackConfig {
  const result = parseStackConfig(stackConfig(stack), stack);
  if (!result.ok) throw new Error(`${stack} cannot be read`);
  return result.config;
}

function policyConfigOf(stack: string) {
  const file = join(__dirname, "..", "..", "policies", "config", `${stack}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as {
    readonly "poolproof-settings": { readonly surviveZoneLoss?: boolean };
  };
}

function demandOf(config: StackConfig) {
  return {
    peakRequestsPerSecond: config.peakRequestsPerSecond,
    holdMs: config.dbHoldMs,
    acquisitionsPerRequest: config.dbAcquisitionsPerRequest,
    processesPerTask: config.processesPerTask,
    tasksServingPeak: tasksServingPeak({
      declaredTasksAtPeak: config.tasksAtPeak,
      minCapacity: config.minTasks,
      maxCapacity: config.maxTasks,
      minimumHealthyPercent: config.minimumHealthyPercent,
      surviveZoneLoss: config.zoneLoss === "survive",
      zones: config.zones,
    }),
  };
}

function windowOf(config: StackConfig) {
  const { usable } = capacityOf(config);
  if (usable === undefined) throw new Error("the limit cannot be computed");
  return safeWindow({
    demand: demandOf(config),
    usable,
    tasksHoldingPools: tasksHoldingPools({
      maxCapacity: config.maxTasks,
      maximumPercent: config.maximumPercent,
    }),
  });
}

describe("dev and prod", () => {
  it.each([
    ["dev", 2, 16],
    ["prod", 4, 10],
  ] as const)("%s: the pool lies in its safe window of %d to %d, as its file says, with room on both sides", (stack, floor, ceiling) => {
    const config = read(stack);
    expect(windowOf(config)).toEqual({ floor, ceiling, empty: false });
    expect(config.poolMax).toBeGreaterThanOrEqual(2 * floor);
    expect(config.poolMax).toBeLessThanOrEqual(0.8 * ceiling);
  });
});

describe("prod", () => {
  const config = read("prod");

  it("serves more than a thousand requests a second from three zones, with a standby", () => {
    expect(config.peakRequestsPerSecond).toBeGreaterThanOrEqual(1000);
    expect(config.zones).toBe(3);
    expect(config.production).toBe(true);
  });

  it("has the vCPU that the password hashing takes, and autoscaling does not run at peak", () => {
    // A login takes two acquisitions and a session check one, so what is above 1 is the share of logins.
    const logins = config.peakRequestsPerSecond * (config.dbAcquisitionsPerRequest - 1);
    const hashing = logins * 0.1;
    const otherWork = config.peakRequestsPerSecond * 0.0015;
    const vcpu = config.tasksAtPeak * (config.taskCpu / 1024);
    expect(hashing).toBeCloseTo(12, 6);
    expect((100 * (hashing + otherWork)) / vcpu).toBeLessThan(config.scaleAtCpuPercent);
  });

  it("keeps its tasks during a deployment: none is stopped before another is up", () => {
    expect(config.minimumHealthyPercent).toBe(100);
  });
});

describe("incident-2024-09-02", () => {
  const config = read("incident-2024-09-02");

  it("has the numbers of the day: 4.95 busy connections to be had from 3, and 40 % of requests failing", () => {
    const atPeak = poolAtPeak(config.poolMax, demandOf(config));
    expect(config.poolMax).toBe(3);
    expect(atPeak.offeredLoad).toBeCloseTo((400 * 1.1 * 0.09) / 8, 10);
    expect(atPeak.failingShare).toBeCloseTo(0.4, 2);
  });

  it("has a database that is calm: usable 389, and 53 at most asked for", () => {
    expect(capacityOf(config)).toMatchObject({ maxConnections: 400, usable: 389, demandAtPeak: 53 });
  });

  it("has a safe window of 11 to 19", () => {
    expect(windowOf(config)).toEqual({ floor: 11, ceiling: 19, empty: false });
  });

  it("is prod in everything that is not demand, size or the pool", () => {
    const prod = stackConfig("prod");
    const incident = stackConfig("incident-2024-09-02");
    const different = Object.keys(prod).filter((key) => prod[key] !== incident[key]);
    expect(different.sort()).toEqual(
      [
        "auth:dbHoldMs",
        "auth:maxConnections",
        "auth:maxTasks",
        "auth:maximumPercent",
        "auth:minTasks",
        "auth:peakRequestsPerSecond",
        "auth:poolMax",
        "auth:tasksAtPeak",
        "auth:zoneLoss",
      ].sort(),
    );
  });
});

describe.each(STACKS)("%s", (stack) => {
  const config = read(stack);

  it("names in its alarms the window that its policy config holds it to, with a zone lost or not", () => {
    const { "poolproof-settings": settings } = policyConfigOf(stack);
    expect(config.zoneLoss).toBe(settings.surviveZoneLoss === true ? "survive" : "accept");
    expect(capacityOf(config).window).toEqual(windowOf(config));
  });

  it("has its timeouts in order, each with room", () => {
    const links = timeoutOrder({
      lockMs: timeoutFrom(config.lockTimeoutMs),
      statementMs: timeoutFrom(config.statementTimeoutMs),
      queryMs: timeoutFrom(config.queryTimeoutMs),
      acquireMs: timeoutFrom(config.acquireTimeoutMs),
      // Twice, as a login acquires; and a second for the hashing.
      acquisitionsPerRequest: 2,
      otherWorkMs: 1000,
      requestMs: timeoutFrom(config.requestTimeoutMs),
      loadBalancerIdleMs: timeoutFrom(1000 * config.albIdleTimeoutSeconds),
      serverKeepAliveMs: timeoutFrom(config.httpKeepAliveTimeoutMs),
    });
    expect(links.filter(({ holds }) => holds !== true)).toEqual([]);
  });

  it("meets what the model's failing share rests on: acquire timeout ≥ 3 holds, queue ≥ 5 pools", () => {
    expect(config.acquireTimeoutMs).toBeGreaterThanOrEqual(3 * config.dbHoldMs);
    expect(config.queueMax).toBeGreaterThanOrEqual(5 * config.poolMax);
  });

  it("lets a task that leaves finish its requests", () => {
    expect(1000 * config.stopTimeoutSeconds).toBeGreaterThan(config.requestTimeoutMs);
    expect(1000 * config.deregistrationDelaySeconds).toBeGreaterThan(config.requestTimeoutMs);
  });

  it("names the region it goes to", () => {
    expect(config.region).toBe("eu-west-1");
  });
});

describe("the name that AWS is given", () => {
  it.each([
    ["auth", "prod", "auth-prod"],
    ["auth", "incident-2024-09-02", "auth-incident-2024-09-02"],
    ["auth", "My_Stack.v2", "auth-my-stack-v2"],
    ["auth", "feature--x-", "auth-feature-x"],
  ])("of project %s and stack %s is %s", (project, stack, name) => {
    expect(physicalName(project, stack)).toBe(name);
  });

  it("is one that RDS takes: letters, digits, single hyphens, none at the end, 63 at most", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (stack) => {
        const name = physicalName("auth", stack);
        expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        expect(name.length).toBeLessThanOrEqual(63);
      }),
    );
  });
});

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
