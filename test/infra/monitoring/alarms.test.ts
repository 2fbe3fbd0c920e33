import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AlarmSpec,
  type CompositeAlarmSpec,
  describe as describeAlarm,
  type Metric,
  type MetricAlarmSpec,
} from "../../../infra/monitoring/alarmSpec";
import { alarmsNamed, inOrderOfReading } from "../../../infra/monitoring/alarms";
import { limitProblems } from "../../../infra/monitoring/cloudwatchQuotas";
import { DIFFERS, nameOf, RECOMMENDATIONS, WAIVED } from "../../../infra/monitoring/recommended";
import type { CompositeRule } from "../../../policies/model/cloudwatch/compositeRule";
import { alarmsOf, composites, metricAlarm, metricAlarms, PROXY, ROOT } from "../plannedProgram";

const names = { stack: "prod", prefix: "auth-prod" };
const every = alarmsOf("prod", PROXY);

const idsOf = (role: AlarmSpec["role"], specs = alarmsOf("prod")) =>
  specs.filter((spec) => spec.role === role).map(({ id }) => id);

describe("the alarms", () => {
  it("name these causes, and page for each", () => {
    expect(idsOf("cause")).toEqual([
      "idle-in-transaction",
      "connection-storm",
      "connections-exhausted",
      "database-saturated",
      "lock-contention",
      "storage-slow",
      "downstream-slow",
      "pool-starved",
      "task-starved",
    ]);
    expect(idsOf("cause", every)).toEqual(expect.arrayContaining(["proxy-starved"]));
    for (const { role, severity } of every) if (role === "cause") expect(severity).toBe("page");
  });

  it("tell these symptoms", () => {
    expect(idsOf("symptom")).toEqual(["login-failures", "login-latency", "unhealthy-targets"]);
  });

  it("add those of a proxy only where there is one", () => {
    const added = idsOf("signal", every).filter((id) => !idsOf("signal").includes(id));
    expect(added).toEqual(["proxy-borrow-latency"]);
    expect(idsOf("capacity", every).filter((id) => !idsOf("capacity").includes(id))).toEqual([
      "proxy-pinned",
    ]);
  });

  it("act on no signal, and on everything else", () => {
    for (const { role, severity } of every) expect(severity === "signal").toBe(role === "signal");
  });

  it("are read by something if they act on nothing", () => {
    const read = every.flatMap((spec) =>
      spec.kind === "composite" ? [JSON.stringify(spec.rule), JSON.stringify(spec.suppression)] : [],
    );
    const unread = idsOf("signal", every).filter((id) => !read.some((text) => text?.includes(`"${id}"`)));
    expect(unread).toEqual([]);
  });

  it("read only alarms that exist, and can be made one after the other", () => {
    expect(inOrderOfReading(every)).toHaveLength(every.length);
  });

  it.each(every.map(({ id }) => id))("Missing runbook for alarm: %s", (id) => {
    const spec = every.find((each) => each.id === id);
    expect(spec?.runbook).toBe(`docs/runbooks/${id}.md`);
    expect(existsSync(join(ROOT, spec?.runbook ?? ""))).toBe(true);
  });

  it.each([
    ["prod", {}],
    ["prod", PROXY],
    ["dev", {}],
    ["incident-2024-09-02", {}],
  ] as const)("of %s %j keep to CloudWatch's limits", (stack, change) => {
    expect(limitProblems(alarmsOf(stack, change), { stack, prefix: `auth-${stack}` })).toEqual([]);
  });

  it("wake nobody for one bad minute", () => {
    for (const spec of metricAlarms("prod", PROXY)) {
      if (spec.severity === "page") expect(spec.datapointsToAlarm).toBeGreaterThan(1);
    }
  });

  it.each(
    metricAlarms("prod", PROXY).map((spec) => [spec.id, spec] as const),
  )("%s tells what it means, its limit with the derivation, what missing data means, and where to read on", (_id, spec) => {
    const text = describeAlarm(spec, names);
    expect(text).toContain(spec.intent);
    expect(text).toContain(`${spec.threshold.value} ${spec.threshold.unit}`);
    expect(text).toContain(spec.threshold.formula);
    expect(text).toContain(spec.runbook);
    expect(spec.missingData.reason.length).toBeGreaterThan(20);
    expect(Object.keys(spec.threshold.inputs).length).toBeGreaterThan(0);
  });
});

