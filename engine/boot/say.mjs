// @ts-check

/** A cause that ends the command with one clear line; a stack trace would say nothing more to its reader. */
export class Stop extends Error {
  /**
   * @param {string} message what is wrong and how to fix it, in one line
   * @param {number} [exitCode] 2: the command cannot decide; 130 and 143: it was interrupted
   */
  constructor(message, exitCode = 2) {
    super(message);
    this.name = "Stop";
    this.exitCode = exitCode;
  }
}

/**
 * Progress goes to stderr: stdout belongs to reports and to Pulumi.
 * @param {string} line
 */
export function note(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Elapsed time as a person says it: `4.2 s`, `38 s`, `5 min 07 s`.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/**
 * The message of anything that can be thrown.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The system's own code of a failed file or network operation (`EACCES`, `ENOTFOUND`), the innermost cause first.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  if (!(error instanceof Error)) return undefined;
  const inner = codeOf(error.cause);
  if (inner !== undefined) return inner;
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** How often a log without a terminal gets a line, in milliseconds. */
const LOG_EVERY_MS = 30_000;

/**
 * Shows that a long step is alive: on a terminal a line that is rewritten each second, in a log a line every 30 s.
 *
 * @param {string} label what is being done
 * @param {{ estimate?: string; detail?: () => string; stream?: NodeJS.WriteStream }} [options]
 *   `estimate` says how long it takes; `detail` says how far it is, and is asked each time a line is written
 * @returns {(outcome: string) => void} ends the step with a last line: the label, the outcome and the time it took
 */
export function startProgress(label, { estimate, detail = () => "", stream = process.stderr } = {}) {
  const started = Date.now();
  const onTerminal = stream.isTTY === true;
  const line = () => `    ${[duration(Date.now() - started), detail()].filter(Boolean).join(", ")}`;
  stream.write(`  ${label}${estimate ? ` (${estimate})` : ""}\n`);
  const timer = setInterval(
    () => stream.write(onTerminal ? `\r\x1b[K${line()}` : `${line()}\n`),
    onTerminal ? 1000 : LOG_EVERY_MS,
  );
  timer.unref();
  return (outcome) => {
    clearInterval(timer);
    stream.write(`${onTerminal ? "\r\x1b[K" : ""}    ${outcome} (${duration(Date.now() - started)})\n`);
  };
}
