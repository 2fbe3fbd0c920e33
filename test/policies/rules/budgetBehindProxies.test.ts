import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/plan";
import type { Report } from "../../../policies/reports/report";
import { DATABASE, environment, resource, type Sample, tags, urn } from "../samplePlan";
import { proxyResources, secondProxy, throughProxy } from "../sampleProxy";
import { by, judge, only } from "./judge";

/** A second service of 8 tasks at most, with its host from where it is told to. */
function worker(
  poolMax: string | typeof UNKNOWN,
  secrets: readonly string[] = [],
  more: object = {},
): PlanResource[] {
  const definition = {
    name: "worker",
    environment: [{ name: "DB_POOL_MAX", value: poolMax }],
    secrets: secrets.map((name) => ({
      name: "DB_HOST",
      valueFrom: `arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/${name}`,
    })),
  };
  const hidden = { ...definition, environment: [], secrets: [...definition.secrets, POOL_FROM_SECRET] };
  return [
    resource("aws:ecs/taskDefinition:TaskDefinition", "worker-task", {
      family: "worker",
      containerDefinitions: JSON.stringify([poolMax === UNKNOWN ? hidden : definition]),
    }),
    resource(
      "aws:ecs/service:Service",
      "worker",
      {
        name: "worker-7654321",
        desiredCount: 4,
        tags: { "poolproof:peak-requests-per-second": "1", "poolproof:db-hold-ms": "10", ...more },
      },
      { taskDefinition: [urn("aws:ecs/taskDefinition:TaskDefinition", "worker-task")] },
    ),
  ];
}

const POOL_FROM_SECRET = {
  name: "DB_POOL_MAX",
  valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/pool",
};

/** What leads past the proxy: a host made from the database itself. */
const DIRECT_HOST = resource(
  "aws:ssm/parameter:Parameter",
  "direct",
  { name: "/shop/db/direct", value: UNKNOWN },
  { value: [DATABASE] },
);

const PINNED = { "poolproof:proxy-sessions": "pinned" };

/** The sample beside a proxy that it does not go through, with others that do. */
function besideProxy(percent: number, beside: readonly PlanResource[]): Report {
  const sample = throughProxy();
  const definitions = String(sample.taskDefinition?.containerDefinitions).replace("db/host", "db/direct");
  return judge({
    ...sample,
    taskDefinition: { containerDefinitions: definitions },
    extra: [...proxyResources({ pool: { maxConnectionsPercent: percent } }), DIRECT_HOST, ...beside],
  });
}

/** The sample behind the proxy, with a worker beside it. */
function shared(
  { apiPool, percent, sessions }: { apiPool: string; percent: number; sessions?: string },
  beside: readonly PlanResource[],
): Report {
  const sample = throughProxy({ DB_POOL_MAX: apiPool }, { pool: { maxConnectionsPercent: percent } });
  return judge({
    ...sample,
    tags: tags({ "poolproof:proxy-sessions": sessions }),
    extra: [...(sample.extra ?? []), ...beside],
  });
}

const ceilings = (report: Report) =>
  Object.fromEntries(
    (report.budgets[0]?.clients ?? []).map(({ resource: of, ceiling }) => [of.split("::").pop(), ceiling]),
  );

