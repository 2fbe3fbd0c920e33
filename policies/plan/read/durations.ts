import { malformed, NUMBER, type Reading } from "../reading";
import type { TimeNotation } from "./poolProfiles/types";

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
export const EXPECTED: { readonly [notation in TimeNotation]: string } = {
  ms: "a number of milliseconds, 0 or more",
  s: "a number of seconds, 0 or more",
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
      return `${ms / 1000} s`;
    case "go":
      return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
    default:
      return `${ms} ms`;
  }
}

/** Milliseconds as a person types them into a variable or a config key behind it: 1500, 1.5, "1500ms". */
export function typeDuration(ms: number, notation: TimeNotation = "ms"): number | string {
  if (notation === "s") return ms / 1000;
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
  go: goDuration,
  "ms or unit": (text) => bare(text) ?? withUnit(text) ?? isoDuration(text),
};
