import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { capacityOf } from "../../infra/capacity";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import type { AlarmSpec } from "../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";
import { table } from "./sections";

/** Every alarm a stack can have: those of prod, and those that only a proxy adds. */
export function everyAlarm(): readonly AlarmSpec[] {
  return prodAlarms({ "auth:connection": "proxy" });
}

/** What each alarm says and whom it tells; `pages` is the folder of the runbooks as the document sees it. */
export function alarmList(pages: string): string {
  return table(
    ["alarm", "meaning", "notification"],
    everyAlarm().map(({ id, intent, severity }) => [`[${id}](${pages}${id}.md)`, intent, TELLS[severity]]),
  );
}

/** The composites with their rules, and what holds them back. */
export function compositeTable(pages: string): string {
  return table(
    ["composite", "in ALARM if", "notification"],
    prodAlarms().flatMap((spec) =>
      spec.kind === "composite"
        ? [
            [
              `[${spec.id}](${pages}${spec.id}.md)`,
              inWords(ruleText(spec.rule, (id) => id)),
              TELLS[spec.severity],
            ],
          ]
        : [],
    ),
  );
}

/** The metric alarms of prod with their limits, and how the limits come about. */
export function thresholdTable(pages: string): string {
  return table(
    ["alarm", "limit in prod", "derivation", "minutes", "no data"],
    prodAlarms().flatMap((spec) =>
      spec.kind === "metric"
        ? [
            [
              `[${spec.id}](${pages}${spec.id}.md)`,
              `${SIGN[spec.comparison]} ${spec.threshold.value.toLocaleString("en-GB")} ${spec.threshold.unit}`,
              derivation(spec.threshold),
              `${spec.datapointsToAlarm} of ${spec.evaluationPeriods}`,
              spec.missingData.treatAs,
            ],
          ]
        : [],
    ),
  );
}

const TELLS = { page: "page", ticket: "ticket", signal: "–" } as const;

const SIGN = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: "≥",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "≤",
} as const;

function derivation({
  formula,
  inputs,
}: {
  formula: string;
  inputs: { [name: string]: number | string };
}): string {
  const given = Object.entries(inputs).map(([name, value]) => `${name} = ${value}`);
  return `${formula}: ${given.join(", ")}`;
}

function inWords(rule: string): string {
  return rule
    .replace(/ALARM\("([^"]+)"\)/g, "`$1`")
    .replace(/\bAND NOT\b/g, "and not")
    .replace(/\bAND\b/g, "and")
    .replace(/\bOR\b/g, "or");
}

function prodAlarms(change: { readonly [key: string]: string } = {}): readonly AlarmSpec[] {
  const path = join(__dirname, "../../stacks/Pulumi.prod.yaml");
  const { config } = parse(readFileSync(path, "utf8")) as { config: { [key: string]: unknown } };
  const result = parseStackConfig({ ...config, ...change }, "prod");
  if (!result.ok) throw new Error("prod cannot be read");
  return alarmSpecs({ ...result.config, capacity: capacityOf(result.config) });
}