describe("what a pool may have beside others", () => {
  it("is known where all but its own size is", () => {
    // 311 - 5 - 16 × 12 = 114 for the worker's 8 tasks; what it holds itself is nobody's business there.
    expect(ceilings(judge({ extra: worker(UNKNOWN) }))).toEqual({ api: null, worker: 14 });
  });

  it("leaves the others room up to their floors, a process each", () => {
    // The worker's floor is 1; the api's, with two processes a task, 7 for each of 32 pools.
    const environmentOf = (poolMax: string) => environment({ DB_POOL_MAX: poolMax, WEB_CONCURRENCY: "2" });
    const floor = judge({ environment: environmentOf("7") }).budgets[0]?.clients[0]?.floor ?? 0;
    expect(floor).toBeGreaterThan(3);
    const below = judge({ environment: environmentOf("2"), extra: worker("1") });
    expect(ceilings(below).worker).toBe(Math.floor((311 - 5 - 32 * floor) / 8));
    const above = judge({ environment: environmentOf(String(floor + 1)), extra: worker("1") });
    expect(ceilings(above).worker).toBe(Math.floor((311 - 5 - 32 * (floor + 1)) / 8));
  });

  it("is bounded by the budget and by the share of a proxy whose sessions pin, less what the others take of either", () => {
    const beside = worker("10", ["host"], PINNED);
    // Of the database ⌊(311 - 5 - 80) / 16⌋ and ⌊(311 - 5 - 192) / 8⌋; the proxy may open 360.
    const wide = shared({ apiPool: "12", percent: 90, sessions: "pinned" }, beside);
    expect(ceilings(wide)).toEqual({ api: 14, worker: 14 });
    // The proxy may open 200: ⌊(200 - 80) / 16⌋ and ⌊(200 - 128) / 8⌋.
    const narrow = shared({ apiPool: "8", percent: 50, sessions: "pinned" }, beside);
    expect(ceilings(narrow)).toEqual({ api: 7, worker: 9 });
  });

  it("counts the processes of a pool that pins", () => {
    const sample = throughProxy(
      { DB_POOL_MAX: "4", WEB_CONCURRENCY: "2" },
      { pool: { maxConnectionsPercent: 50 } },
    );
    const report = judge({ ...sample, tags: tags(PINNED) });
    // 200 for 16 tasks of two processes.
    expect(ceilings(report)).toEqual({ api: 6 });
  });

  it("is not bounded by a proxy that another client alone goes through", () => {
    const beside = worker("10", ["host"], PINNED);
    const report = besideProxy(30, beside);
    expect(ceilings(report)).toEqual({ api: 14, worker: 14 });
  });
});

describe("a proxy that takes more than the database may give", () => {
  it("is mended at the pool behind it, not at one that goes around", () => {
    const { message, fix } = only(besideProxy(90, worker("60", ["host"], PINNED)), "connection-budget");
    expect(message).toMatch(/^worker 360 through `proxy`, api 16 tasks × 12 and 5 for operations make 557 /);
    expect(fix).toBe("Set `DB_POOL_MAX` of container `worker` in task definition `worker-task` to 1–14");
  });
});

describe("a pool and the proxies before its database", () => {
  it("counts with the one that it goes through, of two", () => {
    const sample = throughProxy({ DB_POOL_MAX: "90" }, { pool: { maxConnectionsPercent: 60 } });
    const extra = [...secondProxy(), ...(sample.extra ?? [])];
    const report = judge({ ...sample, extra });
    expect(report.budgets[0]?.demandAtPeak).toBe(240 + 5);
  });

  it.each<[string, Partial<Sample>, number | null]>([
    ["pins", { tags: tags(PINNED) }, 16 * 12 + 5],
    ["does not say whether it pins", {}, 16 * 12 + 5],
  ])("is counted in full where nothing says that it goes through one, and it %s", (_how, changes, demand) => {
    const extra = proxyResources().filter(({ name }) => name !== "host");
    expect(judge({ extra, ...changes }).budgets[0]?.demandAtPeak).toBe(demand);
  });

  it("is counted in full even where it multiplexes, as long as it may go around the proxy", () => {
    const extra = proxyResources().filter(({ name }) => name !== "host");
    const report = judge({ extra, tags: tags({ "poolproof:proxy-sessions": "multiplexed" }) });
    expect(report.budgets[0]?.demandAtPeak).toBe(16 * 12 + 5);
  });

  it("is not decided by what another client does: only those that may multiplex are listed", () => {
    const report = besideProxy(80, worker("30", ["host"]));
    const listed = report.undecided.filter(({ rule }) => rule === "connection-budget");
    expect(listed.map(({ resource: of, property }) => [of.split("::").pop(), property])).toEqual([
      ["worker", "poolproof:proxy-sessions"],
    ]);
  });
});

