import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../../policies/kit/errors";
import { closest } from "../../policies/kit/text";
import { optionMistake, withNegativeValues } from "../commandLine/optionMistake";
import { DRILLS, type DrillName } from "./drills/disturbances";

/** What `npm run stress -- --help` prints. */
export const HELP = `npm run stress -- STACK: does a stack's connection pool survive its declared peak?

Runs the auth service with the settings that Pulumi would deploy, against a real PostgreSQL on this machine.

  --duration 30s         steady load that is measured (default: 30s; 15s with --smoke)
  --rate N               requests/s over all of the stack's tasks (default: the declared peak)
  --hold-ms N            mean time a connection is held (default: as declared)
  --seed N               another sequence of arrivals and holds (default: 1)
  --scale 1/4            share of the stack's tasks to run, under the same load each (default: what this machine carries)
  --pool-max N           another pool size than the stack's
  --pools 8,11,14        pools to measure beside it (default: below, at and above the floor; none)
  --find-limit           search the pool size at which logins break
  --smoke                the short drill for every change: under two minutes
  --drill NAME           a reliability drill: ${DRILLS.join(", ")} or all
  --even-if-rejected     run a stack that the policies reject
  --database-url URL     an empty PostgreSQL of your own, as a superuser; ?sslrootcert=FILE verifies it
  --database-port PORT   port of the lab's own database (default: a free one)
  --emit k6              print the same load as a k6 script, and run nothing

  --format FORMAT        text, json or junit (default: text)
  --output FILE          write the report there instead of to stdout
  --html FILE            write a page with pictures too
  --trace FILE           write the run's metrics for \`npm run replay\`
  --update-baseline      keep this run's ratios as the ones to compare with

Exit codes: 0 logins hold, 1 they do not (or the run is void), 2 the input cannot be used.`;

/** What the command was asked to do. */
export interface Options {
  readonly stack: string;
  /** Length of the steady load that is measured. */
  readonly durationSeconds: number | undefined;
  /** Requests a second at peak over all of the stack's tasks; undefined is what the stack declares. */
  readonly rate: number | undefined;
  readonly holdMs: number | undefined;
  readonly seed: number;
  /** Share of the stack's tasks, above 0 and up to 1. */
  readonly scale: number | undefined;
  readonly poolMax: number | undefined;
  /** Pools to measure beside the stack's own; undefined: below, at and above the floor. */
  readonly pools: readonly number[] | undefined;
  readonly findLimit: boolean;
  readonly smoke: boolean;
  readonly format: Format;
  /** Absolute paths. */
  readonly output: string | undefined;
  readonly html: string | undefined;
  readonly trace: string | undefined;
  readonly emit: "k6" | undefined;
  readonly databaseUrl: string | undefined;
  readonly databasePort: number | undefined;
  readonly evenIfRejected: boolean;
  readonly drill: DrillName | "all" | undefined;
  readonly updateBaseline: boolean;
}

export const FORMATS = ["text", "json", "junit"] as const;
export type Format = (typeof FORMATS)[number];

const OPTIONS = {
  duration: { type: "string" },
  rate: { type: "string" },
  "hold-ms": { type: "string" },
  seed: { type: "string" },
  scale: { type: "string" },
  "pool-max": { type: "string" },
  pools: { type: "string" },
  "find-limit": { type: "boolean" },
  smoke: { type: "boolean" },
  format: { type: "string" },
  output: { type: "string" },
  html: { type: "string" },
  trace: { type: "string" },
  emit: { type: "string" },
  "database-url": { type: "string" },
  "database-port": { type: "string" },
  "even-if-rejected": { type: "boolean" },
  drill: { type: "string" },
  "update-baseline": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** @returns "help" when that was asked for. @throws InputError in one line, with how to correct it. */
export function parseCommandLine(argv: readonly string[]): Options | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  const [stack, stranger] = positionals;
  if (stack === undefined || stack === "")
    throw new InputError("which stack? `npm run stress -- STACK`; the stacks are files of stacks/");
  if (stranger !== undefined) throw new InputError(`one stack at a time, not ${stack} and ${stranger}`);
  const options: Options = {
    stack,
    durationSeconds: optional(values.duration, (text) => duration("--duration", text)),
    rate: optional(values.rate, (text) =>
      number("--rate", text, { above: 0, most: 1e6, unit: "requests/s" }),
    ),
    holdMs: optional(values["hold-ms"], (text) =>
      number("--hold-ms", text, { above: 0, most: 3_600_000, unit: "ms" }),
    ),
    seed: optional(values.seed, (text) => whole("--seed", text, 0, 2 ** 32 - 1)) ?? 1,
    scale: optional(values.scale, scale),
    poolMax: optional(values["pool-max"], (text) => whole("--pool-max", text, 1, 10_000)),
    pools: optional(values.pools, pools),
    findLimit: values["find-limit"] ?? false,
    smoke: values.smoke ?? false,
    format: choice("--format", FORMATS, values.format ?? "text"),
    output: file("--output", values.output),
    html: file("--html", values.html),
    trace: file("--trace", values.trace),
    emit: optional(values.emit, (text) => choice("--emit", ["k6"] as const, text)),
    databaseUrl: optional(values["database-url"], databaseUrl),
    databasePort: optional(values["database-port"], (text) => whole("--database-port", text, 1, 65_535)),
    evenIfRejected: values["even-if-rejected"] ?? false,
    drill: optional(values.drill, (text) => choice("--drill", [...DRILLS, "all"] as const, text)),
    updateBaseline: values["update-baseline"] ?? false,
  };
  refuseContradictions(options);
  return options;
}

