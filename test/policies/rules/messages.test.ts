import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../../../policies/rules/catalogue";
import type { Undecided } from "../../../policies/rules/rule";
import { evaluate, type Message, type Situation } from "./situation";
import { SITUATIONS } from "./situations";

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

function shownViolation({ resource, text, fix }: Message): string {
  return `- ${nameOf(resource)}: ${text}\n  - Fix: ${fix}.`;
}

function shownUndecided({ resource, property, reason, saidBy, fix, malformed }: Undecided): string {
  const kind =
    malformed === undefined ? "Undecided" : `Malformed (${malformed.shown}, not ${malformed.expected})`;
  const left = saidBy === undefined ? "" : ` (left to ${saidBy})`;
  const advice = fix === undefined ? "" : `\n  - Fix: ${fix}.`;
  return `- ${kind}, \`${property}\` of ${nameOf(resource)}${left}: ${reason}.${advice}`;
}

/** All messages of a rule, under the titles of the situations that they are of. */
function golden(rule: string, situations: readonly Situation[]): string {
  const sections = situations.flatMap((situation) => {
    const { violations, undecided } = evaluate(rule, situation);
    const shown = [...violations.map(shownViolation), ...undecided.map(shownUndecided)];
    return shown.length === 0 ? [] : [`## ${situation.title}\n\n${shown.join("\n")}\n`];
  });
  const written = "Written by `npx vitest run test/policies/rules/messages.test.ts --update`.";
  return [`# Messages of ${rule}\n\n${written}\n`, ...sections].join("\n");
}

describe("the messages of each policy are those of its golden file", () => {
  it.each(Object.entries(SITUATIONS))("%s", async (rule, situations) => {
    await expect(golden(rule, situations)).toMatchFileSnapshot(`messages/${rule}.md`);
  });

  it("and each policy of the pack has situations in test/policies/rules/situations/index.ts", () => {
    expect(Object.keys(SITUATIONS).sort()).toEqual(CATALOGUE.map(({ id }) => id).sort());
  });

  it("and no golden file is left of a policy that the pack no longer has", () => {
    const files = CATALOGUE.map(({ id }) => `${id}.md`);
    expect(readdirSync(join(__dirname, "messages")).filter((file) => !files.includes(file))).toEqual([]);
  });
});
