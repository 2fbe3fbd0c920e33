import { describe, expect, it } from "vitest";
import type { Plan, PropertyValue } from "../../policies/plan/plan";
import type { Settings } from "../../policies/plan/settings";
import { RULES } from "../../policies/rules/index";
import { judge, judgePlan, only } from "./rules/judge";
import { throughProxy } from "./sampleClients";
import {
  environment,
  GROUP,
  type Sample,
  SERVICE,
  samplePlan,
  tags,
  urn,
  withProperties,
} from "./samplePlan";

/** One stack of an incident: the plan, and what the policy configuration says of it. */
interface IncidentStack {
  readonly plan: Plan;
  readonly settings?: Partial<Settings>;
}

/**
 * An outage that its owners wrote about, as far as settings can express it: the numbers are ours unless the account
 * gives them, the mistake is theirs.
 */
interface KnownIncident {
  readonly id: string;
  /** What went wrong, in one sentence. */
  readonly what: string;
  /** The owners' account. `second hand`: somebody else's, or one that nobody confirmed. */
  readonly link: string;
  readonly secondHand?: true;
  /** The rule that would have stopped the deployment. */
  readonly stoppedBy: string;
  readonly asItWas: IncidentStack;
  /** The same stack with the one thing fixed. */
  readonly fixed: IncidentStack;
}

const stack = (changes: Partial<Sample>, settings: Partial<Settings> = {}): IncidentStack => ({
  plan: samplePlan(changes),
  settings,
});

const pool = (max: string, changes: Partial<Sample> = {}): IncidentStack =>
  stack({ ...changes, environment: environment({ DB_POOL_MAX: max }) });

const limit = (value: string): PropertyValue => ({
  name: "max_connections",
  value,
  applyMethod: "pending-reboot",
});
const inTransaction = (ms: string): PropertyValue => ({
  name: "idle_in_transaction_session_timeout",
  value: ms,
  applyMethod: "immediate",
});

const SCALING = urn("aws:appautoscaling/target:Target", "scaling");

/** The sample's service on a database whose limit follows the memory of its class. */
const onClass = (instanceClass: string): IncidentStack =>
  stack({
    environment: environment({ DB_POOL_MAX: "100" }),
    parameters: [limit("{DBInstanceClassMemory/31457280}"), inTransaction("60000")],
    database: { instanceClass },
  });

/** The sample with another number of tasks, which share the same peak. */
const tasks = (max: number, desired: number, maximumPercent: number): IncidentStack =>
  stack({
    service: { desiredCount: desired, deploymentMaximumPercent: maximumPercent },
    scaling: { minCapacity: desired, maxCapacity: max },
    tags: tags({ "poolproof:tasks-at-peak": String(desired) }),
  });

/** Go on MySQL: `database/sql` opens as many connections as are asked for when its limit is 0 or not set. */
function goOnMysql(maxOpen: string): IncidentStack {
  const plan = samplePlan({
    environment: environment({
      DB_POOL_MAX: undefined,
      DB_MAX_OPEN_CONNS: maxOpen,
      DB_CONN_MAX_IDLE_TIME: "5m",
    }),
    tags: tags({ "poolproof:pool-library": "go-database-sql" }),
    database: { engine: "mysql", engineVersion: "8.0", enabledCloudwatchLogsExports: ["error"] },
  });
  const parameters: PropertyValue = [
    { name: "max_connections", value: "400", applyMethod: "immediate" },
    { name: "innodb_lock_wait_timeout", value: "1", applyMethod: "immediate" },
    { name: "max_execution_time", value: "2000", applyMethod: "immediate" },
    { name: "require_secure_transport", value: "1", applyMethod: "immediate" },
  ];
  return { plan: withProperties(plan, GROUP, { family: "mysql8.0", parameters }) };
}

/** A bouncer in front of the database, which no resource of the plan stands for. */
const bouncer = (
  poolMax: number,
  instances: number,
  demand: Partial<Settings["clients"][number]> = {},
): IncidentStack => ({
  plan: {
    resources: samplePlan({ parameters: [limit("5000"), inTransaction("60000")] }).resources.filter(
      ({ urn: each, type }) => each !== SERVICE && each !== SCALING && !type.startsWith("aws:ecs/"),
    ),
  },
  settings: {
    clients: [
      {
        name: "bouncer",
        database: "db",
        library: "node-postgres",
        poolMax,
        instances,
        peakRequestsPerSecond: 400,
        holdMs: 50,
        tasksAtPeak: instances,
        acquireTimeoutMs: 1000,
        ...demand,
      },
    ],
  },
});

/** The sample's service behind an RDS Proxy that may open this share of the database's connections. */
const behindProxy = (percent: number): IncidentStack =>
  stack(
    throughProxy(
      {},
      {
        pool: {
          maxConnectionsPercent: percent,
          maxIdleConnectionsPercent: 1,
          connectionBorrowTimeout: 1,
        },
      },
    ),
  );