describe("the metrics of the alarms", () => {
  const metrics = metricAlarms("prod", PROXY).flatMap(({ signal }): readonly Metric[] =>
    signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics),
  );

  it("of the pool have OpenTelemetry's names, told apart by the pool's name", () => {
    const pool = metrics.filter(({ namespace }) => namespace === "Auth/ConnectionPool");
    const read = pool.map(({ name, statistic, dimensions }) =>
      [name, statistic, dimensions["db.client.connection.state"] ?? ""].join(" "),
    );
    expect([...new Set(read)].sort()).toEqual(
      [
        "auth.pool.refusals Sum ",
        "db.client.connection.count Average used",
        "db.client.connection.count p99 used",
        "db.client.connection.create_time SampleCount ",
        "db.client.connection.max Average ",
        "db.client.connection.pending_requests p99 ",
        "db.client.connection.timeouts Sum ",
        "db.client.connection.use_time Average ",
        "db.client.connection.use_time SampleCount ",
        "db.client.connection.wait_time p99 ",
      ].sort(),
    );
    for (const { dimensions } of pool) {
      expect(dimensions["db.client.connection.pool.name"]).toEqual({ of: "pool" });
    }
  });

  it("are of this stack: by a dimension, or by a namespace of its own", () => {
    for (const { dimensions, namespacePerStack } of metrics) {
      expect(Object.keys(dimensions).length > 0).toBe(namespacePerStack !== true);
    }
  });

  it("are named in a math expression, each of them, and no other", () => {
    for (const { signal } of metricAlarms("prod", PROXY)) {
      if (signal.kind === "metric") continue;
      const words = new Set(signal.expression.match(/\b[a-z]\w*\b/g));
      expect([...words].sort()).toEqual(Object.keys(signal.metrics).sort());
    }
  });
});

describe("alarms of a stack that the policies reject", () => {
  it.each([
    { "auth:poolMax": "0" },
    { "auth:poolMax": "-1" },
    { "auth:poolMax": "1e9" },
    { "auth:peakRequestsPerSecond": "-1" },
    { "auth:dbHoldMs": "0" },
    { "auth:maxConnections": "LEAST({DBInstanceClassMemory/" },
    { "auth:maxConnections": "{DBInstanceClassMemory/9531392}", "auth:instanceClass": "db.imaginary.large" },
    { "auth:processesPerTask": "0" },
    { "auth:acquireTimeoutMs": "0" },
    { "auth:queueMax": "-1" },
    { "auth:idleTimeoutMs": "0" },
    { "auth:toleratedFailurePercent": "0" },
    { "auth:minTasks": "0", "auth:tasksAtPeak": "0" },
    { "auth:minimumHealthyPercent": "0" },
    { "auth:connection": "proxy", "auth:maxConnections": "-5" },
  ])("%j still have a number each and keep to the limits, so that the stack reaches the policies", (change) => {
    for (const { id, threshold } of metricAlarms("prod", change)) {
      expect([id, Number.isFinite(threshold.value) && threshold.value >= 0]).toEqual([id, true]);
    }
    expect(limitProblems(alarmsOf("prod", change), names)).toEqual([]);
  });
});

describe("the order in which alarms are made", () => {
  const composite = (id: string, rule: CompositeRule, by?: string): AlarmSpec => ({
    kind: "composite",
    id,
    intent: "A test.",
    rule,
    severity: "signal",
    role: "signal",
    runbook: "docs/runbooks/none.md",
    ...(by && { suppression: { by, waitSeconds: 60, extensionSeconds: 60, reason: "a test" } }),
  });
  const [metric = composite("none", { alarm: "none" })] = metricAlarms("prod");

  it("puts each after all that it reads and after what suppresses it", () => {
    const specs = [
      composite("symptom", { alarm: "rate" }, "suppressor"),
      composite("suppressor", { any: [{ alarm: "cause" }] }),
      composite("cause", { all: [{ alarm: "rate" }, { not: { alarm: "hold" } }] }),
      { ...metric, id: "rate" },
      { ...metric, id: "hold" },
    ];
    const order = inOrderOfReading(specs).map(({ id }) => id);
    expect(order.toSorted()).toEqual(specs.map(({ id }) => id).toSorted());
    for (const spec of specs) {
      for (const named of alarmsNamed(spec))
        expect(order.indexOf(named)).toBeLessThan(order.indexOf(spec.id));
    }
  });

  it.each([
    [[composite("a", { alarm: "b" })], "alarm a reads b, which no alarm is called"],
    [[composite("a", { alarm: "c" }), composite("a", { alarm: "c" })], "two alarms have the id a"],
    [[composite("a", { alarm: "b" }), composite("b", { alarm: "a" })], "wait for each other: a → b → a"],
  ])("refuses what CloudWatch could not make, and says which: %#", (specs, message) => {
    expect(() => inOrderOfReading(specs)).toThrow(message);
  });
});

const specs = metricAlarms("prod");
const metricsOf = ({ signal }: MetricAlarmSpec): readonly Metric[] =>
  signal.kind === "metric" ? [signal.metric] : Object.values(signal.metrics);
const keyOf = ({ namespace, name, dimensions }: Metric): string =>
  [namespace, name, Object.keys(dimensions).join("+")].join(" ");

const isBelow = (comparison: string) => comparison.startsWith("Less");

