import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import type { AlarmSpec } from "../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../infra/monitoring/alarms";
import { POLICIES } from "../../policies/config/policies";
import { settingsJsonSchema } from "../../policies/config/publishedSchemas";
import { ruleText } from "../../policies/model/cloudwatch/compositeRule";
import { POOL_PROFILES } from "../../policies/plan/pools/libraries";
import {
  COMMON,
  type Default,
  type PoolProfile,
  type PoolSetting,
  type SettingSource,
  type TimeNotation,
  type Variable,
} from "../../policies/plan/pools/library";
import { settingsPolicy } from "../../policies/rules/config/settingsPolicy";
import { type Section, table } from "./sections";

/** Every alarm a stack can have: those of prod, and those that only a proxy adds. */
export function everyAlarm(): readonly AlarmSpec[] {
  return prodAlarms({ "auth:connection": "proxy" });
}

/** What each alarm says and whom it tells; `pages` is the folder of the runbooks as the document sees it. */
function alarmList(pages: string): string {
  return table(
    ["alarm", "meaning", "notification"],
    everyAlarm().map(({ id, intent, severity }) => [`[${id}](${pages}${id}.md)`, intent, TELLS[severity]]),
  );
}

/** The composites with their rules, and what holds them back. */
function compositeTable(pages: string): string {
  return table(
    ["composite", "in ALARM if", "notification"],
    prodAlarms().flatMap((spec) =>
      spec.kind === "composite"
        ? [
            [
              `[${spec.id}](${pages}${spec.id}.md)`,
              ruleInWords(ruleText(spec.rule, (id) => id)),
              TELLS[spec.severity],
            ],
          ]
        : [],
    ),
  );
}

/** The metric alarms of prod with their limits, and how the limits come about. */
function thresholdTable(pages: string): string {
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

function ruleInWords(rule: string): string {
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
  return alarmSpecs(result.config);
}

/** The environment names of each library, and what holds when none of them is set; first those of all libraries. */
function poolTables(): string {
  const profiles = [...POOL_PROFILES.values()];
  return [
    `### Every library\n\n${poolSettingsTable(entriesOf(COMMON))}`,
    ...profiles.map((profile) => `### ${profile.library}\n\n${poolSettingsTable(ownSettings(profile))}`),
  ].join("\n\n");
}

type Entry = readonly [setting: string, source: SettingSource];

const entriesOf = (settings: Partial<PoolProfile["settings"]>): Entry[] => Object.entries(settings);

/** Those that the library names or treats in its own way. */
const ownSettings = ({ settings }: PoolProfile): Entry[] =>
  entriesOf(settings).filter(([setting, source]) => {
    const common = shared(setting as PoolSetting);
    return common?.variables !== source.variables || common.default !== source.default;
  });

const shared = (setting: PoolSetting): SettingSource | undefined =>
  (COMMON as Partial<PoolProfile["settings"]>)[setting];

function poolSettingsTable(entries: readonly Entry[]): string {
  return table(
    ["setting", "environment variables", "unit", "default"],
    entries.flatMap(([setting, source]) => [
      row(`\`${setting}\``, source),
      ...(source.plus ? [row(`\`${setting}\`, added to it`, source.plus)] : []),
    ]),
  );
}

const row = (name: string, source: SettingSource): string[] => [
  name,
  [...new Set([...source.variables, ...(source.otherwise ?? [])].map(shown))].join(", ") || "none",
  source.unit,
  whenUnset(source),
];

const shown = ({ name, parameter, option = parameter, writtenIn = "ms" }: Variable): string =>
  `${option === undefined ? "" : `\`${option}\` in `}\`${name}\`${NOTATION[writtenIn]}`;

const NOTATION: { readonly [notation in TimeNotation]: string } = {
  ms: "",
  s: " (in s)",
  min: " (in min)",
  "s or unit": " (in s, or as `30s`)",
  go: " (as `1m30s`)",
  "ms or unit": " (in ms, or as `30s`)",
};

function whenUnset({ default: fallback, kind, boundedByRequest }: SettingSource): string {
  if (boundedByRequest) return "the request's deadline ends it";
  if (fallback === undefined) return "–";
  return defaultInWords(fallback, kind);
}

function defaultInWords(fallback: Default, kind: SettingSource["kind"]): string {
  if ("unlimited" in fallback) return "no limit, which is a violation";
  if ("hidden" in fallback) return "undecided";
  const isForEver = kind === "duration" && fallback.value === 0;
  return `${isForEver ? "no limit" : fallback.value} (${fallback.of})`;
}

/** Every rule with its level and severity; `pages` is the folder of the runbooks as the document sees it. */
function ruleTable(pages: string): string {
  return table(
    ["rule", "what it bounds", "level", "severity"],
    POLICIES.map(({ id, description, level, severity }) => [
      `[${id}](${pages}${id}.md)`,
      description,
      level,
      severity,
    ]),
  );
}

