// @ts-check
import { duration } from "./say.mjs";

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
