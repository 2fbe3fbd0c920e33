import { describe, expect, it } from "vitest";
import { RULES } from "../../policies/rules/index";
import { type IncidentStack, KNOWN_INCIDENTS } from "./knownIncidents";
import { judgePlan } from "./rules/judge";

const rejectedBy = ({ plan, settings }: IncidentStack): readonly string[] =>
  judgePlan(plan, settings)
    .violations.filter(({ level }) => level === "mandatory")
    .map(({ rule }) => rule);

const rows = KNOWN_INCIDENTS.map((incident) => [incident.id, incident.stoppedBy, incident] as const);

describe("outages that others wrote about", () => {
  it.each(rows)("%s would have been stopped by %s", (_id, stoppedBy, { asItWas }) => {
    expect(rejectedBy(asItWas)).toContain(stoppedBy);
  });

  it.each(
    KNOWN_INCIDENTS.map(({ id, mended }) => [id, mended] as const),
  )("%s is accepted once the one thing is mended", (_id, mended) => {
    expect(rejectedBy(mended)).toEqual([]);
  });

  it("are told apart by an id and a public account", () => {
    expect(new Set(KNOWN_INCIDENTS.map(({ id }) => id)).size).toBe(KNOWN_INCIDENTS.length);
    for (const { link, stoppedBy } of KNOWN_INCIDENTS) {
      expect(link).toMatch(/^https:\/\//);
      expect(RULES.map(({ id }) => id)).toContain(stoppedBy);
    }
  });
});
