import type { Metric, MonitoredResource } from "../alarmSpec";
import { namespaceOf } from "../render";

/** Where and of what a dashboard is: what its widgets need to name metrics. */
export interface DashboardNames {
  /** What the stack's resources are called; its metrics from the log have it in their namespace. */
  readonly prefix: string;
  readonly region: string;
  readonly resources: { readonly [resource in MonitoredResource]?: string };
  /** ARN of an alarm by the id of its specification. */
  readonly alarmArn: (id: string) => string;
}

/** One line in a graph: a metric, or an expression over the ids of others. */
export type Line = {
  readonly label: string;
  /** For expressions to name it. */
  readonly id?: string;
  readonly axis?: "left" | "right";
  /** Drawn only if it is more than a part of an expression. @default true */
  readonly visible?: boolean;
} & ({ readonly metric: Metric } | { readonly expression: string });

export interface Graph {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Thresholds, with what they are of. */
  readonly limits?: readonly { readonly label: string; readonly value: number }[];
  /** What the right axis counts, where a line stands on it. */
  readonly rightLabel?: string;
}

/** A place on the dashboard, which is 24 columns wide. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Source for the forms below: CloudWatch API reference, CloudWatch-Dashboard-Body-Structure. */
export function graphWidget(graph: Graph, place: Place, names: DashboardNames) {
  return {
    type: "metric",
    ...place,
    properties: {
      title: graph.title,
      region: names.region,
      view: "timeSeries",
      stacked: false,
      period: 60,
      metrics: graph.lines.map((line) => lineOf(line, names)),
      yAxis: {
        left: { min: 0, showUnits: false },
        right: { min: 0, showUnits: false, label: graph.rightLabel ?? "" },
      },
      annotations: { horizontal: graph.limits ?? [] },
    },
  };
}

/** The graph of an alarm, its threshold drawn in: of metrics whose dimensions only a deployment knows. */
export function alarmGraphWidget(title: string, alarm: string, place: Place, names: DashboardNames) {
  return {
    type: "metric",
    ...place,
    properties: {
      title,
      region: names.region,
      view: "timeSeries",
      annotations: { alarms: [names.alarmArn(alarm)] },
    },
  };
}

/** The states of alarms, as lights. */
export function alarmsWidget(title: string, ids: readonly string[], place: Place, names: DashboardNames) {
  return { type: "alarm", ...place, properties: { title, alarms: ids.map(names.alarmArn) } };
}

function lineOf(line: Line, names: DashboardNames): readonly unknown[] {
  const drawn = {
    label: line.label,
    ...(line.id && { id: line.id }),
    ...(line.visible === false && { visible: false }),
    ...(line.axis === "right" && { yAxis: "right" }),
  };
  if ("expression" in line) return [{ expression: line.expression, ...drawn }];
  const { metric } = line;
  const dimensions = Object.entries(metric.dimensions).flatMap(([dimension, value]) => [
    dimension,
    typeof value === "string" ? value : resourceName(value.of, names),
  ]);
  return [
    namespaceOf(metric, names.prefix),
    metric.name,
    ...dimensions,
    { stat: metric.statistic, ...drawn },
  ];
}

function resourceName(resource: MonitoredResource, { resources }: DashboardNames): string {
  const name = resources[resource];
  if (name !== undefined) return name;
  throw new RangeError(`the dashboard shows a ${resource}, but this stack has none`);
}
