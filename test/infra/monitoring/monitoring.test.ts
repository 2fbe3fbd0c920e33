import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DASHBOARD_LIMITS, type DashboardNames, dashboardBody } from "../../../infra/monitoring/dashboard";
import { filterPattern, LOG_FILTERS } from "../../../infra/monitoring/metrics";
import type { Report } from "../../../policies/reports/report";
import { installedCommand } from "../../policies/command";
import { alarmInput, alarmsOf, metricAlarm, ROOT, threshold } from "../plannedProgram";

// CommonJS, as Pulumi itself loads the program: one copy of the SDK on both sides.
const load = createRequire(__filename);
const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");
load("tsx/cjs/api").register();
const { Monitoring }: typeof import("../../../infra/monitoring/monitoring") = load(
  "../../../infra/monitoring/monitoring",
);

const args = {
  context: {
    name: "auth-prod",
    region: "eu-west-1",
    accountId: "123456789012",
    partition: "aws",
    tags: {},
  },
  settings: alarmInput("prod"),
  alarms: alarmsOf("prod"),
  resources: {
    database: "auth-prod",
    loadBalancer: "app/auth",
    targetGroup: "targetgroup/auth",
    pool: "auth-prod",
    cluster: "auth-prod",
    service: "auth",
  },
  databaseLogGroupName: "/aws/rds/instance/auth-prod/postgresql",
  subscriptions: [],
};

describe("the monitoring of a stack", () => {
  const declared: string[] = [];

  beforeAll(() =>
    pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          declared.push(type);
          return { id: name, state: { ...inputs, arn: name, keyId: name } };
        },
        call: () => ({}),
      },
      "auth",
      "prod",
    ),
  );

  it("is refused before any alarm is declared where CloudWatch would refuse one of them, with what is wrong", async () => {
    const alarms = [...args.alarms, { ...metricAlarm("hold-time"), id: "odd", periodSeconds: 45 }];
    expect(() => new Monitoring("refused", { ...args, alarms })).toThrow(
      "CloudWatch would refuse these alarms:\n- alarm odd: its period is 45 s, CloudWatch allows 10, 20, 30 or a multiple of 60",
    );
    await pulumi.runtime.disconnect();
    expect(declared.filter((type) => type.startsWith("aws:"))).toEqual([]);
  });

  it("is refused where an alarm watches what the stack does not have", () => {
    const { database: _, ...resources } = args.resources;
    expect(() => new Monitoring("without", { ...args, resources })).toThrow(
      "an alarm watches a database, but this stack has none",
    );
  });
});

const { run } = installedCommand();

const STACKS = readdirSync(join(ROOT, "stacks")).flatMap(
  (file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [],
);

/** What the four rules say of a stack's alarms, with every rule mandatory. */
async function alarmFindings(stack: string, ...options: readonly string[]): Promise<readonly string[]> {
  const config = join(ROOT, "policies/config/prod.json");
  const args = ["check", "--stack", stack, "--policy-config", config, "--format", "json", ...options];
  const { stdout } = await run(args, { cwd: ROOT });
  const { violations, undecided } = JSON.parse(stdout) as Report;
  return [...violations, ...undecided].map(({ rule }) => rule).filter((rule) => rule.startsWith("alarm"));
}

describe.concurrent("the alarms of the auth stack", { timeout: 90_000 }, () => {
  it.each(STACKS)("pass poolproof's four alarm rules in %s, as prod.json sets them", async (stack) => {
    expect(await alarmFindings(stack)).toEqual([]);
  });

  it("are judged at all: pools that hold more than the alarm's threshold are noticed", async () => {
    const findings = await alarmFindings("incident-2024-09-02", "-c", "auth:poolMax=60");
    expect(findings).toContain("alarm-threshold");
  });
});

/** CloudWatch Logs' reading of a pattern of quoted terms: `?` before a term makes it one of several, else all have to be there. */
function matches(pattern: string, line: string): boolean {
  const terms = [...pattern.matchAll(/(\?)?"([^"]*)"/g)];
  const rest = pattern.replace(/(\?)?"([^"]*)"/g, "").trim();
  if (rest !== "" || terms.length === 0) throw new Error(`not a pattern of quoted terms: ${pattern}`);
  const optional = terms.filter(([, mark]) => mark === "?").map(([, , term = ""]) => term);
  const needed = terms.filter(([, mark]) => mark === undefined).map(([, , term = ""]) => term);
  return (
    needed.every((term) => line.includes(term)) &&
    (optional.length === 0 || optional.some((term) => line.includes(term)))
  );
}

