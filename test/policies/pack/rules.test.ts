import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Plan, type PropertyMap, UNKNOWN, UNKNOWN_WIRE_MARKERS } from "../../../policies/plan/plan";
import type { Report } from "../../../policies/reports/report";
import { RULES } from "../../../policies/rules/index";
import { compilePack, removeFolder, temporaryFolder } from "../compiledPack";
import { CLIENTS_BY_DEPENDENCY, CLIENTS_BY_TEXT, UNREAD_DATABASES } from "../plan/kindsOfClients";
import { SITUATIONS } from "../rules/situations";
import { environment, SERVICE, samplePlan } from "../samplePlan";
import { type Finding, PolicyServer } from "./policyServer";

/** What one rule must reject and must let pass, as the engine would send it. */
interface RuleCase {
  readonly violates: Plan;
  readonly passes: Plan;
  /** A plan that hides what this rule needs. */
  readonly hides?: Plan;
}

/** Rules that cannot be judged by what the engine sends, with the reason. */
const NOT_OVER_THE_WIRE: { readonly [rule: string]: string } = {
  "pending-reboot-order": "it compares with the deployed state, which the engine hands to no policy",
};

/** By rule id: of each rule's situations the first that needs no setting and that it rejects, accepts and leaves open. */
const RULE_CASES: { readonly [rule: string]: RuleCase } = Object.fromEntries(
  RULES.filter(({ id }) => !Object.hasOwn(NOT_OVER_THE_WIRE, id)).map(({ id }) => [id, caseOf(id)]),
);

function caseOf(rule: string): RuleCase {
  const plain = (SITUATIONS[rule] ?? []).filter(
    ({ settings, base, plan }) =>
      Object.keys(settings).length === 0 &&
      base === undefined &&
      // Each goes through the SDK's checking proxy, which only then has something to stop at.
      plan.resources.some(({ properties }) => holdsUnknown(properties)),
  );
  const violates = plain.find(
    ({ found }) => found.length > 0 && found.every(({ level }) => level === undefined),
  );
  const passes = plain.find(({ found, open }) => found.length + open.length === 0);
  const hides = plain.find(
    ({ found, open }) => found.length === 0 && open.some(({ malformed }) => !malformed),
  );
  if (violates === undefined || passes === undefined)
    throw new Error(
      `test/policies/rules/situations has no situation without settings that ${rule} ${violates ? "accepts" : "rejects"}`,
    );
  return {
    violates: violates.plan,
    passes: passes.plan,
    ...(hides === undefined ? {} : { hides: hides.plan }),
  };
}

function holdsUnknown(value: unknown): boolean {
  return (
    value === UNKNOWN ||
    (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown))
  );
}

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

beforeEach(() => server.configure({}));

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

const STARVED = samplePlan({ environment: environment({ DB_POOL_MAX: "3" }) });

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const exception = {
  rule: "pool-floor",
  resource: "api",
  reason: "replaced\u001b[2J next week",
  owner: "team auth",
  expires: inDays(30),
};

const withExceptions = (...exceptions: object[]) => ({
  "poolproof-settings": { level: "mandatory", properties: { exceptions } } as const,
});

const short = ({ policy, level }: Finding): string => `${policy}: ${level}`;

describe("an exception inside the engine", () => {
  it("turns the rejection into a note with its owner and its last day", async () => {
    await server.configure(withExceptions(exception));
    const findings = await server.analyze(STARVED);
    expect(findings.map(short)).toEqual(["pool-floor: advisory"]);
    expect(findings[0]?.urn).toBe(SERVICE);
    expect(findings[0]?.message).toContain(`Excepted until ${inDays(30)} (team auth: replaced`);
    expect(findings[0]?.message).toContain("`pool.max` is 3, below the floor of 11");
    expect(findings[0]?.message).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it("stays a note where the policy configuration makes an advisory rule mandatory", async () => {
    const plan = samplePlan({ database: { enabledCloudwatchLogsExports: [] } });
    const accepted = { ...exception, rule: "connection-logging", resource: "*" };
    await server.configure({ ...withExceptions(accepted), "connection-logging": { level: "mandatory" } });
    expect(new Set((await server.analyze(plan)).map(short))).toEqual(
      new Set(["connection-logging: advisory"]),
    );
  });

  it.each([
    ["has ended", { ...exception, expires: inDays(-1) }],
    ["is too far ahead", { ...exception, expires: inDays(190) }],
    ["has no owner", { ...exception, owner: undefined }],
    ["fits nothing", { ...exception, resource: "apy" }],
    ["is no object", "pool-floor"],
  ])("that %s lifts nothing and is a rejection of its own", async (_, given) => {
    const { "poolproof-settings": settings } = withExceptions(given as object);
    await server.configure({ "poolproof-settings": JSON.parse(JSON.stringify(settings)) });
    const findings = await server.analyze(STARVED);
    expect(findings.map(short)).toEqual(["poolproof-settings: mandatory", "pool-floor: mandatory"]);
  });
});

describe("the one policy that answers for all", () => {
  it.each([
    ["the settings' policy", {}],
    ["the next one, where that is disabled", { "poolproof-settings": { level: "disabled" } as const }],
    [
      "another one, where the first two are disabled",
      { "poolproof-settings": { level: "disabled" }, "connection-budget": { level: "disabled" } } as const,
    ],
  ])("is %s, and every finding keeps its own name", async (_, config) => {
    await server.configure(config);
    expect((await server.analyze(STARVED)).map(short)).toEqual(["pool-floor: mandatory"]);
  });

  it("is found anew when the configuration changes between two requests", async () => {
    const others = ["poolproof-settings", "connection-budget", "max-connections", "acquire-timeout"];
    const only = (kept: string) =>
      Object.fromEntries(
        [...others, "pool-floor"].map((id) => [
          id,
          { level: id === kept ? "mandatory" : "disabled" } as const,
        ]),
      );
    await server.configure(only("poolproof-settings"));
    expect(await server.analyze(STARVED)).toEqual([]);
    await server.configure(only("pool-floor"));
    expect((await server.analyze(STARVED)).map(short)).toEqual(["pool-floor: mandatory"]);
  });
});
