import { describe, expect, it } from "vitest";
import { suggestedAcquireMs } from "../../../policies/rules/pools/acquireTimeout";
import { environment, SERVICE, tags } from "../samplePlan";
import { fromSecret } from "../sampleSecret";
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

  it("says which values are allowed: any from 1 ms up where the request has no end of its own", () => {
    const unbounded = only(acquire("0", { REQUEST_TIMEOUT_MS: undefined }), "acquire-timeout");
    expect(unbounded.allowed).toEqual({ min: 1, max: null });
    expect(unbounded.fix).toMatch(/ to 1000 ms to 2000 ms$/);
    expect(only(acquire("soon"), "acquire-timeout")).toMatchObject({
      observed: "soon",
      allowed: { min: 1, max: 7999 },
      unit: "ms",
    });
  });

  it("is undecided about a value from a secret", () => {
    const report = judge(fromSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", environment({})));
    expect(report.undecided.filter(({ rule }) => rule === "acquire-timeout")).toEqual([
      {
        rule: "acquire-timeout",
        resource: SERVICE,
        property: "containerDefinitions",
        reason: "`DB_POOL_ACQUIRE_TIMEOUT_MS` comes from a secret",
      },
    ]);
  });

  it("is undecided about a request timeout from a secret, which the wait may outlast", () => {
    const report = judge(fromSecret("REQUEST_TIMEOUT_MS", environment({})));
    expect(by(report, "acquire-timeout")).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "acquire-timeout")).toEqual([
      {
        rule: "acquire-timeout",
        resource: SERVICE,
        property: "containerDefinitions",
        reason: "`REQUEST_TIMEOUT_MS` comes from a secret",
      },
    ]);
  });

  it("shows a 0 of the policy configuration as the value that it is, not as a default", () => {
    const pools = [{ client: "api", values: { acquireTimeoutMs: 0 } }];
    expect(
      only(
        judge({ environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: undefined }) }, { pools }),
        "acquire-timeout",
      ).message,
    ).toMatch(/^The acquire timeout of api is 0, so it waits for ever/);
  });
});

describe("the wait for a connection in Go", () => {
  const size = { DB_MAX_OPEN_CONNS: "12", HTTP_KEEP_ALIVE_TIMEOUT_MS: "75000" };

  it("is not yet decided where a secret holds the request's timeout, which alone may end it", () => {
    const report = judge(fromSecret("REQUEST_TIMEOUT_MS", size));
    expect(by(report, "acquire-timeout")).toEqual([]);
    expect(report.undecided.map(({ rule }) => rule)).toContain("acquire-timeout");
  });

  it("is one of its own where the program has a variable for it, and judged as any other", () => {
    const pools = [{ client: "api", variables: { acquireTimeoutMs: ["CHECKOUT_TIMEOUT"] } }];
    const times = { ...size, CHECKOUT_TIMEOUT: "9s", REQUEST_TIMEOUT_MS: "8000" };
    const { message, fix } = only(judge({ environment: times }, { pools }), "acquire-timeout");
    expect(message).toContain("is 9000 ms, not below the request timeout of 8000 ms");
    expect(fix).toMatch(/^Set `CHECKOUT_TIMEOUT` of container `api`/);
  });
});

describe("a command that puts the wait right", () => {
  it.each([
    ["milliseconds", "node-postgres", { DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }, {}, "1600"],
    ["seconds", "sqlalchemy", { SQLALCHEMY_POOL_TIMEOUT: "none" }, {}, "1.6"],
    // Bare, as the shell takes it for one word: milliseconds are what a name of one's own is in without a unit.
    ["milliseconds or a unit", "hikaricp", { WAIT: "0" }, { acquireTimeoutMs: ["WAIT"] }, "1600"],
  ])("is written as its variable is: in %s", (_, library, variable, variables, typed) => {
    const [name = ""] = Object.keys(variable);
    const report = judge(
      {
        environment: { DB_POOL_SIZE: "12", REQUEST_TIMEOUT_MS: "8000", ...variable },
        tags: tags({ "poolproof:pool-library": library }),
      },
      { configKeys: { [name]: "shop:wait" }, pools: [{ client: "api", variables }] },
    );
    expect(only(report, "acquire-timeout").fix).toContain(
      `\`pulumi config set shop:wait ${typed} --stack test\``,
    );
  });
});

describe("suggestedAcquireMs", () => {
  it.each([
    [undefined, 2000],
    [60_000, 2000],
    [10_000, 2000],
    [8700, 1700],
    [500, 100],
    [499, 99],
    [7, 1],
    [2, 1],
  ])("suggests of a request of %s ms a fifth in round numbers, 1 ms to 2 s: %s ms", (request, suggested) => {
    expect(suggestedAcquireMs(request)).toBe(suggested);
  });
});
