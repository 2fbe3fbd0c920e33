import { describe, expect, it } from "vitest";
import type { Expected } from "../../../drills/review/expected";
import { messageOf } from "../../../drills/review/judge/finding";
import { HIDDEN, type LiveState, seen } from "../../../drills/review/live/liveState";
import {
  alarmsWith,
  busyMinute,
  changed,
  confirmedNow,
  ESTIMATED,
  EXPECTED,
  factsOf,
  idsOf,
  judged,
  liveState,
  metrics,
  parameters,
  series,
  UNTIL,
} from "./support/sample";

const clean = liveState();
/** The incident's load on a stack that declares less. */
const outgrown = busyMinute(610, 60);
const pending = { database: changed(clean.database, { applyStatus: "pending-reboot" }) };
const withEnvironment = (environment: { readonly [name: string]: string }): Expected => ({
  ...EXPECTED,
  service: { ...EXPECTED.service, environment: { ...EXPECTED.service.environment, ...environment } },
});
const running = ({ service }: Expected, more = {}): Pick<LiveState, "task"> => ({
  task: seen({ revision: "auth-prod:8", environment: { ...service.environment, ...more } }),
});
const findingOf = ({ findings }: ReturnType<typeof judged>, id: string) =>
  findings.find((finding) => finding.id === id);

describe("the sample stack", () => {
  it("is clean, and its numbers are the model's", () => {
    const { findings, evidence } = judged();
    expect(findings).toEqual([]);
    // 400/s × 1.1 × 20 ms over 8 tasks: 1.1 busy, 3 connections carry a quarter more; 389 usable, 20 tasks.
    expect(evidence.windows).toMatchObject({ set: 8, floorDeclared: 3, floorSeen: 3, ceiling: 15 });
    expect(evidence.measured).toMatchObject({
      requestsPerSecond: { value: 380, at: Date.parse("2026-03-10T18:06:00Z") },
      holdMs: expect.closeTo(20, 6),
      acquisitionsPerRequest: expect.closeTo(1.1, 6),
    });
  });
});

describe("the floor moves when demand does", () => {
  it("says what was declared, what was seen, the floor and the setting, and what to set", () => {
    const review = judged(liveState(outgrown));
    expect(review.findings.map(({ id, urgency }) => [id, urgency])).toEqual([["pool-floor", "now"]]);
    expect(review.evidence.windows).toMatchObject({ set: 8, floorDeclared: 3, floorSeen: 10, ceiling: 15 });
    expect(factsOf(review, "pool-floor")).toEqual(
      expect.arrayContaining(["400", "610", "20", "60", "10", "3", "`pool.max`", "8"]),
    );
    const finding = findingOf(review, "pool-floor");
    expect(finding?.fix).toContain("`pulumi config set auth:poolMax 10 --stack prod`");
    expect(finding && messageOf(finding)).toMatch(/^Declared 400 .* \(docs\/runbooks\/pool-floor\.md\)\.$/);
  });

  it("a load that the pool cannot carry is told by the share that fails", () => {
    const expected = withEnvironment({ DB_POOL_MAX: "2" });
    const review = judged(liveState({ ...outgrown, ...running(expected) }), { expected });
    expect(findingOf(review, "pool-floor")?.consequence).toMatch(/ \d\d % /);
  });

  it("a window that has closed names the command that finds the lever", () => {
    const review = judged(liveState({ ...outgrown, parameters: parameters("180") }));
    expect(findingOf(review, "pool-floor")?.fix).toContain("npm run explain -- prod");
  });

  it.each([
    ["five in a hundred more is as declared", 420, []],
    ["six in a hundred more is not", 424, ["demand-grew"]],
    ["less is no finding: a quiet fortnight is no reason to plan for less", 10, []],
  ])("%s", (_what, perSecond, ids) => {
    expect(idsOf(judged(liveState(busyMinute(perSecond))))).toEqual(ids);
  });

  it("holds are measured in the busy minutes: a slow minute at night is no hold time of the peak", () => {
    const night = metrics({ holds: series(60, 24_000, 24_000, 60), holdSeconds: series(60, 480, 480, 30) });
    expect(judged(liveState({ metrics: night })).evidence.measured.holdMs).toBeCloseTo(20, 6);
  });

  it("fewer tasks at peak raise the floor of each pool", () => {
    const review = judged(liveState({ scaling: changed(clean.scaling, { minTasks: 1, maxTasks: 1 }) }));
    expect(idsOf(review)).toContain("pool-floor");
    expect(factsOf(review, "pool-floor")[0]).toBe("1");
  });
});

