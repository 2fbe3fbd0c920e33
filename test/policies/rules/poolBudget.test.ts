import { describe, expect, it } from "vitest";
import { tags } from "../samplePlan";
import { by, judge } from "./judge";

describe("a declared number of tasks at peak that is no number", () => {
  const report = judge({ tags: tags({ "poolproof:tasks-at-peak": "many" }) });

  it("is refused by the rule on declared demand alone", () => {
    expect(by(report, "demand-declared")).toHaveLength(1);
    expect(report.undecided).toEqual([]);
  });

  it("leaves the fewest tasks that autoscaling keeps to serve the peak, so the floor is still judged", () => {
    const [client] = report.budgets[0]?.clients ?? [];
    expect(client).toMatchObject({ tasksServingPeak: 8, floor: 11 });
    const small = judge({
      tags: tags({ "poolproof:tasks-at-peak": "many" }),
      environment: { DB_POOL_MAX: "10" },
    });
    expect(by(small, "pool-floor")).toHaveLength(1);
  });
});
