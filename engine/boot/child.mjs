// @ts-check
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Stop } from "./say.mjs";

/**
 * @typedef {{ cwd?: string; env?: NodeJS.ProcessEnv; limitMs?: number;
 *   onStdout?: (text: string) => void; onStderr?: (text: string) => void; foreground?: boolean }} ChildOptions
 * @typedef {{ code: number; stdout: string; stderr: string; timedOut: boolean }} Ended
 */

/** How long an interrupted child may take to leave before it and its group are killed, in milliseconds. */
const LEAVE_MS = 20_000;

/**
 * Runs a program to its end and keeps what it wrote.
 *
 * The child leads a process group of its own, so a Ctrl-C reaches it once, from here, and whatever it started can be
 * ended with it. `foreground` keeps it in the terminal's group with the terminal's input and output instead, for
 * programs that ask questions.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {ChildOptions} [options]
 * @returns {Promise<Ended>} resolves for any exit code
 * @throws {Stop} with code 130 or 143 after an interrupt, 127 when the program cannot be started
 */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const foreground = options.foreground ?? false;
    const child = spawn(file, [...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: !foreground,
      stdio: foreground ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    const ended = { code: 0, stdout: "", stderr: "", timedOut: false };
    /** @type {NodeJS.Signals | undefined} */
    let interruptedBy;
    /** @type {NodeJS.Timeout | undefined} */
    let killTimer;

    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      interruptedBy ??= signal;
      if (foreground && signal === "SIGINT" && process.stdin.isTTY) return; // the terminal has told it already
      child.kill(signal);
      killTimer ??= setTimeout(() => killGroup(child.pid, foreground), LEAVE_MS);
    };
    const onInterrupt = () => forward("SIGINT");
    const onTerminate = () => forward("SIGTERM");
    const onHangUp = () => forward("SIGHUP");
    process.on("SIGINT", onInterrupt);
    process.on("SIGTERM", onTerminate);
    process.on("SIGHUP", onHangUp);
    const limitTimer = options.limitMs
      ? setTimeout(() => {
          ended.timedOut = true;
          killGroup(child.pid, foreground);
        }, options.limitMs)
      : undefined;
    const release = () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onTerminate);
      process.off("SIGHUP", onHangUp);
      clearTimeout(limitTimer);
      clearTimeout(killTimer);
    };

    child.stdout?.setEncoding("utf8").on("data", (text) => {
      ended.stdout += text;
      options.onStdout?.(text);
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      ended.stderr += text;
      options.onStderr?.(text);
    });
    child.on("error", (error) => {
      release();
      reject(new Stop(`${file} cannot be started: ${error.message}`, 127));
    });
    child.on("close", (code, signal) => {
      release();
      if (interruptedBy) {
        if (!foreground) killGroup(child.pid, false);
        reject(new Stop("Interrupted.", 128 + constants.signals[interruptedBy]));
        return;
      }
      ended.code = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
      resolve(ended);
    });
  });
}

/**
 * @param {number | undefined} pid
 * @param {boolean} foreground a child in our own group is killed alone
 */
function killGroup(pid, foreground) {
  if (pid === undefined) return;
  try {
    process.kill(foreground ? pid : -pid, "SIGKILL");
  } catch {
    // It has gone by itself.
  }
}

/**
 * The last lines that say something, for a message about a program that failed.
 * @param {string} text
 * @param {number} [count]
 */
export function lastLines(text, count = 6) {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-count)
    .join("\n");
}