const KNOWN_INCIDENTS: readonly KnownIncident[] = [
  {
    id: "buildkite-2016-08",
    what: "The database was moved to a class with less memory; its connection limit shrank with it, and logins failed.",
    link: "https://building.buildkite.com/outage-post-mortem-for-august-23rd-82b619a3679b",
    stoppedBy: "connection-budget",
    asItWas: onClass("db.r3.2xlarge"),
    fixed: onClass("db.m4.10xlarge"),
  },
  {
    id: "tremendous-heroku",
    what: "Releases followed each other while the processes of the last one still held their connections.",
    link: "https://status.tremendous.com/default/cllqi7c9r002tb7oh1jwqb4ai-gdhktm0ybdkt",
    stoppedBy: "connection-budget",
    asItWas: tasks(24, 24, 200),
    fixed: tasks(24, 24, 100),
  },
  {
    id: "ecs-autoscale-blog",
    what: "Autoscaling went from 5 to 38 tasks, each with a pool of its own, until only reserved slots were left.",
    link: "https://darshanturakhia.com/blog/ecs-autoscaling-postgres-max-connections",
    secondHand: true,
    stoppedBy: "connection-budget",
    asItWas: tasks(38, 8, 100),
    fixed: tasks(25, 8, 100),
  },
  {
    id: "honeycomb-2018-05",
    what: "As queries slowed down a Go service's pool grew without a limit, beyond what MySQL lets in.",
    link: "https://www.honeycomb.io/blog/rds-performance-degradation-postmortem",
    stoppedBy: "pool-floor",
    asItWas: goOnMysql("0"),
    fixed: goOnMysql("12"),
  },
  {
    id: "mitodl-dagster-2026-08",
    what: "Six bouncers without a limit per database could open 9,000 connections to a server that takes 5,000.",
    link: "https://github.com/mitodl/ol-infrastructure/blob/main/docs/plans/dagster-pgbouncer-observability.md",
    stoppedBy: "connection-budget",
    asItWas: bouncer(1500, 6),
    fixed: bouncer(600, 6),
  },
  {
    id: "rillence-pool-too-small",
    what: "A bouncer's pool was too small: clients waited while PostgreSQL had nothing to do.",
    link: "https://rillence.com/scenarios/pool-size-misconfiguration",
    secondHand: true,
    stoppedBy: "pool-floor",
    asItWas: bouncer(6, 2),
    fixed: bouncer(30, 2),
  },
  {
    id: "circleci-2019",
    what: "An upgrade of the runtime shrank thread and connection pools without a word; work piled up.",
    link: "https://discuss.circleci.com/t/postmortem-march-26-april-10-workflow-delay-incidents/30060",
    stoppedBy: "pool-floor",
    asItWas: pool("4"),
    fixed: pool("12"),
  },
  {
    id: "fortnite-2018-02",
    what: "A dormant configuration mistake left fewer service threads than the database's pool needed.",
    link: "https://www.fortnite.com/news/postmortem-of-service-outage-at-3-4m-ccu?lang=en-US",
    stoppedBy: "pool-floor",
    asItWas: pool("5"),
    fixed: pool("12"),
  },
  {
    id: "incidentio-2023",
    what: "A transaction stayed open around calls to another service, so each connection was held for seconds.",
    link: "https://incident.io/blog/database-performance",
    stoppedBy: "pool-floor",
    asItWas: stack({ tags: tags({ "poolproof:db-hold-ms": "1200" }) }),
    fixed: stack({}),
  },
  {
    id: "duo-2018-08",
    what: "Requests waited for a connection in a queue without an end, which kept the database busy after the peak.",
    link: "https://status.duo.com/incidents/4w07bmvnt359",
    stoppedBy: "acquire-timeout",
    asItWas: stack({ environment: environment({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }) }),
    fixed: stack({}),
  },
  {
    id: "circleci-2022-07",
    what: "Pools kept connections whose queries hung, until every service that had them was restarted.",
    link: "https://status.circleci.com/incidents/khp3zkvprtp3",
    stoppedBy: "timeout-order",
    asItWas: stack({
      environment: environment({ DB_QUERY_TIMEOUT_MS: undefined, DB_STATEMENT_TIMEOUT_MS: "0" }),
    }),
    fixed: stack({}),
  },
  {
    id: "duo39-2019-02",
    what: "A server died without closing its connections; their transactions stayed open and kept their locks.",
    link: "https://qrxf5mzbrsxw.statuspage.io/incidents/5ythw67bv9q9",
    stoppedBy: "idle-in-transaction",
    // A day, as RDS has it when nobody says otherwise.
    asItWas: stack({ parameters: [limit("400"), inTransaction("86400000")] }),
    fixed: stack({ parameters: [limit("400"), inTransaction("60000")] }),
  },
  {
    id: "coinbase-2020-04",
    what: "A deployment opened new connections while the fleet was scaled out, faster than the hosts took them.",
    link: "https://www.coinbase.com/blog/incident-post-mortem-april-29-and-may-9-2020",
    stoppedBy: "reconnect-storm",
    asItWas: stack({}, { newConnectionsPerSecond: 50, reconnectSeconds: 1 }),
    fixed: stack({}, { newConnectionsPerSecond: 50, reconnectSeconds: 60 }),
  },
  {
    id: "github-2022-03",
    what: "At the busiest hour the proxy in front of the database had no connection left to give.",
    link: "https://github.blog/2022-03-23-an-update-on-recent-service-disruptions/",
    stoppedBy: "proxy-bounds",
    asItWas: behindProxy(5),
    fixed: behindProxy(70),
  },
];

