import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { connectionsAlarm, metricAlarm, poolAlarm, topic } from "../sampleAlarms";
import { environment, resource, type Sample, SERVICE, urn } from "../samplePlan";
import { PROXY, throughProxy } from "../sampleProxy";
import { by, judge } from "./judge";

const RULE = "alarm-threshold";
const BALANCER = urn("aws:lb/loadBalancer:LoadBalancer", "alb");
const TARGETS = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
const FROM = { comparisonOperator: "GreaterThanOrEqualToThreshold" };
const BELOW = { comparisonOperator: "LessThanThreshold" };
type Settings = Parameters<typeof judge>[1];

const report = (alarm: PlanResource, changes: Partial<Sample> = {}, settings: Settings = {}) =>
  judge({ ...changes, alarms: [topic(), alarm] }, settings);

/** What each finding gives as the reason, between which numbers, and in which unit. */
const said = (...of: Parameters<typeof report>) =>
  by(report(...of), RULE).map(({ message, allowed, unit }) => {
    const [, reason, what] =
      /, and (.*): it (can never go off|is always on|goes off on a day)/.exec(message) ?? [];
    return `${what}: ${reason} [${allowed?.min}, ${allowed?.max}] ${unit}`;
  });
const undecided = (...of: Parameters<typeof report>) =>
  report(...of)
    .undecided.filter(({ rule }) => rule === RULE)
    .map(({ resource: at, property }) => `${property} of ${at.split("::").pop()}`);

const on =
  (namespace: string, metricName: string, dimensions: PropertyMap, made: readonly string[]) =>
  (threshold: number, more: PropertyMap = {}): PlanResource =>
    metricAlarm(
      "watch",
      { namespace, metricName, statistic: "Average", period: 60, threshold, dimensions, ...more },
      { dimensions: made },
    );
const onRds = (metricName: string, threshold: number, more: PropertyMap = {}) =>
  connectionsAlarm({ metricName, threshold, statistic: "Average", ...more });
const onPool = (metric: string, threshold: number, more: PropertyMap = {}) =>
  poolAlarm(metric, { threshold, statistic: "Maximum", ...more });
const OTEL = "db.client.connection";
const HIKARI = "hikaricp.connections";

