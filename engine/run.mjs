// @ts-check
// The entry of every npm script. It runs before `npm ci` has, so it needs nothing but Node.js: it installs and builds what
// is missing, then hands over to the commands, which are TypeScript and bundled (npm run build:engine).
import { ensureInstalled, repository } from "./boot/install.mjs";
import { isAtLeast, minimumNode } from "./boot/versions.mjs";

/** Commands that need the packages of development as well: the test runner, the lab's PostgreSQL. */
const DEVELOPMENT = new Set(["test", "stress"]);

/** @param {string[]} argv */
async function main([name = "", ...args]) {
  if (!isAtLeast(process.versions.node, minimumNode)) {
    return fail(
      `Node.js ${process.versions.node} is too old: ${minimumNode} or newer is needed (https://nodejs.org).`,
    );
  }
  try {
    const started = Date.now();
    await ensureInstalled(repository, { development: DEVELOPMENT.has(name) });
    // The name is not written in one piece, because the file is there only after the build.
    const bundle = "./dist/commands.mjs";
    /** @type {typeof import("./commands.js")} */
    const { commands } = await import(bundle);
    const command = commands.get(name);
    if (command) return await command(args, { installMs: Date.now() - started });
    const choices = [...commands.keys()].join(", ");
    return fail(
      `${name ? `There is no command "${name}"` : "No command is given"}: choose one of ${choices}.`,
    );
  } catch (error) {
    const stop = error instanceof Error && error.name === "Stop" && "exitCode" in error;
    return fail(error instanceof Error ? error.message : String(error), stop ? Number(error.exitCode) : 2);
  }
}

/**
 * @param {string} message
 * @param {number} [code]
 */
function fail(message, code = 2) {
  // Beyond 128 it was interrupted, which is no mistake.
  const isSaid = code > 128 || message.startsWith("error: ");
  process.stderr.write(`${isSaid ? "" : "error: "}${message}\n`);
  return code;
}

// `npm run preview -- dev | head` closes the pipe: what is under way goes on to its end, unheard.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") return;
    throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
