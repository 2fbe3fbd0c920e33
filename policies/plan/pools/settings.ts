import type { EnvironmentValue } from "../clients/containers";
import {
  known,
  type Malformed,
  malformed,
  NUMBER,
  type Reading,
  requireNumber,
  toNumber,
  unset,
} from "../reading";
import { GIVEN, POLICY_CONFIGURATION } from "../settings";
import type { PoolProfile } from "./libraries";
import type { Default, PoolSettings, SettingReading, SettingSource, TimeNotation, Variable } from "./library";

/** Where settings are read from: one container's or function's environment. */
export interface Environment {
  /** The variable's value; unknown when a secret or an environment file may hold it. */
  environment(name: string): EnvironmentValue;
  /** Whether the definition itself sets the variable. */
  sets(name: string): boolean;
  /** How messages name a variable that stands elsewhere: "spring.datasource.url in JAVA_OPTS". */
  labelOf?(name: string): string | undefined;
  /** Every variable that it sets. */
  readonly variables?: readonly string[];
}

/** What the policy configuration says of one setting: other names for it, or its value. */
interface SettingOverride {
  readonly variables?: readonly string[] | undefined;
  readonly value?: number | undefined;
}

/** Reads every setting of a profile out of one environment. */
export function readSettings(
  profile: PoolProfile,
  environment: Environment,
  override: (setting: string) => SettingOverride = () => ({}),
): PoolSettings {
  const entries = Object.entries(profile.settings).map(([setting, source]) => [
    setting,
    readOverridden(setting, source, environment, override(setting)),
  ]);
  return Object.fromEntries(entries) as { [setting in keyof PoolSettings]: SettingReading };
}

/** Whether any of the setting's names is set. */
export function isSet(source: SettingSource, environment: Environment): boolean {
  return [...source.variables, ...(source.plus?.variables ?? [])].some((variable) =>
    holds(variable, environment),
  );
}

/** Whether the definition sets a variable, and the parameter in it where it names one. */
export function holds(variable: Variable, environment: Environment): boolean {
  if (!environment.sets(variable.name)) return false;
  return isWhole(variable) || textOf(variable, environment).state !== "unset";
}

/** Whether it is certain that the definition sets it: a text that is hidden holds any parameter, or none. */
export function certainlyHolds(variable: Variable, environment: Environment): boolean {
  if (!isWhole(variable) && textOf(variable, environment).state === "unknown") return false;
  return holds(variable, environment);
}

function readOverridden(
  setting: string,
  source: SettingSource,
  environment: Environment,
  { variables, value }: SettingOverride,
): SettingReading {
  if (value !== undefined) {
    const variable = `${GIVEN}${setting}`;
    const least = source.kind === "count" ? 1 : 0;
    const isWhole = (n: number): boolean => source.kind === "duration" || Number.isSafeInteger(n);
    const expected = source.kind === "duration" ? EXPECTED.ms : expectedCount(source, least);
    const passes = (n: number): boolean => isWhole(n) && n >= least;
    const given = requireNumber(known(value, POLICY_CONFIGURATION), variable, passes, expected);
    const shown = readSetting(named(source, variables), environment);
    return { variable, unit: source.unit, reading: againstTheProgram(given, shown, variable) };
  }
  if (variables === undefined || variables.length === 0)
    return mendable(setting, readSetting(source, environment));
  return mendable(setting, readSetting(named(source, variables), environment));
}

/** A setting under other names than the library's. */
function named(source: SettingSource, variables: readonly string[] | undefined): SettingSource {
  if (variables === undefined || variables.length === 0) return source;
  const { plus: _, ...whole } = source;
  return { ...whole, variables: variables.map((name) => ({ name, writtenIn: "ms or unit" as const })) };
}

/** What the environment shows is never overruled by the policy configuration: two different values contradict each other. */
function againstTheProgram(given: Reading<number>, shown: SettingReading, variable: string): Reading<number> {
  const { reading } = shown;
  if (given.state !== "known" || reading.state !== "known" || reading.assumed !== undefined) return given;
  if (reading.value === given.value) return given;
  return contradiction(
    shown.variable,
    `${reading.value} by \`${shown.variable}\` and ${given.value} by \`${variable}\``,
    "the program uses the first, so the policy configuration describes a different pool",
  );
}

