import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../policies/kit/errors";
import { ALARM_STATES } from "../../policies/model/cloudwatch/alarm";
import { EFFECTS } from "./generate/schedule";
import { firstIssue } from "./input";

/**
 * A scenario file: what happens, and what the alarms must make of it, in the manner of `promtool test rules`. Times are
 * `HH:MM` in UTC on the first day, or `day 3 HH:MM`.
 */

const time = z.string().regex(/^(day \d{1,3} )?([01]\d|2[0-3]):[0-5]\d$/, {
  error: 'must be a time: write "02:15", in quotes, or "day 3 02:15"',
});
const share = z.number().min(0).max(10);
const minutes = z.number().int().min(1);

const event = z.strictObject({
  /** For the timeline. */
  title: z.string().min(1),
  at: time,
  /** How long it lasts; to the end where it is not said. */
  minutes: minutes.optional(),
  /** Minutes until it is in full. */
  ramp: minutes.optional(),
  every: z.enum(["hour", "day", "week"]).optional(),
  effects: z.partialRecord(z.enum(EFFECTS), z.number().finite()).default({}),
  /** Namespaces, or `namespace metric`, that report nothing meanwhile. */
  silences: z.array(z.string()).optional(),
  /** Values of metrics, by `namespace metric`, whatever the model says. */
  overrides: z.record(z.string(), z.number().finite()).optional(),
});

const expectations = z.strictObject({
  /** From when on a failed request counts as the first: earlier ones are the usual few. */
  fault: time.optional(),
  /** The one cause that must be named; without it none may be. */
  cause: z.string().optional(),
  /** From the first failure until the cause is named. */
  withinMinutes: z.number().positive().default(5),
  /** Alarms that page, in order, each as often as it does. */
  pages: z.array(z.string()).default([]),
  /**
   * Alarms that page although nothing is wrong, each as often as it likes: what a faulty alarm set does. Then
   * `pages` is not checked.
   */
  falsePages: z.array(z.string()).optional(),
  /** Alarms that open a ticket, in any order, each as often as it does; not checked where it is not said. */
  tickets: z.array(z.string()).optional(),
  /** Alarms that may never be in ALARM: these, every one, or every one but these. */
  never: z
    .union([z.literal("all"), z.array(z.string()), z.strictObject({ allBut: z.array(z.string()) })])
    .optional(),
  /** Alarms that never see a datapoint. */
  blind: z.array(z.string()).optional(),
  /** Alarms that are in ALARM from their first evaluation to their last. */
  alwaysInAlarm: z.array(z.string()).optional(),
  states: z
    .array(z.strictObject({ at: time, alarms: z.record(z.string(), z.enum(ALARM_STATES)) }))
    .default([]),
});

const scenarioSchema = z.strictObject({
  /** What it is about, in a sentence or two. */
  about: z.string().min(1),
  stack: z.string().min(1),
  /** Settings that differ from the stack's, by name. */
  settings: z.record(z.string(), z.unknown()).default({}),
  /** A file of `aws cloudwatch describe-alarms`, beside the scenario, instead of the stack's own alarms. */
  alarms: z.string().optional(),
  /** A file with a trace, beside the scenario, instead of a generated one. */
  trace: z.string().optional(),
  /** A trace that the model generates. */
  generate: z
    .strictObject({
      startsAt: z.iso.datetime(),
      minutes,
      /** Any text: the same text generates the same trace. */
      seed: z.string().min(1),
      /** Share of the declared peak: at its low, at its high, when that is, and at week-ends. */
      rhythm: z.strictObject({
        low: share,
        high: share,
        peakHour: z.number().min(0).max(24),
        weekend: share.default(1),
      }),
      bursts: z.strictObject({ perDay: z.number().min(0), minutes, factor: share }).optional(),
      events: z.array(event).default([]),
    })
    .optional(),
  expect: expectations,
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Generate = NonNullable<Scenario["generate"]>;
export type Expectations = Scenario["expect"];

/** @throws InputError naming the file and the first thing that makes it no scenario. */
export function parseScenario(data: unknown, origin: string): Scenario {
  const result = scenarioSchema.safeParse(data);
  if (!result.success) throw new InputError(`${origin} is not a scenario: ${firstIssue(result.error)}`);
  const scenario = result.data;
  if ((scenario.trace === undefined) === (scenario.generate === undefined)) {
    throw new InputError(`${origin} is not a scenario: it needs either \`generate\` or \`trace\``);
  }
  return scenario;
}

/** What any set of alarms must do in a scenario, whatever its alarms are called and whatever they watch. */
export interface PagingRequirement {
  /** Whether someone has to be paged; where not, no one may be. */
  readonly pages: boolean;
  /** From when on something is wrong, as the scenario writes it. */
  readonly fault: string | undefined;
  /** From the first failure until the page. */
  readonly withinMinutes: number;
}

/**
 * A scenario's expectations without the names in them. Where it brings faulty alarms of its own, `pages` tells what those
 * do; what is right there follows from whether something is wrong.
 */
export function pagingRequirement({ alarms, expect }: Scenario): PagingRequirement {
  const { fault, cause, withinMinutes, pages } = expect;
  const isNamed = cause !== undefined || pages.length > 0;
  return { pages: alarms === undefined ? isNamed : fault !== undefined, fault, withinMinutes };
}

const FOLDER = join(__dirname, "scenarios");

/** Path of a shipped scenario. */
export function scenarioPath(name: string): string {
  return join(FOLDER, `${name}.yaml`);
}

/** Names of the shipped scenarios, in the order in which they are replayed. */
export function shippedScenarios(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => extname(file) === ".yaml")
    .map((file) => basename(file, ".yaml"))
    .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** The outage first, quiet days next, what other alarm sets do wrong last. */
function rank(name: string): number {
  if (name.startsWith("outage")) return 0;
  if (name.startsWith("quiet")) return 1;
  return isFaultySet(name) ? 3 : 2;
}

/** Scenarios that show what a faulty set of alarms does. */
export function isFaultySet(name: string): boolean {
  return name.startsWith("defect-");
}
