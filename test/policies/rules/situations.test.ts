import { describe, expect, it } from "vitest";
import { RULES } from "../../../policies/rules/index";
import { contextOf, evaluate, type Made } from "./situation";
import { SITUATIONS } from "./situations";

/** What a rule finds and leaves open, without the words for it. */
const verdict = ({ violations, undecided }: Made) => ({
  found: violations.map(({ resource, observed, allowed, unit, level }) => ({
    resource,
    observed,
    allowed,
    unit,
    ...(level === undefined ? {} : { level }),
  })),
  open: undecided
    .filter(({ saidBy }) => saidBy === undefined)
    .map(({ resource, property, malformed }) => ({
      resource,
      property,
      ...(malformed === undefined ? {} : { malformed: true }),
    })),
});

describe.each(Object.entries(SITUATIONS))("%s", (rule, situations) => {
  it.each(situations)("finds what it must: $title", (situation) => {
    const { found, open } = situation;
    expect(verdict(evaluate(rule, situation))).toEqual({ found, open });
  });

  it("leaves to another rule only what that rule says", () => {
    for (const situation of situations) {
      for (const { saidBy, resource } of evaluate(rule, situation).undecided) {
        if (saidBy === undefined) continue;
        const other = RULES.find(({ id }) => id === saidBy)?.evaluate(contextOf(situation));
        const said = [...(other?.violations ?? []), ...(other?.undecided ?? [])];
        expect(said.length, `${situation.title}: ${saidBy} of ${resource}`).toBeGreaterThan(0);
      }
    }
  });
});

describe("the registry of situations", () => {
  it("shows each rule accepting and finding something, under titles that are told apart", () => {
    for (const [rule, situations] of Object.entries(SITUATIONS)) {
      const titles = situations.map(({ title }) => title);
      expect(titles.length, rule).toBe(new Set(titles).size);
      expect(
        situations.some(({ found }) => found.length > 0),
        `${rule} finds`,
      ).toBe(true);
      expect(
        situations.some(({ found, open }) => found.length + open.length === 0),
        `${rule} accepts`,
      ).toBe(true);
    }
  });
});
