import { planFrom } from "../check/planSource";
import type { ExplainArguments } from "../command/commandLine";
import { deliver, destination, fileFor, save } from "../command/output";
import { readPolicyConfig } from "../command/policyConfig";
import { percent, printable } from "../kit/text";
import { type Paint, painter, wrap } from "../reports/text";
import { count, deploymentText, plain, runnerOf } from "../rules/format";
import { type ExplainedDatabase, type ExplainedPool, type Explanation, explanationOf } from "./explanation";

/**
 * Draws each pool's safe window. Explaining is not judging: the exit code is 0 whatever the windows hold.
 * @throws InputError
 */
export async function explain(options: ExplainArguments): Promise<number> {
  const { settings } = await readPolicyConfig(options.policyConfig);
  const to = destination(options.output);
  const svg = options.svg === undefined ? undefined : fileFor(options.svg, "--svg");
  const planned = await planFrom(options, { positions: false });
  if ("exitCode" in planned) return planned.exitCode;
  const explanation = explanationOf(planned.plan, settings, planned.stack);
  for (const note of explanation.notes) process.stderr.write(`note: ${printable(note)}\n`);
  if (svg !== undefined) {
    const { explanationToSvg } = await import("./toSvg.js");
    save(svg, explanationToSvg(explanation), "--svg");
  }
  const text =
    options.format === "json"
      ? `${JSON.stringify(explanation, null, 2)}\n`
      : explanationToText(explanation, to);
  deliver(text, to);
  return 0;
}

interface TextOptions {
  /** ANSI colours: for terminals whose user has not set NO_COLOR. */
  readonly color: boolean;
  readonly width: number;
}

/** Every pool's window as a number line, with the arithmetic behind it. */
export function explanationToText(explanation: Explanation, { color, width }: TextOptions): string {
  const draw: Drawing = { paint: painter(color), width: Math.max(40, Math.min(width || 100, 110)) };
  const { databases, unlinked, stack } = explanation;
  const pools = databases.reduce((sum, database) => sum + database.pools.length, unlinked.length);
  const lines = [
    draw.paint.bold(`${printable(stack)}: ${count(pools, "pool")} of ${count(databases.length, "database")}`),
  ];
  for (const database of databases) {
    lines.push("", ...limitLines(database, draw));
    for (const pool of database.pools) lines.push("", ...poolLines(pool, database, draw));
  }
  for (const pool of unlinked) lines.push("", ...poolLines(pool, undefined, draw));
  return `${lines.join("\n")}\n`;
}

interface Drawing {
  readonly paint: Paint;
  readonly width: number;
}

const INDENT = "  ";

function limitLines(of: ExplainedDatabase, { paint, width }: Drawing): string[] {
  const limit =
    of.maxConnections === null
      ? "? connections"
      : `${of.maxConnections} connections (${of.maxConnectionsSource})`;
  const chain = `${limit} → ${shown(of.usable)} usable × ${of.budgetShare} = ${shown(of.budget)} that clients may claim`;
  return [paint.bold(`database ${printable(of.name)}`), ...wrap(chain, width, INDENT)];
}

function poolLines(pool: ExplainedPool, database: ExplainedDatabase | undefined, draw: Drawing): string[] {
  const { paint, width } = draw;
  const indent = INDENT + INDENT;
  const [labels = "", line = "", setting = ""] = numberLine(
    { floor: pool.floor, ceiling: pool.ceiling, setting: pool.poolMax },
    width - indent.length,
  );
  const hidden = pool.hidden.map((reason) => `not known: ${reason}`);
  const levers = pool.levers === null ? [] : [`${pool.levers}.`];
  const texts = [
    floorText(pool),
    database ? ceilingText(pool, database) : "",
    reachText(pool),
    consequenceText(pool),
    ...hidden,
    ...levers,
  ];
  return [
    `${INDENT}${mark(pool, paint)} ${paint.bold(printable(pool.name))}: ${STATUS[pool.status]}`,
    ...[labels, line, setting].map((text) => (indent + text).trimEnd()),
    ...texts.filter((text) => text !== "").flatMap((text) => wrap(printable(text), width, indent)),
  ];
}

const STATUS: { readonly [status in ExplainedPool["status"]]: string } = {
  safe: "within its safe window",
  "too low": "below its floor",
  "too high": "above its ceiling",
  empty: "its window is empty, no size is safe",
  unknown: "not all of it is known",
};

