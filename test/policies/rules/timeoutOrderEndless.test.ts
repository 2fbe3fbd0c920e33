import { describe, expect, it } from "vitest";
import { environment, resource, SAFE, type Sample, SERVICE } from "../samplePlan";
import { by, judge, only } from "./judge";

const withTimes = (changes: { readonly [name: string]: string | undefined }, more: Partial<Sample> = {}) =>
  judge({ environment: environment(changes), ...more });
const inTask = (name: string): string => `\`${name}\` of container \`api\` in task definition \`api-task\``;

describe("timeouts that never end", () => {
  it("are one finding that says of each how it is set and what comes of it, with a value that fits", () => {
    const fix = `Set ${inTask("DB_STATEMENT_TIMEOUT_MS")} to 1500 ms, or \`statement_timeout\` in the database's parameter group; set ${inTask("DB_QUERY_TIMEOUT_MS")} to 1900 ms`;
    const changes = {
      DB_LOCK_TIMEOUT_MS: "1000",
      DB_STATEMENT_TIMEOUT_MS: "0",
      DB_QUERY_TIMEOUT_MS: undefined,
      REQUEST_TIMEOUT_MS: "3000",
    };
    expect(only(withTimes(changes), "timeout-order")).toEqual({
      rule: "timeout-order",
      level: "mandatory",
      resource: SERVICE,
      message: `\`DB_STATEMENT_TIMEOUT_MS\` (0) and \`DB_QUERY_TIMEOUT_MS\` (not set) of api never end, so nothing around them can outlast them: a statement that hangs keeps its connection until somebody ends it and a client whose server has stopped answering waits for ever. ${fix} (docs/runbooks/timeout-order.md).`,
      observed: null,
      allowed: null,
      unit: "ms",
      fix,
      docs: "docs/runbooks/timeout-order.md",
    });
    const followed = { ...changes, DB_STATEMENT_TIMEOUT_MS: "1500", DB_QUERY_TIMEOUT_MS: "1900" };
    expect(by(withTimes(followed), "timeout-order")).toEqual([]);
  });

  it.each([
    ["DB_LOCK_TIMEOUT_MS", "a statement behind a lock waits for as long as the lock is held"],
    ["DB_STATEMENT_TIMEOUT_MS", "a statement that hangs keeps its connection until somebody ends it"],
    ["DB_QUERY_TIMEOUT_MS", "a client whose server has stopped answering waits for ever"],
    ["REQUEST_TIMEOUT_MS", "requests pile up behind one that hangs"],
  ])("are told of one by one, set to 0 or not set: %s", (name, consequence) => {
    for (const [value, shown] of [
      ["0", "0"],
      [undefined, "not set"],
    ] as const) {
      expect(only(withTimes({ [name]: value }), "timeout-order").message).toContain(
        `\`${name}\` (${shown}) of api never ends, so nothing around it can outlast it: ${consequence}. Set \`${name}\``,
      );
    }
  });

  it("are shown as set where the policy configuration says 0", () => {
    const pools = [{ client: "api", values: { queryTimeoutMs: 0 } }];
    const { message, fix } = only(
      judge({ environment: environment({ DB_QUERY_TIMEOUT_MS: undefined }) }, { pools }),
      "timeout-order",
    );
    expect(message).toMatch(/^`values\.queryTimeoutMs` \(0\) of api never ends/);
    expect(fix).toBe(
      "Set `values.queryTimeoutMs` of api under `pools` in the policy configuration to 2500 ms",
    );
  });

  it.each([
    ["never ends", { DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }],
    ["lasts as long as the request", { DB_POOL_ACQUIRE_TIMEOUT_MS: "2000" }],
  ])("get values beside the wait that acquire-timeout asks for, where that wait %s", (_, wait) => {
    const changes = { ...wait, DB_STATEMENT_TIMEOUT_MS: "1400", DB_LOCK_TIMEOUT_MS: "1000" };
    const report = withTimes({ ...changes, DB_QUERY_TIMEOUT_MS: undefined, REQUEST_TIMEOUT_MS: "2000" });
    expect(only(report, "timeout-order").fix).toBe(`Set ${inTask("DB_QUERY_TIMEOUT_MS")} to 1500 ms`);
  });

  it("get values without a request, whose own end nobody asked for", () => {
    const changes = { DB_POOL_ACQUIRE_TIMEOUT_MS: "0", DB_QUERY_TIMEOUT_MS: undefined };
    const report = withTimes(
      { ...changes, REQUEST_TIMEOUT_MS: undefined },
      { service: { loadBalancers: [] } },
    );
    expect(only(report, "timeout-order").fix).toBe(`Set ${inTask("DB_QUERY_TIMEOUT_MS")} to 2500 ms`);
  });

  it("never move a limit that somebody set: there is no room then", () => {
    const group = [...(SAFE.parameters as readonly object[]), { name: "lock_timeout", value: "1500" }];
    const changes = { DB_LOCK_TIMEOUT_MS: undefined, DB_STATEMENT_TIMEOUT_MS: undefined };
    const report = withTimes(
      { ...changes, DB_QUERY_TIMEOUT_MS: "1500" },
      { parameters: group as Sample["parameters"] },
    );
    expect(only(report, "timeout-order").fix).toBe(
      "Give `DB_STATEMENT_TIMEOUT_MS` an end below what is around, which leaves no room for one as it is: lengthen what is around first",
    );
  });

  it("never move a function's own limit, which AWS's default of 3 s stands for", () => {
    const variables = {
      DB_POOL_MAX: "1",
      DB_POOL_ACQUIRE_TIMEOUT_MS: "2900",
      DB_STATEMENT_TIMEOUT_MS: "40",
      DB_LOCK_TIMEOUT_MS: "30",
    };
    const worker = resource("aws:lambda/function:Function", "worker", {
      name: "worker-1234567",
      environment: { variables },
      reservedConcurrentExecutions: 2,
    });
    const { fix } = only(judge({ extra: [worker] }, { otherWorkMs: 100 }), "timeout-order");
    expect(fix).toMatch(/^Give `DB_QUERY_TIMEOUT_MS` an end below what is around, which leaves no room/);
  });
});
