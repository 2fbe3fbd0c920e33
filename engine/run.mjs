// @ts-check
// The entry of every npm script. It runs before `npm ci` has, so it needs nothing but Node.js, and loads the rest only
// once it knows that this Node.js is new enough.
import { minimumNode } from "./lib/pins.mjs";
import { isAtLeast } from "./lib/version.mjs";

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const COMMANDS = {
  start: async () => (await import("./lib/start.mjs")).start(),
  test: async (args) => (await import("./lib/test.mjs")).test(args),
  check: async (args) => (await import("./lib/check.mjs")).poolproof("check", args),
  explain: async (args) => (await import("./lib/check.mjs")).poolproof("explain", args),
  preview: (args) => onStack("preview", args),
  up: (args) => onStack("up", args),
  destroy: (args) => onStack("destroy", args),
  replay: async (args) => (await import("./lib/drills.mjs")).drill("replay", args),
  stress: async (args) => (await import("./lib/drills.mjs")).drill("stress", args),
  review: async (args) => (await import("./lib/drills.mjs")).review(args),
};

/**
 * @param {import("./lib/pulumi.mjs").PulumiCommand} command
 * @param {string[]} args
 */
async function onStack(command, args) {
  return (await import("./lib/stackCommands.mjs")).stackCommand(command, args);
}

/** @param {string[]} argv */
async function main([name = "", ...args]) {
  if (!isAtLeast(process.versions.node, minimumNode)) {
    return fail(
      `Node.js ${process.versions.node} is too old: ${minimumNode} or newer is needed (https://nodejs.org).`,
    );
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const choices = Object.keys(COMMANDS).join(", ");
    return fail(
      `${name ? `There is no command "${name}"` : "No command is given"}: choose one of ${choices}.`,
    );
  }
  try {
    return await command(args);
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
  process.stderr.write(`${message}\n`);
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