/** What a secret, a file or the preview hides can be said in the policy configuration; a part of a secret URL only there. */
function mendable(setting: string, of: SettingReading): SettingReading {
  const { reading, variable } = of;
  if (reading.state !== "unknown" || reading.fix !== undefined) return of;
  const say = `set \`${GIVEN}${setting}\` of the client under \`pools\` in the policy configuration`;
  const fix = variable.includes(" in ")
    ? `S${say.slice(1)}: a plan shows no part of a hidden URL`
    : `Set \`${variable}\` as a plain value in the environment, or ${say}`;
  return { ...of, reading: { ...reading, fix } };
}

function readSetting(source: SettingSource, environment: Environment): SettingReading {
  const own = readOwn(source, environment);
  if (source.plus === undefined) return own;
  const more = readOwn(source.plus, environment);
  // What is added only where it is set is not spoken of where it is not.
  if (more.reading.state === "known" && more.reading.assumed !== undefined && more.reading.value === 0)
    return own;
  return { ...own, variable: `${own.variable} + ${more.variable}`, reading: sum(own.reading, more.reading) };
}

function readOwn(given: SettingSource, environment: Environment): SettingReading {
  const { otherwise = [] } = given;
  const isElse = otherwise.some((each) => holds(each, environment)) && !isSet(given, environment);
  const source = isElse ? { ...given, variables: otherwise } : given;
  const found = source.variables.flatMap((variable) => {
    const value = textOf(variable, environment);
    return value.state === "unset"
      ? []
      : [{ variable, reading: interpret(source, variable, value, labelIn(environment, variable)) }];
  });
  // What the definition sets wins over what an environment file may hold (AWS: ECS, environmentFiles).
  const set = found.filter(({ variable }) => environment.sets(variable.name));
  // A variable of its own, which is there to be read, over a URL that may say something or not.
  const plain = set.filter(({ variable, reading }) => isWhole(variable) || reading.state !== "unknown");
  const [first, ...others] = plain.length > 0 ? plain : set.length > 0 ? set : found;
  const off = (source.turnedOff ?? []).find((variable) => {
    const text = textOf(variable, environment);
    return text.state === "known" && /^(?:false|no)$/i.test(text.value.trim());
  });
  if (off !== undefined) {
    const label = labelOf(off);
    return {
      variable: label,
      unit: source.unit,
      reading: unlimited(label, `unlimited (\`${label}\` is false)`, null),
    };
  }
  const variable = first?.variable ?? source.variables[0];
  const writtenIn = variable?.writtenIn;
  return {
    variable: variable === undefined ? (source.label ?? "") : labelIn(environment, variable),
    unit: source.unit,
    reading: first === undefined ? byDefault(source) : others.reduce(agreed, first).reading,
    ...(writtenIn === undefined || writtenIn === "ms" ? {} : { writtenIn }),
    ...(source.how === undefined ? {} : { how: source.how }),
    ...(source.boundedByRequest === undefined ? {} : { boundedByRequest: true }),
  };
}

interface Found {
  readonly variable: Variable;
  readonly reading: Reading<number>;
}

/** Two names with different values contradict each other: which one the program reads, no plan shows. */
function agreed(one: Found, other: Found): Found {
  if (one.reading.state !== "known") return one;
  if (other.reading.state !== "known") return other;
  if (one.reading.value === other.reading.value) return one;
  const shown = [one, other].map(({ variable, reading }) => {
    const value = reading.state === "known" ? reading.value : "";
    return `${value} by \`${labelOf(variable)}\``;
  });
  const consequence = "which of them the program reads is undefined";
  return {
    variable: one.variable,
    reading: contradiction(labelOf(one.variable), shown.join(" and "), consequence),
  };
}

const contradiction = (property: string, shown: string, consequence: string): Malformed => ({
  state: "malformed",
  property,
  shown,
  observed: null,
  expected: "one value",
  consequence,
});

/** "`connection_limit` in `DATABASE_URL`", without the marks that messages put around a name. */
const labelOf = ({ name, parameter, option = parameter }: Variable): string =>
  option === undefined ? name : `${option} in ${name}`;

const isWhole = ({ parameter, option }: Variable): boolean => parameter === undefined && option === undefined;

const labelIn = (environment: Environment, variable: Variable): string =>
  environment.labelOf?.(variable.name) ?? labelOf(variable);

function byDefault(source: SettingSource): Reading<number> {
  const property = source.variables[0] === undefined ? (source.label ?? "") : labelOf(source.variables[0]);
  const fallback: Default | undefined = source.default;
  if (fallback === undefined) return unset(property);
  if ("value" in fallback) return known(fallback.value, fallback.of);
  if ("unlimited" in fallback) return unlimited(property, `unlimited: ${fallback.unlimited}`, null);
  return fallback.hidden;
}

