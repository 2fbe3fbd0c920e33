import { POOL_PROFILES } from "../../policies/plan/pools/libraries";
import type {
  Default,
  PoolProfile,
  PoolSetting,
  SettingSource,
  TimeNotation,
  Variable,
} from "../../policies/plan/pools/library";
import { COMMON } from "../../policies/plan/pools/library";
import { table } from "./sections";

/** The environment names of each library, and what holds when none of them is set; first those of all libraries. */
export function poolTables(): string {
  const profiles = [...POOL_PROFILES.values()];
  return [
    `### Every library\n\n${settingsTable(entriesOf(COMMON))}`,
    ...profiles.map((profile) => `### ${profile.library}\n\n${settingsTable(ownSettings(profile))}`),
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

function settingsTable(entries: readonly Entry[]): string {
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
  [...source.variables, ...(source.otherwise ?? [])].map(shown).join(", ") || "none",
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
  return inWords(fallback, kind);
}

function inWords(fallback: Default, kind: SettingSource["kind"]): string {
  if ("unlimited" in fallback) return "no limit, which is a violation";
  if ("hidden" in fallback) return "undecided";
  const isForEver = kind === "duration" && fallback.value === 0;
  return `${isForEver ? "no limit" : fallback.value} (${fallback.of})`;
}
