import { describe, expect, it } from "vitest";
import type { DashboardNames } from "../../../infra/monitoring/dashboard";
import { DASHBOARD_LIMITS, dashboardBody } from "../../../infra/monitoring/dashboard";
import { alarmInput, alarmsOf, threshold } from "./stackAlarms";

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