function unlimited(property: string, shown: string, observed: number | null): Malformed {
  return {
    state: "malformed",
    property,
    shown,
    observed,
    expected: "a positive integer (connections)",
    consequence: "the pool is unlimited, so one burst can take all connections of the database",
  };
}

function interpret(
  source: SettingSource,
  variable: Variable,
  value: EnvironmentValue,
  label: string,
): Reading<number> {
  if (value.state !== "known") return value;
  const text = value.value.trim();
  if (source.kind === "duration") return duration(source, variable, text, label);
  // Digits alone: of "1e1" one service makes 10 and another, with parseInt, 1.
  const reading = toNumber(/^-?\d+$/.test(text) ? text : "", label);
  const number = reading.state === "known" ? reading.value : undefined;
  if (number !== undefined && source.unlimited?.(number))
    return unlimited(label, `unlimited (\`${label}\` is ${number})`, number);
  const least = source.kind === "count" ? 1 : 0;
  if (number !== undefined && Number.isSafeInteger(number) && number >= least) return reading;
  return refused(variable, value.value, expectedCount(source, least));
}

const expectedCount = ({ unit }: SettingSource, least: number): string =>
  `an integer of at least ${least} (${unit})`;

const NO_LIMIT = new Set(["", "false", "off", "none", "infinity"]);

function duration(source: SettingSource, variable: Variable, text: string, label: string): Reading<number> {
  if (NO_LIMIT.has(text.toLowerCase())) return known(0);
  const notation = variable.writtenIn ?? "ms";
  const reading = readDuration(text, notation, label);
  if (reading.state !== "known") return refused(variable, text, EXPECTED[notation]);
  const inNotation = notation === "s" ? reading.value / 1000 : reading.value;
  if (source.unlimited?.(inNotation)) return known(0);
  if (reading.value < 0) return refused(variable, text, EXPECTED[notation]);
  if (reading.value === 0) return known(source.zeroMs ?? 0);
  const { least = 0 } = source;
  return reading.value < least ? refused(variable, text, `0 or at least ${least} ms`) : reading;
}

/** What stands in a URL beside a parameter may be a password: of that only a plain word or number is shown. */
function refused(variable: Variable, text: string, expected: string): Malformed {
  const wrong = malformed(labelOf(variable), text, expected);
  if (isWhole(variable) || /^[\w.+-]{0,20}$/.test(text)) return wrong;
  return { ...wrong, shown: "something else", observed: null };
}

/** The variable's text, or that of the parameter in the URL it holds; the URL itself goes no further. */
function textOf(variable: Variable, environment: Environment): EnvironmentValue {
  const { name, option, isSeldom, of } = variable;
  const whole = environment.environment(name);
  if (isSeldom && whole.state !== "known") return unset(labelOf(variable));
  if (of !== undefined && whole.state === "known" && !of.test(whole.value)) return unset(labelOf(variable));
  const text = partOf(variable, whole);
  return option === undefined || option === variable.parameter || text.state !== "known"
    ? text
    : optionIn(text.value, variable, option);
}

/** The last `-c NAME=VALUE` or `--NAME=VALUE` counts, as in `postgres` itself; its minutes are `min`. */
function optionIn(text: string, variable: Variable, option: string): EnvironmentValue {
  const found = [...text.matchAll(new RegExp(`(?:-c\\s*|--)${option}\\s*=\\s*'?([^\\s']+)`, "g"))].at(
    -1,
  )?.[1];
  return found === undefined ? unset(labelOf(variable)) : known(found.replace(/min$/, "m"));
}

