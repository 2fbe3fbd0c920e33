import { printable } from "../reports/names";
import { type Paint, painter, wrap } from "../reports/terminal";
import { count, percent, plain } from "../rules/format";
import type { ExplainedDatabase, ExplainedPool, Explanation } from "./explanation";
import { numberLine } from "./numberLine";

export interface TextOptions {
  /** ANSI colours: for terminals whose user has not set NO_COLOR. */
  readonly color: boolean;
  readonly width: number;
}

/** Every pool's window as a number line, with the arithmetic behind it. */
export function explanationToText(explanation: Explanation, { color, width }: TextOptions): string {
  const draw: Drawing = { paint: painter(color), width: Math.max(40, Math.min(width || 100, 110)) };
  const { databases, unlinked, stack } = explanation;
  const count = databases.reduce((sum, { pools }) => sum + pools.length, unlinked.length);
  const lines = [
    draw.paint.bold(
      `${printable(stack)}: ${plural(count, "pool")} of ${plural(databases.length, "database")}`,
    ),
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

/** What holds the pools, in words: tasks of a service, environments of a function, instances of what is described. */
const HOLDERS = { "ecs-service": "task", lambda: "environment", declared: "instance" } as const;

/** requests/s × factor × acquisitions × hold / pools = erlangs, and what they ask for. */
function floorText({ demand, floor, kind }: ExplainedPool): string {
  if (kind === "lambda")
    return "floor: an environment serves one request at a time, so 1 connection is all it can use";
  if (demand === null) return "";
  const holders = plural(demand.tasksServingPeak, HOLDERS[kind]);
  const pools =
    demand.processesPerTask === 1 ? holders : `(${holders} × ${demand.processesPerTask} processes)`;
  const product = `${plain(demand.peakRequestsPerSecond)} requests/s × ${demand.peakFactor} × ${count(demand.acquisitionsPerRequest, "acquisition")} × ${plain(demand.holdMs)} ms / ${pools}`;
  const wait = `at most ${percent(demand.exceedance)} of acquisitions wait longer than ${demand.waitTargetMs} ms`;
  return `floor: ${product} = ${demand.offeredLoad.toFixed(2)} connections busy (erlangs); ${shown(floor)} are the fewest with which ${wait}`;
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
  const rest = `(${budget} - ${operationsReserve} for operations - ${plain(demandOfOthers)} for other clients)`;
  return `ceiling: ${rest} / ${plural(tasksAtPeak, HOLDERS[pool.kind])} at peak${processes} = ${ceiling}`;
}

/** A share below it is how the arithmetic ends, not something that anybody would see. */
const LEAST_SHOWN_SHARE = 0.001;

function consequenceText({ poolMax, failingShare, waitBeyondTarget, demand, kind }: ExplainedPool): string {
  if (poolMax === null || failingShare === null || waitBeyondTarget === null || demand === null) return "";
  const fails = failingShare >= LEAST_SHOWN_SHARE;
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
const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