describe("connections that a proxy may or may not share out", () => {
  const through = (otherDemand: number, sessions?: string, more: Partial<Sample> = {}) =>
    judge(
      {
        ...throughProxy({ DB_POOL_MAX: "19" }),
        tags: tags({ "poolproof:proxy-sessions": sessions }),
        ...more,
      },
      { databases: [{ name: "db", otherDemand }] },
    );
  const undecidedOf = (report: Report) => report.undecided.filter(({ rule }) => rule === "connection-budget");

  it("fit up to the last one", () => {
    // 16 × 19 + 5 + 2 = 311, all that clients may claim.
    expect(through(2).budgets[0]).toMatchObject({ demandAtPeak: 311 });
    expect(undecidedOf(through(2))).toEqual([]);
    expect(undecidedOf(through(3))).toEqual([
      {
        rule: "connection-budget",
        resource: expect.stringMatching(/::api$/),
        property: "poolproof:proxy-sessions",
        reason: expect.stringMatching(
          /^through an RDS Proxy the database sees \d+ connections if no session pins and 312 if all do, of 311 it may give; /,
        ),
      },
    ]);
  });

  it("are asked of the tag of the database where nothing says that the client goes through the proxy", () => {
    const extra = proxyResources().filter(({ name }) => name !== "host");
    const report = judge({ environment: environment({ DB_POOL_MAX: "20" }), extra });
    expect(by(report, "connection-budget")).toEqual([]);
    expect(undecidedOf(report).map(({ property }) => property)).toEqual([
      "containerDefinitions",
      "poolproof:database",
    ]);
    expect(by(report, "undecided").map(({ fix }) => fix)).toContain(
      "Set the tag `poolproof:database` of api to the name of its proxy if it goes through one",
    );
  });

  it("are not asked for again where they multiplex and only the demand is hidden", () => {
    const hidden = tags({
      "poolproof:proxy-sessions": "multiplexed",
      "poolproof:db-hold-ms": UNKNOWN as never,
    });
    const report = through(3, undefined, { tags: hidden });
    expect(undecidedOf(report)).toEqual([]);
    expect(report.undecided).toContainEqual(
      expect.objectContaining({ rule: "demand-declared", reason: expect.stringContaining("db-hold-ms") }),
    );
    expect(report.verdict).toBe("rejected");
    const missing = tags({ "poolproof:proxy-sessions": "multiplexed", "poolproof:db-hold-ms": undefined });
    const said = through(3, undefined, { tags: missing });
    expect(undecidedOf(said)).toEqual([]);
    expect(by(said, "demand-declared")).toHaveLength(1);
  });

  it("ask nothing of a tag on sessions where there is no proxy", () => {
    const report = judge({ tags: tags({ "poolproof:proxy-sessions": UNKNOWN as never }) });
    expect(undecidedOf(report)).toEqual([]);
    expect(undecidedOf(through(0, UNKNOWN as never)).map(({ property }) => property)).toEqual([
      "poolproof:proxy-sessions",
    ]);
  });
});

describe("a pool whose size is hidden", () => {
  const hiddenPools = (report: Report) =>
    report.undecided
      .filter(({ rule, reason }) => rule === "connection-budget" && reason.includes("DB_POOL_MAX"))
      .map(({ resource: of }) => of.split("::").pop());

  it("needs no size where the proxy's share bounds it, and one where it goes around the proxy", () => {
    const sample = throughProxy({}, {});
    const extra = [...(sample.extra ?? []), ...worker(UNKNOWN, ["host"])];
    expect(hiddenPools(judge({ ...sample, extra }))).toEqual([]);
    const around = [DIRECT_HOST, ...worker(UNKNOWN, ["direct"])];
    expect(hiddenPools(judge({ ...sample, extra: [...(sample.extra ?? []), ...around] }))).toEqual([
      "worker",
    ]);
  });

  it("needs one where the proxy's share is hidden as well", () => {
    const sample = throughProxy({}, { pool: { maxConnectionsPercent: UNKNOWN } });
    const extra = [...(sample.extra ?? []), ...worker(UNKNOWN, ["host"])];
    expect(hiddenPools(judge({ ...sample, extra }))).toEqual(["worker"]);
  });

  it("takes no part in the sum, and hides none of what is certain", () => {
    const databases = [{ name: "db", otherDemand: 120 }];
    const {
      text,
      message,
      resource: of,
    } = { text: "", ...only(judge({ extra: worker(UNKNOWN) }, { databases }), "connection-budget") };
    expect(text + message).toMatch(/^api 16 tasks × 12, 120 of other stacks and 5 for operations make 317 /);
    expect(of).toMatch(/::db$/);
  });
});
