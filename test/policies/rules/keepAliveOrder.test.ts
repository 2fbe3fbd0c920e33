import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, SERVICE } from "../samplePlan";
import { by, judge, only } from "./judge";

const keepAlive = (value: string | undefined) =>
  judge({ environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: value }) });

describe("keep-alive-order", () => {
  it("accepts a server that keeps connections longer than the load balancer, and one that never closes them", () => {
    expect(by(keepAlive("60001"), "keep-alive-order")).toEqual([]);
    expect(by(keepAlive("0"), "keep-alive-order")).toEqual([]);
  });

  it("rejects a server that closes first or at the same moment, with both numbers", () => {
    const violation = only(keepAlive("60000"), "keep-alive-order");
    expect(violation).toMatchObject({
      level: "mandatory",
      resource: SERVICE,
      observed: 60000,
      allowed: { min: 60001, max: null },
      unit: "ms",
    });
    expect(violation.message).toBe(
      "The server of api closes idle connections after 60000 ms, not later than the load balancer's idle timeout of " +
        "60000 ms: it closes connections that the load balancer is about to use, which shows as stray 502s. Set " +
        "`HTTP_KEEP_ALIVE_TIMEOUT_MS` of container `api` in task definition `api-task` to more than 60000 ms, or lower " +
        "`idleTimeout` (docs/runbooks/keep-alive-order.md).",
    );
  });

  it("rejects Node's default of 5 s behind a load balancer's 60 s", () => {
    expect(only(keepAlive(undefined), "keep-alive-order").observed).toBe(5000);
  });

  it("takes the load balancer's default of 60 s where nothing is set", () => {
    const report = judge({
      idleTimeout: null,
      environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "59999" }),
    });
    expect(only(report, "keep-alive-order").allowed).toEqual({ min: 60001, max: null });
  });

  it("rejects a load balancer that never closes an idle connection", () => {
    expect(only(judge({ idleTimeout: 0 }), "keep-alive-order").message).toContain("is 0, so it never closes");
  });

  it("has no number for a server beside a load balancer that never closes, and mends the balancer", () => {
    const violation = only(judge({ idleTimeout: 0 }), "keep-alive-order");
    expect(violation).toMatchObject({ observed: null, allowed: null, unit: "ms" });
    expect(violation.fix).toBe("Set `idleTimeout` of the load balancer to a value from 1 to 4000 s");
  });

  it("leaves a load balancer's idle timeout that is no time to timeout-order", () => {
    const report = judge({ idleTimeout: -1 });
    expect(by(report, "keep-alive-order")).toEqual([]);
    expect(by(report, "timeout-order")).toHaveLength(1);
  });

  it("says of a keep-alive that is no time what it has to be", () => {
    const fix =
      "Set `HTTP_KEEP_ALIVE_TIMEOUT_MS` of container `api` in task definition `api-task` to more than 60000 ms";
    expect(only(keepAlive("soon"), "keep-alive-order")).toMatchObject({
      message: `\`HTTP_KEEP_ALIVE_TIMEOUT_MS\` of api is "soon", not a number of milliseconds, 0 or more: what then applies is left to chance. ${fix} (docs/runbooks/keep-alive-order.md).`,
      fix,
      observed: "soon",
      allowed: null,
      unit: "ms",
    });
    const variables = environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "soon" });
    const hidden = judge({ idleTimeout: UNKNOWN, environment: variables });
    expect(only(hidden, "keep-alive-order").fix).toMatch(/ to more than the load balancer's idle timeout$/);
  });

  it("says nothing where no load balancer stands in front", () => {
    const report = judge({
      service: { loadBalancers: [] },
      environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "1" }),
    });
    expect(by(report, "keep-alive-order")).toEqual([]);
  });

  it("is undecided about a load balancer whose idle timeout only the deployment knows", () => {
    const report = judge({ idleTimeout: UNKNOWN });
    expect(by(report, "keep-alive-order")).toEqual([]);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "keep-alive-order", property: "idleTimeout" }),
    );
  });

  it.each(["soon", "-1", "NaN"])("rejects a keep-alive of %j, naming it once", (value) => {
    const report = keepAlive(value);
    expect(only(report, "keep-alive-order").message).toContain("`HTTP_KEEP_ALIVE_TIMEOUT_MS` of api is");
    expect(by(report, "timeout-order")).toEqual([]);
  });

  it("rejects exactly where the server's time is not above the load balancer's", () => {
    const ms = fc.integer({ min: 1, max: 4_000_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), ms, (idleSeconds, keepAliveMs) => {
        const report = judge({
          idleTimeout: idleSeconds,
          environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: String(keepAliveMs) }),
        });
        expect(by(report, "keep-alive-order")).toHaveLength(keepAliveMs > idleSeconds * 1000 ? 0 : 1);
      }),
      { numRuns: 50 },
    );
  });
});
