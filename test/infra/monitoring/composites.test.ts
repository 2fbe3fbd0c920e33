import { describe, expect, it } from "vitest";
import {
  type AlarmSpec,
  type CompositeAlarmSpec,
  describe as describeAlarm,
} from "../../../infra/monitoring/alarmSpec";
import { symptomAlarms } from "../../../infra/monitoring/alarms/symptoms";
import { reaction } from "../../../infra/monitoring/windows";
import { ALARM_LIMITS } from "../../../policies/model/cloudwatch/alarm";
import { alarmsRead, type CompositeRule, ruleHolds } from "../../../policies/model/cloudwatch/compositeRule";
import { alarmsOf, type Change, composites, metricAlarm, metricAlarms, PROXY } from "../plannedProgram";

const causesOf = (change?: Change) => composites("prod", change).filter(({ role }) => role === "cause");

/** Ids of the causes that are named while exactly these signals are in ALARM. */
function named(
  signals: readonly string[],
  causes: readonly CompositeAlarmSpec[] = causesOf(),
): readonly string[] {
  return causes
    .filter(({ rule }) => ruleHolds(rule, (id) => (signals.includes(id) ? "ALARM" : "OK")))
    .map(({ id }) => id);
}

const STARVING = ["pool-saturated", "pool-timeouts", "pool-wait", "login-failure-rate", "login-latency-p99"];

describe("the cause that is named", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["the outage", STARVING, ["pool-starved"]],
    ["a pool that refuses at its queue bound", ["pool-saturated", "pool-refusals"], ["pool-starved"]],
    ["a slow query", [...STARVING, "hold-time"], ["downstream-slow"]],
    ["a lock", [...STARVING, "hold-time", "database-waiting", "lock-waits"], ["lock-contention"]],
    ["a slow volume", [...STARVING, "hold-time", "database-waiting"], ["storage-slow"]],
    [
      "a lock under more load than declared",
      [...STARVING, "hold-time", "database-waiting", "lock-waits", "load-above-declared"],
      ["lock-contention"],
    ],
    [
      "sessions that wait for locks on a database without a free CPU",
      [...STARVING, "hold-time", "database-waiting", "lock-waits", "database-busy", "database-load"],
      ["database-saturated"],
    ],
    [
      "waits in the database that hold no connection for long",
      [...STARVING, "database-waiting"],
      ["pool-starved"],
    ],
    ["lock waits that hurt nobody", ["hold-time", "database-waiting", "lock-waits"], []],
    ["one task without connections", ["process-saturated", "pool-timeouts"], ["task-starved"]],
    ["all tasks without connections", [...STARVING, "process-saturated", "pool-busy"], ["pool-starved"]],
    ["a task's full pool in which nobody waits too long", ["process-saturated"], []],
    [
      "a slow query on every processor",
      [...STARVING, "hold-time", "database-busy", "database-load"],
      ["database-saturated"],
    ],
    ["too many tasks", ["connections-near-limit"], ["connections-exhausted"]],
    [
      "too many tasks, and refusals",
      ["connections-near-limit", "connections-refused", "pool-timeouts", "login-failure-rate"],
      ["connections-exhausted"],
    ],
    [
      "a reconnect storm that exhausts everything",
      [...STARVING, "connection-rate", "connections-refused", "database-busy", "database-load"],
      ["connection-storm"],
    ],
    [
      "transactions left open",
      [...STARVING, "hold-time", "sessions-idle-in-transaction"],
      ["idle-in-transaction"],
    ],
    ["a full pool in which nobody waits", ["pool-saturated"], []],
    ["long holds that hurt nobody", ["hold-time"], []],
    ["a busy database that hurts nobody", ["database-busy", "database-load"], []],
    ["a busy minute of the database while the pool starves", [...STARVING, "database-busy"], []],
    ["long holds under more load than declared", [...STARVING, "hold-time", "load-above-declared"], []],
    [
      "more load than declared in a pool too small for it",
      [...STARVING, "load-above-declared"],
      ["pool-starved"],
    ],
    ["one restart of everything", ["connection-rate"], []],
    ["failing logins that nothing explains", ["login-failure-rate"], []],
    ["all quiet", [], []],
  ])("in %s", (_situation, signals, causes) => {
    expect(named(signals)).toEqual(causes);
  });

  it("through a proxy, is the proxy if queries wait in it", () => {
    const waiting = [...STARVING, "hold-time", "proxy-borrow-latency"];
    expect(named(waiting, causesOf(PROXY))).toEqual(["proxy-starved"]);
    expect(named([...waiting, "connections-refused"], causesOf(PROXY))).toEqual(["connections-exhausted"]);
  });

  it.each([
    ["direct", {}],
    ["proxy", PROXY],
  ] as const)("is never two at once, whatever is in ALARM: %s", (_connection, change) => {
    const causes = causesOf(change);
    const signals = [...new Set(causes.flatMap(({ rule }) => alarmsRead(rule)))];
    expect(signals.length).toBeGreaterThan(10);
    for (let state = 0; state < 2 ** signals.length; state++) {
      const inAlarm = (id: string) => (state & (1 << signals.indexOf(id))) !== 0;
      // Not to be had: the same metric over the same limit in three of five minutes, and in none of them.
      if (inAlarm("database-load") && !inAlarm("database-busy")) continue;
      if (inAlarm("pool-saturated") && !inAlarm("pool-busy")) continue;
      let count = 0;
      for (const { rule } of causes) if (ruleHolds(rule, (id) => (inAlarm(id) ? "ALARM" : "OK"))) count++;
      if (count > 1) expect(signals.filter(inAlarm)).toBe("a state in which at most one cause holds");
    }
  });
});

