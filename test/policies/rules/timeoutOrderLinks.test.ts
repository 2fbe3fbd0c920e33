import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, type Sample, SERVICE } from "../samplePlan";
import { fromSecret } from "../sampleSecret";
import { by, judge, only } from "./judge";

type Changes = { readonly [name: string]: string | undefined };
const withTimes = (changes: Changes, more: Partial<Sample> = {}) =>
  judge({ environment: environment(changes), ...more });

const inTask = (name: string): string => `\`${name}\` of container \`api\` in task definition \`api-task\``;

const withSecret = (name: string, changes: Changes, more: Partial<Sample> = {}) =>
  judge({ ...fromSecret(name, environment(changes)), ...more });
const undecidedBy = (report: ReturnType<typeof judge>) =>
  report.undecided.filter(({ rule }) => rule === "timeout-order");

describe("a broken link of the order", () => {
  it.each([
    {
      link: "lock < statement",
      changes: { DB_LOCK_TIMEOUT_MS: "2000" },
      text: "The lock timeout of api is 2000 ms, not below the statement timeout of 2000 ms: a statement stuck behind a lock is cut off like a slow one, and nothing names the lock.",
      fix: `Set ${inTask("DB_STATEMENT_TIMEOUT_MS")} to at least 2001 ms, or lower \`DB_LOCK_TIMEOUT_MS\``,
      observed: 2000,
      max: 1999,
    },
    {
      link: "statement + 100 ms ≤ query",
      changes: { DB_QUERY_TIMEOUT_MS: "2099" },
      text: "The statement timeout + 100 ms of api is 2100 ms, above the client query timeout of 2099 ms: the client gives up while the server still works, and hands a busy connection back to the pool.",
      fix: `Set ${inTask("DB_QUERY_TIMEOUT_MS")} to at least 2100 ms, or lower \`DB_STATEMENT_TIMEOUT_MS\``,
      observed: 2100,
      max: 2099,
    },
    {
      link: "acquisitions × acquire + query ≤ request",
      changes: { REQUEST_TIMEOUT_MS: "3599" },
      text: "The 1.1 × acquire timeout + query timeout + other work of api is 3600 ms, above the request timeout of 3599 ms: requests end while their connection is still waited for or at work.",
      fix: `Set ${inTask("REQUEST_TIMEOUT_MS")} to at least 3600 ms, or lower \`DB_POOL_ACQUIRE_TIMEOUT_MS\` or \`DB_QUERY_TIMEOUT_MS\``,
      observed: 3600,
      max: 3599,
    },
    {
      link: "request < load balancer idle",
      changes: { REQUEST_TIMEOUT_MS: "60000" },
      text: "The request timeout of api is 60000 ms, not below the load balancer idle timeout of 60000 ms: the load balancer answers 504 for requests that the service is still working on.",
      fix: "Set `idleTimeout` of the load balancer to at least 61 s, or lower `REQUEST_TIMEOUT_MS`",
      observed: 60_000,
      max: 59_999,
    },
  ])("is one finding, with both numbers, what it leads to and the least that mends it: $link", (each) => {
    expect(only(withTimes(each.changes), "timeout-order")).toEqual({
      rule: "timeout-order",
      level: "mandatory",
      resource: SERVICE,
      message: `${each.text} ${each.fix} (docs/runbooks/timeout-order.md).`,
      observed: each.observed,
      allowed: { min: null, max: each.max },
      unit: "ms",
      fix: each.fix,
      docs: "docs/runbooks/timeout-order.md",
    });
  });

  it.each([
    ["60999", "at least 61 s"],
    ["61000", "at least 62 s"],
  ])("with the load balancer is mended by whole seconds above a request of %s ms", (request, least) => {
    expect(only(withTimes({ REQUEST_TIMEOUT_MS: request }), "timeout-order").fix).toContain(least);
  });

  it("asks a query's own limit for no more than its statement needs, whatever else its request does", () => {
    const report = judge(
      { environment: environment({ DB_QUERY_TIMEOUT_MS: "2099" }) },
      { otherWorkMs: 1000 },
    );
    expect(only(report, "timeout-order").fix).toContain("to at least 2100 ms");
  });

  it("asks for no fraction of a millisecond, though several acquisitions may make one", () => {
    const changes = { DB_POOL_ACQUIRE_TIMEOUT_MS: "1001", REQUEST_TIMEOUT_MS: "3601" };
    const { observed, fix } = only(withTimes(changes), "timeout-order");
    expect(observed).toBe(3601.1);
    expect(fix).toContain("to at least 3602 ms");
    expect(by(withTimes({ ...changes, REQUEST_TIMEOUT_MS: "3602" }), "timeout-order")).toEqual([]);
  });

  it.each([
    "0",
    "8000",
    "9000",
  ])("is left to acquire-timeout where its wait of %s ms alone breaks it", (wait) => {
    const report = withTimes({ DB_POOL_ACQUIRE_TIMEOUT_MS: wait });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(by(report, "acquire-timeout")).toHaveLength(1);
  });

  it("is said beside a wait for a connection that never ends or outlasts the request", () => {
    for (const wait of ["0", "9000"]) {
      const report = withTimes({ DB_POOL_ACQUIRE_TIMEOUT_MS: wait, DB_LOCK_TIMEOUT_MS: "2000" });
      expect(only(report, "timeout-order").observed).toBe(2000);
    }
  });
});

