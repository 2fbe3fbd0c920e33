#!/usr/bin/env node
const path = require("node:path");
const fs = require("node:fs");
const { enableCompileCache } = require("node:module");

// Node.js 22.8 and later keep compiled code between runs; before that this is undefined.
enableCompileCache?.();

const cli = path.join(__dirname, "..", "dist", "cli.js");
if (fs.existsSync(cli)) {
  require(cli).main(process.argv.slice(2));
} else {
  process.stderr.write("error: poolproof is not built yet: run `npm run build` first\n");
  process.exitCode = 2;
}