function mark({ status }: ExplainedPool, paint: Paint): string {
  if (status === "safe") return paint.green("✔");
  return status === "unknown" ? paint.yellow("?") : paint.red("✖");
}

/** requests/s × factor × acquisitions × hold / pools = erlangs, and what they ask for. */
function floorText({ demand, floor, kind }: ExplainedPool): string {
  if (kind === "lambda")
    return `floor: an environment serves one request at a time, so ${count(demand?.heldAtOnce ?? 1, "connection")} is all it can use`;
  if (demand === null) return "";
  const holders = count(demand.tasksServingPeak, runnerOf({ kind }));
  const pools =
    demand.processesPerTask === 1 ? holders : `(${holders} × ${demand.processesPerTask} processes)`;
  const share =
    demand.busiestShare === 1
      ? ""
      : ` × ${demand.busiestShare.toFixed(2)} for the busiest ${runnerOf({ kind })}`;
  const burst = demand.peakBurst === 1 ? "" : ` × ${plain(demand.peakBurst)} for the busiest second`;
  const sticky = demand.isSticky ? `, if users whose sessions are sticky are spread evenly over them` : "";
  const product = `${plain(demand.peakRequestsPerSecond)} requests/s × ${demand.peakFactor}${burst} × ${count(demand.acquisitionsPerRequest, "acquisition")} × ${plain(demand.holdMs)} ms / ${pools}${share}${sticky}`;
  const wait = `at most ${percent(demand.exceedance)} of acquisitions wait longer than ${demand.waitTargetMs} ms${demand.holdScv > 1 ? ` where holds vary by ${plain(Number(Math.sqrt(demand.holdScv).toFixed(2)))} times their mean` : ""}`;
  const { heldAtOnce, requestsInFlight } = demand;
  const held =
    heldAtOnce === 1
      ? ""
      : ` and requests that hold ${heldAtOnce} at once do not wait for one another, with ${requestsInFlight === null ? "no bound on those" : `${plain(requestsInFlight)}`} in flight`;
  const reserve =
    demand.floorReserve === null
      ? ""
      : `. The floor carries ${demand.floorReserve.toFixed(1)} times the declared peak for seconds`;
  return `floor: ${product} = ${demand.offeredLoad.toFixed(2)} connections busy (erlangs); ${shown(floor)} are the fewest with which ${wait}${held}${reserve}`;
}

function ceilingText(pool: ExplainedPool, database: ExplainedDatabase): string {
  const { ceiling, tasksAtPeak, processesPerTask, demandOfOthers } = pool;
  const { budget, operationsReserve } = database;
  if (ceiling === null || tasksAtPeak === null || processesPerTask === null) return "";
  if (budget === null || demandOfOthers === null) return "";
  const left = budget - operationsReserve - demandOfOthers;
  // Behind a proxy whose sessions pin, the proxy's own share of the connections bounds the pool as well.
  if (ceiling !== Math.max(0, Math.floor(left / Math.max(1, tasksAtPeak * processesPerTask)))) {
    return `ceiling: ${ceiling}, with what the RDS Proxy in between may open`;
  }
  const processes = processesPerTask === 1 ? "" : ` × ${processesPerTask} processes`;
  const { running = 0, draining = 0, drainSeconds = null } = pool.deployment ?? {};
  const why = deploymentText(running, draining, runnerOf(pool), drainSeconds);
  const rest = `(${budget} - ${operationsReserve} for operations - ${plain(demandOfOthers)} for other clients)`;
  return `ceiling: ${rest} / ${count(tasksAtPeak, runnerOf(pool))} at peak${why}${processes} = ${ceiling}`;
}

/** Where the processors bound a pool before the connections do. */
function reachText({ reach, ceiling, floor }: ExplainedPool): string {
  if (reach === null || floor === null) return "";
  const { vcpus, connections, busy, poolMax } = reach;
  const work = `${plain(vcpus)} vCPU work on ${plain(connections)} connections at once`;
  if (poolMax === null)
    return `vCPU: ${work}, and the declared peak keeps ${busy.toFixed(1)} busy: unless they mostly wait, holds grow longer with the load, and no pool size helps`;
  if (ceiling !== null && poolMax >= ceiling) return "";
  return `vCPU: ${work}: from ${poolMax + 1} up, a burst that fills the pools waits inside the database instead of in front of it`;
}

/** A share below it is how the arithmetic ends, not something that anybody would see. */
const MIN_SHOWN_SHARE = 0.001;