it.each([
  ["database-load", "database-busy"],
  ["pool-saturated", "pool-busy"],
])("%s and %s: the same metric, limit and window, but one minute is enough", (evidence, exclusion) => {
  const { datapointsToAlarm: three, ...load } = metricAlarm(evidence);
  const { datapointsToAlarm: one, ...busy } = metricAlarm(exclusion);
  expect(busy).toMatchObject({
    signal: load.signal,
    comparison: load.comparison,
    threshold: load.threshold,
    evaluationPeriods: load.evaluationPeriods,
  });
  expect([one, three]).toEqual([1, 3]);
});

describe("what excludes a cause", () => {
  const windows = new Map(metricAlarms("prod", PROXY).map((spec) => [spec.id, reaction(spec)]));
  const reactionOf = (id: string) => windows.get(id) ?? { setsInAfter: Number.NaN, endsAfter: Number.NaN };

  /** When a rule without exclusions sets in and ends, if all that it reads breaches from one minute to another. */
  function reactionOfRule(rule: CompositeRule): { readonly setsInAfter: number; readonly endsAfter: number } {
    if ("alarm" in rule) return reactionOf(rule.alarm);
    if ("not" in rule || "constant" in rule) throw new Error("an exclusion");
    const parts = ("all" in rule ? rule.all : rule.any).map(reactionOfRule);
    const [first, last] = "all" in rule ? [Math.max, Math.min] : [Math.min, Math.max];
    return {
      setsInAfter: first(...parts.map(({ setsInAfter }) => setsInAfter)),
      endsAfter: last(...parts.map(({ endsAfter }) => endsAfter)),
    };
  }

  it.each(
    causesOf(PROXY).map((spec) => [spec.id, spec] as const),
  )("sets in before and ends after its evidence: %s", (_id, { rule }) => {
    if (!("all" in rule)) throw new Error("a cause is a list of evidence and exclusions");
    const evidence = reactionOfRule({ all: rule.all.filter((part) => !("not" in part)) });
    for (const part of rule.all) {
      if (!("not" in part)) continue;
      const excluded = reactionOfRule(part.not);
      expect(excluded.setsInAfter).toBeLessThan(evidence.setsInAfter);
      expect(excluded.endsAfter).toBeGreaterThan(evidence.endsAfter);
    }
  });

  it("leaves four minutes from the first bad one to the name, CloudWatch's delay included", () => {
    for (const { rule } of causesOf(PROXY)) {
      if (!("all" in rule)) throw new Error("a cause is a list of evidence and exclusions");
      const { setsInAfter } = reactionOfRule({ all: rule.all.filter((part) => !("not" in part)) });
      expect(setsInAfter + 1).toBeLessThanOrEqual(4);
    }
  });

  it("keeps its state over a gap in the metrics", () => {
    const excluding = causesOf(PROXY).flatMap(({ rule }) =>
      "all" in rule ? rule.all.flatMap((part) => ("not" in part ? alarmsRead(part) : [])) : [],
    );
    const specs = metricAlarms("prod", PROXY);
    for (const id of new Set(excluding)) {
      expect([id, specs.find((spec) => spec.id === id)?.missingData.treatAs]).toEqual([id, "ignore"]);
    }
  });
});

