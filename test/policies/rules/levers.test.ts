import { describe, expect, it } from "vitest";
import { explanationOf } from "../../../policies/explain/explanation";
import { explanationToText } from "../../../policies/explain/toText";
import { UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { environment, resource, type Sample, samplePlan, tags } from "../samplePlan";
import { throughProxy } from "../sampleProxy";
import { by, judge, judgePlan, only } from "./judge";

const limit = (value: string) => [{ name: "max_connections", value, applyMethod: "pending-reboot" }];

function leversOf(changes: Partial<Sample>, settings: Partial<Settings> = {}): readonly (string | null)[] {
  const { databases } = explanationOf(samplePlan(changes), { ...DEFAULT_SETTINGS, ...settings });
  return databases.flatMap(({ pools }) => pools.map(({ levers }) => levers));
}

/** A second client of the database, with a floor of 6 for each of its 4 instances. */
const worker = (poolMax: number) => ({
  name: "worker",
  poolMax,
  instances: 4,
  acquireTimeoutMs: 1_000,
  peakRequestsPerSecond: 80,
  holdMs: 90,
});

describe("what opens an empty window", () => {
  it("is no limit that the class's memory cannot carry, and following it is accepted", () => {
    const tight = { parameters: limit("200"), database: { instanceClass: "db.t4g.micro" } };
    const { fix } = only(judge(tight), "connection-budget");
    expect(fix).toContain(
      "move to `instanceClass` db.t4g.medium and raise `max_connections` to 238, which the present class cannot carry",
    );
    const followed = judge({ parameters: limit("238"), database: { instanceClass: "db.t4g.medium" } });
    expect(by(followed, "memory-for-connections")).toEqual([]);
    expect(followed.budgets[0]?.clients[0]).toMatchObject({ floor: 11, ceiling: 11 });
  });

  it("is to lower the others where their own floors allow it, and following it opens the window", () => {
    const changes = { parameters: limit("270"), environment: environment({ DB_POOL_MAX: "11" }) };
    const clients = (poolMax: number): Partial<Settings> => ({ clients: [worker(poolMax)] });
    const { fix } = only(judge(changes, clients(15)), "connection-budget");
    expect(fix).toMatch(/No size of api's pool is safe: it needs 11 and it may have \d+\./);
    const [, lowered] = /lower `pool\.max` of worker to (\d+), which its own floor allows/.exec(fix) ?? [];
    expect(judge(changes, clients(Number(lowered))).verdict).toBe("accepted");
    expect(judge(changes, clients(Number(lowered) + 1)).verdict).toBe("rejected");
    const atFloor = judge({ ...changes, parameters: limit("240") }, clients(6));
    expect(only(atFloor, "connection-budget").fix).not.toContain("worker");
  });

  it("is to lower a neighbour that declares no demand, with a word of doubt, and after all that do", () => {
    const changes = { parameters: limit("270"), environment: environment({ DB_POOL_MAX: "11" }) };
    const { name, poolMax, instances, acquireTimeoutMs } = worker(15);
    const undeclared = { name, poolMax, instances, acquireTimeoutMs };
    const alone = only(judge(changes, { clients: [undeclared] }), "connection-budget").fix;
    const [, lowered] =
      /lower `pool\.max` of worker to (\d+), if the demand of worker, which is not known, allows it/.exec(
        alone,
      ) ?? [];
    const clients = (size: number) => ({ clients: [{ ...undeclared, poolMax: size }] });
    expect(by(judge(changes, clients(Number(lowered))), "connection-budget")).toEqual([]);
    expect(by(judge(changes, clients(Number(lowered) + 1)), "connection-budget")).toHaveLength(1);
    const beside = { clients: [{ ...undeclared, name: "batch", poolMax: 2 }, worker(14)] };
    expect(only(judge({ ...changes, parameters: limit("280") }, beside), "connection-budget").fix).toMatch(
      /lower `pool\.max` of worker to \d+, which its own floor allows/,
    );
  });

  it("is called this where it is the only one, and any one of these where there are more", () => {
    const service = { deploymentMaximumPercent: 125 };
    const openings = ["20", "30", "60", "100"].flatMap((value) =>
      leversOf({ parameters: limit(value), service }),
    ) as string[];
    const single = openings.map((levers) => levers.startsWith("This opens it: "));
    expect(new Set(single)).toEqual(new Set([true, false]));
    for (const levers of openings) {
      expect(levers).toMatch(/^(This|Any one of these) opens it: /);
      expect(levers.includes("; ")).toBe(levers.startsWith("Any one"));
    }
  });

  it.each<[string, Partial<Sample>, Partial<Settings>]>([
    ["a service alone", { parameters: limit("200") }, {}],
    ["a shared budget", { parameters: limit("270") }, { clients: [worker(15)] }],
  ])("is the same in a finding and in explain: %s", (_name, changes, settings) => {
    const advised = leversOf(changes, settings).filter((levers) => levers !== null);
    const report = judge(changes, settings);
    const findings = [...by(report, "connection-budget"), ...by(report, "pool-floor")];
    expect(findings.length).toBeGreaterThan(0);
    for (const { fix } of findings) expect(advised.some((levers) => fix.includes(levers))).toBe(true);
  });

  it("is for a described client what the policy configuration calls it", () => {
    const clients = [{ ...worker(40), instances: 16, tasksAtPeak: 6, peakRequestsPerSecond: 400 }];
    const [, ofWorker] = leversOf({ parameters: limit("380") }, { clients });
    expect(ofWorker).toMatch(/lower `instances` to \d+;/);
    expect(ofWorker).not.toContain("tasks");
  });

  it("leaves another pool what its floor needs, where it is still below it", () => {
    // The outage's api, too low, beside a worker that takes too much and says nothing of its demand.
    const changes = { parameters: limit("400"), environment: environment({ DB_POOL_MAX: "3" }) };
    const taker = { name: "worker", poolMax: 90, instances: 4, acquireTimeoutMs: 1_000 };
    const { fix } = only(judge(changes, { clients: [taker] }), "connection-budget");
    const [, most] = /of worker to at most (\d+)|worker.* at most (\d+)/.exec(fix)?.filter(Boolean) ?? [];
    const raised = { ...changes, environment: environment({ DB_POOL_MAX: "11" }) };
    const followed = (poolMax: number) => judge(raised, { clients: [{ ...taker, poolMax }] });
    expect(by(followed(Number(most)), "connection-budget")).toEqual([]);
    expect(by(followed(Number(most) + 1), "connection-budget")).toHaveLength(1);
  });

  it("names all that a service can do, each with the number that does it alone", () => {
    const service = { deploymentMaximumPercent: 100, deploymentMinimumHealthyPercent: 100 };
    const changes = { parameters: limit("150"), service };
    const [levers] = leversOf({ ...changes, scaling: { minCapacity: 4, maxCapacity: 12 } });
    const [, size, tasks, share] =
      /lower `maxCapacity` to (\d+) tasks; .*hold connections for (\d+) ms at most \((\d+) % of today's\); put an RDS Proxy in between with `maxConnectionsPercent` \d+, if no session pins\./.exec(
        levers ?? "",
      ) ?? [];
    expect(Number(share)).toBe(Math.round((100 * Number(tasks)) / 90));
    const followed = (maxCapacity: number) =>
      leversOf({ ...changes, scaling: { minCapacity: 4, maxCapacity } }).map((each) => each === null);
    expect(followed(Number(size))).toEqual([true]);
    expect(followed(Number(size) + 1)).toEqual([false]);
  });

  it("is to serve the peak with more tasks where more may run", () => {
    const held = { "poolproof:tasks-at-peak": "4", "poolproof:db-hold-ms": "60" };
    const changes = { parameters: limit("300"), tags: tags(held) };
    const [levers] = leversOf(changes);
    const [, serving] =
      /serve the peak with (\d+) tasks \(`poolproof:tasks-at-peak`\)/.exec(levers ?? "") ?? [];
    const followed = { ...changes, tags: tags({ ...held, "poolproof:tasks-at-peak": serving ?? "" }) };
    expect(leversOf(followed)).toEqual([null]);
  });

  it("is no proxy for a pool that goes through one already, or may", () => {
    const pinned = throughProxy({ DB_POOL_MAX: "12" });
    const sample = {
      ...pinned,
      parameters: limit("200"),
      tags: tags({ "poolproof:proxy-sessions": "pinned" }),
    };
    expect(leversOf(sample)[0]).not.toContain("RDS Proxy");
    expect(leversOf({ parameters: limit("200") })[0]).toContain("RDS Proxy");
  });

  it("is a larger class where its formula grants more", () => {
    const formula = { parameters: [], database: { instanceClass: "db.t4g.small" } };
    expect(leversOf(formula)[0]).toMatch(
      /^Any one of these opens it: move to `instanceClass` db\.t4g\.medium; /,
    );
    expect(leversOf({ ...formula, database: { instanceClass: "db.t4g.medium" } })).toEqual([null]);
    // A number in the group stays where it is, whatever the class.
    expect(leversOf({ ...formula, parameters: limit("200") })[0]).not.toMatch(
      /move to `instanceClass` [\w.]+;/,
    );
  });

  it("is nothing that can be told where the limit, the tasks or the deployment's strategy is hidden", () => {
    const unknownTasks = { scaling: { minCapacity: 8, maxCapacity: UNKNOWN }, parameters: limit("200") };
    for (const hidden of [{ parameters: UNKNOWN }, unknownTasks] as Partial<Sample>[]) {
      expect(leversOf(hidden)).toEqual([null]);
    }
  });

  it("counts on no more tasks than a deployment leaves healthy", () => {
    // Half of what runs may be stopped: of 8 tasks 4 serve the peak, and fewer than 8 would leave fewer still.
    const service = { deploymentMaximumPercent: 100, deploymentMinimumHealthyPercent: 50 };
    const changes = { parameters: limit("200"), service, scaling: { minCapacity: 4, maxCapacity: 9 } };
    const [levers] = leversOf(changes);
    const [, capacity, serving] =
      /lower `maxCapacity` to (\d+) tasks; serve the peak with (\d+) tasks/.exec(levers ?? "") ?? [];
    expect([capacity, serving]).toEqual(["8", "9"]);
    expect(leversOf({ ...changes, scaling: { minCapacity: 4, maxCapacity: 8 } })).toEqual([null]);
    expect(leversOf({ ...changes, tags: tags({ "poolproof:tasks-at-peak": "9" }) })).toEqual([null]);
  });

  it("lowers others by whole steps of all their processes, and several where one is not enough", () => {
    const lowerable = (clients: object[], more: Partial<Sample> = {}) =>
      only(
        judge(
          { parameters: limit("270"), environment: environment({ DB_POOL_MAX: "11" }), ...more },
          {
            clients: clients as never,
          },
        ),
        "connection-budget",
      ).fix;
    expect(lowerable([worker(15)])).toContain("lower `pool.max` of worker");
    const processes = { ...worker(8), processesPerInstance: 2, instances: 2 };
    // As many connections in all, for pools that need fewer: each step frees four.
    expect(lowerable([{ ...processes, poolMax: 15 }])).toMatch(/lower `pool\.max` of worker to \d+/);
    const two = [worker(9), { ...worker(9), name: "batch" }];
    expect(lowerable(two, { parameters: limit("305") })).toMatch(
      /lower `pool\.max` of \w+ to \d+ and `pool\.max` of \w+ to \d+, which their own floors allow/,
    );
  });

  it("does not say what a pool needs whose demand cannot be read", () => {
    const changes = { parameters: limit("20"), tags: tags({ "poolproof:db-hold-ms": UNKNOWN as never }) };
    const { fix } = only(judge(changes), "connection-budget");
    expect(fix).toMatch(/^No size of api's pool is safe: what it needs is not known and it may have 0\./);
  });
});

describe("what makes room for a function", () => {
  const lambda = (poolMax: string, peak: string) =>
    resource("aws:lambda/function:Function", "resize", {
      name: "resize",
      timeout: 3,
      environment: { variables: { DB_POOL_MAX: poolMax, DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" } },
      tags: { "poolproof:peak-requests-per-second": peak, "poolproof:db-hold-ms": "100" },
    });
  const plan = (poolMax: string, peak: string, concurrency?: number) => {
    const { resources } = samplePlan({ parameters: limit("400") });
    const added = lambda(poolMax, peak);
    const properties =
      concurrency === undefined
        ? added.properties
        : { ...added.properties, reservedConcurrentExecutions: concurrency };
    return {
      resources: [...resources.filter(({ type }) => !type.startsWith("aws:ecs")), { ...added, properties }],
    };
  };

  it("is a pool of one and a reserved concurrency, in a finding and in explain", () => {
    const { fix } = only(judgePlan(plan("10", "100")), "connection-budget");
    expect(fix).toContain(
      "Set `DB_POOL_MAX` to 1, and set `reservedConcurrentExecutions` of resize to 21–306",
    );
    const { databases } = explanationOf(plan("10", "100"), DEFAULT_SETTINGS);
    expect(fix).toContain(databases[0]?.pools[0]?.levers);
    const drawn = explanationToText(explanationOf(plan("10", "100"), DEFAULT_SETTINGS), {
      color: false,
      width: 110,
    });
    expect(drawn.replace(/\s+/g, " ")).toContain(
      "an environment serves one request at a time, so 1 connection is all it can use ceiling:",
    );
    expect(drawn).toContain("1000 environments at peak");
    expect(drawn).not.toMatch(/tasks|erlangs/);
    for (const most of [21, 306])
      expect(by(judgePlan(plan("1", "100", most)), "connection-budget")).toEqual([]);
    expect(by(judgePlan(plan("1", "100", 307)), "connection-budget")).toHaveLength(1);
    expect(by(judgePlan(plan("1", "100", 20)), "pool-floor")).toHaveLength(1);
  });

  it("is to reserve the concurrency of another function too, and following both is accepted", () => {
    const twice = (reserved?: number, other?: number) => {
      const first = plan("1", "100", reserved);
      const second = { ...lambda("1", "50"), urn: `${lambda("1", "50").urn}-2`, name: "cancel" };
      const reservedToo = other === undefined ? {} : { reservedConcurrentExecutions: other };
      const properties = { ...second.properties, name: "cancel", ...reservedToo };
      return { resources: [...first.resources, { ...second, properties }] };
    };
    const { fix } = only(judgePlan(twice()), "connection-budget");
    const [, name, size] =
      /lower `reservedConcurrentExecutions` of (\w+) to (\d+), which its own floor allows/.exec(fix) ?? [];
    const lowered = (own?: number) =>
      name === "cancel" ? twice(own, Number(size)) : twice(Number(size), own);
    const next = only(judgePlan(lowered()), "connection-budget").fix;
    const [, most] = /Set `reservedConcurrentExecutions` of \w+ to (?:\d+–)?(\d+)$/.exec(next) ?? [];
    expect(by(judgePlan(lowered(Number(most))), "connection-budget")).toEqual([]);
  });

  it("is the database's where its fewest environments are too many, never tasks", () => {
    const { fix } = only(judgePlan(plan("1", "3000")), "connection-budget");
    expect(fix).toMatch(/raise `max_connections` to \d+/);
    expect(fix).not.toMatch(/tasks|maxCapacity|hold connections/);
    const [, raised = ""] = /raise `max_connections` to (\d+)/.exec(fix) ?? [];
    const followed = plan("1", "3000");
    const group = followed.resources.map((each) =>
      each.name === "db-params"
        ? { ...each, properties: { ...each.properties, parameters: limit(raised) } }
        : each,
    );
    const next = only(judgePlan({ resources: group }), "connection-budget").fix;
    expect(next).toMatch(/^No size of .* Set `reservedConcurrentExecutions` of resize to \d+/);
  });
});
