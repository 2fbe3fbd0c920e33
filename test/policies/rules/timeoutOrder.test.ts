import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/property";
import { environment, SAFE } from "../samplePlan";
import { by, judge, only } from "./judge";

const timeouts = (changes: { [name: string]: string | undefined }) =>
  judge({ environment: environment(changes) });
const groupWith = (name: string, value: string) => [
  ...(Array.isArray(SAFE.parameters) ? SAFE.parameters : []),
  { name, value, applyMethod: "immediate" },
];

describe("timeout-order", () => {
  it("accepts timeouts that end from the inside out", () => {
    expect(by(judge(), "timeout-order")).toEqual([]);
  });

  it.each([
    [
      "lock = statement",
      { DB_LOCK_TIMEOUT_MS: "2000" },
      "lock timeout of api is 2000 ms, not below the statement timeout of 2000 ms",
    ],
    [
      "statement + 100 > query",
      { DB_QUERY_TIMEOUT_MS: "2099" },
      "statement timeout + 100 ms of api is 2100 ms, above the client query timeout of 2099 ms",
    ],
    [
      "1.1 × acquire + query > request",
      { REQUEST_TIMEOUT_MS: "3599" },
      "is 3600 ms, above the request timeout of 3599 ms",
    ],
    [
      "request = load balancer idle",
      { REQUEST_TIMEOUT_MS: "60000" },
      "request timeout of api is 60000 ms, not below the load balancer idle timeout of 60000 ms",
    ],
    [
      "load balancer idle = keep-alive",
      { HTTP_KEEP_ALIVE_TIMEOUT_MS: "60000" },
      "load balancer idle timeout of api is 60000 ms, not below the server keep-alive of 60000 ms",
    ],
  ])("rejects %s with both numbers", (_name, changes, text) => {
    const violation = only(timeouts(changes), "timeout-order");
    expect(violation.message).toContain(text);
    expect(violation.unit).toBe("ms");
  });

  it.each([
    ["at the limit of 2100 ms", { DB_QUERY_TIMEOUT_MS: "2100" }],
    ["at the limit of 3600 ms", { REQUEST_TIMEOUT_MS: "3600" }],
    ["one below the load balancer", { REQUEST_TIMEOUT_MS: "59999" }],
    ["one above the load balancer", { HTTP_KEEP_ALIVE_TIMEOUT_MS: "60001" }],
  ])("accepts a value %s", (_name, changes) => {
    expect(by(timeouts(changes), "timeout-order")).toEqual([]);
  });

  it("takes the parameter group's value where the client sends none, since 0 is not sent", () => {
    const changes = { DB_STATEMENT_TIMEOUT_MS: "0" };
    expect(by(timeouts(changes), "timeout-order").length).toBeGreaterThan(0);
    const withGroup = judge({
      environment: environment(changes),
      parameters: groupWith("statement_timeout", "2000"),
    });
    expect(by(withGroup, "timeout-order")).toEqual([]);
  });

  it("rejects a timeout that never ends, naming the variable that would end it", () => {
    const violation = only(timeouts({ DB_LOCK_TIMEOUT_MS: undefined }), "timeout-order");
    expect(violation.message).toContain("`DB_LOCK_TIMEOUT_MS` of api is not set, so it never ends");
    expect(violation.fix).toContain("a value below 2000 ms");
  });

  it("adds the work besides the database that the settings declare", () => {
    expect(by(judge({}, { otherWorkMs: 4400 }), "timeout-order")).toEqual([]);
    expect(by(judge({}, { otherWorkMs: 4401 }), "timeout-order")).toHaveLength(1);
  });

  it("leaves out the load balancer where there is none", () => {
    const report = judge({
      service: { loadBalancers: [] },
      environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "1" }),
    });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(report.undecided).toEqual([]);
  });

  it("is undecided about a load balancer whose idle timeout is unknown", () => {
    const report = judge({ idleTimeout: UNKNOWN });
    expect(report.undecided).toEqual([
      expect.objectContaining({ rule: "timeout-order", property: "idleTimeout" }),
    ]);
  });

  it.each([
    ["soon", '"soon"'],
    ["-5", "-5"],
    ["NaN", '"NaN"'],
  ])("rejects a query timeout of %j, naming it", (value, shown) => {
    expect(by(timeouts({ DB_QUERY_TIMEOUT_MS: value }), "timeout-order")[0]?.message).toContain(
      `\`DB_QUERY_TIMEOUT_MS\` of api is ${shown}`,
    );
  });
});