const rejectedBy = ({ plan, settings }: IncidentStack): readonly string[] =>
  judgePlan(plan, settings)
    .violations.filter(({ level }) => level === "mandatory")
    .map(({ rule }) => rule);

const rows = KNOWN_INCIDENTS.map((incident) => [incident.id, incident.stoppedBy, incident] as const);

describe("outages that others wrote about", () => {
  it.each(rows)("%s would have been stopped by %s", (_id, stoppedBy, { asItWas }) => {
    expect(rejectedBy(asItWas)).toContain(stoppedBy);
  });

  it.each(
    KNOWN_INCIDENTS.map(({ id, fixed }) => [id, fixed] as const),
  )("%s is accepted once the one thing is fixed", (_id, fixed) => {
    expect(rejectedBy(fixed)).toEqual([]);
  });

  it("are told apart by an id and a public account", () => {
    expect(new Set(KNOWN_INCIDENTS.map(({ id }) => id)).size).toBe(KNOWN_INCIDENTS.length);
    for (const { link, stoppedBy } of KNOWN_INCIDENTS) {
      expect(link).toMatch(/^https:\/\//);
      expect(RULES.map(({ id }) => id)).toContain(stoppedBy);
    }
  });
});

const withPool = (max: string) => judge({ environment: environment({ DB_POOL_MAX: max }) });

// By hand: 400/s ÷ 8 tasks × 1.1 acquisitions × 0.09 s = 4.95 busy connections a task. With c = 3 every connection is
// busy, so 50 × 0.09 × (0.9·q + 0.1·(q + q²)) = 3, q = 0.6273, and 1 − (0.9·q + 0.1·q²) = 0.3961 of requests fail.
// Ceiling: usable 400 − 3 − 2 − 6 = 389, ⌊0.8 × 389⌋ = 311, ⌊(311 − 5) / 16 tasks⌋ = 19.
describe("the outage of 2 September 2024", () => {
  it("is rejected by the floor alone, with the numbers computed by hand", () => {
    const report = withPool("3");
    expect(report.verdict).toBe("rejected");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["pool-floor"]);
    expect(only(report, "pool-floor")).toMatchObject({
      level: "mandatory",
      resource: SERVICE,
      observed: 3,
      allowed: { min: 11, max: 19 },
      unit: "connections",
      docs: "docs/runbooks/pool-floor.md",
    });
  });

  it("reports the budget with the same numbers", () => {
    const [budget] = withPool("3").budgets;
    expect(budget).toMatchObject({
      maxConnections: 400,
      maxConnectionsSource: "explicit",
      usable: 389,
      demandAtPeak: 53,
    });
    const [client] = budget?.clients ?? [];
    expect(client).toMatchObject({
      resource: SERVICE,
      poolMax: 3,
      processesPerTask: 1,
      tasksAtPeak: 16,
      tasksServingPeak: 8,
      offeredLoad: 4.95,
      floor: 11,
      ceiling: 19,
    });
    const q = (Math.sqrt(1 + 4 * 0.1 * (3 / 4.5)) - 1) / (2 * 0.1);
    expect(client?.failingShare).toBeCloseTo(1 - (0.9 * q + 0.1 * q * q), 5);
    expect(Math.round((client?.failingShare ?? 0) * 100)).toBe(40);
  });

  it.each([
    "11",
    "15",
    "19",
  ])("is accepted with a pool of %s, inside the printed window, and nothing else changed", (max) => {
    const report = withPool(max);
    expect(report.violations).toEqual([]);
    expect(report.undecided).toEqual([]);
    expect(report.verdict).toBe("accepted");
  });

  it("is rejected by the budget one above the window's top", () => {
    const report = withPool("20");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["connection-budget"]);
    expect(only(report, "connection-budget")).toMatchObject({
      observed: 20,
      allowed: { min: 11, max: 19 },
      resource: SERVICE,
    });
    // 16 tasks × 20 and 5 for operations, more than 311.
    expect(report.budgets[0]?.demandAtPeak).toBe(325);
  });

  it("is rejected by the floor alone one below the window's bottom", () => {
    // Erlang C with c = 10 and 1.25 times the load, a = 6.1875: C = 0.0143, and 1 % may wait longer than 50 ms.
    const report = withPool("10");
    expect(report.violations.map(({ rule }) => rule)).toEqual(["pool-floor"]);
    expect(only(report, "pool-floor")).toMatchObject({ observed: 10, allowed: { min: 11, max: 19 } });
  });
});
