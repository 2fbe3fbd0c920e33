// @ts-check
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lastLines, run } from "./child.mjs";
import { Stop, startProgress } from "./say.mjs";

/** The folder that holds Pulumi.yaml. */
export const repository = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * What is built from the sources here: the script that builds it, the folders it is built from, and the file whose time
 * is that of the last good build.
 */
const PARTS = [
  // tsc writes its files even where it finds errors, so the time of the pack's files says nothing: it has a mark.
  {
    script: "build:pack",
    label: "Compiling the policy pack",
    sources: ["policies"],
    result: "policies/dist/index.js",
    mark: "policies/dist/.built",
  },
  {
    script: "build:engine",
    label: "Bundling the commands",
    sources: ["engine", "policies/kit"],
    result: "engine/dist/commands.mjs",
    mark: "engine/dist/commands.mjs",
  },
];

/**
 * Brings node_modules, the compiled policy pack and the commands up to date; costs milliseconds when they are.
 * @param {string} root the folder of package.json
 * @param {{ development?: boolean }} [what] `development` also installs what only the tests and the stress lab need
 * @throws {Stop} when npm fails, with npm's last words
 */
export async function ensureInstalled(root, { development = false } = {}) {
  const started = new Date();
  if (!dependenciesMatch(root, development)) {
    // What was installed for the tests stays when a command needs less.
    const omit = development || hasDevelopmentPackages(root) ? [] : ["--omit=dev"];
    // The root's `prepare` script builds the parts as well.
    await npm(root, ["ci", ...omit, "--no-audit", "--no-fund"], "Installing dependencies (npm ci)");
    for (const { mark } of PARTS) markBuilt(join(root, mark), started);
  }
  for (const { script, label, mark, sources } of staleParts(root)) {
    needWritable(root, dirname(mark), sources);
    await npm(root, ["run", "--silent", script], label);
    markBuilt(join(root, mark), started);
  }
}

/**
 * A checkout that is read-only is used as it was built.
 * @param {string} root
 * @param {string} built the folder that a build writes
 * @param {readonly string[]} sources
 * @throws {Stop} where it cannot be written
 */
function needWritable(root, built, sources) {
  try {
    accessSync(existsSync(join(root, built)) ? join(root, built) : root, constants.W_OK);
  } catch {
    const state = existsSync(join(root, built))
      ? `is older than ${sources.join(" and ")}`
      : "is not built yet";
    throw new Stop(`${built} ${state}, and ${root} cannot be written: run \`npm run build\` where it can.`);
  }
}

/**
 * Whether node_modules holds what package-lock.json names. npm writes `node_modules/.package-lock.json` as the last
 * act of an installation, so an interrupted one does not match either.
 * https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json#hidden-lockfiles
 * @param {string} root
 * @param {boolean} development whether the packages that only development needs must be there too
 */
export function dependenciesMatch(root, development) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, want]) => {
    const have = installed[path];
    const mayBeAbsent = want.optional || (!development && isForDevelopment(want));
    if (path === "" || (!have && mayBeAbsent)) return true;
    return have !== undefined && have.version === want.version && have.integrity === want.integrity;
  });
}

/** @param {string} root */
function hasDevelopmentPackages(root) {
  const installed = readPackages(join(root, "node_modules", ".package-lock.json")) ?? {};
  return Object.values(installed).some(({ dev }) => dev === true);
}

/** @param {LockedPackage} locked */
const isForDevelopment = ({ dev, devOptional }) => dev === true || devOptional === true;

/**
 * @typedef {{ version?: string; integrity?: string; optional?: boolean; dev?: boolean; devOptional?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * The parts that have sources younger than their last good build, so that no stack is judged by yesterday's rules or by
 * half of today's.
 * @param {string} root
 */
export function staleParts(root) {
  return PARTS.filter(({ sources, result, mark }) => {
    const built = modified(join(root, mark));
    if (built === 0 || !existsSync(join(root, result))) return true;
    const newest = Math.max(...sources.map((source) => newestSource(join(root, source))));
    return newest > built || modified(join(root, "tsconfig.base.json")) > built;
  });
}

/**
 * @param {string} mark
 * @param {Date} started when the build began: what is changed while it runs may have been missed
 */
function markBuilt(mark, started) {
  if (mark.endsWith(".built")) writeFileSync(mark, "");
  utimesSync(mark, started, started);
}

/** Folders below a part's sources that are not built into it. */
const NOT_BUILT = new Set(["dist", "node_modules", "build", "offline-aws"]);

/**
 * @param {string} directory
 * @returns {number} milliseconds since 1970
 */
function newestSource(directory) {
  let newest = 0;
  if (!existsSync(directory)) return newest;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (NOT_BUILT.has(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path));
    else if (/\.(ts|json)$/.test(entry.name)) newest = Math.max(newest, modified(path));
  }
  return newest;
}

/**
 * @param {string} file
 * @returns {number} milliseconds since 1970, 0 where there is no such file
 */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {string} label
 */
async function npm(root, args, label) {
  const done = startProgress(label);
  // `npm --silent test` would silence this npm as well, and with it the reason why it fails.
  const ended = await run("npm", [...args, "--loglevel=error"], { cwd: root, env: ownSettings() });
  if (ended.code === 0) {
    done("done");
    return;
  }
  done("failed");
  throw new Stop(explainNpm(args, ended));
}

/**
 * The environment without the options of the npm that runs this: `npm pack --workspace policies` would have a workspace
 * installed alone.
 */
function ownSettings() {
  const outer =
    /^npm_config_(workspaces?|include_workspace_root|omit|include|dry_run|json|ignore_scripts|pack_destination)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

/** What npm reports when it cannot reach its registry. */
const NETWORK = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT)$/;

/**
 * npm's own reason, without the usage that it prints after it; then one line that says what failed.
 * @param {readonly string[]} args
 * @param {{ code: number; stdout: string; stderr: string }} ended
 */
export function explainNpm(args, ended) {
  const command = `npm ${args.filter((arg) => !arg.startsWith("--")).join(" ")}`;
  const errors = [...ended.stderr.matchAll(/^npm (?:error|ERR!) ?(.*)$/gm)].map((found) => found[1] ?? "");
  const code = errors.find((line) => line.startsWith("code "))?.slice("code ".length);
  if (code && NETWORK.test(code)) {
    return `\`${command}\` cannot reach the npm registry (${code}): check the network, then run this again.`;
  }
  const usage = errors.findIndex((line) => /^(Clean install|Usage:|A complete log)/.test(line));
  const reason = errors
    .slice(0, usage < 0 ? undefined : usage)
    .filter((line) => line !== "" && !line.startsWith("code "))
    .slice(0, 6);
  const words = [lastLines(ended.stdout), ...reason].filter((line) => line !== "");
  return `${words.join("\n")}\n\`${command}\` failed (${code ?? `code ${ended.code}`}): its reason is above.`;
}
