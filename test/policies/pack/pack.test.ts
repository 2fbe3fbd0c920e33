import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POLICIES } from "../../../policies/config/policies";
import { type Plan, type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { SECRET_SIGNATURE, SIGNATURE_KEY } from "../../../policies/plan/wire";
import { assess, DEFAULT_LEVELS } from "../../../policies/reports/assess";
import type { Report } from "../../../policies/reports/report";
import { readPlanFile } from "../../../policies/state/planFile";
import { planFromState } from "../../../policies/state/readState";
import { compilePack, removeFolder, temporaryFolder } from "../compiledPack";
import { judge } from "../rules/judge";
import { environment, resource, SERVICE, samplePlan, stackExport } from "../samplePlan";
import { PolicyServer } from "./policyServer";

let pack: string;
let reports: string;
let server: PolicyServer;
const reportFile = (): string => path.join(reports, "report.json");
const report = (): Report => JSON.parse(readFileSync(reportFile(), "utf8")) as Report;

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

beforeEach(async () => {
  rmSync(reportFile(), { force: true });
  await server.configure({});
});

const starved = { environment: environment({ DB_POOL_MAX: "3" }) };

describe("the compiled pack in Pulumi's policy server", () => {
  it("describes every policy: level, severity, steps, link; settings first, with their schema", async () => {
    const info = await server.info();
    const policies = info.getPoliciesList();
    expect(policies.map((policy) => policy.getName())).toEqual(POLICIES.map(({ id }) => id));
    for (const policy of policies) {
      expect(policy.getRemediationSteps()).not.toBe("");
      // A link is known only to a release, which names the repository that it was packed from.
      expect(policy.getUrl()).toBe("");
      expect(policy.getDisplayname()).not.toBe("");
      expect(policy.getSeverity()).toBeGreaterThan(0);
      expect(policy.getTagsList()).not.toEqual([]);
    }
    const schema = policies[0]?.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
    expect(schema).toHaveProperty("budgetShare.maximum", 1);
  });

  it("rejects the outage and names the resource, and writes the same report as the rules alone", async () => {
    const findings = await server.analyze(samplePlan(starved));
    expect(findings).toEqual([
      expect.objectContaining({ policy: "pool-floor", level: "mandatory", urn: SERVICE }),
    ]);
    expect(findings[0]?.message).toContain("`pool.max` is 3, below the floor of 11");
    expect(report()).toEqual(judge(starved));
  });

  it("accepts the same stack with the pool in its window", async () => {
    expect(await server.analyze(samplePlan())).toEqual([]);
    expect(report().verdict).toBe("accepted");
  });

  it("judges each request anew", async () => {
    expect(await server.analyze(samplePlan(starved))).toHaveLength(1);
    expect(await server.analyze(samplePlan())).toHaveLength(0);
    expect(await server.analyze(samplePlan(starved))).toHaveLength(1);
  });

  it("goes on past unknown values instead of skipping the policy, and rejects what it could not decide", async () => {
    const findings = await server.analyze(samplePlan({ taskDefinition: { containerDefinitions: UNKNOWN } }));
    expect(findings).toEqual([expect.objectContaining({ policy: "undecided", level: "mandatory" })]);
    expect(findings[0]?.message).not.toContain("can't run policy");
    expect(report().undecided.map(({ rule }) => rule)).toContain("pool-floor");
  });

  it("reads through the secrets Pulumi wraps values in, and prints none", async () => {
    const task = samplePlan(starved).resources.find(({ name }) => name === "api-task");
    const secret: PropertyMap = {
      [SIGNATURE_KEY]: SECRET_SIGNATURE,
      value: task?.properties.containerDefinitions ?? null,
    };
    const findings = await server.analyze(samplePlan({ taskDefinition: { containerDefinitions: secret } }));
    expect(findings.map(({ policy }) => policy)).toEqual(["pool-floor"]);
    expect(JSON.stringify([findings, report()])).not.toContain("hunter2-the-password");
  });

  it("takes levels from Pulumi's policy configuration, in the findings and in the report", async () => {
    await server.configure({ "pool-floor": { level: "advisory" } });
    expect(await server.analyze(samplePlan(starved))).toEqual([
      expect.objectContaining({ policy: "pool-floor", level: "advisory" }),
    ]);
    expect(report()).toMatchObject({
      verdict: "accepted",
      violations: [{ rule: "pool-floor", level: "advisory" }],
    });

    await server.configure({ "pool-floor": { level: "disabled" } });
    expect(await server.analyze(samplePlan(starved))).toEqual([]);
    expect(report().violations).toEqual([]);
  });

  it("shares the settings of the first policy with all others", async () => {
    const properties = { budgetShare: 0.2, configKeys: { DB_POOL_MAX: "shop:poolMax" } };
    await server.configure({ "poolproof-settings": { level: "mandatory", properties } });
    const findings = await server.analyze(samplePlan());
    expect(findings.map(({ policy }) => policy)).toEqual(["connection-budget"]);
    expect(findings[0]?.message).toContain("20 % of the 389 usable");
  });

  it("warns of what is undecided where the settings say so", async () => {
    await server.configure({
      "poolproof-settings": { level: "mandatory", properties: { undecided: "warn" } },
    });
    const findings = await server.analyze(samplePlan({ taskDefinition: { containerDefinitions: UNKNOWN } }));
    expect(findings).toEqual([expect.objectContaining({ policy: "undecided", level: "advisory" })]);
    expect(report().verdict).toBe("accepted");
  });

  it("refuses settings that are not valid, one by one, while the rules go on with their defaults", async () => {
    const properties = { budgetShare: 8, undecidet: "warn" };
    await server.configure({ "poolproof-settings": { level: "mandatory", properties } });
    const findings = await server.analyze(samplePlan(starved));
    expect(findings.map(({ policy, level }) => [policy, level])).toEqual([
      ["poolproof-settings", "mandatory"],
      ["poolproof-settings", "mandatory"],
      ["pool-floor", "mandatory"],
    ]);
    expect(findings[0]?.message).toMatch(/The policy configuration is not valid: budgetShare: /);
    expect(findings[1]?.message).toMatch(/The policy configuration is not valid: undecidet: /);
    expect(report().violations.map(({ rule }) => rule)).toEqual([
      "poolproof-settings",
      "poolproof-settings",
      "pool-floor",
    ]);
  });

  it("survives resources it cannot make sense of", async () => {
    const odd = resource("aws:ecs/service:Service", "odd", {
      name: ["a"],
      tags: "none",
      loadBalancers: [null, 1],
    });
    await expect(server.analyze(samplePlan({ extra: [odd] }))).resolves.toBeDefined();
    await expect(server.analyze({ resources: [] })).resolves.toEqual([]);
  });

  it("still gives its verdict when the report cannot be written", async () => {
    const blocked = await PolicyServer.start(pack, {
      POOLPROOF_REPORT: path.join(pack, "package.json", "report.json"),
    });
    try {
      expect(await blocked.analyze(samplePlan(starved))).toHaveLength(1);
    } finally {
      blocked.stop();
    }
    expect(existsSync(reportFile())).toBe(false);
  });

  describe("asked for the plan it saw (POOLPROOF_PLAN)", () => {
    const file = () => path.join(reports, "plan.json");

    async function written(plan: Plan, env: { readonly [name: string]: string } = {}): Promise<string> {
      const own = await PolicyServer.start(pack, {
        POOLPROOF_REPORT: reportFile(),
        POOLPROOF_PLAN: file(),
        ...env,
      });
      try {
        await own.analyze(plan);
        return readFileSync(file(), "utf8");
      } finally {
        own.stop();
      }
    }

    it.each([
      ["is safe", samplePlan()],
      ["is rejected", samplePlan(starved)],
    ])("writes one that is judged alike where the stack %s", async (_, plan) => {
      await written(plan);
      const { plan: read, stack, project } = readPlanFile(file(), "--plan");
      expect([project, stack]).toEqual(["shop", "test"]);
      expect(assess(read, DEFAULT_SETTINGS, DEFAULT_LEVELS)).toEqual(report());
    });

    it("writes no secret, and the pool's settings in one", async () => {
      const task = samplePlan(starved).resources.find(({ name }) => name === "api-task");
      const secret = (value: PropertyValue): PropertyMap => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });
      const text = await written(
        samplePlan({
          taskDefinition: { containerDefinitions: secret(task?.properties.containerDefinitions ?? null) },
          database: { password: secret("hunter2-the-password") },
        }),
      );
      expect(text).toContain("DB_POOL_MAX");
      expect(text).not.toContain("hunter2-the-password");
      const { plan } = readPlanFile(file(), "--plan");
      expect(assess(plan, DEFAULT_SETTINGS).violations.map(({ rule }) => rule)).toEqual(
        report().violations.map(({ rule }) => rule),
      );
    });

    it("leaves none of an earlier run, and takes a relative path from the folder Pulumi was started in", async () => {
      writeFileSync(file(), "of an earlier run");
      const own = await PolicyServer.start(pack, { POOLPROOF_PLAN: "plan.json", PWD: reports });
      own.stop();
      expect(existsSync(file())).toBe(false);
    });
  });

  describe("given the state that is deployed (POOLPROOF_BASE)", () => {
    const limited = (limit: number, pool: number) =>
      samplePlan({
        parameters: [{ name: "max_connections", value: String(limit), applyMethod: "pending-reboot" }],
        environment: environment({ DB_POOL_MAX: String(pool) }),
      });

    async function judged(base: string | undefined, plan = limited(800, 30)) {
      const file = path.join(reports, "base.json");
      rmSync(file, { force: true });
      if (base !== undefined) writeFileSync(file, base);
      const own = await PolicyServer.start(pack, { POOLPROOF_REPORT: reportFile(), POOLPROOF_BASE: file });
      try {
        return await own.analyze(plan);
      } finally {
        own.stop();
      }
    }

    it("sees that the limit of a change waits for a reboot and its pools do not, as check does", async () => {
      const findings = await judged(stackExport(limited(400, 12)));
      expect(findings.map(({ policy }) => policy)).toEqual(["pending-reboot-order"]);
      const base = planFromState(JSON.parse(stackExport(limited(400, 12))));
      expect(report()).toEqual(assess(limited(800, 30), DEFAULT_SETTINGS, DEFAULT_LEVELS, undefined, base));
    });

    it("says nothing of a change that keeps within the old limit, nor of a first deployment", async () => {
      expect(await judged(stackExport(limited(400, 12)), limited(800, 19))).toEqual([]);
      expect(await judged(stackExport({ resources: [] }))).toEqual([]);
    });

    it.each([
      ["is missing", undefined, /POOLPROOF_BASE: \S+base\.json cannot be read: /],
      ["is no export", "hunter2", /POOLPROOF_BASE: \S+base\.json is not JSON, so not a stack export/],
      [
        "is of another stack",
        stackExport(limited(400, 12)).replaceAll("urn:pulumi:test::", "urn:pulumi:dev::"),
        /POOLPROOF_BASE holds the stack shop\/dev, and shop\/test is judged/,
      ],
    ])("rejects when the state %s, rather than lose a rule in silence", async (_, base, message) => {
      const findings = await judged(base, samplePlan());
      expect(findings).toEqual([
        expect.objectContaining({ policy: "poolproof-settings", level: "mandatory" }),
      ]);
      expect(findings[0]?.message).toMatch(message);
      expect(findings[0]?.message).toContain("`pending-reboot-order`) was not judged");
      expect(findings[0]?.message).not.toContain("hunter2");
      expect(report().verdict).toBe("rejected");
    });
  });
});
