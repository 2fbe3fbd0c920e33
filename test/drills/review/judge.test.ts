import { describe, expect, it } from "vitest";
import type { Expected } from "../../../drills/review/expected/expected";
import { messageOf } from "../../../drills/review/judge/finding";
import { HIDDEN, type LiveState, seen } from "../../../drills/review/live/liveState";
import { changed, EXPECTED, idsOf, judged, liveState, metrics, series, UNTIL } from "./support/sample";

const parameters = (max: string) =>
  seen(
    new Map([
      ["max_connections", { value: max, source: "user" }],
      ["lock_timeout", { value: "1500", source: "user" }],
    ]),
  );
const clean = liveState();
const pending = { database: changed(clean.database, { applyStatus: "pending-reboot" }) };

describe("the sample stack", () => {
  it("is clean, and its numbers are the model's", () => {
    const { findings, evidence } = judged();
    expect(findings).toEqual([]);
    // 400/s × 1.1 × 20 ms over 8 tasks: 1.1 busy, 3 connections carry a quarter more; 389 usable, 20 tasks.
    expect(evidence.windows).toMatchObject({ set: 8, floorDeclared: 3, floorSeen: 3, ceiling: 15 });
    expect(evidence.measured.requestsPerSecond).toEqual({
      value: 380,
      at: Date.parse("2026-03-10T18:06:00Z"),
    });
    expect(evidence.measured.holdMs).toBeCloseTo(20, 6);
    expect(evidence.measured.acquisitionsPerRequest).toBeCloseTo(1.1, 6);
  });
});

describe("the floor moves when demand does", () => {
  /** The incident's load on a stack that declares less. */
  const outgrown = (): LiveState => {
    const perMinute = 610 * 60;
    return liveState({
      metrics: metrics({
        requests: series(60, perMinute),
        holds: series(60, perMinute * 1.1),
        holdSeconds: series(60, perMinute * 1.1 * 0.06),
      }),
    });
  };

  it("says what was declared, what was seen, the floor and the setting, and what fails", () => {
    const { findings } = judged(outgrown());
    expect(findings.map(({ id, urgency }) => [id, urgency])).toEqual([["pool-floor", "now"]]);
    const [finding] = findings;
    expect(finding && messageOf(finding)).toBe(
      "Declared 400 requests/s, seen 610/s (2026-03-10 18:05 UTC) and declared 20 ms for each hold, seen 60 ms. " +
        "The floor is now 10 (declared: 3); `pool.max` is 8. " +
        "At such a peak 1 % of acquisitions wait longer than 50 ms, and a quarter more traffic is no longer provided for. " +
        "Declare what was seen and set `auth:poolMax` to 10–15: `pulumi config set auth:poolMax 10 --stack prod`; " +
        "`npm run review -- prod --propose FILE` writes both (docs/runbooks/pool-floor.md).",
    );
  });

  it("a load that the pool cannot carry is told by the share that fails", () => {
    const expected = withPool(2);
    const task = seen({ revision: "auth-prod:7", environment: expected.service.environment });
    const { findings } = judged({ ...outgrown(), task }, { expected });
    expect(findings.find(({ id }) => id === "pool-floor")?.consequence).toMatch(
      /^At such a peak at least \d\d % of the requests fail\.$/,
    );
  });

  it("a window that has closed names the command that finds the lever", () => {
    const live = { ...outgrown(), parameters: parameters("180") };
    const { findings } = judged(live);
    expect(findings.find(({ id }) => id === "pool-floor")?.fix).toContain("npm run explain -- prod");
  });

  it.each([
    ["five in a hundred more is as declared", 420, []],
    ["six in a hundred more is not", 424, ["demand-grew"]],
    ["less is no finding: a quiet fortnight is no reason to plan for less", 10, []],
  ])("%s", (_what, perSecond, ids) => {
    const holds = perSecond * 60 * 1.1;
    const live = liveState({
      metrics: metrics({
        requests: series(60, perSecond * 60),
        holds: series(60, holds),
        holdSeconds: series(60, holds * 0.02),
      }),
    });
    expect(idsOf(judged(live))).toEqual(ids);
  });

  it("holds are measured in the busy minutes: a slow minute at night is no hold time of the peak", () => {
    const live = liveState({
      metrics: metrics({ holds: series(60, 24_000, 24_000, 60), holdSeconds: series(60, 480, 480, 30) }),
    });
    expect(judged(live).evidence.measured.holdMs).toBeCloseTo(20, 6);
  });

  it("fewer tasks at peak raise the floor of each pool", () => {
    const live = liveState({
      scaling: changed(clean.scaling, { minTasks: 1, maxTasks: 1 }),
    });
    const { findings } = judged(live);
    expect(findings.map(({ id }) => id)).toContain("pool-floor");
    expect(findings.find(({ id }) => id === "pool-floor")?.observed).toBe(
      "The declared demand is met by fewer tasks: 1.",
    );
  });
});