/** Metrics that count a line of the database's log. */
function countedIn(message: string): readonly string[] {
  const line = `2026-01-01 02:15:00 UTC:10.20.4.7(41234):auth_app@auth:[4711]:${message}`;
  return LOG_FILTERS.filter(({ phrases }) => matches(filterPattern(phrases), line)).map(
    ({ metric }) => metric,
  );
}

describe("lines of the database's log", () => {
  it.each([
    // PostgreSQL 15 and before
    "FATAL:  remaining connection slots are reserved for non-replication superuser connections",
    // 16 and after
    "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
    'FATAL:  remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    'FATAL:  remaining connection slots are reserved for roles with privileges of the "rds_reserved" role',
    "FATAL:  sorry, too many clients already",
    'FATAL:  too many connections for role "auth_app"',
    'FATAL:  too many connections for database "auth"',
  ])("are counted as refusals: %s", (line) => {
    expect(countedIn(line)).toEqual(["connections-refused"]);
  });

  it("are counted as sessions ended for idling in a transaction", () => {
    expect(countedIn("FATAL:  terminating connection due to idle-in-transaction timeout")).toEqual([
      "sessions-ended-idle-in-transaction",
    ]);
  });

  it.each([
    "LOG:  process 4711 still waiting for ShareLock on transaction 742 after 1000.123 ms",
    "LOG:  process 4711 still waiting for AccessShareLock on relation 16402 of database 16384 after 1000.123 ms",
    "ERROR:  canceling statement due to lock timeout",
  ])("are counted as lock waits: %s", (line) => {
    expect(countedIn(line)).toEqual(["lock-waits"]);
  });

  it.each([
    "LOG:  process 4711 acquired ShareLock on transaction 742 after 1200.123 ms",
    "LOG:  connection authorized: user=auth_app database=auth SSL enabled",
    "ERROR:  canceling statement due to statement timeout",
    "FATAL:  terminating connection due to administrator command",
    "FATAL:  terminating connection due to idle-session timeout",
    'FATAL:  PAM authentication failed for user "auth_app"',
    "LOG:  disconnection: session time: 0:00:12.345 user=auth_app database=auth host=10.20.4.7",
  ])("are counted as neither: %s", (line) => {
    expect(countedIn(line)).toEqual([]);
  });
});

describe("a pattern", () => {
  it("quotes each term, and puts a question mark before each of several", () => {
    expect(filterPattern(["sorry, too many"])).toBe('"sorry, too many"');
    expect(filterPattern(["a b", "c-d"])).toBe('?"a b" ?"c-d"');
  });

  it("is refused where it would mean something else", () => {
    expect(() => filterPattern([])).toThrow(/nothing/);
    expect(() => filterPattern(['role "a"'])).toThrow(/cannot look for/);
    expect(() => filterPattern([" "])).toThrow(/cannot look for/);
    expect(() => filterPattern(["x".repeat(1024)])).toThrow(/takes 1024/);
  });
});

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
    readonly annotations?: {
      readonly horizontal?: readonly { readonly label: string; readonly value: number }[];
      readonly alarms?: readonly string[];
    };
  };
}

