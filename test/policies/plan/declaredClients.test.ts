import { describe, expect, it } from "vitest";
import type { DeclaredClient } from "../../../policies/plan/settings";
import { NO_DECLARATIONS } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { by, judge, only } from "../rules/judge";
import { DATABASE, resource, SERVICE, samplePlan, urn } from "../samplePlan";

const BATCH: DeclaredClient = {
  name: "nightly",
  library: "hikaricp",
  poolMax: 6,
  instances: 3,
  peakRequestsPerSecond: 10,
  holdMs: 100,
  acquireTimeoutMs: 1_000,
};
const read = (client: DeclaredClient) => {
  const stack = readStack(samplePlan(), { ...NO_DECLARATIONS, clients: [client] });
  const found = stack.clients.find(({ kind }) => kind === "declared");
  if (!found) throw new Error("no declared client");
  return found;
};

describe("a client that the policy configuration describes", () => {
  it("is read like any other, under a URN of its own", () => {
    expect(read(BATCH)).toMatchObject({
      kind: "declared",
      resource: { urn: "urn:pulumi:test::shop::poolproof:declared:Client::nightly" },
      name: "nightly",
      library: { value: "hikaricp" },
      settings: {
        poolMax: { variable: "clients[nightly].poolMax", reading: { value: 6 } },
        processesPerTask: { reading: { value: 1 } },
        acquireTimeoutMs: { reading: { value: 1_000 } },
        maxLifetimeMs: { reading: { value: 1_800_000, assumed: "HikariCP's default" } },
      },
      tasks: { maxCapacity: { value: 3 }, maximumPercent: { value: 100 } },
      declared: { peakRequestsPerSecond: { value: 10 }, holdMs: { value: 100 } },
      database: { state: "linked", database: DATABASE, via: "only database" },
    });
  });

  it("counts in the budget with its instances and processes, and with no surge on top", () => {
    const [budget] = judge({}, { clients: [{ ...BATCH, processesPerInstance: 2 }] }).budgets;
    expect(budget?.demandAtPeak).toBe(16 * 12 + 3 * 2 * 6 + 5);
  });

  it("is held to its floor like a service", () => {
    const violation = only(judge({}, { clients: [{ ...BATCH, poolMax: 1, holdMs: 400 }] }), "pool-floor");
    expect(violation.message).toContain("`pool.max` is 1, below the floor of");
    expect(violation.fix).toContain("then write the new value as `clients[nightly].poolMax`");
  });

  it("is asked for its demand where it is described", () => {
    const { holdMs: _, ...rest } = BATCH;
    expect(only(judge({}, { clients: [rest] }), "demand-declared").fix).toBe(
      "Set `holdMs` of nightly under `clients` in the policy configuration, from its measured peak",
    );
  });

  it("is not asked for the timeouts that no declaration has a place for", () => {
    const report = judge({}, { clients: [BATCH] });
    const about = [...report.violations, ...report.undecided].filter(({ resource: each }) =>
      each.includes("nightly"),
    );
    expect(about).toEqual([]);
  });

  it("has an acquire timeout that nobody knows without its library, and says where to give it", () => {
    const { library: _, acquireTimeoutMs: __, ...rest } = BATCH;
    expect(read(rest).settings.acquireTimeoutMs.reading).toMatchObject({
      state: "unknown",
      fix: "Set `library` and `acquireTimeoutMs` of nightly under `clients` in the policy configuration",
    });
  });

  it("stands for the service, the function or the resource that has its name", () => {
    const instance = "aws:ec2/instance:Instance";
    const extra = [resource(instance, "nightly", {}, { userData: [DATABASE] })];
    const plan = samplePlan({ extra });
    const before = readStack(plan).unexamined.find(({ resource: each }) => each === urn(instance, "nightly"));
    expect(before?.usesDatabase).toBe(true);
    const after = readStack(plan, { ...NO_DECLARATIONS, clients: [BATCH] }).unexamined;
    expect(after).toEqual([
      {
        resource: urn(instance, "nightly"),
        reason: "it is declared under `clients` in the policy configuration",
        usesDatabase: false,
      },
    ]);
    const own = readStack(samplePlan(), { ...NO_DECLARATIONS, clients: [{ ...BATCH, name: "api" }] });
    expect(own.clients.map(({ kind }) => kind)).toEqual(["declared"]);
    expect(own.unexamined).toMatchObject([{ resource: SERVICE, usesDatabase: false }]);
  });

  it("is undecided about a database that nobody has", () => {
    const report = judge({}, { clients: [{ ...BATCH, database: "gone" }] });
    expect(by(report, "undecided")[0]?.message).toContain(
      '"gone" and no database in this stack has that name',
    );
    expect(by(report, "undecided")[0]?.fix).toBe(
      "Set `database` of nightly under `clients` in the policy configuration to the name of its database",
    );
  });
});
