import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/property";
import { environment, GROUP, SERVICE, tags } from "../samplePlan";
import { PROXIED_PARAMETERS, PROXY, proxyResources, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

const session = (value: unknown) => ({
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_session_timeout", value: value as string },
  ],
});
const mysql = (parameters: readonly { name: string; value: string }[] = []) => ({
  database: { engine: "mysql", engineVersion: "8.4" },
  tags: tags({ "poolproof:pool-library": "mysql2" }),
  parameters: [{ name: "max_connections", value: "400", applyMethod: "pending-reboot" }, ...parameters],
});

describe("idle-order", () => {
  it("accepts any pool where the server closes nothing, as PostgreSQL does by default", () => {
    const never = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0" });
    expect(by(judge({ environment: never }), "idle-order")).toEqual([]);
    expect(by(judge({ environment: never, ...session("0") }), "idle-order")).toEqual([]);
  });

  it("accepts a pool that closes before the server does, and rejects it at equality", () => {
    expect(by(judge(session("10001")), "idle-order")).toEqual([]);
    const violation = only(judge(session("10000")), "idle-order");
    expect(violation.message).toContain(
      "The pool of api closes an idle connection after 10000 ms, and the server db does after 10000 ms",
    );
    expect(violation.allowed).toEqual({ min: 1, max: 9999 });
    expect(violation.resource).toBe(SERVICE);
  });

  it("rejects a pool that never closes, wherever a limit exists", () => {
    const never = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0" });
    const violation = only(judge({ environment: never, ...session("600000") }), "idle-order");
    expect(violation.message).toContain("never closes an idle connection");
    expect(violation.observed).toBe(0);
  });

  it("takes the longest life of a connection for the bound where it is the shorter one", () => {
    const life = environment({ DB_POOL_IDLE_TIMEOUT_MS: "0", DB_POOL_MAX_LIFETIME_MS: "300000" });
    expect(by(judge({ environment: life, ...session("300001") }), "idle-order")).toEqual([]);
    expect(by(judge({ environment: life, ...session("300000") }), "idle-order")).toHaveLength(1);
  });

  it("knows that MySQL closes after eight hours unless told otherwise", () => {
    const idle = (ms: string) => ({ environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: ms }), ...mysql() });
    expect(by(judge(idle("28799999")), "idle-order")).toEqual([]);
    expect(only(judge(idle("28800000")), "idle-order").message).toContain("after 28800000 ms");
    const minute = mysql([{ name: "wait_timeout", value: "60" }]);
    expect(
      by(
        judge({ ...minute, ...{ environment: environment({ DB_POOL_IDLE_TIMEOUT_MS: "60000" }) } }),
        "idle-order",
      ),
    ).toHaveLength(1);
  });

  it("asks the proxy and not the server behind it", () => {
    const late = { DB_POOL_IDLE_TIMEOUT_MS: "1800000" };
    const violation = only(judge(throughProxy(late)), "idle-order");
    expect(violation.message).toContain("and the RDS Proxy proxy does after 1800000 ms");
    expect(by(judge(throughProxy(late, { proxy: { idleClientTimeout: 1801 } })), "idle-order")).toEqual([]);
  });

  it("does not ask the server behind a proxy, which keeps connections of its own", () => {
    const parameters = [...(PROXIED_PARAMETERS as []), { name: "idle_session_timeout", value: "5000" }];
    expect(by(judge({ ...throughProxy(), parameters }), "idle-order")).toEqual([]);
  });

  it("is undecided where only one of the two breaks it and nothing says which one is met", () => {
    const report = judge({ ...session("5000"), extra: proxyResources() });
    expect(by(report, "idle-order")).toEqual([]);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "idle-order", resource: SERVICE, property: "containerDefinitions" }),
    );
  });

  it("is undecided about an idle limit that the preview does not know", () => {
    const hidden = judge(session(UNKNOWN));
    expect(hidden.undecided).toContainEqual(expect.objectContaining({ rule: "idle-order", resource: GROUP }));
    const proxy = judge(throughProxy({}, { proxy: { idleClientTimeout: "soon" } }));
    expect(by(proxy, "idle-order").map(({ resource }) => resource)).toEqual([PROXY]);
  });

  it("rejects an idle limit that is no number", () => {
    const report = judge(session("ten"));
    expect(report.verdict).toBe("rejected");
    expect(report.violations.map(({ message }) => message).join()).toContain('is "ten"');
  });
});
