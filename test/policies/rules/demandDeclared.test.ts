import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { tags } from "../samplePlan";
import { by, judge, only } from "./judge";

describe("demand-declared", () => {
  it("accepts a service that declares peak and hold time", () => {
    const optional = {
      "poolproof:db-acquisitions-per-request": undefined,
      "poolproof:tasks-at-peak": undefined,
    };
    expect(by(judge({ tags: tags(optional) }), "demand-declared")).toEqual([]);
  });

  it("names every missing tag in one violation", () => {
    const missing = { "poolproof:db-hold-ms": undefined, "poolproof:peak-requests-per-second": undefined };
    const violation = only(judge({ tags: tags(missing) }), "demand-declared");
    expect(violation.message).toContain(
      "`poolproof:peak-requests-per-second` is missing, `poolproof:db-hold-ms` is missing",
    );
  });

  it.each([
    ["poolproof:db-hold-ms", "0"],
    ["poolproof:db-hold-ms", '"ninety"'],
    ["poolproof:peak-requests-per-second", "-1"],
    ["poolproof:peak-requests-per-second", '"NaN"'],
    ["poolproof:db-acquisitions-per-request", "0"],
    ["poolproof:tasks-at-peak", "1.5"],
    ["poolproof:tasks-at-peak", "0"],
  ])("rejects %s = %s, naming the value", (tag, shown) => {
    const report = judge({ tags: tags({ [tag]: shown.replaceAll('"', "") }) });
    expect(only(report, "demand-declared").message).toContain(`\`${tag}\` is ${shown}, not`);
  });

  it("is undecided about a tag that only the deployment knows", () => {
    const report = judge({ tags: tags({ "poolproof:db-hold-ms": UNKNOWN }) });
    expect(report.undecided.map(({ rule }) => rule)).toEqual(["pool-floor", "demand-declared"]);
    expect(report.verdict).toBe("rejected");
  });

  it("rejects more tasks at peak than may run", () => {
    const violation = only(judge({ tags: tags({ "poolproof:tasks-at-peak": "9" }) }), "demand-declared");
    expect(violation).toMatchObject({ observed: 9, allowed: { min: 1, max: 8 }, unit: "tasks" });
  });
});

describe("a desired count above autoscaling's maximum", () => {
  it("does not excuse a declaration of more tasks at peak than autoscaling keeps", () => {
    const report = judge({
      service: { desiredCount: 60 },
      tags: tags({ "poolproof:tasks-at-peak": "20" }),
    });
    expect(by(report, "demand-declared").length).toBe(1);
    expect(report.budgets[0]?.clients[0]?.tasksServingPeak).toBe(8);
  });
});