const names: DashboardNames = {
  prefix: "auth-prod",
  region: "eu-west-1",
  resources: { database: "auth-prod", pool: "auth-prod", cluster: "auth-prod", service: "auth-1234567" },
  alarmArn: (id) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:auth-prod-${id}`,
};

function widgetsOf(stack: string): readonly Widget[] {
  const body = dashboardBody(alarmInput(stack), alarmsOf(stack), names);
  return (JSON.parse(body) as { widgets: readonly Widget[] }).widgets;
}

const widgets = widgetsOf("prod");
const firstRow = widgets.filter(({ y }) => y === 0);
const metricNames = (row: readonly Widget[]) =>
  row
    .flatMap(({ properties }) => properties.metrics ?? [])
    .map(([namespace, name]) => `${namespace} ${name}`);

describe("the dashboard's first row", () => {
  it("shows all that says whether it is the pool, and who is hurt", () => {
    const shown = metricNames(firstRow);
    for (const name of [
      "Auth/ConnectionPool db.client.connection.count",
      "Auth/ConnectionPool db.client.connection.max",
      "Auth/ConnectionPool db.client.connection.pending_requests",
      "Auth/ConnectionPool db.client.connection.timeouts",
      "Auth/ConnectionPool auth.pool.refusals",
      "Auth/ConnectionPool db.client.connection.wait_time",
      "AWS/RDS DatabaseConnections",
      "Auth/Service auth.login.attempts",
      "Auth/Service auth.login.failures",
      "Auth/Service auth.login.duration",
      "ECS/ContainerInsights DeploymentCount",
    ]) {
      expect(shown).toContain(name);
    }
  });

  it("draws in limit, usable and budget, and the thresholds of the alarms in the graph's own unit", () => {
    const lines = firstRow.flatMap(({ properties }) => properties.annotations?.horizontal ?? []);
    expect(lines).toEqual([
      // 88 % of a pool of 8, in connections.
      { label: "saturated", value: 7.04 },
      { label: "too long", value: threshold("pool-wait", "prod") },
      { label: "max_connections", value: 500 },
      { label: "usable", value: 489 },
      { label: "budget", value: 391 },
      { label: "alarm", value: 440 },
      { label: "objective", value: 1000 },
    ]);
  });

  it("stands beside each other over the whole width", () => {
    expect(firstRow.map(({ x }) => x)).toEqual([0, 4, 8, 12, 16, 20]);
    expect(firstRow.every(({ width }) => width === 4)).toBe(true);
  });
});

describe("the dashboard", () => {
  it("keeps to CloudWatch's grid and limits, and no widget covers another", () => {
    expect(widgets.length).toBeLessThanOrEqual(DASHBOARD_LIMITS.widgets);
    const taken = new Set<string>();
    for (const { x, y, width, height, properties } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      expect(Math.min(width, height)).toBeGreaterThan(0);
      expect(properties.metrics?.length ?? 0).toBeLessThanOrEqual(DASHBOARD_LIMITS.metricsPerWidget);
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(taken).not.toContain(`${column},${row}`);
          taken.add(`${column},${row}`);
        }
      }
    }
    expect(metricNames(widgets).length).toBeLessThanOrEqual(DASHBOARD_LIMITS.metrics);
  });

  it("names only alarms that exist, and lights every cause and symptom", () => {
    const specs = alarmsOf("prod");
    const named = widgets.flatMap(({ properties }) => [
      ...(properties.alarms ?? []),
      ...(properties.annotations?.alarms ?? []),
    ]);
    const arns = specs.map(({ id }) => names.alarmArn(id));
    expect(named.filter((arn) => !arns.includes(arn))).toEqual([]);
    for (const { id, role } of specs) {
      if (role === "cause" || role === "symptom") expect(named).toContain(names.alarmArn(id));
    }
  });

  it("finds the counts of the database's log in the namespace of the stack, and names each resource", () => {
    expect(metricNames(widgets)).toContain("Auth/Database/auth-prod connections-refused");
    expect(JSON.stringify(widgets)).not.toMatch(/undefined|"of"/);
  });

  it.each(["dev", "incident-2024-09-02"])("is drawn for %s as well", (stack) => {
    expect(widgetsOf(stack)).toHaveLength(widgets.length);
  });

  it("refuses a resource that the stack does not have", () => {
    expect(() =>
      dashboardBody(alarmInput("prod"), alarmsOf("prod"), { ...names, resources: { pool: "auth-prod" } }),
    ).toThrow(/but this stack has none/);
  });
});