function withPool(max: number): Expected {
  const { service } = EXPECTED;
  return {
    ...EXPECTED,
    service: {
      ...service,
      environment: { ...service.environment, DB_POOL_MAX: String(max) },
      pool: { ...service.pool, max },
    },
  };
}

describe("the limit in force", () => {
  it.each([
    [
      "nobody knows what is in force",
      undefined,
      "pending-reboot-order",
      "now",
      /cannot be seen from outside/,
    ],
    [
      "the pools need what is not in force",
      150,
      "pending-reboot-order",
      "now",
      /count on the written number already/,
    ],
    ["the pools fit into it", 300, "pending-reboot", "soon", /The pools fit into what is in force/],
    ["the limit itself is in force", 400, "pending-reboot", "soon", /another static parameter is not/],
  ])("parameters wait for a reboot, and %s", (_what, now, id, urgency, consequence) => {
    const { findings } = judged(liveState(pending), { confirmed: { now, before: undefined } });
    expect(findings.map((finding) => [finding.id, finding.urgency])).toEqual([[id, urgency]]);
    expect(findings[0]?.consequence).toMatch(consequence);
    expect(findings[0]?.fix).toContain(
      "aws rds reboot-db-instance --db-instance-identifier auth-prod --force-failover",
    );
  });

  it("an estimate that the server undercuts is a finding, one that it exceeds is not", () => {
    const formula = "LEAST({DBInstanceClassMemory/9531392},5000)";
    const expected: Expected = {
      ...EXPECTED,
      database: {
        ...EXPECTED.database,
        parameters: [
          { name: "max_connections", value: formula },
          { name: "lock_timeout", value: "1500" },
        ],
      },
    };
    const live = liveState({ parameters: parameters(formula) });
    const told = (now: number | undefined) => ({ expected, confirmed: { now, before: undefined } });
    expect(judged(live, told(undefined)).evidence.limit).toMatchObject({
      inForce: 793,
      from: "the model's estimate",
    });
    expect(idsOf(judged(live, told(832)))).toEqual([]);
    const less = judged(live, told(700));
    expect(idsOf(less)).toEqual(["max-connections"]);
    expect(less.findings[0]?.fix).toBe(
      "Set `confirmedMaxConnections` of auth-prod to 700 in the policy configuration",
    );
  });

  it("pools that do not fit into it are told of, with the pool that would", () => {
    const { findings } = judged(liveState({ scaling: changed(clean.scaling, { maxTasks: 30 }) }));
    const budget = findings.find(({ id }) => id === "connection-budget");
    expect(budget?.observed).toBe(
      "60 tasks may hold pools of 8 at once: 485 connections with the operations reserve.",
    );
    expect(budget?.limit).toBe("Of 389 usable ones (the parameter group) 311 may be planned for.");
    expect(budget?.fix).toContain("lower `auth:poolMax` to 5");
  });

  it("a proxy tells it: its share of the limit, to the connection", () => {
    const expected: Expected = { ...EXPECTED, proxy: { name: "auth-prod", maxConnectionsPercent: 50 } };
    const of = (allowed: number) =>
      judged(liveState({ metrics: metrics({ proxyLimit: series(60, 180, allowed) }) }), { expected });
    expect(idsOf(of(200))).toEqual([]);
    expect(of(200).evidence.limit).toMatchObject({ inForce: 400, from: "CloudWatch" });
    const less = of(100);
    expect(less.evidence.limit.inForce).toBe(200);
    expect(idsOf(less)).toEqual(["max-connections"]);
  });

  it("where the parameters may not be read, the program's own value stands in, and is no drift", () => {
    const { findings, evidence } = judged(liveState({ parameters: HIDDEN }));
    expect(findings).toEqual([]);
    expect(evidence.limit).toMatchObject({ written: undefined, inForce: 400 });
  });
});