describe("AWS's list of recommended alarms for RDS and ECS", () => {
  const names = RECOMMENDATIONS.map(nameOf);

  it("is whole, and nothing else is waived or said to differ", () => {
    expect(RECOMMENDATIONS).toHaveLength(39);
    for (const [name, reason] of [...Object.entries(WAIVED), ...Object.entries(DIFFERS)]) {
      expect(names).toContain(name);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  const covered = RECOMMENDATIONS.filter((recommendation) => !(nameOf(recommendation) in WAIVED)).map(
    (recommendation) => ({ name: nameOf(recommendation), recommendation }),
  );

  it.each(covered)("$name is covered by an alarm on this metric alone, in this direction", ({
    name,
    recommendation: { comparison, statistic, threshold },
  }) => {
    const covering = specs.filter(
      ({ signal, comparison: own, threshold: { value } }) =>
        signal.kind === "metric" &&
        keyOf(signal.metric) === name &&
        isBelow(own) === isBelow(comparison) &&
        // Where it is not AWS's own number or statistic, it is said how it differs.
        (name in DIFFERS ||
          (signal.metric.statistic === statistic && (threshold === null || value === threshold))),
    );
    expect(covering).toHaveLength(1);
  });

  it("is waived for no metric that an alarm has anyway", () => {
    const watched = new Set(specs.flatMap((spec) => metricsOf(spec).map(keyOf)));
    expect(Object.keys(WAIVED).filter((name) => watched.has(name))).toEqual([]);
  });
});

const alarm = metricAlarm("pool-timeouts");
const math = metricAlarm("hold-time");
const composite = composites("prod").find(({ id }) => id === "pool-starved") as CompositeAlarmSpec;
const metric: Metric = { namespace: "A", name: "m", statistic: "Sum", dimensions: {} };

const problems = (spec: AlarmSpec) => limitProblems([spec], names);
const changed = (change: Partial<MetricAlarmSpec>) => problems({ ...alarm, ...change });
const changedMath = (change: Partial<Extract<MetricAlarmSpec["signal"], { kind: "math" }>>) =>
  math.signal.kind === "math" ? problems({ ...math, signal: { ...math.signal, ...change } }) : [];
const many = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);

describe("what CloudWatch refuses is said before anything is deployed", () => {
  it("in one line that names the alarm, what it has and what CloudWatch allows", () => {
    expect(changed({ periodSeconds: 45 })).toEqual([
      "alarm pool-timeouts: its period is 45 s, CloudWatch allows 10, 20, 30 or a multiple of 60",
    ]);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a period of 0", changed({ periodSeconds: 0 }), /period is 0 s/],
    ["a window over a day", changed({ evaluationPeriods: 1441 }), /1441 × 60 s.*86400 s/],
    ["half a window", changed({ evaluationPeriods: 5.5 }), /window is 5.5 × 60 s/],
    ["a long period over a week", changed({ periodSeconds: 3600, evaluationPeriods: 169 }), /604800 s/],
    ["more data points than the window has", changed({ datapointsToAlarm: 6 }), /6 of 5/],
    ["a threshold that is none", changed({ threshold: { ...alarm.threshold, value: Number.NaN } }), /NaN/],
    ["a long name", changed({ id: "x".repeat(250) }), /name has 260 characters, CloudWatch allows 255/],
    ["a long description", changed({ intent: "x".repeat(1024) }), /CloudWatch allows 1024/],
    [
      "31 dimensions",
      changed({
        signal: {
          kind: "metric",
          metric: { ...metric, dimensions: Object.fromEntries(many(31).map((name) => [name, "1"])) },
        },
      }),
      /31 dimensions/,
    ],
    [
      "a namespace that begins with a colon",
      changed({ signal: { kind: "metric", metric: { ...metric, namespace: ":a" } } }),
      /begin with a colon/,
    ],
    ["an expression of 2,049 characters", changedMath({ expression: "1".repeat(2049) }), /2049 characters/],
    [
      "eleven metrics",
      changedMath({ metrics: Object.fromEntries(many(11).map((id) => [id, metric])) }),
      /uses 11 metrics/,
    ],
    ["an expression over nothing", changedMath({ metrics: {} }), /uses 0 metrics/],
    ["an id in capitals", changedMath({ metrics: { Used: metric } }), /metric id Used/],
    [
      "101 children",
      problems({ ...composite, rule: { any: many(101).map((id) => ({ alarm: id })) } }),
      /uses 101 alarms/,
    ],
    [
      "a rule of more than 10,240 characters",
      problems({ ...composite, rule: { any: many(90).map((id) => ({ alarm: id + "x".repeat(110) })) } }),
      /its rule has \d+ characters, CloudWatch allows 10240/,
    ],
    [
      "a wait of half a second",
      problems({
        ...composite,
        suppression: { by: "a", waitSeconds: 0.5, extensionSeconds: 60, reason: "a test" },
      }),
      /waits for 0.5 s/,
    ],
  ])("%s", (_what, found, expected) => {
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it("an alarm that 151 composites read", () => {
    const readers = many(151).map((id) => ({ ...composite, id, rule: { alarm: "pool-timeouts" } }));
    expect(limitProblems([alarm, ...readers], names)[0]).toMatch(/used by more than 150 composites/);
    expect(limitProblems([alarm, ...readers.slice(1)], names)).toEqual([]);
  });

  it.each([10, 20, 30, 60, 120, 3600])("but not a period of %i s", (periodSeconds) => {
    expect(changed({ periodSeconds })).toEqual([]);
  });
});
