import type { AlarmState } from "../../../policies/model/cloudwatch/alarm";
import type { MetricAlarm } from "../alarm";
import { Datapoints, wholeSeries } from "../datapoints";
import type { Transition } from "../simulate";
import { clockTime, lengthOf, type Trace } from "../trace";
import { escaped } from "./summary";

const WIDTH = 900;
const LEFT = 230;
const CHART_HEIGHT = 120;
const ROW_HEIGHT = 18;
/** A series is drawn with no more columns than this; of each column its lowest and highest value. */
const MAX_COLUMNS = 660;

const secondsOf = (trace: Trace) => lengthOf(trace) * trace.periodSeconds;
/** Where a moment of a trace is on the page. */
const x = (seconds: number, trace: Trace) => LEFT + ((WIDTH - LEFT - 10) * seconds) / secondsOf(trace);
const point = (value: number) => value.toFixed(1).replace(/\.0$/, "");

/** The states of some alarms as bars, a row each, with a time axis below. */
export function stateRows(
  alarms: readonly string[],
  transitions: readonly Transition[],
  trace: Trace,
): string {
  const height = alarms.length * ROW_HEIGHT + 24;
  const rows = alarms.map((alarm, row) => {
    const top = row * ROW_HEIGHT;
    const bars = spells(alarm, transitions, secondsOf(trace))
      .filter(({ state }) => state !== "OK")
      .map(({ state, from, to }) => {
        const [left, right] = [x(from, trace), x(to, trace)];
        const title = `${alarm} ${state} ${clockTime(from, trace)} to ${clockTime(to, trace)}`;
        return `<rect class="${state}" x="${point(left)}" y="${top + 3}" width="${point(Math.max(1, right - left))}" height="${ROW_HEIGHT - 6}"><title>${escaped(title)}</title></rect>`;
      });
    return `<text class="name" x="${LEFT - 8}" y="${top + 13}">${escaped(alarm)}</text><line class="rail" x1="${LEFT}" x2="${WIDTH - 10}" y1="${top + 9}" y2="${top + 9}"/>${bars.join("")}`;
  });
  return svg(height, [...rows, axis(alarms.length * ROW_HEIGHT, trace)], "States of the alarms");
}

interface Spell {
  readonly state: AlarmState;
  readonly from: number;
  readonly to: number;
}

function spells(alarm: string, transitions: readonly Transition[], end: number): readonly Spell[] {
  const own = transitions.filter((one) => one.alarm === alarm);
  return own.map(({ atSeconds, to }, index) => ({
    state: to,
    from: Math.min(atSeconds, end),
    to: Math.min(own[index + 1]?.atSeconds ?? end, end),
  }));
}

/** What a metric alarm compares, and the threshold it compares it with. */
export function seriesChart(alarm: MetricAlarm, trace: Trace): string {
  const values = wholeSeries(alarm, new Datapoints(trace), alarm.periodSeconds / trace.periodSeconds);
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return "";
  const bounds = known.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: Math.min(0, alarm.threshold), high: alarm.threshold },
  );
  const span = bounds.high - bounds.low || 1;
  const y = (value: number) => 14 + (CHART_HEIGHT - 20) * (1 - (value - bounds.low) / span);
  const perColumn = Math.max(1, Math.ceil(values.length / MAX_COLUMNS));
  const pieces: string[] = [];
  for (let from = 0, pen = "M"; from < values.length; from += perColumn) {
    const column = values.subarray(from, from + perColumn).filter((value) => !Number.isNaN(value));
    if (column.length === 0) {
      pen = "M";
      continue;
    }
    const left = point(x((from + perColumn / 2) * trace.periodSeconds, trace));
    const [low, high] = [Math.min(...column), Math.max(...column)];
    pieces.push(`${pen}${left} ${point(y(high))}`, ...(low === high ? [] : [`L${left} ${point(y(low))}`]));
    pen = "L";
  }
  const threshold = point(y(alarm.threshold));
  return svg(
    CHART_HEIGHT + 24,
    [
      `<text class="name" x="${LEFT - 8}" y="24">${escaped(alarm.id)}</text>`,
      `<text class="note" x="${LEFT - 8}" y="42">threshold ${escaped(short(alarm.threshold))}</text>`,
      `<text class="note" x="${LEFT - 8}" y="58">highest ${escaped(short(known.reduce((most, value) => Math.max(most, value))))}</text>`,
      `<line class="threshold" x1="${LEFT}" x2="${WIDTH - 10}" y1="${threshold}" y2="${threshold}"/>`,
      `<path class="series" d="${pieces.join("")}"/>`,
      axis(CHART_HEIGHT, trace),
    ],
    `${alarm.id} against its threshold`,
  );
}

function axis(top: number, trace: Trace): string {
  const ticks = Array.from({ length: 7 }, (_, index) => {
    const seconds = (secondsOf(trace) * index) / 6;
    const left = point(x(seconds, trace));
    const anchor = index === 0 ? "start" : index === 6 ? "end" : "middle";
    return `<line class="rail" x1="${left}" x2="${left}" y1="${top}" y2="${top + 5}"/><text class="tick" text-anchor="${anchor}" x="${left}" y="${top + 18}">${clockTime(seconds, trace)}</text>`;
  });
  return ticks.join("");
}

function short(value: number): string {
  if (Math.abs(value) >= 1e6) return value.toExponential(2);
  return String(Math.round(value * 1000) / 1000);
}

function svg(height: number, parts: readonly string[], title: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img"><title>${escaped(title)}</title>${parts.join("")}</svg>`;
}