/** A heading for each rule: where the pack's links lead (`url` of each policy in `policies/index.ts`). */
function ruleHeadings(): string {
  return POLICIES.map(
    ({ id, description, level, severity, remediationSteps }) =>
      `### ${id}\n\n${description} ${remediationSteps}\n\nLevel: ${level}. Severity: ${severity}.`,
  ).join("\n\n");
}

/** What the rules of each folder of `policies/rules` ask; `config` has those about the reading itself. */
const QUESTIONS: { readonly [folder: string]: string } = {
  pools: "Does each pool carry its peak, and do all together fit their database?",
  timeouts: "Does each wait end before the one around it?",
  database: "Do the database's limit, class and parameters hold what is asked of them?",
  proxy: "Does an RDS Proxy leave its clients enough?",
  alarms: "Would an alarm say so at 02:15?",
  config: "Has nothing passed unseen?",
};

/** The rules by what they ask, as the first page lists them. */
function questionTable(pages: string): string {
  const folderOf = (id: string): string =>
    Object.keys(QUESTIONS).find((folder) => existsSync(join(RULES, folder, `${fileOf(id)}.ts`))) ?? "config";
  const judging = POLICIES.filter(({ id }) => id !== settingsPolicy.id);
  return table(
    ["the question", "rules"],
    Object.entries(QUESTIONS).map(([folder, question]) => [
      question,
      judging
        .filter(({ id }) => folderOf(id) === folder)
        .map(({ id }) => `[${id}](${pages}${id}.md)`)
        .join(", "),
    ]),
  );
}

const RULES = join(__dirname, "../../policies/rules");
const fileOf = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** What this page reads of a JSON schema. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
}

const settings: Schema = settingsJsonSchema() as Schema;

/** One setting; one inside a list is named with it: `demand[].holdMs`. */
interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

/** Every setting of `poolproof-settings`, in the schema's order. */
export const SETTING_ROWS: readonly SettingRow[] = rows(settings);

/** Every setting with its kind and meaning, in the schema's order. */
function settingsTable(): string {
  return table(
    ["setting", "value", "meaning"],
    SETTING_ROWS.map(({ name, value, meaning }) => [`\`${name}\``, value, meaning]),
  );
}

function rows(object: Schema, prefix = ""): readonly SettingRow[] {
  return Object.entries(object.properties ?? {}).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const needed = prefix !== "" && object.required?.includes(key) ? ", required" : "";
    return [
      { name, value: `${kind(property)}${needed}`, meaning: property.description ?? "" },
      ...(property.items ? rows(property.items, `${name}[].`) : rows(property, `${name}.`)),
    ];
  });
}

/** A schema's kind in words: `integer, 1 to 100`, `"reject" or "warn"`, `list`. */
function kind(property: Schema): string {
  if (property.enum) return property.enum.map((each) => `\`${JSON.stringify(each)}\``).join(" or ");
  if (property.anyOf) return property.anyOf.map(kind).join(", or ");
  if (property.type === "array")
    return property.items?.properties ? "list" : `list of ${plural(property.items)}`;
  if (property.type === "object") {
    const { additionalProperties: values } = property;
    return typeof values === "object" ? `${kind(values)} by name` : "object";
  }
  return `${property.type ?? "any"}${range(property)}`;
}

function plural(items: Schema | undefined): string {
  const text = items ? kind(items) : "value";
  return items?.enum ? text : `${text}s`;
}

/** JavaScript's largest safe integer is where a schema says no bound: it is none to a reader. */
function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (exclusiveMinimum !== undefined)
    return bounded ? `, above ${exclusiveMinimum}, at most ${maximum}` : `, above ${exclusiveMinimum}`;
  if (minimum !== undefined) return bounded ? `, ${minimum} to ${maximum}` : `, ${minimum} or more`;
  return bounded ? `, at most ${maximum}` : "";
}

/** Every part of a document that follows from the code: what the rules, the schema and the pool profiles say today. */
export const SECTIONS: readonly Section[] = [
  { file: "README.md", name: "questions", text: questionTable("docs/runbooks/") },
  { file: "policies/README.md", name: "rules", text: ruleHeadings() },
  { file: "docs/runbooks/README.md", name: "rules", text: ruleTable("") },
  { file: "docs/runbooks/README.md", name: "alarms", text: alarmList("") },
  { file: "docs/guides/alarms.md", name: "composites", text: compositeTable("../runbooks/") },
  { file: "docs/guides/alarms.md", name: "thresholds", text: thresholdTable("../runbooks/") },
  { file: "docs/guides/policy-config.md", name: "settings", text: settingsTable() },
  { file: "docs/guides/clients.md", name: "pools", text: poolTables() },
];
