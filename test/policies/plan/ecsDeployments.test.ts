import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { judge } from "../rules/judge";
import { samplePlan } from "../samplePlan";

const tasks = (service: PropertyMap, scaling?: PropertyMap) =>
  readStack(samplePlan({ service, scaling })).clients[0]?.tasks;
const atPeak = (service: PropertyMap) => judge({ service }).budgets[0]?.clients[0]?.tasksAtPeak;

describe("a deployment", () => {
  it.each([
    "BLUE_GREEN",
    "CANARY",
    "LINEAR",
  ])("by %s keeps both revisions, whatever the surge", (strategy) => {
    const service = {
      deploymentConfiguration: { strategy, bakeTimeInMinutes: "5" },
      deploymentMaximumPercent: 100,
    };
    expect(tasks(service)?.keepsBothRevisions).toMatchObject({ value: true });
    expect(atPeak(service)).toBe(16);
  });

  it("by CodeDeploy keeps both, and by an external controller nobody knows how many", () => {
    expect(atPeak({ deploymentController: { type: "CODE_DEPLOY" }, deploymentMaximumPercent: 100 })).toBe(16);
    expect(atPeak({ deploymentController: { type: "EXTERNAL" } })).toBeNull();
  });

  it("that rolls has the surge, and the tasks that drain", () => {
    expect(atPeak({ deploymentConfiguration: { strategy: "ROLLING" }, deploymentMaximumPercent: 150 })).toBe(
      16,
    );
    expect(atPeak({ deploymentMaximumPercent: UNKNOWN })).toBeNull();
  });
});

describe("the tasks of a service without autoscaling", () => {
  it("are its desired count", () => {
    expect(tasks({ desiredCount: 3 })).toMatchObject({
      minCapacity: { value: 3 },
      maxCapacity: { value: 3 },
    });
  });

  it("are as many as there are instances for a daemon, which the plan does not show", () => {
    expect(tasks({ schedulingStrategy: "DAEMON", desiredCount: 3 })?.maxCapacity).toMatchObject({
      state: "unknown",
      reason: "a daemon service runs one task per container instance",
    });
  });
});
