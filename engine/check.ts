import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { Stop } from "./boot/say.mjs";
import { asksForHelp, hasFlag, policyConfigOf, stackFile, stackUsage, takeStack } from "./stacks.js";

const BIN = join(repository, "policies", "bin", "poolproof.js");

/**
 * `check` and `explain`: the verdict, or the windows, without an engine. The pack's own command does it; stdout is left to
 * its report.
 */
export async function poolproof(command: "check" | "explain", args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    const { code, errors } = await runCommand([BIN, command, "--help"]);
    process.stderr.write(errors);
    process.stdout.write(`\n${stackUsage(command, repository)}`);
    return code;
  }
  const flags = [...args];
  const stack = takeStack(command, flags);
  const file = stackFile(repository, stack);
  const config = policyConfigOf(repository, stack);
  const configured = hasFlag(flags, "--policy-config") || !existsSync(config);
  const own = ["--cwd", repository, "--stack", stack, ...(configured ? [] : ["--policy-config", config])];
  const { code, errors } = await runCommand([BIN, command, ...own, ...flags]);
  // Unusable input: the program's own parser tells every mistake in the stack's file at once. It is asked only now,
  // so that a stack that can be read does not wait for it.
  if (code === 2 && !hasFlag(flags, "--config") && !hasFlag(flags, "-c")) await checkStackFile(file);
  process.stderr.write(errors);
  return code;
}

/** How much of what the command says on stderr are whole lines before its error. */
export const lengthOfNotes = (said: string): number =>
  /^error: /m.exec(said)?.index ?? said.lastIndexOf("\n") + 1;

/** Runs the command in this terminal. Its notes are shown as they come, its error is held back for a better one. */
function runCommand(args: readonly string[]): Promise<{ code: number; errors: string }> {
  return new Promise((resolve) => {
    // It shares the terminal, whose Ctrl-C it gets by itself; a signal sent to this process alone is passed on.
    const child = spawn(process.execPath, [...args], { stdio: ["inherit", "inherit", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
      const end = lengthOfNotes(errors);
      process.stderr.write(errors.slice(0, end));
      errors = errors.slice(end);
    });
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], errors }),
    );
  });
}

/**
 * Has the program read the stack's configuration by itself, so that every mistake is told at once; Pulumi stops at the
 * first mistyped value.
 */
export async function checkStackFile(file: string): Promise<void> {
  const checker = join(repository, "infra", "config", "checkStackFile.js");
  if (!existsSync(checker)) return;
  const ended = await run(process.execPath, [checker, file], { cwd: repository });
  if (ended.code !== 0) throw new Stop(ended.stderr.trim() || `${file} cannot be read.`);
}
