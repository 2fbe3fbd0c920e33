import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compilePack, removeFolder } from "../compiledPack";
import { environment, SERVICE, samplePlan } from "../samplePlan";
import { type Finding, PolicyServer } from "./policyServer";

let pack: string;
let server: PolicyServer;

beforeAll(async () => {
  pack = compilePack();
  server = await PolicyServer.start(pack);
});

afterAll(() => {
  server.stop();
  removeFolder(pack);
});

beforeEach(() => server.configure({}));

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
