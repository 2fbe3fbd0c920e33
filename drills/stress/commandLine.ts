import {
  CommandLine,
  choice,
  fileName,
  InvalidArgumentError,
  numberBetween,
  Option,
  wholeNumber,
} from "../../policies/kit/cli";
import { InputError } from "../../policies/kit/errors";
import { DRILLS, type DrillName } from "./drills/disturbances";

/** What the command was asked to do. */
export interface Options {
  readonly stack: string;
  /** Length of the steady load that is measured. */
  readonly durationSeconds?: number | undefined;
  /** Requests a second at peak over all of the stack's tasks; undefined is what the stack declares. */
  readonly rate?: number;
  readonly holdMs?: number;
  readonly seed: number;
  /** Share of the stack's tasks, above 0 and up to 1. */
  readonly scale?: number;
  readonly poolMax?: number;
  /** Pools to measure besides the stack's own; undefined: below, at and above the floor. */
  readonly pools?: readonly number[];
  readonly findLimit?: boolean;
  readonly smoke?: boolean;
  readonly format: Format;
  readonly output?: string;
  readonly html?: string;
  readonly trace?: string;
  readonly emit?: "k6";
  readonly databaseUrl?: string;
  readonly databasePort?: number;
  readonly evenIfRejected?: boolean;
  readonly drill?: DrillName | "all";
  /** Judges the model instead of a stack; the stack is then the empty name. */
  readonly experiment?: ExperimentName;
  readonly updateBaseline?: boolean;
}

const FORMATS = ["text", "json", "junit"] as const;
export type Format = (typeof FORMATS)[number];

/**
 * The model itself under test: hold times that vary more than exponentially, requests that hold two connections, and
 * deployments whose stopped tasks keep their pools.
 */
const EXPERIMENTS = ["holds", "nested", "drained"] as const;
export type ExperimentName = (typeof EXPERIMENTS)[number];

const DRILL_NAMES = [...DRILLS, "all"] as const;

const MAX_POOL = 10_000;

/** Options that an experiment, which has no stack, does not take. */
const OF_A_STACK = [
  ...["rate", "holdMs", "scale", "poolMax", "pools", "findLimit", "smoke", "drill", "evenIfRejected"],
  ...["databaseUrl", "emit", "html", "trace", "updateBaseline"],
];

const commandLine = (): CommandLine =>
  new CommandLine("npm run stress --")
    .description(
      `Does a stack's connection pool survive its declared peak?

Runs the auth service with the settings that Pulumi would deploy, against a real PostgreSQL on this machine.`,
    )
    .argument("[stack]", "a stack of stacks/")
    .option("--duration <time>", "steady load that is measured (default: 30s; 15s with --smoke)", duration)
    .option(
      "--rate <n>",
      "requests/s over all of the stack's tasks (default: the declared peak)",
      numberBetween(0, 1e6, "requests/s"),
    )
    .option(
      "--hold-ms <n>",
      "mean time a connection is held (default: as declared)",
      numberBetween(0, 3_600_000, "ms"),
    )
    .option("--seed <n>", "another sequence of arrivals and holds", wholeNumber(0, 2 ** 32 - 1), 1)
    .option(
      "--scale <share>",
      "share of the stack's tasks to run, such as 1/4, under the same load each (default: what this machine carries)",
      scale,
    )
    .option("--pool-max <n>", "another pool size than the stack's", wholeNumber(1, MAX_POOL))
    .option(
      "--pools <list>",
      "more pools to measure, such as 8,11,14, or none (default: below, at and above the floor)",
      pools,
    )
    .addOption(
      new Option("--find-limit", "search the pool size at which logins break").conflicts(["drill", "smoke"]),
    )
    .addOption(
      new Option("--smoke", "the short drill for every change: under two minutes").conflicts("drill"),
    )
    .option("--drill <name>", `a reliability drill: ${DRILLS.join(", ")} or all`, drill)
    .addOption(
      new Option(
        "--experiment <name>",
        "the model itself, without a stack: holds (for heavy-tailed times), nested (two connections at once) or drained (a deployment)",
      )
        .argParser(choice(EXPERIMENTS))
        .conflicts(OF_A_STACK),
    )
    .option("--even-if-rejected", "run a stack that the policies reject")
    .addOption(
      new Option(
        "--database-url <url>",
        "an empty PostgreSQL of your own, as a superuser; ?sslrootcert=FILE verifies it",
      )
        .argParser(databaseUrl)
        .conflicts("databasePort"),
    )
    .option(
      "--database-port <port>",
      "port of the lab's own database (default: a free one)",
      wholeNumber(1, 65_535),
    )
    .option("--emit <what>", "k6: print the same load as a k6 script, and run nothing", choice(["k6"]))
    .option("--format <format>", FORMATS.join(", "), choice(FORMATS), "text")
    .option("--output <file>", "write the report there instead of to stdout", fileName)
    .option("--html <file>", "write a page with pictures too", fileName)
    .option("--trace <file>", "write the run's metrics for `npm run replay`", fileName)
    .option("--update-baseline", "keep this run's ratios as the ones to compare with")
    .addHelpText(
      "after",
      "\nExit codes: 0 logins hold, 1 they do not (or the run is void), 2 the input cannot be used.",
    );

/** @throws InputError or commander's error naming what is wrong with the command line. */
export function parseCommandLine(argv: readonly string[]): Options {
  const line = commandLine().parse(argv, { from: "user" });
  const [stack] = line.args;
  const { duration: durationSeconds, ...options } = line.opts<
    Omit<Options, "stack" | "durationSeconds"> & { readonly duration?: number }
  >();
  if (options.experiment !== undefined) {
    if (stack) throw new InputError(`--experiment ${options.experiment} takes no stack: leave out ${stack}`);
    if (options.experiment === "drained" && durationSeconds !== undefined) {
      throw new InputError("--experiment drained takes as long as its deployments do: leave out --duration");
    }
    return { ...options, stack: "", durationSeconds };
  }
  if (!stack) throw new InputError("which stack? `npm run stress -- STACK`; the stacks are files of stacks/");
  return { ...options, stack, durationSeconds };
}

const MIN_SECONDS = 5;
const MAX_SECONDS = 3_600;

/** `30s`, `2m` or plain seconds. */
function duration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s|m)?$/.exec(text) ?? [];
  const seconds = Number(digits) * (unit === "m" ? 60 : 1);
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError(
    `It must be a time from ${MIN_SECONDS}s to ${MAX_SECONDS / 60}m, such as 30s or 2m.`,
  );
}

/** The drill `other-client` was once called `stranger`. */
const drill = (text: string): DrillName | "all" =>
  choice(DRILL_NAMES)(text === "stranger" ? "other-client" : text);

/** `1/4` or `0.25`. */
function scale(text: string): number {
  const [, part, whole = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  const value = Number(part) / Number(whole);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError(
    "It must be a share of the stack's tasks such as 1/4, above 0 and at most 1.",
  );
}

const pools = (text: string): readonly number[] =>
  text === "none" ? [] : text.split(",").map((each) => wholeNumber(1, MAX_POOL)(each.trim()));

/** Its form is checked where it is used. */
function databaseUrl(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("Write a URL such as postgresql://postgres@localhost/lab.");
}
