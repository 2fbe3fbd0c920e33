import { describe, expect, it } from "vitest";
import { environment } from "../samplePlan";
import { by, judge, only } from "./judge";

const acquire = (value: string | undefined, more: { [name: string]: string | undefined } = {}) =>
  judge({ environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: value, ...more }) });

describe("acquire-timeout", () => {
  it("accepts a timeout below the request timeout", () => {
    expect(by(acquire("7999"), "acquire-timeout")).toEqual([]);
  });

  it("rejects a timeout that reaches the request timeout", () => {
    const violation = only(acquire("8000"), "acquire-timeout");
    expect(violation).toMatchObject({ observed: 8000, allowed: { min: 1, max: 7999 }, unit: "ms" });
    expect(violation.message).toContain("is 8000 ms, not below the request timeout of 8000 ms");
    expect(violation.fix).toContain("`DB_POOL_ACQUIRE_TIMEOUT_MS`");
  });

  it.each(["0", "false"])("rejects %j, which waits for ever", (value) => {
    expect(only(acquire(value), "acquire-timeout").message).toContain("is 0, so it waits for ever");
  });

  it("rejects a pool without one, since node-postgres then waits for ever", () => {
    expect(only(acquire(undefined), "acquire-timeout").message).toContain(
      "not set (node-postgres's default is 0), so it waits for ever",
    );
  });

  it.each([
    ["soon", '"soon"'],
    ["-1", "-1"],
    ["NaN", '"NaN"'],
    ["1s", '"1s"'],
  ])("rejects %j, naming it", (value, shown) => {
    expect(only(acquire(value), "acquire-timeout").message).toContain(
      `is ${shown}, not a number of milliseconds`,
    );
  });

  it("needs no request timeout to tell for ever from in time", () => {
    expect(by(acquire("1000", { REQUEST_TIMEOUT_MS: undefined }), "acquire-timeout")).toEqual([]);
    expect(by(acquire("0", { REQUEST_TIMEOUT_MS: undefined }), "acquire-timeout")).toHaveLength(1);
  });

  it("is undecided about a value from a secret", () => {
    const definitions = JSON.stringify([
      {
        name: "api",
        environment: Object.entries(environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: undefined })).map(
          ([name, value]) => ({
            name,
            value,
          }),
        ),
        secrets: [
          { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", valueFrom: "arn:aws:ssm:eu-west-1:1:parameter/elsewhere" },
        ],
      },
    ]);
    const report = judge({ taskDefinition: { containerDefinitions: definitions } });
    expect(report.undecided).toContainEqual(
      expect.objectContaining({
        rule: "acquire-timeout",
        property: "containerDefinitions",
        reason: "`DB_POOL_ACQUIRE_TIMEOUT_MS` comes from a secret",
      }),
    );
  });
});
