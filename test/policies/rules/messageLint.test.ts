import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { assess } from "../../../policies/reports/assess";
import { CATALOGUE } from "../../../policies/rules/catalogue";
import { bannedWordsIn } from "../../support/bannedWords";
import { evaluate } from "./situation";
import { SITUATIONS } from "./situations";

const ROOT = join(__dirname, "../../..");
const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

describe("every message", () => {
  const all = Object.entries(SITUATIONS).flatMap(([rule, situations]) =>
    situations.map((situation) => ({ rule, ...evaluate(rule, situation) })),
  );
  const messages = all.flatMap(({ rule, violations }) =>
    violations.map((each) => ({ rule, ...each, words: `${each.text} ${each.fix}` })),
  );
  const open = all.flatMap(({ rule, undecided }) =>
    undecided.map(({ reason, fix = "" }) => ({ rule, fix, words: `${reason} ${fix}` })),
  );
  /** The policies some of whose messages are not as they should be. */
  const except = (isRight: (message: (typeof messages)[number]) => boolean): string[] =>
    [...new Set(messages.filter((each) => !isRight(each)).map(({ rule }) => rule))].sort();

  it("is a sentence, and has a fix that reports put a full stop to", () => {
    expect(except(({ text }) => text.endsWith("."))).toEqual([]);
    expect(except(({ fix }) => /^[A-Z].*[^.]$/s.test(fix))).toEqual([]);
    expect(open.filter(({ fix }) => fix !== "" && !/^[A-Z].*[^.]$/s.test(fix))).toEqual([]);
  });

  it("names its resource, unless that is the stack as a whole or, for now, something that has it", () => {
    const notYet = [
      "connection-budget",
      "max-connections",
      "pending-reboot-order",
      "pool-floor",
      "proxy-bounds",
    ];
    const isNamed = (words: string, resource: string) =>
      resource.includes("::pulumi:pulumi:Stack::") || words.includes(nameOf(resource));
    expect(except(({ words, resource }) => isNamed(words, resource))).toEqual(notYet);
  });

  it("shows the number that was observed, but where the text has a word for it or shows what follows from it", () => {
    const inWords = ["acquire-timeout", "alarm-shape", "alarms-present", "tls-required"];
    const derived = ["pool-floor", "proxy-bounds", "reconnect-storm"];
    const hidden = except(
      ({ observed, text }) => typeof observed !== "number" || text.includes(String(observed)),
    );
    expect(hidden).toEqual([...inWords, ...derived].sort());
  });

  it("ends with a link to the page of its policy, which exists", () => {
    for (const { id, docs } of CATALOGUE) {
      expect(existsSync(join(ROOT, docs)), docs).toBe(true);
      const situation = SITUATIONS[id]?.find(({ found }) => found.length > 0);
      if (!situation) throw new Error(`no situation of ${id} has a finding`);
      const { plan, settings, base } = situation;
      const report = assess(plan, { ...DEFAULT_SETTINGS, ...settings }, undefined, undefined, base);
      const ends = report.violations
        .filter(({ rule }) => rule === id)
        .map(({ message }) => message.slice(-docs.length - 4));
      expect(new Set(ends)).toEqual(new Set([` (${docs}).`]));
    }
  });

  it("shows no secret of the samples", () => {
    expect([...messages, ...open].filter(({ words }) => /hunter2|s3cr3t/.test(words))).toEqual([]);
  });

  it("does without the banned words", () => {
    const used = [...messages, ...open].flatMap(({ rule, words }) =>
      bannedWordsIn(words).map((word) => `${rule}: ${word}`),
    );
    expect([...new Set(used)]).toEqual([]);
  });
});
