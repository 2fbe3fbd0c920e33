import { describe, expect, it } from "vitest";
import { shippedScenarios } from "../../../drills/replay/files";
import { readScenarios } from "../../../drills/replay/readScenarios";
import { runScenario, type ScenarioResult } from "../../../drills/replay/runScenario";

const results = new Map<string, ScenarioResult>();
for (const ready of readScenarios({
  scenarios: [],
  traces: [],
  stack: undefined,
  alarms: undefined,
  ingestionDelaySeconds: 60,
})) {
  results.set(ready.name, runScenario(ready));
}

function result(name: string): ScenarioResult {
  const found = results.get(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

describe("the shipped scenarios", () => {
  it.each(shippedScenarios())("%s: the alarms make of it what they must", (name) => {
    expect(result(name).judgement.problems).toEqual([]);
  });

  it.each(shippedScenarios())("%s: the verdict hangs on nothing that AWS does not document", (name) => {
    expect(result(name).differing).toEqual([]);
  });

  it.each(
    shippedScenarios().filter((name) => !name.startsWith("defect-")),
  )("%s reports every metric that an alarm of its stack reads", (name) => {
    expect(result(name).replay.blind).toEqual([]);
  });

  it("meet the bars: the outage's cause by name within five minutes of the first failure, and no other", () => {
    const { judgement, scenario } = result("outage-2024-09-02");
    expect(scenario.trace.startsAt).toBe("2024-09-02T01:00:00.000Z");
    expect(judgement.firstFailureSeconds).toBe(75 * 60);
    expect(judgement.cause).toBe("pool-starved");
    expect(judgement.wrongCauses).toEqual([]);
    expect(judgement.minutesToCause).toBeLessThanOrEqual(5);
    expect(judgement.minutesToDetect).toBeLessThanOrEqual(5);
  });

  it("meet the bars: no page in two quiet weeks", () => {
    const { judgement, scenario } = result("quiet-weeks");
    expect(scenario.trace.series[0]?.values).toHaveLength(14 * 24 * 60);
    expect(judgement.pages).toEqual([]);
  });

  it.each([
    ["too-many-tasks", "connections-exhausted"],
    ["reconnect-storm", "connection-storm"],
    ["slow-query", "database-saturated"],
    ["slow-query-metrics-missing", "database-saturated"],
    ["slow-downstream", "downstream-slow"],
    ["idle-in-transaction", "idle-in-transaction"],
    ["outage-metrics-missing", "pool-starved"],
  ])("%s names its own cause, %s, and no other", (name, cause) => {
    const { judgement } = result(name);
    expect(judgement.cause).toBe(cause);
    expect(judgement.wrongCauses).toEqual([]);
    expect(judgement.minutesToCause).toBeLessThanOrEqual(5);
  });

  it.each(["deploy-surge", "marketing-peak", "metrics-missing"])("%s wakes nobody", (name) => {
    expect(result(name).judgement.pages).toEqual([]);
  });
});

describe("what faulty alarm sets do", () => {
  it("pages on a healthy day where a gauge is summed", () => {
    expect(result("defect-gauge-summed").judgement.pages.length).toBeGreaterThan(0);
  });

  it("sees nothing of an exhausted database where the dimensions are missing", () => {
    const { judgement, replay } = result("defect-no-dimensions");
    expect(judgement.pages).toEqual([]);
    expect(judgement.failed).toBe(true);
    expect(replay.blind).toEqual(["logins-fail", "acquisitions-time-out"]);
  });

  it("says once and for ever what a threshold says that is always exceeded", () => {
    const { judgement } = result("defect-always-fires");
    expect(judgement.alwaysInAlarm).toEqual(["db-connections", "db-memory"]);
  });

  it("says nothing of the outage where only the database is watched", () => {
    const { judgement } = result("defect-database-only");
    expect(judgement.failed).toBe(true);
    expect(judgement.pages).toEqual([]);
  });
});