describe("the most and the least that a metric can be", () => {
  const own = { poolMetrics: [{ saturation: ["InUse"] }] };
  const queue = { environment: environment({ DB_POOL_QUEUE_MAX: "60" }) };

  it.each<[string, PlanResource, string, Partial<Sample>?, Settings?]>([
    [
      "a percentage",
      onRds("CPUUtilization", 100),
      "can never go off: it is a share of 100 % at most [0, 100] %",
    ],
    [
      "a pool's share in use",
      onPool("InUse", 100),
      "can never go off: it is a share of 100 % at most [0, 100] %",
      {},
      own,
    ],
    [
      "connections in use",
      onPool(`${HIKARI}.active`, 12),
      "can never go off: the pool of api has 12 connections [0, 12] connections",
    ],
    [
      "a pool's size, which it never grows above",
      onPool(`${OTEL}.max`, 12),
      "can never go off: the pool of api has 12 connections [12, 12] connections",
    ],
    [
      "a pool's size, which it has on any day",
      onPool(`${OTEL}.max`, 13, BELOW),
      "goes off on a day: the pool of api has 12 connections [12, 12] connections",
    ],
    [
      "waiting requests, where the queue has a bound",
      onPool(`${OTEL}.pending_requests`, 60),
      "can never go off: api lets 60 requests wait and refuses more [0, 60] requests",
      queue,
    ],
    [
      "a wait in seconds",
      onPool(`${OTEL}.wait_time`, 1),
      "can never go off: api gives up waiting after 1 s, its acquire timeout [0, 1] s",
    ],
    [
      "a wait in milliseconds",
      onPool(`${HIKARI}.acquire`, 1000),
      "can never go off: api gives up waiting after 1000 ms, its acquire timeout [0, 1000] ms",
    ],
    [
      "a wait in seconds, as its name says",
      onPool("hikaricp_connections_acquire_seconds", 1),
      "can never go off: api gives up waiting after 1 s, its acquire timeout [0, 1] s",
    ],
    [
      "a wait of an own name in seconds",
      onPool("Wait", 5),
      "can never go off: api gives up waiting after 1 s, its acquire timeout [0, 1] s",
      {},
      { poolMetrics: [{ wait: ["Wait"], waitUnit: "s" }] },
    ],
    [
      "a wait of an own name in milliseconds",
      onPool("Wait", 5000),
      "can never go off: api gives up waiting after 1000 ms, its acquire timeout [0, 1000] ms",
      {},
      { poolMetrics: [{ wait: ["Wait"], waitUnit: "ms" }] },
    ],
    [
      "acquisitions that gave up",
      onPool(`${OTEL}.timeouts`, 0, FROM),
      "is always on: it is 0 at rest [0, null] null",
    ],
    ["what AWS counts", onRds("ReadIOPS", 0, FROM), "is always on: it is 0 at rest [0, null] null"],
    [
      "a lag, which is −1 without replication",
      onRds("ReplicaLag", -1, FROM),
      "is always on: it is -1 at rest [-1, null] null",
    ],
    [
      "a sum",
      onRds("DatabaseConnections", 0, { ...FROM, statistic: "Sum" }),
      "is always on: it is 0 at rest [0, null] null",
    ],
    [
      "a number of samples",
      onRds("DatabaseConnections", 0, { ...FROM, statistic: "SampleCount" }),
      "is always on: it is 0 at rest [0, null] null",
    ],
    [
      "connections",
      onRds("DatabaseConnections", 389),
      "can never go off: db gives clients 389 connections [96, 389] connections",
    ],
  ])("of %s", (_, alarm, expected, changes, settings) => {
    expect(said(alarm, changes, settings)).toEqual([expected]);
  });

  const unsized = (variable: string, value?: string) => ({ environment: environment({ [variable]: value }) });
  it.each<[string, PlanResource, Partial<Sample>?]>([
    ["a percentage below 100", onRds("CPUUtilization", 99)],
    ["a lag that may be −1", onRds("ReplicaLag", 0, BELOW)],
    ["a sum of lags, which has no least", onRds("ReplicaLag", -5, { ...FROM, statistic: "Sum" })],
    ["a sum of connections", onRds("DatabaseConnections", 1000, { statistic: "Sum" })],
    ["a number of samples", onRds("DatabaseConnections", 5, { ...BELOW, statistic: "SampleCount" })],
    ["a sum over a pool", onPool(`${HIKARI}.active`, 1000, { statistic: "Sum" })],
    ["samples of a pool", onPool(`${HIKARI}.active`, 1000, { statistic: "SampleCount" })],
    ["a pool's size that falls", onPool(`${OTEL}.max`, 12, BELOW)],
    [
      "a wait without an acquire timeout",
      onPool(`${HIKARI}.acquire`, 1e6),
      unsized("DB_POOL_ACQUIRE_TIMEOUT_MS"),
    ],
    ["a wait for ever", onPool(`${HIKARI}.acquire`, 1e6), unsized("DB_POOL_ACQUIRE_TIMEOUT_MS", "0")],
    ["a queue without a bound", onPool(`${OTEL}.pending_requests`, 1e6)],
    [
      "a wait of a library that has no acquire timeout",
      onPool(`${HIKARI}.acquire`, 1e6),
      { environment: { DB_MAX_OPEN_CONNS: "12" } },
    ],
    [
      "a queue of a library that nobody can tell",
      onPool(`${OTEL}.pending_requests`, 1e6),
      { environment: { DB_POOL_SIZE: "12" } },
    ],
    ["how long connections are used", onPool(`${OTEL}.use_time`, 1e6)],
  ])("says nothing against %s", (_, alarm, changes) => {
    expect(said(alarm, changes)).toEqual([]);
    expect(undecided(alarm, changes)).toEqual([]);
  });

  it("of acquisitions that gave up is judged whosever pool it is", () => {
    const second = resource("aws:ecs/service:Service", "worker", {
      name: "worker",
      taskDefinition: "worker",
      desiredCount: 2,
      tags: { "poolproof:peak-requests-per-second": "10", "poolproof:db-hold-ms": "10" },
    });
    const task = resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
      family: "worker",
      containerDefinitions: JSON.stringify([
        { name: "worker", environment: [{ name: "DB_POOL_MAX", value: "4" }] },
      ]),
    });
    const of = (dimensions: PropertyMap, metric: string) =>
      said(onPool(metric, 0, { ...FROM, dimensions }), { extra: [task, second] });
    expect(of({ pool: "somebody" }, `${OTEL}.timeouts`)).toHaveLength(1);
    expect(of({ pool: "somebody" }, `${HIKARI}.active`)).toEqual([]);
    expect(of({ pool: "worker" }, `${HIKARI}.active`)).toHaveLength(1);
  });
});

