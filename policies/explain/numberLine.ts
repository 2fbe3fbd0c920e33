/** What a pool's number line shows, in connections. */
export interface Marks {
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
