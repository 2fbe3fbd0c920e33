// @ts-check
// `npm run bench`: what the pack and the check cost, each beside the least that could be had, in interleaved pairs.
// Only the ratios mean anything: machines differ, and so does one machine from minute to minute.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PAIRS = 7;
const root = resolve(import.meta.dirname, "..", "..");
const runner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");

/**
 * Seconds until a command has written to stdout (`untilOutput`) or has ended.
 * @param {string[]} args
 * @param {{ cwd: string; untilOutput: boolean }} options
 * @returns {Promise<number>}
 */
function seconds(args, { cwd, untilOutput }) {
  return new Promise((done, fail) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const stop = () => done((performance.now() - started) / 1000);
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    child.stdout.once("data", () => {
      if (!untilOutput) return;
      stop();
      child.kill("SIGKILL");
    });
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0 || untilOutput) stop();
      else fail(new Error(`${args.join(" ")} ended with ${code}: ${errors}`));
    });
  });
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * @param {string} name
 * @param {() => Promise<number>} ours
 * @param {() => Promise<number>} least
 */
async function compare(name, ours, least) {
  await ours();
  await least();
  /** @type {[number, number][]} */
  const pairs = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push([await ours(), await least()]);
  const ratio = median(pairs.map(([a, b]) => a / b));
  const a = median(pairs.map(([value]) => value)).toFixed(2);
  const b = median(pairs.map(([, value]) => value)).toFixed(2);
  console.log(`${name.padEnd(64)} ${a} s / ${b} s = ${ratio.toFixed(2)}`);
}

/** A compiled pack with no policies: the least that any pack costs. */
function emptyPack() {
  const folder = mkdtempSync(join(tmpdir(), "empty-pack-"));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), "name: empty\nruntime: nodejs\n");
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "empty", "version": "1.0.0", "main": "index.js" }\n',
  );
  writeFileSync(
    join(folder, "index.js"),
    'const { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack("empty", { policies: [] });\n',
  );
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  return folder;
}

const empty = emptyPack();
try {
  /** @param {string} pack @param {string} main */
  const start = (pack, main) => () =>
    seconds([runner, "127.0.0.1:1", main], { cwd: pack, untilOutput: true });
  await compare(
    "start of the pack / of an empty compiled pack",
    start(join(root, "policies"), "dist"),
    start(empty, "."),
  );
  await compare(
    "check of prod / importing @pulumi/pulumi and @pulumi/aws",
    () =>
      seconds(["policies/bin/poolproof.js", "check", "--stack", "prod"], { cwd: root, untilOutput: false }),
    () =>
      seconds(["-e", 'require("@pulumi/pulumi"); require("@pulumi/aws")'], { cwd: root, untilOutput: false }),
  );
} finally {
  rmSync(empty, { recursive: true });
}