function partOf({ name, parameter }: Variable, value: EnvironmentValue): EnvironmentValue {
  if (parameter === undefined || value.state !== "known") return value;
  if (!value.value.includes("?") && value.value.includes("=")) return keyIn(value.value, { name, parameter });
  const query = /\?([^?#]*)(?:#.*)?$/.exec(value.value)?.[1] ?? "";
  const [first, ...others] = new Set(new URLSearchParams(query).getAll(parameter));
  if (first === undefined) return unset(`${parameter} in ${name}`);
  return others.length === 0 ? known(first) : refused({ name, parameter }, "set twice", "one value");
}

/**
 * A key of ADO.NET's `Host=db;Maximum Pool Size=20`, whose letter case and blanks do not count, or of libpq's
 * `host=db pool_max_conns=20`; the last one wins in both.
 */
function keyIn(text: string, { name, parameter = "" }: Variable): EnvironmentValue {
  const plain = (key: string): string => key.replace(/\s+/g, "").toLowerCase();
  const found = text
    .split(text.includes(";") ? ";" : /\s+(?=\w+\s*=)/)
    .map((pair) => pair.split("="))
    .filter(([key = "", ...rest]) => rest.length > 0 && plain(key) === plain(parameter))
    .at(-1);
  return found === undefined ? unset(`${parameter} in ${name}`) : known(found.slice(1).join("=").trim());
}

function sum(size: Reading<number>, more: Reading<number>): Reading<number> {
  const [hidden] = [size, more].filter(({ state }) => state === "malformed");
  if (hidden) return hidden;
  if (size.state !== "known") return size;
  if (more.state !== "known") return more;
  const sources = [size, more].map(({ value, assumed }) =>
    assumed === undefined ? `${value}` : `${value}, ${assumed}`,
  );
  const isSaid = size.assumed === undefined && more.assumed === undefined;
  return known(size.value + more.value, isSaid ? undefined : sources.join(" and "));
}

/** Milliseconds of each unit, in the order of `time.ParseDuration` and of Spring's simple style. */
const UNIT_MS = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const GO = /^[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/;
const WITH_UNIT = /^(\d+)(ns|us|ms|s|m|h|d)$/i;
const ISO = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/i;

/** What each notation holds, for messages. */
const EXPECTED: { readonly [notation in TimeNotation]: string } = {
  ms: "a non-negative number (milliseconds)",
  s: "a non-negative number (seconds)",
  min: "a non-negative number (minutes)",
  "s or unit": 'seconds, or a number with its unit such as "30s"',
  go: 'a Go duration such as "30s" or "5m"',
  "ms or unit": 'milliseconds, or a number with its unit such as "30s"',
};

/** A time of at most a few hundred characters as milliseconds, in the notation of its variable. */
export function readDuration(text: string, notation: TimeNotation, property: string): Reading<number> {
  const ms = text.length > 100 ? undefined : PARSERS[notation](text);
  return ms === undefined || !Number.isFinite(ms)
    ? malformed(property, text, EXPECTED[notation])
    : { state: "known", value: Math.round(ms * 1e6) / 1e6 };
}

/** Milliseconds as the variable writes them: `1500 ms`, `1.5 s`, `"1500ms"` with whole seconds as `"2s"`. */
export function writeDuration(ms: number, notation: TimeNotation = "ms"): string {
  switch (notation) {
    case "s":
    case "s or unit":
      return `${ms / 1000} s`;
    case "min":
      return `${ms / 60_000} min`;
    case "go":
      return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
    default:
      return `${ms} ms`;
  }
}

/** Milliseconds as a person types them into a variable or a config key behind it: 1500, 1.5, "1500ms". */
export function typeDuration(ms: number, notation: TimeNotation = "ms"): number | string {
  if (notation === "s" || notation === "s or unit") return ms / 1000;
  if (notation === "min") return ms / 60_000;
  return notation === "go" ? writeDuration(ms, notation) : ms;
}

const bare = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

const scaled = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

/** Go refuses a number without a unit, 0 aside (pkg.go.dev/time#ParseDuration). */
function goDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!GO.test(text)) return undefined;
  let ms = 0;
  for (const [, value, unit] of text.matchAll(PART))
    ms += Number(value) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return text.startsWith("-") ? -ms : ms;
}

function withUnit(text: string): number | undefined {
  const [, value, unit] = WITH_UNIT.exec(text) ?? [];
  return unit === undefined ? undefined : Number(value) * UNIT_MS[unit.toLowerCase() as keyof typeof UNIT_MS];
}

function isoDuration(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match || text.length <= 2) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return hours * UNIT_MS.h + minutes * UNIT_MS.m + seconds * UNIT_MS.s;
}

const PARSERS: { readonly [notation in TimeNotation]: (text: string) => number | undefined } = {
  ms: bare,
  s: (text) => scaled(bare(text), 1000),
  min: (text) => scaled(bare(text), 60_000),
  "s or unit": (text) => scaled(bare(text), 1000) ?? withUnit(text) ?? isoDuration(text),
  go: goDuration,
  "ms or unit": (text) => bare(text) ?? withUnit(text) ?? isoDuration(text),
};
