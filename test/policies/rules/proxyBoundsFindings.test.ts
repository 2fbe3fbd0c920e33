import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/plan";
import { environment, resource, SERVICE, tags, urn } from "../samplePlan";
import { PROXY, PROXY_POOL, proxyResources, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

const through = (pool: object | undefined, poolMax = "12", more: object = {}) =>
  judge({
    ...throughProxy({ DB_POOL_MAX: poolMax }, { pool: pool as never }),
    tags: tags({ "poolproof:proxy-sessions": "multiplexed" }),
    ...more,
  });
const MULTIPLEXED = { "poolproof:proxy-sessions": "multiplexed" };

/** A second service behind the same proxy. */
function worker(poolMax: string, requestTimeoutMs: string, tagged: object = MULTIPLEXED): PlanResource[] {
  const definition = {
    name: "worker",
    environment: [
      { name: "DB_POOL_MAX", value: poolMax },
      { name: "REQUEST_TIMEOUT_MS", value: requestTimeoutMs },
    ],
    secrets: [{ name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" }],
  };
  return [
    resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
      family: "worker",
      containerDefinitions: JSON.stringify([definition]),
    }),
    resource(
      "aws:ecs/service:Service",
      "worker",
      {
        name: "worker-7654321",
        desiredCount: 4,
        tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10", ...tagged },
      },
      { taskDefinition: [urn("aws:ecs/taskDefinition:TaskDefinition", "worker-task")] },
    ),
  ];
}

function besideWorker(poolMax: string, requestTimeoutMs: string, pool: object = {}) {
  const sample = throughProxy({}, { pool: pool as never });
  return judge({
    ...sample,
    tags: tags(MULTIPLEXED),
    extra: [...(sample.extra ?? []), ...worker(poolMax, requestTimeoutMs)],
  });
}

describe("the percentages of a proxy", () => {
  it.each([
    ["maxConnectionsPercent", 101, { maxConnectionsPercent: 101 }, 1, 100, "outside 1–100"],
    ["maxConnectionsPercent", 0, { maxConnectionsPercent: 0 }, 1, 100, "outside 1–100"],
    ["maxIdleConnectionsPercent", -1, { maxIdleConnectionsPercent: -1 }, 0, 90, "outside 0–90"],
    [
      "maxIdleConnectionsPercent",
      91,
      { maxIdleConnectionsPercent: 91 },
      0,
      90,
      "above its `maxConnectionsPercent` of 90",
    ],
    [
      "maxIdleConnectionsPercent",
      101,
      { maxConnectionsPercent: 100, maxIdleConnectionsPercent: 101 },
      0,
      100,
      "outside 0–100",
    ],
  ])("are refused by AWS: %s of %d", (setting, observed, pool, min, max, limit) => {
    const found = by(through(pool), "proxy-bounds").filter(({ message }) =>
      message.startsWith(`\`${setting}\``),
    );
    expect(found).toMatchObject([
      {
        resource: PROXY_POOL,
        observed,
        allowed: { min, max },
        unit: "percent",
        fix: `Set \`${setting}\` of proxy \`proxy\` to ${min}–${max}`,
        message: `\`${setting}\` of proxy is ${observed}, ${limit}: AWS refuses the target group, and the deployment stops half-way. Set \`${setting}\` of proxy \`proxy\` to ${min}–${max} (docs/runbooks/proxy-bounds.md).`,
      },
    ]);
  });

  it.each([
    { maxConnectionsPercent: 96, maxIdleConnectionsPercent: 96 },
    { maxConnectionsPercent: 96, maxIdleConnectionsPercent: 0 },
    { maxConnectionsPercent: 30, maxIdleConnectionsPercent: 30 },
  ])("are accepted at their edges: %j", (pool) => {
    expect(by(through(pool), "proxy-bounds")).toEqual([]);
  });

  it("bound the idle share by all there is where the share itself is out of range or hidden", () => {
    for (const maxConnectionsPercent of [150, UNKNOWN]) {
      const found = by(through({ maxConnectionsPercent, maxIdleConnectionsPercent: 101 }), "proxy-bounds");
      expect(found.map(({ message }) => message).join()).toContain("is 101, outside 0–100");
      const fits = by(through({ maxConnectionsPercent, maxIdleConnectionsPercent: 100 }), "proxy-bounds");
      expect(fits.filter(({ message }) => message.includes("maxIdleConnectionsPercent"))).toEqual([]);
    }
  });

  it("name the config key that sets them, half-way up, where there is one", () => {
    const sample = throughProxy({}, { pool: { maxConnectionsPercent: 101 } as never });
    const report = judge(sample, { configKeys: { maxConnectionsPercent: "shop:proxyShare" } });
    expect(by(report, "proxy-bounds")[0]?.fix).toBe(
      "Set `shop:proxyShare` to 1–100: `pulumi config set shop:proxyShare 50 --stack test`",
    );
  });
});

describe("how long a request may wait for the proxy", () => {
  it.each([
    [301, "above AWS's 300 s: AWS refuses the target group, and the deployment stops half-way"],
    [0, "not above 0: a request that finds no free connection waits without a limit or fails at once"],
    [-1, "not above 0: a request that finds no free connection waits without a limit or fails at once"],
    [
      8,
      "not below the request timeout of api, 8000 ms: requests end while the proxy still waits for a connection, and nothing says that it was the proxy",
    ],
  ])("is not %d s", (connectionBorrowTimeout, problem) => {
    expect(only(through({ connectionBorrowTimeout }), "proxy-bounds")).toMatchObject({
      resource: PROXY_POOL,
      observed: connectionBorrowTimeout,
      allowed: { min: 1, max: 7 },
      unit: "s",
      message: `\`connectionBorrowTimeout\` of proxy is ${connectionBorrowTimeout} s, ${problem}. Set \`connectionBorrowTimeout\` of proxy \`proxy\` to 1–7 s (docs/runbooks/proxy-bounds.md).`,
    });
  });

  it("is up to AWS's five minutes where no request of this stack comes through", () => {
    const beside = (connectionBorrowTimeout: number) =>
      by(
        judge({
          extra: proxyResources({
            pool: { maxConnectionsPercent: 10, maxIdleConnectionsPercent: 5, connectionBorrowTimeout },
          }),
        }),
        "proxy-bounds",
      );
    expect(beside(300)).toEqual([]);
    expect(beside(301).map(({ allowed }) => allowed)).toEqual([{ min: 1, max: 300 }]);
  });

  it("ends before the shortest of all requests that come through it", () => {
    const found = only(besideWorker("1", "1500", { connectionBorrowTimeout: 2 }), "proxy-bounds");
    expect(found.message).toContain("not below the request timeout of worker, 1500 ms");
    expect(found.fix).toBe("Set `connectionBorrowTimeout` of proxy `proxy` to 1 s");
    expect(by(besideWorker("1", "2001", { connectionBorrowTimeout: 2 }), "proxy-bounds")).toEqual([]);
    expect(by(besideWorker("1", "2000", { connectionBorrowTimeout: 2 }), "proxy-bounds")).toHaveLength(1);
  });

  it("asks for a longer request where none of AWS's whole seconds fits", () => {
    expect(only(besideWorker("1", "1000", { connectionBorrowTimeout: 1 }), "proxy-bounds").fix).toBe(
      "Raise the request timeout of worker above 1000 ms, and set `connectionBorrowTimeout` below it",
    );
  });

  it("is not held against a request that never ends", () => {
    expect(by(besideWorker("1", "0", { connectionBorrowTimeout: 7 }), "proxy-bounds")).toEqual([]);
  });

  it("is undecided where it or a request's end is hidden", () => {
    const listed = (report: ReturnType<typeof judge>) =>
      report.undecided
        .filter(({ rule }) => rule === "proxy-bounds")
        .map(({ resource: of, property }) => [of.split("::").pop(), property]);
    expect(listed(through({ connectionBorrowTimeout: UNKNOWN }))).toEqual([
      ["proxy-pool", "connectionPoolConfig.connectionBorrowTimeout"],
    ]);
    const sample = throughProxy({ REQUEST_TIMEOUT_MS: undefined });
    const [container] = JSON.parse(String(sample.taskDefinition?.containerDefinitions));
    container.secrets.push({
      name: "REQUEST_TIMEOUT_MS",
      valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/timeout",
    });
    const hidden = { containerDefinitions: JSON.stringify([container]) };
    expect(
      listed(judge({ ...sample, tags: tags(MULTIPLEXED), taskDefinition: hidden })).map(([name]) => name),
    ).toEqual(["api"]);
  });
});

describe("the lower edge of a proxy's share", () => {
  it("is what all services behind it need together, by name", () => {
    const found = only(
      besideWorker("1", "8000", { maxConnectionsPercent: 10, maxIdleConnectionsPercent: 5 }),
      "proxy-bounds",
    );
    const [, least] =
      /^`maxConnectionsPercent` of proxy lets it open 40 connections of `max_connections` 400, and api and worker need (\d+) through it at peak: requests wait for the proxy and time out while the database idles\. /.exec(
        found.message,
      ) ?? [];
    const percent = Math.ceil(Number(least) / 4);
    expect(found).toMatchObject({
      resource: PROXY_POOL,
      observed: 10,
      allowed: { min: percent, max: 100 },
      unit: "percent",
      fix: `Set \`maxConnectionsPercent\` of proxy \`proxy\` to at least ${percent}; AWS advises 30 % above the highest use, which is ${Math.ceil((1.3 * Number(least)) / 4)}`,
    });
  });

  it("advises no more than all of it, and a higher limit where that is not enough", () => {
    const peak = (rate: string) =>
      only(
        through({ maxConnectionsPercent: 20, maxIdleConnectionsPercent: 5 }, "60", {
          tags: tags({ ...MULTIPLEXED, "poolproof:peak-requests-per-second": rate }),
        }),
        "proxy-bounds",
      );
    expect(peak("2700").fix).toMatch(/to at least 86; AWS advises 30 % above the highest use, which is 100$/);
    expect(peak("4000").fix).toMatch(
      /^Raise `max_connections` above [4-9]\d\d, or bring less through the proxy$/,
    );
  });

  it("stands on the proxy where AWS's default target group is left alone", () => {
    const sample = throughProxy({ DB_POOL_MAX: "12" }, { pool: undefined });
    const report = judge({
      ...sample,
      parameters: [{ name: "max_connections", value: "45", applyMethod: "pending-reboot" }],
      tags: tags(MULTIPLEXED),
    });
    const found = by(report, "proxy-bounds").filter(({ unit }) => unit === "percent");
    expect(found.map(({ resource: of }) => of)).toContain(PROXY);
  });

  it("asks once whether sessions pin where both bounds hang on it, each by what it may open", () => {
    const narrow = through({ maxConnectionsPercent: 40, maxIdleConnectionsPercent: 20 }, "12", {
      tags: tags({}),
    });
    expect(narrow.undecided).toEqual([
      {
        rule: "proxy-bounds",
        resource: SERVICE,
        property: "poolproof:proxy-sessions",
        reason: expect.stringMatching(
          /^through proxy its clients need \d+ connections if no session pins and 192 if all do, of 160 it may open; which it is, the plan does not say$/,
        ),
      },
    ]);
    // 16 × 12 = 192 fit into 48 % of 400.
    const exact = through({ maxConnectionsPercent: 48, maxIdleConnectionsPercent: 20 }, "12", {
      tags: tags({}),
    });
    expect(exact.undecided).toEqual([]);
    const wide = through({ maxConnectionsPercent: 85, maxIdleConnectionsPercent: 20 }, "30", {
      tags: tags({}),
    });
    expect(wide.undecided.map(({ rule }) => rule)).toEqual(["connection-budget"]);
  });
});

describe("the upper edge of all proxies together", () => {
  it("counts what goes around them, clients of other stacks and the reserve, with the percentage that is left", () => {
    const report = judge(
      {
        extra: proxyResources({ pool: { maxConnectionsPercent: 60, maxIdleConnectionsPercent: 5 } }),
        ...{ environment: environment({ DB_POOL_MAX: "12" }) },
      },
      { databases: [{ name: "db", otherDemand: 20 }] },
    );
    // 389 usable - 192 - 20 - 5 = 172 of 400: 43 %.
    expect(only(report, "proxy-bounds")).toMatchObject({
      resource: PROXY_POOL,
      observed: 60,
      allowed: { min: 1, max: 43 },
      unit: "percent",
      message:
        "Proxies may open proxy 240 and 217 connections are for others: 457 in all, more than the 389 usable of `max_connections` 400, so migrations, people and direct clients would be refused when the proxy is busiest. Set `maxConnectionsPercent` of proxy `proxy` to 43 or less (docs/runbooks/proxy-bounds.md).",
    });
  });

  it("is not exceeded by the last connection there is", () => {
    const withOthers = (otherDemand: number) =>
      by(
        judge(
          { extra: proxyResources({ pool: { maxConnectionsPercent: 40, maxIdleConnectionsPercent: 5 } }) },
          { databases: [{ name: "db", otherDemand }] },
        ),
        "proxy-bounds",
      );
    // 160 + 192 + 5 + 32 = 389.
    expect(withOthers(32)).toEqual([]);
    expect(withOthers(33)).toHaveLength(1);
  });

  it("leaves no share where others take everything", () => {
    const report = judge(
      { extra: proxyResources({ pool: { maxConnectionsPercent: 40, maxIdleConnectionsPercent: 5 } }) },
      { databases: [{ name: "db", otherDemand: 190 }] },
    );
    const found = only(report, "proxy-bounds");
    expect(found.allowed).toEqual({ min: 1, max: 0 });
    expect(found.fix).toBe("Raise `max_connections`, or lower what is claimed beside proxy `proxy`");
  });
});