const EXAMPLES = {
  duration: "30s",
  rate: "400",
  "hold-ms": "12.5",
  seed: "7",
  scale: "1/4",
  "pool-max": "12",
  pools: "8,11,14",
  format: "json",
  output: "report.txt",
  html: "report.html",
  trace: "trace.json",
  emit: "k6",
  "database-url": "postgresql://postgres@localhost/lab",
  "database-port": "5433",
  drill: "restart",
} as const;

function parse(argv: readonly string[]) {
  try {
    const args = withNegativeValues(argv, OPTIONS);
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const words = { options: OPTIONS, examples: EXAMPLES, help: "npm run stress -- --help" };
    throw new InputError(optionMistake(error, argv, words));
  }
}

function refuseContradictions(options: Options): void {
  const { findLimit, drill, smoke, databaseUrl, databasePort } = options;
  if (databaseUrl !== undefined && databasePort !== undefined) {
    throw new InputError(
      "--database-port is for the lab's own database, which --database-url replaces: leave one out",
    );
  }
  const modes = [findLimit && "--find-limit", drill !== undefined && "--drill", smoke && "--smoke"].filter(
    (each) => each !== false,
  );
  if (modes.length > 1)
    throw new InputError(`${modes.join(" and ")} are runs of their own: give one of them`);
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

function number(
  option: string,
  text: string,
  { above, most, unit }: { readonly above: number; readonly most: number; readonly unit: string },
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value > above && value <= most) return value;
  throw new InputError(`${option} is "${text}" and must be above ${above} and at most ${most} ${unit}`);
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(`${option} is "${text}" and must be a whole number from ${least} to ${most}`);
}

const LEAST_SECONDS = 5;
const MOST_SECONDS = 3_600;

/** `30s`, `2m` or plain seconds. */
function duration(option: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(text) ?? [];
  const seconds = Number(digits) * (unit === "m" ? 60 : 1);
  if (seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS) return seconds;
  throw new InputError(
    `${option} is "${text}" and must be a time from ${LEAST_SECONDS}s to ${MOST_SECONDS / 60}m, such as 30s or 2m`,
  );
}

/** `1/4` or `0.25`. */
function scale(text: string): number {
  const [, part, whole = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  const value = Number(part) / Number(whole);
  if (value > 0 && value <= 1) return value;
  throw new InputError(
    `--scale is "${text}" and must be a share of the stack's tasks such as 1/4, above 0 and at most 1`,
  );
}

function pools(text: string): readonly number[] {
  return text === "none" ? [] : text.split(",").map((each) => whole("--pools", each.trim(), 1, 10_000));
}

function choice<T extends string>(option: string, choices: readonly T[], text: string): T {
  const found = choices.find((each) => each === text);
  if (found !== undefined) return found;
  const near = closest(text, choices);
  throw new InputError(
    `${option} is "${text}" and can be ${choices.join(", ")}${near ? `; did you mean ${near}?` : ""}`,
  );
}

/** Its form is checked where it is used. */
function databaseUrl(text: string): string {
  if (text !== "") return text;
  throw new InputError(`--database-url is empty: write one after it, as in ${EXAMPLES["database-url"]}`);
}

function file(option: string, text: string | undefined): string | undefined {
  if (text === "") throw new InputError(`${option} needs a file name`);
  return text === undefined ? undefined : resolve(text);
}