describe("a timeout that the preview hides", () => {
  const hidden = {
    rule: "timeout-order",
    resource: SERVICE,
    property: "containerDefinitions",
    reason: "`DB_POOL_ACQUIRE_TIMEOUT_MS` comes from a secret",
  };

  it("is the one thing named where a link waits for it: an end that nobody set is not hidden", () => {
    const report = withSecret(
      "DB_POOL_ACQUIRE_TIMEOUT_MS",
      { REQUEST_TIMEOUT_MS: undefined },
      { service: { loadBalancers: [] } },
    );
    expect(undecidedBy(report)).toEqual([hidden]);
  });

  it("does not make a value undecided that is wrong, and has its own finding", () => {
    const report = withSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", { REQUEST_TIMEOUT_MS: "soon" });
    expect(undecidedBy(report)).toEqual([hidden]);
    expect(by(report, "timeout-order")).toHaveLength(1);
  });

  it("does not count where the link is broken whatever it is", () => {
    const report = withSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", { DB_QUERY_TIMEOUT_MS: undefined });
    expect(by(report, "timeout-order")).toHaveLength(1);
    expect(undecidedBy(report)).toEqual([]);
  });

  it("is named for each link that waits for it once: the load balancer's idle timeout", () => {
    expect(undecidedBy(judge({ idleTimeout: UNKNOWN }))).toEqual([
      {
        rule: "timeout-order",
        resource: SERVICE,
        property: "idleTimeout",
        reason: "`idleTimeout` is not known before the deployment",
      },
    ]);
  });
});

describe("a value that is no time", () => {
  it.each([
    {
      setting: "DB_QUERY_TIMEOUT_MS",
      report: () => withTimes({ DB_QUERY_TIMEOUT_MS: "soon" }),
      shown: '"soon", not a number of milliseconds, 0 or more',
      fix: `Set ${inTask("DB_QUERY_TIMEOUT_MS")} to a number of milliseconds, 0 or more`,
      observed: "soon",
      unit: "ms",
    },
    {
      setting: "REQUEST_TIMEOUT_MS",
      report: () => withTimes({ REQUEST_TIMEOUT_MS: "-1" }),
      shown: "-1, not a number of milliseconds, 0 or more",
      fix: `Set ${inTask("REQUEST_TIMEOUT_MS")} to a number of milliseconds, 0 or more`,
      observed: -1,
      unit: "ms",
    },
    {
      setting: "idleTimeout",
      report: () => judge({ idleTimeout: -1 }),
      shown: "-1, not seconds, 0 or more",
      fix: "Set `idleTimeout` of the load balancer to seconds, 0 or more",
      observed: -1,
      unit: "s",
    },
    {
      setting: "statement_timeout",
      report: () =>
        withTimes(
          { DB_STATEMENT_TIMEOUT_MS: undefined },
          {
            parameters: [
              { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
              { name: "statement_timeout", value: "-5" },
            ],
          },
        ),
      shown: "-5, not a number, 0 or more",
      fix: "Set `statement_timeout` in parameter group `db-params` to a number, 0 or more",
      observed: -5,
      unit: "ms",
    },
  ])("is one finding that shows it and says what it takes: $setting", (each) => {
    const text = `\`${each.setting}\` of api is ${each.shown}: what then applies is left to chance.`;
    expect(only(each.report(), "timeout-order")).toMatchObject({
      resource: SERVICE,
      message: `${text} ${each.fix} (docs/runbooks/timeout-order.md).`,
      fix: each.fix,
      observed: each.observed,
      allowed: null,
      unit: each.unit,
    });
  });

  it("is left to the rule of its own where it is the wait for a connection", () => {
    const report = withTimes({ DB_POOL_ACQUIRE_TIMEOUT_MS: "soon" });
    expect(by(report, "timeout-order")).toEqual([]);
    expect(by(report, "acquire-timeout")).toHaveLength(1);
  });

  it("of the load balancer may be 0, which never closes a connection", () => {
    expect(by(judge({ idleTimeout: 0 }), "timeout-order")).toEqual([]);
  });
});