describe("what a load balancer's metric can be", () => {
  const both: PropertyMap = { TargetGroup: UNKNOWN, LoadBalancer: UNKNOWN };
  const slow = on("AWS/ApplicationELB", "TargetResponseTime", both, [TARGETS, BALANCER]);

  it("is bounded by the idle timeout of the balancer among its dimensions, where it is a response time", () => {
    expect(said(slow(100), { idleTimeout: 120 })).toEqual([]);
    expect(said(slow(120), { idleTimeout: 120 })).toEqual([
      "can never go off: alb gives up on a request after 120 s, its idle timeout [0, 120] s",
    ]);
  });

  it("is not bounded where it is no response time, or of a balancer of another stack", () => {
    const requests = on("AWS/ApplicationELB", "RequestCount", { LoadBalancer: UNKNOWN }, [BALANCER]);
    expect(said(requests(800))).toEqual([]);
    const stranger: PropertyMap = { LoadBalancer: "app/other/1", TargetGroup: UNKNOWN };
    expect(said(on("AWS/ECS", "TargetResponseTime", { ServiceName: UNKNOWN }, [SERVICE])(800))).toEqual([]);
    expect(said(on("AWS/ApplicationELB", "TargetResponseTime", stranger, [TARGETS])(800))).toEqual([]);
  });

  it("is undecided at the balancer where its idle timeout is hidden", () => {
    expect(undecided(slow(100), { idleTimeout: UNKNOWN })).toEqual(["idleTimeout of alb"]);
  });
});

describe("what a proxy's metric can be", () => {
  const proxied = (metric: string, changes: Parameters<typeof throughProxy>[1] = {}) => {
    const alarm = on("AWS/RDS", metric, { ProxyName: UNKNOWN }, [PROXY]);
    return [alarm, throughProxy({}, changes)] as const;
  };

  it.each([
    ["DatabaseConnections", 360, "proxy may open 360 connections to its database [0, 360] connections"],
    [
      "DatabaseConnectionsCurrentlyBorrowed",
      360,
      "proxy may open 360 connections to its database [0, 360] connections",
    ],
    [
      "DatabaseConnectionsBorrowLatency",
      2e6,
      "proxy gives up after 2000000 µs, its borrow timeout [0, 2000000] µs",
    ],
    ["AvailabilityPercentage", 100, "it is a share of 100 % at most [0, 100] %"],
  ])("is bounded for %s", (metric, most, expected) => {
    const [alarm, sample] = proxied(metric);
    expect(said(alarm(most - 1), sample)).toEqual([]);
    expect(said(alarm(most), sample)).toEqual([`can never go off: ${expected}`]);
  });

  it.each([
    "ClientConnections",
    "QueryRequests",
    "MaxDatabaseConnectionsAllowed",
  ])("is not bounded for %s", (metric) => {
    const [alarm, sample] = proxied(metric);
    expect(said(alarm(1e6), sample)).toEqual([]);
  });

  it("is undecided at the proxy where its borrow timeout or share is hidden", () => {
    const [latency, hidden] = proxied("DatabaseConnectionsBorrowLatency", {
      pool: { connectionBorrowTimeout: UNKNOWN },
    });
    expect(undecided(latency(1e6), hidden)).toEqual([
      "connectionPoolConfig.connectionBorrowTimeout of proxy",
    ]);
    const [connections, share] = proxied("DatabaseConnections", { pool: { maxConnectionsPercent: UNKNOWN } });
    expect(undecided(connections(100), share)).toEqual([
      "connectionPoolConfig.maxConnectionsPercent of proxy",
    ]);
  });
});

describe("a bound that is hidden", () => {
  const hidden: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };

  it.each<[string, PlanResource, Partial<Sample>, string]>([
    ["pools, at their client", onRds("DatabaseConnections", 200), hidden, "containerDefinitions of api"],
    [
      "limit, at the database",
      onRds("DatabaseConnections", 200),
      { parameters: UNKNOWN },
      "parameters of db",
    ],
    ["pool's size", onPool(`${HIKARI}.active`, 5), hidden, "containerDefinitions of api"],
    ["acquire timeout", onPool(`${OTEL}.wait_time`, 0.5), hidden, "containerDefinitions of api"],
    ["queue", onPool(`${OTEL}.pending_requests`, 5), hidden, "containerDefinitions of api"],
  ])("is noted where it is hidden: the %s", (_, alarm, changes, expected) => {
    expect(undecided(alarm, changes)).toEqual([expected]);
  });

  it.each(["ten", "0"])("is left to `pool-floor` where a size is %s, no number", (value) => {
    const changes = { environment: environment({ DB_POOL_MAX: value }) };
    const alarm = onPool(`${HIKARI}.active`, 5);
    expect(undecided(alarm, changes)).toEqual([]);
    expect(said(alarm, changes)).toEqual([]);
    expect(by(report(alarm, changes), "pool-floor")).toHaveLength(1);
  });
});
