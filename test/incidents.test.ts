import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../infra/capacity";
import { parseStackConfig } from "../infra/config/parseStackConfig";
import { alarmSpecs } from "../infra/monitoring/alarms";
import manifest from "../package.json";
import { POLICIES } from "../policies/config/policies";
import { stackConfig } from "./infra/plannedProgram";
import { COMMANDS } from "./policies/command";

const folder = resolve(__dirname, "../docs/incidents");
const pages = readdirSync(folder).filter((name) => /^\d{4}-\d{2}-\d{2}\.md$/.test(name));

const prod = parseStackConfig(stackConfig("prod"), "prod");
if (!prod.ok) throw new Error("prod cannot be read");
const alarms = alarmSpecs({ ...prod.config, capacity: capacityOf(prod.config) }).map(({ id }) => id);
const rules = POLICIES.map(({ id }) => id);

/** The tasks of the postmortem, as it words them. */
const TASKS = [
  "Review and update database connection settings and pool limits",
  "Implement automated configuration validation before deployment",
  "Add specific monitoring for database connection metrics",
  "Set up alerts for connection pool exhaustion and latency issues",
  "Conduct regular stress tests to ensure system stability under load",
  "Perform periodic configuration reviews and validation checks",
  "Document the incident and resolution steps for future reference",
  "Update the knowledge base with information on handling similar issues",
];

interface Action {
  readonly task: string;
  readonly doneBy: string;
  readonly provedBy: string;
}

function actionsOf(page: string): Action[] {
  const text = readFileSync(join(folder, page), "utf8");
  const section = text.split(/^## /m).find((each) => each.startsWith("Corrective actions")) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.slice(1).flatMap((line) => {
    const [task = "", doneBy = "", provedBy = ""] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    return /^-+$/.test(task) ? [] : [{ task, doneBy, provedBy }];
  });
}

const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? "");

describe("the incident of 2 September 2024", () => {
  it("has every task of the postmortem", () => {
    expect(actionsOf("2024-09-02.md").map(({ task }) => task)).toEqual(TASKS);
  });
});

describe.each(pages)("the page of %s", (page) => {
  const actions = actionsOf(page);
  const names = actions.map((action) => [action.task, action] as const);

  it.each(
    names,
  )("%s: is done by something that runs, and proved by a file that is there", (_task, action) => {
    const runs =
      /`np[mx] [^`]+`/.test(action.doneBy) ||
      linksOf(action.doneBy).some((link) => link.startsWith("../runbooks/") || link.endsWith(".yml"));
    expect(runs || linksOf(action.doneBy).length > 0, "nothing does it").toBe(true);
    expect(action.doneBy).not.toMatch(/\b(open|to ?do|planned)\b/i);
    const proofs = linksOf(action.provedBy).filter((link) => link.endsWith(".test.ts"));
    expect(proofs.length).toBeGreaterThan(0);
    for (const proof of proofs)
      expect(existsSync(resolve(dirname(join(folder, page)), proof)), proof).toBe(true);
  });

  it("names only commands that exist", () => {
    const text = readFileSync(join(folder, page), "utf8");
    const scripts = [...text.matchAll(/npm run (?:--silent )?([\w-]+)/g)].map((match) => match[1] ?? "");
    const commands = [...text.matchAll(/npx poolproof (\w+)/g)].map((match) => match[1] ?? "");
    expect(scripts.length + commands.length).toBeGreaterThan(0);
    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
    expect(commands.filter((name) => !COMMANDS.has(name))).toEqual([]);
  });

  it("calls a rule what is a rule, and an alarm what is an alarm", () => {
    const cells = actions.map(({ doneBy }) => doneBy).join("\n");
    const named = [...cells.matchAll(/\[([\w-]+)\]\(\.\.\/runbooks\/([\w-]+)\.md\)/g)].filter(
      ([, , file]) => file !== "README",
    );
    expect(named.length).toBeGreaterThan(4);
    for (const [, label, file] of named) {
      expect(label).toBe(file);
      expect([...rules, ...alarms]).toContain(file);
    }
    const [, said = ""] = /alarms ([^|;]*)/.exec(cells) ?? [];
    const asAlarms = [...said.matchAll(/runbooks\/([\w-]+)\.md/g)].map((match) => match[1] ?? "");
    expect(asAlarms.length).toBeGreaterThan(0);
    expect(asAlarms.filter((name) => !alarms.includes(name))).toEqual([]);
  });
});

describe("the template of an incident's page", () => {
  it("has the sections that each page has", () => {
    const headings = (name: string): string[] =>
      [...readFileSync(join(folder, name), "utf8").matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? "");
    const shared = [
      "Timeline (UTC)",
      "Why it was hard to see",
      "Corrective actions and their implementation",
    ];
    for (const page of ["TEMPLATE.md", ...pages])
      expect(headings(page)).toEqual(expect.arrayContaining(shared));
  });
});
