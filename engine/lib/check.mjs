// @ts-check
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { asksForHelp, hasFlag, takeStack } from "./arguments.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository } from "./paths.mjs";
import { checkStackFile } from "./stackCommands.mjs";
import { policyConfigOf, stackFile, stackUsage } from "./stackFiles.mjs";

/**
 * `check` and `explain`: the verdict, or the windows, without an engine. The pack's own command does it; stdout is left to
 * its report.
 * @param {"check" | "explain"} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function poolproof(command, args) {
  const bin = join(repository, "policies", "bin", "poolproof.js");
  if (asksForHelp(args)) {
    await ensureInstalled(repository);
    const { code, errors } = await runCommand([bin, command, "--help"]);
    process.stderr.write(errors);
    process.stdout.write(`\n${stackUsage(command, repository)}`);
    return code;
  }
  const flags = [...args];
  const stack = takeStack(command, flags);
  const file = stackFile(repository, stack);
  await ensureInstalled(repository);
  const config = policyConfigOf(repository, stack);
  const configured = hasFlag(flags, "--policy-config") || !existsSync(config);
  const own = [
    command,
    "--cwd",
    repository,
    "--stack",
    stack,
    ...(configured ? [] : ["--policy-config", config]),
  ];
  const { code, errors } = await runCommand([bin, ...own, ...flags]);
  // Unusable input: the program's own parser tells every mistake in the stack's file at once. It is asked only now,
  // so that a stack that can be read does not wait for it.
  if (code === 2 && !hasFlag(flags, "--config") && !hasFlag(flags, "-c")) await checkStackFile(file);
  process.stderr.write(errors);
  return code;
}

/**
 * Runs the command in this terminal, with what it says on stderr held back.
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number; errors: string }>}
 */
function runCommand(args) {
  return new Promise((resolve) => {
    // It shares the terminal, whose Ctrl-C it gets by itself; a signal sent to this process alone is passed on.
    const child = spawn(process.execPath, [...args], { stdio: ["inherit", "inherit", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      errors += text;
    });
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], errors }),
    );
  });
}