function consequenceText({ poolMax, failingShare, waitBeyondTarget, demand, kind }: ExplainedPool): string {
  if (poolMax === null || failingShare === null || waitBeyondTarget === null || demand === null) return "";
  const fails = failingShare >= MIN_SHOWN_SHARE;
  if (kind === "lambda") {
    const share = fails ? `at least ${percent(failingShare)}` : "next to none";
    return `now: of the requests at the declared peak ${share} find no environment free`;
  }
  const now = `now: with ${poolMax}, at the declared peak`;
  return fails
    ? `${now} at least ${percent(failingShare)} of requests fail`
    : `${now} ${percent(waitBeyondTarget)} of acquisitions wait longer than ${demand.waitTargetMs} ms`;
}

const shown = (value: number | null): string => (value === null ? "?" : String(value));

/** What a pool's number line shows, in connections. */
interface Marks {
  readonly floor: number | null;
  readonly ceiling: number | null;
  /** What the pool is set to. */
  readonly setting: number | null;
}

/** How far past its largest mark a line goes on. */
const MARGIN = 1.25;
/** A setting this many times the window would squeeze the window into one column: it is drawn off the line. */
const FARTHEST = 3;

/**
 * A pool's window on a number line from 0, as three lines of plain characters, none longer than the width:
 *
 *               floor 11          19 ceiling
 *     |-------*--------[==========]-------|
 *             3 now
 *
 * `x` fills the gap of an empty window, whose ceiling lies below its floor; `>` ends a line that the setting is beyond.
 * An unknown side is left open.
 */
export function numberLine(marks: Marks, width: number): readonly string[] {
  const { floor, ceiling, setting } = marks;
  const bounds = [floor, ceiling].filter((value) => value !== null);
  const largestBound = Math.max(0, ...bounds);
  const isBeyond = setting !== null && bounds.length > 0 && setting > FARTHEST * Math.max(1, largestBound);
  const largest = Math.max(largestBound, isBeyond ? 0 : (setting ?? 0), 1) * MARGIN;
  const last = width - 1;
  const column = (value: number): number => Math.min(last, Math.round((value / largest) * last));

  const line = Array.from({ length: width }, () => "-");
  line[0] = "|";
  line[last] = isBeyond ? ">" : "|";
  const isEmpty = floor !== null && ceiling !== null && floor > ceiling;
  const from = isEmpty ? column(ceiling) : floor === null ? 0 : column(floor);
  const to = isEmpty ? column(floor) : ceiling === null ? last : column(ceiling);
  if (bounds.length > 0) for (let at = from + 1; at < to; at++) line[at] = isEmpty ? "x" : "=";
  if (floor !== null) line[column(floor)] = "[";
  if (ceiling !== null) line[column(ceiling)] = "]";
  if (floor !== null && floor === ceiling) line[column(floor)] = "H";
  const set = setting === null || isBeyond ? undefined : column(setting);
  if (set !== undefined) line[set] = "*";

  const low = isEmpty ? ceilingLabel(ceiling, true) : floorLabel(floor, true);
  const high = isEmpty ? floorLabel(floor, false) : ceilingLabel(ceiling, false);
  return [
    above(low, from, high, to, width),
    line.join(""),
    setting === null
      ? ""
      : below(isBeyond ? `${setting} now, off the line` : `${setting} now`, set ?? last, width),
  ];
}

const floorLabel = (floor: number | null, isLeft: boolean): string =>
  floor === null ? "" : isLeft ? `floor ${floor}` : `${floor} floor`;
const ceilingLabel = (ceiling: number | null, isLeft: boolean): string =>
  ceiling === null ? "" : isLeft ? `ceiling ${ceiling}` : `${ceiling} ceiling`;

/** The left label ends above its mark and the right one begins above its own, as far as there is room. */
function above(left: string, leftAt: number, right: string, rightAt: number, width: number): string {
  const between = left === "" || right === "" ? 0 : 1;
  const leftEnds = Math.max(left.length, Math.min(leftAt + 1, width - right.length - between));
  const rightStarts = Math.max(leftEnds + between, Math.min(rightAt, width - right.length));
  return left.padStart(leftEnds).padEnd(right === "" ? 0 : rightStarts) + right;
}

function below(label: string, at: number, width: number): string {
  return " ".repeat(Math.max(0, Math.min(at, width - label.length))) + label;
}