describe("the limit in force", () => {
  it.each([
    ["nobody knows what is in force", undefined, "pending-reboot-order", "now"],
    ["the pools need what is not in force", 150, "pending-reboot-order", "now"],
    ["the pools fit into it", 300, "pending-reboot", "soon"],
    ["the limit itself is in force", 400, "pending-reboot", "soon"],
  ])("parameters wait for a reboot, and %s", (_what, now, id, urgency) => {
    const { findings } = judged(liveState(pending), confirmedNow(now));
    expect(findings.map((finding) => [finding.id, finding.urgency])).toEqual([[id, urgency]]);
    expect(findings[0]?.fix).toContain(
      "aws rds reboot-db-instance --db-instance-identifier auth-prod --force-failover",
    );
  });

  it.each([
    ["is the model's estimate while nobody asked the server", undefined, [], 793],
    ["that exceeds its estimate is no finding", 832, [], 832],
    ["that undercuts its estimate is one", 700, ["max-connections"], 700],
  ])("%s", (_what, now, ids, inForce) => {
    const live = liveState({
      parameters: parameters(String(ESTIMATED.database.parameters[0]?.value)),
    });
    const review = judged(live, { expected: ESTIMATED, ...confirmedNow(now) });
    expect(idsOf(review)).toEqual(ids);
    expect(review.evidence.limit.inForce).toBe(inForce);
    expect(review.findings.map(({ fix }) => fix.includes("`confirmedMaxConnections`"))).toEqual(
      ids.map(() => true),
    );
  });

  it("pools that do not fit into it are told of, with the pool that would", () => {
    const review = judged(liveState({ scaling: changed(clean.scaling, { maxTasks: 30 }) }));
    expect(factsOf(review, "connection-budget")).toEqual(["60", "8", "485", "389", "311"]);
    expect(findingOf(review, "connection-budget")?.fix).toMatch(/`auth:poolMax` to 5$/);
  });

  it.each([
    [200, 400, []],
    [100, 200, ["max-connections"]],
  ])("a proxy tells it: %d, its half of the limit, mean %d", (allowed, inForce, ids) => {
    const expected: Expected = { ...EXPECTED, proxy: { name: "auth-prod", maxConnectionsPercent: 50 } };
    const live = liveState({ metrics: metrics({ proxyLimit: series(60, 180, allowed) }) });
    const review = judged(live, { expected });
    expect(review.evidence.limit).toMatchObject({ inForce, from: "CloudWatch" });
    expect(idsOf(review)).toEqual(ids);
  });

  it("where the parameters may not be read, the program's own value stands in, and is no drift", () => {
    const { findings, evidence } = judged(liveState({ parameters: HIDDEN }));
    expect(findings).toEqual([]);
    expect(evidence.limit).toMatchObject({ written: undefined, inForce: 400 });
  });
});

describe("drift", () => {
  it("is reverted in the account that was reviewed, by what runs there", () => {
    const { findings } = judged(
      liveState({
        scaling: changed(clean.scaling, { minTasks: 9 }),
        service: changed(clean.service, { desired: 30, maximumPercent: 150 }),
        ...alarmsWith({ actions: 0 }),
      }),
    );
    const commands = findings.flatMap(({ fix }) => fix.match(/npm run up[^`]*/g) ?? []);
    expect(commands.length).toBeGreaterThan(4);
    expect(new Set(commands)).toEqual(new Set(["npm run up -- prod --real-aws --refresh"]));
  });

  it("prints no value of an environment name that capacity does not depend on", () => {
    const expected = withEnvironment({ TOKEN: "from-the-program" });
    const review = judged(liveState(running(expected, { TOKEN: "hunter2" })), { expected });
    expect(idsOf(review)).toEqual(["pool-drift"]);
    expect(factsOf(review, "pool-drift")).toContain("`TOKEN`");
    expect(JSON.stringify(review.findings)).not.toMatch(/hunter2|from-the-program/);
  });

  it("a minor version that AWS has raised by itself is none", () => {
    const database = changed(clean.database, { engineVersion: "17.9" });
    expect(idsOf(judged(liveState({ database })))).toEqual([]);
  });

  it("shows six differences of many, and how many more there are", () => {
    const own = Array.from({ length: 9 }, (_, i) => [`own_${i}`, { value: "1", source: "user" }] as const);
    const before = clean.parameters.state === "seen" ? clean.parameters.value : [];
    const review = judged(liveState({ parameters: seen(new Map([...own, ...before])) }));
    expect(factsOf(review, "parameter-drift").slice(-3)).toEqual(["`own_5`", "1", "3"]);
  });
});

describe("alarms", () => {
  it.each([
    [59, []],
    [61, ["alarm-without-data", "alarm-without-data"]],
  ])("one that has just been made may be without data for an hour, after %d minutes %j", (minutes, ids) => {
    const stateSince = new Date(UNTIL.getTime() - minutes * 60_000);
    expect(idsOf(judged(liveState(alarmsWith({ state: "INSUFFICIENT_DATA", stateSince }))))).toEqual(ids);
  });

  it("one without an action in the program either is none of the review's business", () => {
    const alarms = EXPECTED.alarms.map((alarm) => ({ ...alarm, hasActions: false }));
    const live = liveState(alarmsWith({ actions: 0 }));
    expect(idsOf(judged(live, { expected: { ...EXPECTED, alarms } }))).toEqual([]);
    expect(idsOf(judged(live))).toEqual(["alarm-without-action", "alarm-without-action"]);
  });
});

it.each([
  ["2026-04-16", undefined, undefined],
  ["2026-04-15", "soon", "in 30 days"],
  ["2026-03-17", "soon", "tomorrow"],
  ["2026-03-16", "soon", "today"],
  ["2026-03-15", "now", "2026-03-15"],
])("an exception that ends on %s is told of from thirty days before: %s", (expires, urgency, said) => {
  const exceptions = [{ rule: "drain-order", resource: "auth", reason: "exports", owner: "team", expires }];
  const [finding] = judged(liveState(), { exceptions }).findings;
  expect(finding?.urgency).toBe(urgency);
  expect(finding?.observed ?? "").toContain(said ?? "");
});
