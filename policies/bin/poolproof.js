#!/usr/bin/env node
const path = require("node:path");
const fs = require("node:fs");
/** @type {typeof import("node:module") & { enableCompileCache?: () => void }} */
const nodeModule = require("node:module");

// Keeps compiled code between runs, from Node.js 22.1 on.
nodeModule.enableCompileCache?.();

const cli = path.join(__dirname, "..", "dist", "cli.js");
if (fs.existsSync(cli)) {
  require(cli).main(process.argv.slice(2));
} else {
  process.stderr.write("error: poolproof is not built yet: run `npm run build` first\n");
  process.exitCode = 2;
}
