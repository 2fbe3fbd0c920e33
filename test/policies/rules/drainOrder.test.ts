import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { environment, resource, SAFE, type Sample, SERVICE, samplePlan } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

interface Waits {
  readonly requestMs?: string | undefined;
  readonly stopTimeout?: PropertyValue;
  readonly delay?: PropertyValue;
}

/** The sample with other waits; what is left out stays unset, and AWS's defaults hold. */
function drained(waits: Waits, changes: Partial<Sample> = {}) {
  const values =
    "requestMs" in waits ? environment({ REQUEST_TIMEOUT_MS: waits.requestMs }) : SAFE.environment;
  const container = {
    name: "api",
    environment: Object.entries(values).map(([name, value]) => ({ name, value })),
    ...(waits.stopTimeout === undefined ? {} : { stopTimeout: waits.stopTimeout }),
  };
  const containerDefinitions = JSON.stringify([container]);
  const plan = samplePlan({
    ...changes,
    taskDefinition: { containerDefinitions, ...changes.taskDefinition },
  });
  const resources = plan.resources.map(
    (each): PlanResource =>
      each.type === "aws:lb/targetGroup:TargetGroup" && waits.delay !== undefined
        ? { ...each, properties: { ...each.properties, deregistrationDelay: waits.delay } }
        : each,
  );
  return judgePlan({ resources });
}

const FARGATE = { taskDefinition: { requiresCompatibilities: ["FARGATE"] } };

