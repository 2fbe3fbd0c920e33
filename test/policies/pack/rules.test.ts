import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN_WIRE_MARKERS } from "../../../policies/plan/plan";
import type { Report } from "../../../policies/reports/report";
import { RULES } from "../../../policies/rules/index";
import { compilePack, removeFolder, temporaryFolder } from "../compiledPack";
import { CLIENTS_BY_DEPENDENCY, CLIENTS_BY_TEXT, UNREAD_DATABASES } from "../plan/kindsOfClients";
import { samplePlan } from "../samplePlan";
import { type Finding, PolicyServer } from "./policyServer";
import { RULE_CASES } from "./ruleCases";

let pack: string;
let reports: string;
let server: PolicyServer;
const reportFile = (): string => path.join(reports, "report.json");

beforeAll(async () => {
  pack = compilePack();
  reports = temporaryFolder("reports");
  server = await PolicyServer.start(pack, { POOLPROOF_REPORT: reportFile() });
});

afterAll(() => {
  server.stop();
  removeFolder(pack);
  removeFolder(reports);
});

async function analyze(plan: Plan): Promise<readonly Finding[]> {
  rmSync(reportFile(), { force: true });
  const findings = await server.analyze(plan);
  // The SDK's own words when a policy touched an unknown value without asking first.
  expect(findings.filter(({ message }) => message.includes("can't run policy"))).toEqual([]);
  return findings;
}

/** Begins what a preview says beside its findings. */
const NOTE = "Not examined:";

const rows = Object.entries(RULE_CASES);
const of = (rule: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ policy }) => policy === rule);

describe("through Pulumi's policy server, with values that are not known yet on the wire", () => {
  it.each(rows)("%s rejects what it must, at its own level", async (rule, row) => {
    const level = RULES.find(({ id }) => id === rule)?.level;
    const findings = of(rule, await analyze(row.violates)).filter(({ message }) => !message.includes(NOTE));
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.level).toBe(level);
      expect(finding.urn).toMatch(/^urn:pulumi:test::shop::/);
      expect(finding.message).toContain(`docs/runbooks/${rule}.md`);
    }
  });

  it.each(rows)("%s lets pass what it may", async (rule, row) => {
    expect(of(rule, await analyze(row.passes))).toEqual([]);
  });

  it.each(
    rows.flatMap(([rule, row]) => (row.hides === undefined ? [] : [[rule, row.hides] as const])),
  )("%s says what it cannot decide while its value is hidden, and the stack is rejected", async (rule, plan) => {
    const findings = await analyze(plan);
    expect(of("undecided", findings).some(({ message }) => message.includes(rule))).toBe(true);
    const report = JSON.parse(readFileSync(reportFile(), "utf8")) as Report;
    expect(report.verdict).toBe("rejected");
    expect(report.undecided.map((entry) => entry.rule)).toContain(rule);
  });

  it("no kind of client or database that no reader knows is accepted in silence", async () => {
    const kinds = [...CLIENTS_BY_DEPENDENCY, ...CLIENTS_BY_TEXT, ...UNREAD_DATABASES];
    const findings = of("coverage", await analyze(samplePlan({ extra: kinds })));
    // Findings of one cause are one, whose message names every resource.
    const said = findings.filter(({ level }) => level === "mandatory").map(({ message }) => message);
    const isNamed = (name: string): boolean =>
      said.some((message) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(message));
    expect(kinds.filter(({ name }) => !isNamed(name)).map(({ type }) => type)).toEqual([]);
  });

  it("what was not examined is said in a preview, and stops nothing", async () => {
    const definitions = JSON.stringify([{ name: "web", environment: [{ name: "PORT", value: "80" }] }]);
    const plan = {
      resources: samplePlan({ tags: {}, taskDefinition: { containerDefinitions: definitions } }).resources,
    };
    const notes = of("coverage", await analyze(plan)).filter(({ level }) => level === "advisory");
    expect(notes.map(({ message }) => message)).toEqual([expect.stringContaining("api: no pool setting")]);
  });

  it("every kind of unknown marker on the wire hides a value, and none is taken for a text", async () => {
    expect(UNKNOWN_WIRE_MARKERS.size).toBeGreaterThan(0);
    for (const marker of UNKNOWN_WIRE_MARKERS) {
      const plan = samplePlan({ taskDefinition: { containerDefinitions: marker } as PropertyMap });
      const findings = await server.analyze(plan);
      expect(of("undecided", findings).length, marker).toBeGreaterThan(0);
      expect(of("pool-floor", findings), marker).toEqual([]);
    }
  });
});
