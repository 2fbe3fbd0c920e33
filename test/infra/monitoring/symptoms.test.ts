import { describe, expect, it } from "vitest";
import type { AlarmSpec } from "../../../infra/monitoring/alarmSpec";
import { symptomAlarms } from "../../../infra/monitoring/alarms/symptoms";
import { reaction } from "../../../infra/monitoring/windows";
import { alarmsRead, ruleHolds } from "../../../policies/model/cloudwatch/compositeRule";
import { alarmsOf, composites, metricAlarm, PROXY } from "./stackAlarms";

const symptoms = composites("prod").filter(({ role }) => role === "symptom");
const bySpec = (specs: readonly AlarmSpec[], id: string) => specs.find((spec) => spec.id === id);

describe("a symptom", () => {
  it("is a composite, since only those can be held back, and reads nothing but signals", () => {
    const specs = alarmsOf("prod");
    for (const { rule } of symptoms) {
      for (const id of alarmsRead(rule)) expect(bySpec(specs, id)?.severity).toBe("signal");
    }
  });

  it("waits at most two minutes for a cause", () => {
    expect(symptoms).toHaveLength(3);
    for (const { suppression } of symptoms) {
      expect(suppression?.waitSeconds).toBeLessThanOrEqual(120);
      // As long as its own signals may outlast those of the cause, and no longer.
      expect(suppression?.extensionSeconds).toBeLessThanOrEqual(120);
    }
  });

  it.each([
    ["direct", {}],
    ["proxy", PROXY],
  ] as const)("is held back by every cause that pages, and by no alarm that tells nobody: %s", (_, change) => {
    const specs = alarmsOf("prod", change);
    const paging = specs.filter(({ role, severity }) => role === "cause" && severity === "page");
    for (const spec of specs) {
      if (spec.kind !== "composite" || spec.suppression === undefined) continue;
      const suppressor = bySpec(specs, spec.suppression.by);
      if (suppressor?.kind !== "composite") throw new Error("no suppressor");
      const silences = (id: string) => ruleHolds(suppressor.rule, (other) => (other === id ? "ALARM" : "OK"));
      expect(specs.map(({ id }) => id).filter(silences)).toEqual(paging.map(({ id }) => id));
    }
  });

  it("is not held back by a cause that is only a ticket", () => {
    const causes = composites("prod").filter(({ role }) => role === "cause");
    const [first, ...others] = causes;
    if (first === undefined) throw new Error("no cause");
    const [suppressor] = symptomAlarms([{ ...first, severity: "ticket" }, ...others]);
    expect(alarmsRead(suppressor?.rule ?? { any: [] })).not.toContain(first.id);
  });

  it("is not held back any more after half an hour, whatever the causes say", () => {
    const suppressor = composites("prod").find(({ id }) => id === "cause-named");
    if (suppressor === undefined) throw new Error("no suppressor");
    expect(ruleHolds(suppressor.rule, (id) => (id === "symptom-persists" ? "OK" : "ALARM"))).toBe(true);
    expect(ruleHolds(suppressor.rule, () => "ALARM")).toBe(false);
    const persists = metricAlarm("symptom-persists");
    expect(persists.periodSeconds * persists.evaluationPeriods).toBe(1800);
    // Later than any cause, or no symptom would ever wait.
    expect(reaction(persists).setsInAfter).toBeGreaterThan(20);
  });
});