describe("the message of a cause", () => {
  const names = { stack: "incident-2024-09-02", prefix: "auth-incident-2024-09-02" };
  const message = (id: string, stack: string, change?: Change) => {
    const spec = composites(stack, change).find((each) => each.id === id);
    if (spec === undefined) throw new Error(`no ${id}`);
    return describeAlarm(spec, names);
  };

  it("of the outage: cause, present setting, safe window, command, way back, runbook", () => {
    expect(message("pool-starved", "incident-2024-09-02")).toBe(
      [
        "The connection pool is too small: logins wait for a connection and fail, while the database is not busy.",
        "auth:poolMax is 3, its safe window 11–19.",
        "Raise it to 11: one rolling deployment, no reboot. To roll back, set 3 again.",
        "pulumi config set auth:poolMax 11 --stack incident-2024-09-02 && npm run up -- incident-2024-09-02 --real-aws",
        "Runbook: docs/runbooks/pool-starved.md",
      ].join("\n"),
    );
  });

  it("proposes more within the window where the pool is inside it, and nothing above the ceiling", () => {
    expect(message("pool-starved", "prod")).toContain("Raise it to 10");
    expect(message("pool-starved", "prod", { "auth:poolMax": "4" })).toContain("Raise it to 8");
    expect(message("pool-starved", "prod", { "auth:poolMax": "14" })).toContain("at its ceiling");
    expect(message("pool-starved", "prod", { "auth:maxConnections": "50" })).toMatch(
      /no value is safe: floor 4, ceiling 0\.\n.*the command names/,
    );
    expect(message("pool-starved", "prod", { "auth:dbHoldMs": "-1" })).toContain("cannot be computed");
  });

  it("lowers a pool that is above its ceiling, and else asks who holds connections", () => {
    expect(message("connections-exhausted", "prod", { "auth:poolMax": "40" })).toContain(
      "pulumi config set auth:poolMax 10",
    );
    expect(message("connections-exhausted", "prod")).toMatch(/unknown client[\s\S]*pg_stat_activity/);
  });

  it.each([
    "database-saturated",
    "lock-contention",
    "storage-slow",
    "downstream-slow",
    "idle-in-transaction",
    "task-starved",
  ])("%s warns against raising the pool, which is the first thing one thinks of", (id) => {
    expect(message(id, "prod")).toContain("Do not raise the pool");
  });

  it.each(
    causesOf(PROXY).map(({ id }) => id),
  )("%s says the present setting, what to paste and the runbook, in what CloudWatch takes", (id) => {
    for (const change of [PROXY, { ...PROXY, "auth:poolMax": "1000000000" }]) {
      const text = message(id, "prod", change);
      expect(text).toMatch(/auth:\w+|max_connections/);
      expect(text.split("\n").at(-2)).toMatch(/^(pulumi|npm|aws|SELECT) /);
      expect(text.split("\n").at(-1)).toBe(`Runbook: docs/runbooks/${id}.md`);
      expect(text.length).toBeLessThanOrEqual(ALARM_LIMITS.descriptionCharacters);
      expect(text).not.toMatch(/\b(STACK|NAME|undefined|NaN)\b/);
    }
  });
});

const symptoms = composites("prod").filter(({ role }) => role === "symptom");
const bySpec = (specs: readonly AlarmSpec[], id: string) => specs.find((spec) => spec.id === id);

describe("a symptom", () => {
  it("is a composite, since only those can be held back, and reads nothing but signals", () => {
    const specs = alarmsOf("prod");
    for (const { rule } of symptoms) {
      for (const id of alarmsRead(rule)) expect(bySpec(specs, id)?.severity).toBe("signal");
    }
  });

  it("waits at most two minutes for a cause", () => {
    expect(symptoms).toHaveLength(3);
    for (const { suppression } of symptoms) {
      expect(suppression?.waitSeconds).toBeLessThanOrEqual(120);
      // As long as its own signals may outlast those of the cause, and no longer.
      expect(suppression?.extensionSeconds).toBeLessThanOrEqual(120);
    }
  });

  it.each([
    ["direct", {}],
    ["proxy", PROXY],
  ] as const)("is held back by every cause that pages, and by no alarm that tells nobody: %s", (_, change) => {
    const specs = alarmsOf("prod", change);
    const paging = specs.filter(({ role, severity }) => role === "cause" && severity === "page");
    for (const spec of specs) {
      if (spec.kind !== "composite" || spec.suppression === undefined) continue;
      const suppressor = bySpec(specs, spec.suppression.by);
      if (suppressor?.kind !== "composite") throw new Error("no suppressor");
      const silences = (id: string) => ruleHolds(suppressor.rule, (other) => (other === id ? "ALARM" : "OK"));
      expect(specs.map(({ id }) => id).filter(silences)).toEqual(paging.map(({ id }) => id));
    }
  });

  it("is not held back by a cause that is only a ticket", () => {
    const causes = composites("prod").filter(({ role }) => role === "cause");
    const [first, ...others] = causes;
    if (first === undefined) throw new Error("no cause");
    const [suppressor] = symptomAlarms([{ ...first, severity: "ticket" }, ...others]);
    expect(alarmsRead(suppressor?.rule ?? { any: [] })).not.toContain(first.id);
  });

  it("is not held back any more after half an hour, whatever the causes say", () => {
    const suppressor = composites("prod").find(({ id }) => id === "cause-named");
    if (suppressor === undefined) throw new Error("no suppressor");
    expect(ruleHolds(suppressor.rule, (id) => (id === "symptom-persists" ? "OK" : "ALARM"))).toBe(true);
    expect(ruleHolds(suppressor.rule, () => "ALARM")).toBe(false);
    const persists = metricAlarm("symptom-persists");
    expect(persists.periodSeconds * persists.evaluationPeriods).toBe(1800);
    // Later than any cause, or no symptom would ever wait.
    expect(reaction(persists).setsInAfter).toBeGreaterThan(20);
  });
});
