import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionsForMemory, findInstanceClass } from "../../../policies/model/instanceClasses";
import type { PropertyValue } from "../../../policies/plan/plan";
import type { Settings } from "../../../policies/plan/settings";
import { alarmThreshold } from "../../../policies/rules/alarms/alarmThreshold";
import { databaseSaturation } from "../../../policies/rules/database/databaseSaturation";
import { memoryForConnections } from "../../../policies/rules/database/memoryForConnections";
import { pendingRebootOrder } from "../../../policies/rules/database/pendingRebootOrder";
import { reconnectStorm } from "../../../policies/rules/pools/reconnectStorm";
import { proxyBounds } from "../../../policies/rules/proxy/proxyBounds";
import type { Rule } from "../../../policies/rules/rule";
import { drainOrder } from "../../../policies/rules/timeouts/drainOrder";
import { keepAliveOrder } from "../../../policies/rules/timeouts/keepAliveOrder";
import { limitTo } from "../auroraPlan";
import { connectionsAlarm, topic } from "../sampleAlarms";
import { throughProxy } from "../sampleClients";
import { environment, type Sample, samplePlan, tags } from "../samplePlan";
import { contextOf, given } from "./situation";
import { drained } from "./situations/timeouts/drainOrder";

const found = (
  rule: Rule,
  plan: Partial<Sample> | ReturnType<typeof samplePlan>,
  settings: Partial<Settings> = {},
) => rule.evaluate(contextOf(given("", plan, settings))).violations;
const pool = (size: number, processes = 1) =>
  environment({ DB_POOL_MAX: String(size), WEB_CONCURRENCY: String(processes) });
const whole = (min: number, max: number) => fc.integer({ min, max });

/** Each rule's inequality, computed plainly beside the rule, over stacks that nobody picked. */
describe("a rule with a bound finds exactly what is beyond it", () => {
  it("keep-alive-order: a server that does not close after the load balancer", () => {
    fc.assert(
      fc.property(whole(1, 4000), whole(1, 4_000_000), (idleTimeout, ms) => {
        const variables = environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: String(ms) });
        const violations = found(keepAliveOrder, { idleTimeout, environment: variables });
        expect(violations).toHaveLength(ms > idleTimeout * 1000 ? 0 : 1);
      }),
      { numRuns: 50 },
    );
  });

  it("database-saturation: more busy connections than 3 for each of 8 vCPU", () => {
    fc.assert(
      fc.property(whole(1, 2000), whole(1, 200), (requests, holdMs) => {
        const violations = found(databaseSaturation, {
          database: { instanceClass: "db.m7g.2xlarge" },
          environment: pool(100_000),
          tags: tags({
            "poolproof:peak-requests-per-second": String(requests),
            "poolproof:db-hold-ms": String(holdMs),
            "poolproof:db-acquisitions-per-request": "1",
          }),
        });
        const busy = (requests * holdMs) / 1000;
        fc.pre(Math.abs(busy - 24) > 1e-6);
        expect(violations).toHaveLength(busy > 24 ? 1 : 0);
      }),
      { numRuns: 60 },
    );
  });

  it("reconnect-storm: more than 200 connections a second", () => {
    fc.assert(
      fc.property(
        whole(1, 40),
        whole(1, 40),
        whole(1, 8),
        whole(1, 10),
        (size, tasks, processes, seconds) => {
          const changes = {
            database: { iamDatabaseAuthenticationEnabled: true },
            scaling: { minCapacity: 1, maxCapacity: tasks },
            environment: pool(size, processes),
          };
          const violations = found(reconnectStorm, changes, { reconnectSeconds: seconds });
          expect(violations).toHaveLength((tasks * processes * size) / seconds > 200 ? 1 : 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("pending-reboot-order: new demand that only the new budget carries", () => {
    const at = (limit: number, size: number) =>
      samplePlan({ parameters: limitTo(String(limit)), environment: pool(size) });
    fc.assert(
      fc.property(whole(50, 2000), whole(50, 2000), whole(1, 60), whole(1, 60), (before, after, was, is) => {
        const situation = given("", at(after, is), {}, at(before, was));
        const budget = Math.floor(0.8 * (before - 11) + 1e-9);
        const isRejected = after > before && is > was && 16 * is + 5 > budget;
        expect(pendingRebootOrder.evaluate(contextOf(situation)).violations).toHaveLength(isRejected ? 1 : 0);
      }),
      { numRuns: 80 },
    );
  });

  it("drain-order: a wait that is not above the request timeout, with the least that is", () => {
    fc.assert(
      fc.property(whole(1, 120), whole(1, 120), whole(1, 130_000), (stopTimeout, delay, ms) => {
        const violations = found(drainOrder, drained({ stopTimeout, delay, requestMs: String(ms) }));
        const short = [stopTimeout, delay].filter((wait) => wait * 1000 <= ms);
        expect(violations.map(({ observed }) => observed)).toEqual(short);
        for (const { allowed } of violations) {
          const least = allowed?.min ?? 0;
          expect(least * 1000).toBeGreaterThan(ms);
          expect((least - 1) * 1000).toBeLessThanOrEqual(ms);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("memory-for-connections: a limit above the class's share", () => {
    const classes = fc.constantFrom("db.t4g.micro", "db.t4g.small", "db.m7g.large", "db.r7g.2xlarge");
    fc.assert(
      fc.property(classes, whole(6, 20_000), (instanceClass, asked) => {
        const most = connectionsForMemory("postgres", findInstanceClass(instanceClass)?.memoryBytes ?? 0);
        const changes = { parameters: limitTo(String(asked)), database: { instanceClass } };
        expect(found(memoryForConnections, changes)).toHaveLength(asked > most ? 1 : 0);
      }),
      { numRuns: 40 },
    );
  });

  it("proxy-bounds: no share below the demand and none above the rest, whatever the demand is", () => {
    fc.assert(
      fc.property(whole(1, 100), whole(10, 2000), (percent, rate) => {
        const share = { maxConnectionsPercent: percent, maxIdleConnectionsPercent: 0 };
        const violations = found(proxyBounds, {
          ...throughProxy({ DB_POOL_MAX: "60" }, { pool: share }),
          tags: tags({
            "poolproof:proxy-sessions": "multiplexed",
            "poolproof:peak-requests-per-second": String(rate),
          }),
        });
        const opens = Math.floor(4 * percent);
        const busy = 1.25 * rate * 1.1 * 0.09;
        if (opens <= busy || opens + 5 > 389) expect(violations).not.toEqual([]);
        if (opens > 2 * busy + 20 && opens + 5 <= 389) expect(violations).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("alarm-threshold: a threshold that the pools hold on any day, or that is never reached", () => {
    fc.assert(
      fc.property(whole(1, 60), whole(0, 600), fc.boolean(), (size, threshold, orEqual) => {
        const comparison: PropertyValue = `GreaterThan${orEqual ? "OrEqualTo" : ""}Threshold`;
        const alarm = connectionsAlarm({ threshold, comparisonOperator: comparison });
        const fires = (value: number) => (orEqual ? value >= threshold : value > threshold);
        const isRight = !fires(8 * size) && fires(389);
        const changes = { environment: pool(size), alarms: [topic(), alarm] };
        expect(found(alarmThreshold, changes)).toHaveLength(isRight ? 0 : 1);
      }),
      { numRuns: 150 },
    );
  });
});
