import { describe, expect, it } from "vitest";
import { loadScenarios } from "../../../drills/replay/load";
import { runScenario, type ScenarioResult } from "../../../drills/replay/run";
import { isFaultySet, shippedScenarios } from "../../../drills/replay/scenario";

const results = new Map<string, ScenarioResult>();
for (const scenario of loadScenarios({
  scenarios: [],
  traces: [],
  stack: undefined,
  alarms: undefined,
  ingestionDelaySeconds: 60,
})) {
  results.set(scenario.name, runScenario(scenario));
}

function result(name: string): ScenarioResult {
  const found = results.get(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

describe("the shipped scenarios", () => {
  it.each(
    shippedScenarios(),
  )("%s: the alarms make of it what they must, whatever AWS leaves open", (name) => {
    const { verdict, differing, simulation } = result(name);
    expect(verdict.problems).toEqual([]);
    expect(differing).toEqual([]);
    // Every metric that an alarm of its stack reads is reported.
    if (!isFaultySet(name)) expect(simulation.blind).toEqual([]);
  });

  it("meet the bar: the outage's cause by name within five minutes of the first failure", () => {
    const { verdict, scenario } = result("outage-2024-09-02");
    expect(scenario.trace.startsAt).toBe("2024-09-02T01:00:00.000Z");
    expect(verdict.firstFailureSeconds).toBe(75 * 60);
    expect(verdict.minutesToDetect).toBeLessThanOrEqual(5);
  });

  it.each([
    ["outage-2024-09-02", "pool-starved"],
    ["outage-metrics-missing", "pool-starved"],
    ["too-many-tasks", "connections-exhausted"],
    ["reconnect-storm", "connection-storm"],
    ["slow-query", "database-saturated"],
    ["slow-query-metrics-missing", "database-saturated"],
    ["slow-downstream", "downstream-slow"],
    ["idle-in-transaction", "idle-in-transaction"],
  ])("%s names its own cause, %s, and no other", (name, cause) => {
    const { verdict } = result(name);
    expect(verdict).toMatchObject({ cause, wrongCauses: [] });
    expect(verdict.minutesToCause).toBeLessThanOrEqual(5);
  });

  it.each(["quiet-weeks", "deploy-surge", "marketing-peak", "metrics-missing"])("%s pages no one", (name) => {
    expect(result(name).verdict.pages).toEqual([]);
  });

  it("include two whole weeks", () => {
    expect(result("quiet-weeks").scenario.trace.series[0]?.values).toHaveLength(14 * 24 * 60);
  });
});

describe("a faulty alarm set", () => {
  it("pages on a healthy day where a gauge is summed", () => {
    expect(result("defect-gauge-summed").verdict.pages.length).toBeGreaterThan(0);
  });

  it("sees nothing of an exhausted database where the dimensions are missing", () => {
    const { verdict, simulation } = result("defect-no-dimensions");
    expect(verdict).toMatchObject({ pages: [], failed: true });
    expect(simulation.blind).toEqual(["logins-fail", "acquisitions-time-out"]);
  });

  it("is always in ALARM where a threshold is always exceeded", () => {
    expect(result("defect-always-fires").verdict.alwaysInAlarm).toEqual(["db-connections", "db-memory"]);
  });

  it("says nothing of the outage where only the database is watched", () => {
    expect(result("defect-database-only").verdict).toMatchObject({ pages: [], failed: true });
  });
});