describe("drift", () => {
  it("prints no value of an environment name that capacity does not depend on", () => {
    const environment = { ...EXPECTED.service.environment, TOKEN: "from-the-program" };
    const expected: Expected = { ...EXPECTED, service: { ...EXPECTED.service, environment } };
    const live = liveState({
      task: seen({ revision: "auth-prod:8", environment: { ...environment, TOKEN: "hunter2" } }),
    });
    const { findings } = judged(live, { expected });
    expect(idsOf(judged(live, { expected }))).toEqual(["pool-drift"]);
    expect(findings[0]?.observed).toContain("`TOKEN` is one value (program: another value)");
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|from-the-program/);
  });

  it("a minor version that AWS has raised by itself is none", () => {
    const database = changed(clean.database, { engineVersion: "17.9" });
    expect(idsOf(judged(liveState({ database })))).toEqual([]);
  });

  it("shows six differences of many, and how many more there are", () => {
    const many = new Map(
      Array.from({ length: 9 }, (_, i) => [`own_${i}`, { value: "1", source: "user" }] as const),
    );
    const live = liveState({
      parameters: seen(
        new Map([...many, ...(clean.parameters.state === "seen" ? clean.parameters.value : [])]),
      ),
    });
    expect(judged(live).findings[0]?.observed).toMatch(/`own_5` is 1 \(program: not set\) and 3 more\.$/);
  });
});

describe("alarms", () => {
  it("one that has just been made may be without data for an hour", () => {
    const since = (minutes: number) =>
      liveState({
        alarms: seen(
          (clean.alarms.state === "seen" ? clean.alarms.value : []).map((alarm) => ({
            ...alarm,
            state: "INSUFFICIENT_DATA",
            stateSince: new Date(UNTIL.getTime() - minutes * 60_000),
          })),
        ),
      });
    expect(idsOf(judged(since(59)))).toEqual([]);
    expect(idsOf(judged(since(61)))).toEqual(["alarm-without-data", "alarm-without-data"]);
  });

  it("one that tells nobody in the program either is none of the review's business", () => {
    const expected: Expected = {
      ...EXPECTED,
      alarms: EXPECTED.alarms.map((alarm) => ({ ...alarm, tellsSomebody: false })),
    };
    const alarms = seen(
      (clean.alarms.state === "seen" ? clean.alarms.value : []).map((alarm) => ({ ...alarm, actions: 0 })),
    );
    expect(idsOf(judged(liveState({ alarms }), { expected }))).toEqual([]);
    expect(idsOf(judged(liveState({ alarms })))).toEqual(["alarm-without-action", "alarm-without-action"]);
  });
});

describe("exceptions", () => {
  it.each([
    ["2026-04-16", []],
    ["2026-04-15", ["in 30 days"]],
    ["2026-03-17", ["tomorrow"]],
    ["2026-03-16", ["today"]],
    ["2026-03-15", ["ended on 2026-03-15"]],
  ])("one that ends on %s is told of from thirty days before", (expires, said) => {
    const exceptions = [{ rule: "drain-order", resource: "auth", reason: "exports", owner: "team", expires }];
    const { findings } = judged(liveState(), { exceptions });
    expect(findings).toHaveLength(said.length);
    for (const [index, words] of said.entries()) expect(findings[index]?.observed).toContain(words);
  });
});
