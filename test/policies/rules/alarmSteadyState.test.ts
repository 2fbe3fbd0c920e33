import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { connectionsAlarm, topic } from "../sampleAlarms";
import { resource, SAFE, type Sample } from "../samplePlan";
import { proxyResources, throughProxy } from "../sampleProxy";
import { by, judge } from "./judge";

const RULE = "alarm-threshold";
const onConnections = (threshold: number, more: PropertyMap = {}) => connectionsAlarm({ threshold, ...more });
const report = (alarm: PlanResource, changes: Partial<Sample> = {}) =>
  judge({ ...changes, alarms: [topic(), alarm] });
const undecided = (...of: Parameters<typeof report>) =>
  report(...of)
    .undecided.filter(({ rule }) => rule === RULE)
    .map(({ resource: at, property }) => `${property} of ${at.split("::").pop()}`);

describe("the connections that a database has on any day", () => {
  const least = (sample: Partial<Sample>) =>
    by(report(onConnections(5000), sample), RULE).map(({ allowed }) => allowed?.min);
  const tagged = (sessions: string) => ({
    ...throughProxy(),
    tags: { ...SAFE.tags, "poolproof:proxy-sessions": sessions },
  });
  const worker = (environmentOf: readonly PropertyMap[], hidden: PropertyMap = {}) => [
    resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
      family: "worker",
      containerDefinitions: JSON.stringify([{ name: "worker", environment: environmentOf }]),
      ...hidden,
    }),
    resource("aws:ecs/service:Service", "worker", {
      name: "worker",
      taskDefinition: "worker",
      desiredCount: 3,
      tags: {
        "poolproof:database": "db",
        "poolproof:peak-requests-per-second": "1",
        "poolproof:db-hold-ms": "5",
      },
    }),
  ];
  const size = [{ name: "DB_POOL_MAX", value: "4" }];

  it("are those of all pools that reach it directly", () => {
    expect(least({})).toEqual([96]);
    expect(least({ extra: worker(size) })).toEqual([96 + 3 * 4]);
  });

  it("are those of pools behind a proxy only where their sessions pin", () => {
    expect(least(tagged("multiplexed"))).toEqual([0]);
    expect(least(throughProxy())).toEqual([0]);
    expect(least(tagged("pinned"))).toEqual([96]);
  });

  it("are hidden where nothing says whether a pool goes through the proxy", () => {
    const sample = { extra: proxyResources() };
    expect(least(sample)).toEqual([null]);
    expect(undecided(onConnections(200), sample)).toEqual(["containerDefinitions of api"]);
  });

  it("are hidden by the first pool that hides its size", () => {
    const sample = { extra: worker(size, { containerDefinitions: UNKNOWN }) };
    expect(least(sample)).toEqual([null]);
    expect(undecided(onConnections(200), sample)).toEqual(["containerDefinitions of worker"]);
  });
});

describe("a message says when an alarm goes off", () => {
  it.each([
    ["GreaterThanThreshold", 500, "above 500 connections of"],
    ["GreaterThanOrEqualToThreshold", 500, "from 500 up connections of"],
    ["LessThanThreshold", 0, "below 0 connections of"],
    ["LessThanOrEqualToThreshold", -1, "at -1 or below connections of"],
  ])("%s", (comparisonOperator, threshold, words) => {
    const [finding] = by(report(onConnections(threshold, { comparisonOperator })), RULE);
    expect(finding?.message).toContain(
      `Alarm connections goes off ${words} AWS/RDS DatabaseConnections, and `,
    );
  });
});