describe("drain-order", () => {
  it("accepts AWS's defaults of 30 s and 300 s for a request of 8 s", () => {
    expect(by(drained({}), "drain-order")).toEqual([]);
  });

  it("rejects a stop timeout that a request may outlive, default or not", () => {
    const violation = only(drained({ requestMs: "30000" }, FARGATE), "drain-order");
    expect(violation).toMatchObject({
      level: "mandatory",
      resource: SERVICE,
      observed: 30,
      allowed: { min: 31, max: null },
      unit: "s",
    });
    expect(violation.message).toBe(
      "The stop timeout of api is 30 s (ECS's default), not above the request timeout of 30000 ms: every deployment and " +
        "every scale-in cuts off requests that are still at work, and leaves their transactions open on the database. " +
        "Set `stopTimeout` of container `api` in task definition `api-task` to at least 31 s (Fargate takes 120 s at " +
        "most), or lower `REQUEST_TIMEOUT_MS` (docs/runbooks/drain-order.md).",
    );
    expect(only(drained({ stopTimeout: 8 }), "drain-order").observed).toBe(8);
    expect(by(drained({ stopTimeout: 9 }), "drain-order")).toEqual([]);
  });

  it("names no source of a stop timeout that somebody set", () => {
    expect(only(drained({ stopTimeout: 8 }), "drain-order").message).toContain(
      "The stop timeout of api is 8 s, not above the request timeout of 8000 ms:",
    );
  });

  it("rejects a deregistration delay that a request may outlive", () => {
    const violation = only(drained({ delay: 5 }), "drain-order");
    expect(violation).toMatchObject({ observed: 5, allowed: { min: 9, max: null }, unit: "s" });
    expect(violation.fix).toBe(
      "Set `deregistrationDelay` of the target group to at least 9 s (a target group takes 3600 s at most), or lower `REQUEST_TIMEOUT_MS`",
    );
    expect(by(drained({ delay: 0 }), "drain-order")).toHaveLength(1);
  });

  it("advises a shorter request where Fargate would not take the stop timeout that it needs", () => {
    const violation = only(drained({ requestMs: "120000", stopTimeout: 120 }, FARGATE), "drain-order");
    expect(violation.fix).toContain("`REQUEST_TIMEOUT_MS`");
    expect(violation.fix).toContain("a value below 120000 ms: Fargate takes 120 s at most");
  });

  it("advises Fargate's whole 120 s where they are just enough", () => {
    const violation = only(drained({ requestMs: "119999", stopTimeout: 60 }, FARGATE), "drain-order");
    expect(violation.fix).toContain(
      "`stopTimeout` of container `api` in task definition `api-task` to at least 120 s",
    );
  });

  it("rejects a stop timeout that Fargate refuses, and takes it on EC2", () => {
    expect(only(drained({ stopTimeout: 121 }, FARGATE), "drain-order").message).toContain(
      "`stopTimeout` of api is 121, not whole seconds up to 120, Fargate's maximum",
    );
    expect(by(drained({ stopTimeout: 121 }), "drain-order")).toEqual([]);
    const onEc2 = { ...FARGATE, service: { launchType: "EC2" } };
    expect(by(drained({ stopTimeout: 121 }, onEc2), "drain-order")).toEqual([]);
  });

  it.each<[string, Waits]>([
    ["`stopTimeout`", { stopTimeout: "soon" }],
    ["`stopTimeout`", { stopTimeout: -1 }],
    ["`deregistrationDelay`", { delay: "soon" }],
    ["`deregistrationDelay`", { delay: 3601 }],
  ])("rejects a malformed %s: %o", (property, waits) => {
    expect(only(drained(waits), "drain-order").message).toContain(`${property} of api is`);
  });

  it("asks for the stop timeout alone where no load balancer stands in front", () => {
    const service = { loadBalancers: [] };
    expect(by(drained({ delay: 1 }, { service }), "drain-order")).toEqual([]);
    expect(by(drained({ stopTimeout: 1 }, { service }), "drain-order")).toHaveLength(1);
  });

  it("takes the stop timeout from the policy configuration where the definition is hidden, and says so", () => {
    const hidden: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
    const values = { requestTimeoutMs: 8_000 };
    const pools = (stopTimeoutSeconds?: number) => ({
      pools: [{ client: "api", values, ...(stopTimeoutSeconds === undefined ? {} : { stopTimeoutSeconds }) }],
    });
    const undecidedOf = (report: ReturnType<typeof judge>) =>
      report.undecided.filter(({ rule }) => rule === "drain-order");
    expect(undecidedOf(judge(hidden, pools()))).toHaveLength(1);
    const alone = { ...DEFAULT_LEVELS };
    for (const rule of Object.keys(alone))
      if (!["drain-order", "undecided"].includes(rule)) delete alone[rule as never];
    expect(only(judge(hidden, pools(), alone), "undecided").fix).toMatch(
      /^Give `stopTimeoutSeconds` of the client under `pools` in the policy configuration/,
    );
    expect(undecidedOf(judge(hidden, pools(9)))).toEqual([]);
    expect(by(judge(hidden, pools(9)), "drain-order")).toEqual([]);
    expect(only(judge(hidden, pools(8)), "drain-order").message).toContain("8 s (the policy configuration)");
    // What the plan shows is what runs.
    expect(by(judge({}, pools(1)), "drain-order")).toEqual([]);
  });

  it("leaves a request timeout that never ends to timeout-order, and says nothing of a service without requests", () => {
    for (const requestMs of [undefined, "0"]) {
      const report = drained({ requestMs });
      expect(by(report, "drain-order")).toEqual([]);
      expect(by(report, "timeout-order").length).toBeGreaterThan(0);
      expect(report.undecided.map(({ rule }) => rule)).not.toContain("drain-order");
      const worker = drained({ requestMs }, { service: { loadBalancers: [] } });
      expect(worker.undecided).toEqual([]);
      expect(by(worker, "drain-order")).toEqual([]);
    }
  });

  it.each([
    undefined,
    "0",
  ])("asks for a request timeout itself (%j) where timeout-order is disabled, behind a load balancer only", (requestMs) => {
    const { "timeout-order": _, ...levels } = DEFAULT_LEVELS;
    const variables = environment({ REQUEST_TIMEOUT_MS: requestMs });
    const undecided = (service: Sample["service"]) =>
      judge({ service, environment: variables }, {}, levels).undecided;
    expect(undecided({})).toContainEqual({
      rule: "drain-order",
      resource: SERVICE,
      property: "REQUEST_TIMEOUT_MS",
      reason: "requests of api have no timeout that a stopping task could outlast",
    });
    expect(undecided({ loadBalancers: [] })).toEqual([]);
  });

  it("leaves a request timeout that is no time to timeout-order", () => {
    const report = drained({ requestMs: "soon" });
    expect(by(report, "drain-order")).toEqual([]);
    expect(by(report, "timeout-order")).toHaveLength(1);
  });

  it("judges each container of a service, and one that holds several pools once", () => {
    const container = (name: string, stopTimeout: number) => ({
      name,
      stopTimeout,
      environment: Object.entries(SAFE.environment).map(([each, value]) => ({ name: each, value })),
    });
    const containers = [container("api", 30), container("worker", 2)];
    const report = judge(
      { taskDefinition: { containerDefinitions: JSON.stringify(containers) } },
      { pools: [{ client: "api", container: "worker", pool: "reports", values: { poolMax: 2 } }] },
    );
    expect(report.budgets[0]?.clients).toHaveLength(3);
    expect(only(report, "drain-order").fix).toMatch(/^Set `stopTimeout` of container `worker`/);
  });

  it("is nothing to a function, which no deployment stops in the middle of a request", () => {
    const worker = resource("aws:lambda/function:Function", "worker", {
      name: "worker-1234567",
      timeout: UNKNOWN,
      environment: { variables: { DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" } },
    });
    const report = judge({ extra: [worker] });
    expect(report.coverage.clients).toHaveLength(2);
    expect(report.undecided.filter(({ property }) => property === "timeout")).not.toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "drain-order")).toEqual([]);
  });

  it("is undecided about a delay, a stop timeout and a container that only the deployment knows", () => {
    const rules = (report: ReturnType<typeof judge>) =>
      report.undecided.filter(({ rule }) => rule === "drain-order").map(({ property }) => property);
    expect(rules(drained({ delay: UNKNOWN }))).toEqual(["deregistrationDelay"]);
    expect(rules(judge({ taskDefinition: { containerDefinitions: UNKNOWN } }))).toEqual([
      "containerDefinitions",
    ]);
  });

  it("names both waits where both are too short", () => {
    const violations = by(drained({ delay: 1, stopTimeout: 2 }), "drain-order");
    expect(violations.map(({ observed }) => observed)).toEqual([2, 1]);
  });

  it("rejects exactly the waits that are not above the request timeout", () => {
    const seconds = fc.integer({ min: 1, max: 120 });
    const requestMs = fc.integer({ min: 1, max: 130_000 });
    fc.assert(
      fc.property(seconds, seconds, requestMs, (stopTimeout, delay, ms) => {
        const violations = by(drained({ stopTimeout, delay, requestMs: String(ms) }), "drain-order");
        const short = [stopTimeout, delay].filter((wait) => wait * 1000 <= ms);
        expect(violations.map(({ observed }) => observed)).toEqual(short);
        for (const { allowed } of violations) {
          const least = allowed?.min ?? 0;
          expect(least * 1000).toBeGreaterThan(ms);
          expect((least - 1) * 1000).toBeLessThanOrEqual(ms);
        }
      }),
      { numRuns: 50 },
    );
  });
});
